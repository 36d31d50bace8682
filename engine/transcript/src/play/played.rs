//! What comes of playing a transcript.
//!
//! Never: plays one.

use crate::{
    pattern::Bindings,
    play::failure::{Failure, Spoken},
    script::Client,
};

/// What came of playing a transcript.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// Everything that was not as the transcript says; at most one of its steps, any number of its claims.
    pub failures: Vec<Failure>,
    /// What was said.
    pub conversation: Vec<Spoken>,
    /// How many steps and claims have no meaning on this wire and were left out.
    pub not_applicable: usize,
    /// How often each instruction was executed; empty where that is not known.
    pub executed: Vec<u64>,
    /// The lines that came in the answer in which a step failed, for repair.
    pub answer: Option<Answer>,
}

/// The answer in which a step failed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The steps that expect it: the first, and behind the last.
    pub steps: (usize, usize),
    /// The client.
    pub client: Client,
    /// Its lines, all of them.
    pub lines: Vec<Vec<u8>>,
    /// What names were bound to before it.
    pub bindings: Bindings,
}
