//! What a session can be seen to be, at one moment: for whoever watches a server.
//!
//! Never: shows a secret, or keeps what it shows.

use std::sync::Arc;

use program::{Program, Value};

use super::{Phase, Session};
use crate::expression::print_value;

/// A session at one moment. Facts that are secrets are `***`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The name of its state.
    pub state: Arc<str>,
    /// The facts of the state that are there, as an answer would print them, in the order of the file.
    pub facts: Vec<(Arc<str>, String)>,
    /// What was counted so far; counters at 0 are left out.
    pub counts: Vec<(Arc<str>, u64)>,
    /// What it waits for.
    pub waits_for: WaitsFor,
}

/// What a session waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// The connection, or the peer to keep silent before it is greeted.
    Begin,
    /// A command, or the rest of one.
    Command,
    /// The answer to a prompt.
    Prompt,
    /// The rest of a payload.
    Payload,
    /// The answer to a look-up.
    LookUp,
    /// A payload to be kept.
    Storage,
    /// Time to pass.
    Time,
    /// TLS.
    Tls,
    /// Nothing: it is over.
    Nothing,
}

impl Session {
    /// What it is at this moment.
    pub(crate) fn snapshot(&self, program: &Program) -> Snapshot {
        let state = &program.states[usize::from(self.here.state.0)];
        let facts = state.facts.iter().filter_map(|(fact, _)| {
            let place = usize::from(fact.0);
            let value = self.held.slots.get(place).filter(|value| !matches!(value, Value::Absent))?;
            let mut text = String::new();
            print_value(value.into(), &mut text);
            Some((program.facts[place].name.clone(), text))
        });
        let counts = program.counters.iter().zip(&self.held.counters).filter(|(_, count)| **count > 0);
        Snapshot {
            state: state.name.clone(),
            facts: facts.collect(),
            counts: counts.map(|(counter, count)| (counter.name.clone(), *count)).collect(),
            waits_for: match self.phase {
                Phase::New | Phase::Hush { .. } => WaitsFor::Begin,
                Phase::Command | Phase::Running | Phase::Literal { prompt: None, .. } => WaitsFor::Command,
                Phase::Prompting { .. } | Phase::Literal { prompt: Some(_), .. } => WaitsFor::Prompt,
                Phase::Receiving { .. } | Phase::Counting { .. } => WaitsFor::Payload,
                Phase::Asking { .. } => WaitsFor::LookUp,
                Phase::Storing { .. } => WaitsFor::Storage,
                Phase::Pausing { .. } => WaitsFor::Time,
                Phase::Securing { .. } => WaitsFor::Tls,
                Phase::Closed => WaitsFor::Nothing,
            },
        }
    }
}
