//! What a transcript said and what came instead.
//!
//! Never: words it for people; that is `report`.

use diagnostic::Span;
use program::Pc;

use crate::{
    pattern::{Difference, Pattern},
    script::Client,
};

/// One line of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// The client said this; a whole segment may be several.
    Client(Client, Vec<u8>),
    /// The server said this.
    Server(Client, Vec<u8>),
    /// A mark of the transcript.
    Mark(String),
}

/// One thing that was not as the transcript says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The line of the transcript.
    pub span: Span,
    /// What went wrong.
    pub what: What,
    /// The state of the session, where it is known.
    pub state: Option<String>,
    /// The instruction that made the answer, where it is known.
    pub from: Option<Pc>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Another line came.
    Differs {
        /// What was expected.
        expected: Pattern,
        /// What came.
        received: Vec<u8>,
        /// Where they part.
        difference: Difference,
        /// How many lines came in its place, of which `received` is the last.
        lines: usize,
    },
    /// No line came.
    Silence {
        /// What was expected.
        expected: Pattern,
        /// Whether the connection has ended.
        ended: bool,
    },
    /// A line came that nothing expects.
    Surplus {
        /// What came.
        received: Vec<u8>,
    },
    /// A line came that must not.
    Forbidden {
        /// What must not come.
        pattern: Pattern,
        /// What came.
        received: Vec<u8>,
    },
    /// The session is in another state.
    State {
        /// The one that was expected.
        expected: String,
    },
    /// The connection has not ended.
    StillOpen,
    /// A step could not be done.
    Step(String),
    /// Something is not true afterwards.
    Then {
        /// What was expected.
        expected: String,
        /// What is so.
        found: String,
    },
    /// The protocol promises this, and the conversation broke it.
    Promise(String),
    /// A look-up that no fact answers.
    Unanswered(String),
}
