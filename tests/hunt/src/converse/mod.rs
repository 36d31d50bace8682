//! Conversations: what a client does, and what the world answers.
//!
//! Never: knows how the product takes them.

mod line;
mod world;

use std::time::Duration;

use machine::Given;

pub use line::{Said, line};
pub use world::World;

/// The beginning of everything that must never be shown.
pub const SECRET: &str = "zqSECRET";

/// What a client does, or what happens to its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Octets in one segment.
    Octets(Vec<u8>),
    /// Time passes.
    Wait(Duration),
    /// The client sends no more.
    Eof,
    /// The client is gone.
    Gone,
    /// The server ends.
    Shutdown,
    /// The next version is let in.
    Reload,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Whether TLS is there before the first octet.
    pub tls: bool,
    /// Settings of the listener.
    pub settings: Vec<(String, Given)>,
    /// The answers of the world follow from this.
    pub world: u64,
    /// What happens, in order.
    pub events: Vec<Event>,
}

impl Script {
    /// The conversation as a person reads it, a line each.
    pub fn shown(&self) -> String {
        let mut text = format!("tls {}  world {}  settings {:?}\n", self.tls, self.world, self.settings);
        for event in &self.events {
            match event {
                Event::Octets(octets) => text.push_str(&format!("C| \"{}\"\n", octets.escape_ascii())),
                other => text.push_str(&format!("--- {other:?}\n")),
            }
        }
        text
    }

    /// How many lines are said in it.
    pub fn lines(&self) -> u64 {
        self.events.iter().filter(|event| matches!(event, Event::Octets(_))).count() as u64
    }
}
