//! What a session is made of, each part with what is valid together.
//!
//! Never: does anything; the files beside it do.

use std::time::Duration;

use program::{CounterId, HandlerId, Pc, Program, StateId, Value};

use super::{leaving::Leaving, ledger::Ledger, literal::Assembly, payload::Payloads, watch::Watch};
use crate::{
    Reason,
    framing::{Block, Lines, Unread},
};

/// Where a session is.
pub(crate) struct Here {
    pub(crate) state: StateId,
    /// The state was entered, and its `leave` has not begun.
    pub(super) entered: bool,
    /// What is done when the `leave` that runs is done.
    pub(super) leaving: Option<Leaving>,
}

/// What it keeps.
pub(super) struct Held {
    /// The facts, then the locals of the present body.
    pub(super) slots: Box<[Value]>,
    /// What they weigh.
    pub(super) ledger: Ledger,
    pub(super) counters: Box<[u64]>,
    /// Payloads that were begun and not discarded.
    pub(super) live: Payloads,
}

/// The command that is carried out; it is forgotten with its end.
#[derive(Default)]
pub(super) struct Body {
    /// The slots from here on were not touched.
    pub(super) touched: usize,
    /// The limits that have answered.
    pub(super) limited: Vec<CounterId>,
    /// Whether a password fitted that was checked, until an answer tells of it.
    pub(super) checked: Option<bool>,
    /// Whether the line leaves out all that it may.
    pub(super) lean: bool,
    /// The rounds of loops since it waited last.
    pub(super) rounds: u64,
    /// Values of a transition, between being evaluated and being set.
    pub(super) staged: Vec<Value>,
}

/// What comes from the peer.
#[derive(Default)]
pub(super) struct Incoming {
    pub(super) unread: Unread,
    pub(super) lines: Lines,
    /// The request that is coming in.
    pub(super) block: Block,
    /// The line that is coming in, where it has literals.
    pub(super) assembly: Assembly,
    /// So many octets have come.
    pub(super) heard: u64,
    /// So many of them had come when the last refusal was sent.
    pub(super) unheeding: Option<u64>,
    /// So many of them jumped the queue and were thrown away.
    pub(super) jumped: u64,
    /// Since when the peer has been silent while it was its turn.
    pub(super) quiet_since: Duration,
}

/// What leads to the end of the session.
#[derive(Default)]
pub(super) struct Ends {
    /// Why the session is to end when the present command is done.
    pub(super) reason: Option<Reason>,
    /// The session ends when the present body ends, whatever its ending is.
    pub(super) closing: bool,
    /// `limits.broken` has begun; a second fault just ends the session.
    pub(super) breaking: bool,
    /// `limits.session` has run.
    pub(super) expired: bool,
    /// The peer will send no more.
    pub(super) eof: bool,
}

/// What those see who test a protocol.
#[derive(Default)]
pub(crate) struct Seen {
    /// Whether instructions are counted, or promises watched.
    pub(crate) observed: bool,
    pub(crate) executed: Vec<u64>,
    pub(crate) answered_at: Option<Pc>,
    pub(crate) claimed: Option<HandlerId>,
    /// What is watched.
    pub(super) watch: Option<Box<Watch>>,
}

impl Here {
    /// At the start, before it is entered.
    pub(super) fn start(program: &Program) -> Here {
        Here { state: program.start, entered: false, leaving: None }
    }
}

impl Held {
    /// Nothing yet.
    pub(super) fn nothing(program: &Program) -> Held {
        let slots = program.slots.max(program.facts.len());
        Held {
            slots: vec![Value::Absent; slots].into(),
            ledger: Ledger::new(slots),
            counters: vec![0; program.counters.len()].into(),
            live: Payloads::new(),
        }
    }
}
