//! What a session is told, and what it is seen to do.
//!
//! Never: says what follows from what.

use std::{net::IpAddr, time::Duration};

use machine::{Given, Reason, Tls};
use program::{Level, Outcome, PayloadId, Target, Type};

use super::Value;

/// What a session begins with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Our name: `local.name`.
    pub name: String,
    /// The settings of the listener.
    pub settings: Vec<(String, Given)>,
    /// The peer's address and port.
    pub peer: (IpAddr, u16),
    /// Our address and port.
    pub local: (IpAddr, u16),
    /// TLS, where it is there before the first octet.
    pub tls: Option<Tls>,
    /// `session.id`.
    pub id: String,
    /// Octets per second that a payload must make on the average.
    pub slowest: u64,
}

/// What happens to a session.
#[derive(Debug, Clone)]
pub enum Event {
    /// The connection is there. The first event of every session.
    Open,
    /// Octets come from the client, cut in any way.
    Octets(Vec<u8>),
    /// The call that is out is answered: the name of the outcome, and its values.
    Answered(String, Vec<Value>),
    /// The payload that ended is kept.
    Kept,
    /// The payload that ended, or was being read, could not be kept: why.
    NotKept(String),
    /// TLS is up.
    Secured(Tls),
    /// Time has passed.
    Time,
    /// The client will send no more.
    Eof,
    /// The connection is gone.
    Gone,
    /// The session is to end when the present command is done.
    End(Reason),
}

/// What a session does.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Octets go to the client.
    Sent(Vec<u8>),
    /// The world is asked.
    Asked {
        /// Whom.
        name: String,
        /// The arguments, as [`Value`]s.
        arguments: Vec<Value>,
        /// The statement behind `using`.
        using: Option<String>,
        /// For how long.
        within: Duration,
    },
    /// The call that was out is not waited for any more.
    Cancelled,
    /// A line of the log.
    Logged(Level, String),
    /// A payload is whole: its octets.
    Keep(Vec<u8>),
    /// TLS is to begin; octets of cleartext that were thrown away.
    Secure(usize),
    /// The connection ends.
    Closed,
}

/// A promise of the product that a run did not keep.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// A command line, by its text, had another number of final answers than one.
    Answers(String, usize),
    /// A promise of the file, by its text, is broken.
    Promise(String),
    /// A value is used that is absent: what, and where.
    Absent(String),
    /// A secret is in something that is shown: what it is.
    Secret(String),
    /// `limits { broken }` was reached, or would have been: why.
    Broken(String),
}

/// What a session answers with, in the words of [`Event`], when the world gives that outcome to that question. `content`
/// gives the octets of a payload.
pub fn answered(target: &Target, outcome: &Outcome, content: &dyn Fn(PayloadId) -> Vec<u8>) -> Event {
    let name = target.outcomes().get(outcome.index).copied().unwrap_or("failed").to_owned();
    let types: Vec<Option<Type>> = match target {
        Target::Action(signature) => declared(&signature.outcomes, outcome.index),
        Target::Client(client) => declared(&client.outcomes, outcome.index),
        Target::Statement(_) => Vec::new(),
    };
    let ty = |place: usize| types.get(place).and_then(Option::as_ref);
    let values = outcome.values.iter().enumerate();
    Event::Answered(name, values.map(|(place, value)| Value::of(value, ty(place), content)).collect())
}

fn declared(outcomes: &[program::OutcomeSignature], index: usize) -> Vec<Option<Type>> {
    outcomes.get(index).into_iter().flat_map(|outcome| &outcome.values).map(|(_, ty)| Some(ty.clone())).collect()
}
