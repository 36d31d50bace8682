//! What a session waits for.
//!
//! Never: more than one thing.

use std::time::Duration;

use program::{CallId, HandlerId, PayloadId, Pc, StateId};

use super::payload::{Counted, Intake};
use crate::framing::Dotted;

/// What the session waits for.
#[derive(Debug)]
pub(super) enum Phase {
    /// For the connection.
    New,
    /// For the peer to keep silent before it is greeted.
    Hush { until: Duration },
    /// For a command.
    Command,
    /// For nothing: a body runs.
    Running,
    /// For the world.
    Asking { at: Pc, call: CallId, within: Duration, until: Duration },
    /// For the answer to a prompt.
    Prompting { at: Pc },
    /// For the rest of a dotted block.
    Receiving { at: Pc, block: Dotted, intake: Intake },
    /// For the rest of a counted payload.
    Counting { rest: u64, counted: Counted, intake: Intake },
    /// For the rest of a literal of a command line, or of the answer to a prompt.
    Literal { rest: usize, prompt: Option<Pc> },
    /// For a payload to be kept.
    Storing { payload: PayloadId, length: u64, from: Stored, until: Duration },
    /// For time to pass.
    Pausing { until: Duration, next: Pc },
    /// For TLS.
    Securing { state: StateId },
    /// For nothing, ever.
    Closed,
}

/// What asked for the payload that is being kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stored {
    /// A `receive` at this instruction.
    Block(Pc),
    /// The command of this handler.
    Counted(HandlerId),
}

impl Phase {
    /// Whether it is the peer's turn.
    pub(super) fn listens(&self) -> bool {
        matches!(
            self,
            Phase::Hush { .. }
                | Phase::Command
                | Phase::Prompting { .. }
                | Phase::Receiving { .. }
                | Phase::Counting { .. }
                | Phase::Literal { .. }
        )
    }

    /// Since when a payload is coming, and how many octets of it have come.
    pub(super) fn payload_since(&self) -> Option<(Duration, u64)> {
        match self {
            Phase::Receiving { intake, .. } | Phase::Counting { intake, .. } => Some((intake.since, intake.length)),
            _ => None,
        }
    }

    /// Whether time alone makes the session go on.
    pub(super) fn waits_for_time(&self) -> bool {
        matches!(self, Phase::Hush { .. } | Phase::Asking { .. } | Phase::Pausing { .. })
    }
}
