//! The ways into the product, and what comes out of each, in words that can be compared.
//!
//! Never: judges.

pub mod memory;
mod naive;
pub mod sockets;
mod watch;

use std::time::Duration;

use program::Level;

pub use naive::joined;
pub use watch::{Reckoned, Watched};

/// What a session did.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// Octets went to the client.
    Sent(Vec<u8>),
    /// The world was asked: whom, with what, and for how long.
    Asked(String, String, Duration),
    /// A call is no longer waited for.
    Cancelled,
    /// A line of the log.
    Logged(Level, String),
    /// A payload is whole.
    Kept(Vec<u8>),
    /// A line of the conversation log.
    Shown(String),
    /// TLS begins; so many octets of cleartext were thrown away.
    Secure(usize),
    /// The connection ends.
    Closed,
}

/// What came of one event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Turn {
    /// What was done, in order; octets that leave together are one.
    pub done: Vec<Done>,
    /// The state afterwards.
    pub state: String,
}

impl Turn {
    /// Adds what was done; octets join those before them.
    pub fn push(&mut self, done: Done) {
        match (self.done.last_mut(), done) {
            (Some(Done::Sent(before)), Done::Sent(octets)) => before.extend(octets),
            (_, Done::Sent(octets)) if octets.is_empty() => {}
            (_, done) => self.done.push(done),
        }
    }
}
