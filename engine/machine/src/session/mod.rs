//! One session: what it holds, and what each input does to it.
//!
//! Never: reads a command while an earlier one is not done; holds an octet of a payload.

mod call;
mod command;
mod conversation;
mod ending;
mod feed;
mod fresh;
mod leaving;
mod ledger;
mod limit;
mod literal;
mod note;
mod payload;
mod phase;
mod prompt;
mod request;
mod resettle;
mod sight;
mod step;
mod watch;

use std::time::Duration;

use program::{CounterId, HandlerId, Pc, SessionId, StateId, Value};

use crate::{
    Effects, Now, Peer, Reason, Service, Tls,
    framing::{Block, Lines, Unread},
    matcher::{Line, Scratch},
    pool::Pool,
};
use ledger::Ledger;
use literal::Assembly;
use payload::Payloads;
use phase::{Phase, Stored};

pub(crate) use ledger::FULL;
pub(crate) use step::ROUNDS;

/// Everything that a session knows.
pub(crate) struct Session {
    id: SessionId,
    peer: Peer,
    tls: Option<Tls>,
    pub(crate) state: StateId,
    phase: Phase,
    /// The facts, then the locals of the present body.
    slots: Box<[Value]>,
    /// What they weigh.
    ledger: Ledger,
    /// The slots from here on were not touched by the present body.
    touched: usize,
    counters: Box<[u64]>,
    /// So many octets have come.
    heard: u64,
    /// So many of them had come when the last refusal was sent.
    unheeding: Option<u64>,
    /// The limits that have answered for the present command.
    limited: Vec<CounterId>,
    /// Whether a password fitted that was checked for the present command, until an answer tells of it.
    checked: Option<bool>,
    line: Line,
    pool: Pool,
    scratch: Scratch,
    unread: Unread,
    lines: Lines,
    /// The request that is coming in.
    block: Block,
    assembly: Assembly,
    /// Where answers and texts are rendered.
    out: String,
    /// Values of a transition, between being evaluated and being set.
    staged: Vec<Value>,
    /// Payloads that were begun and not discarded.
    live: Payloads,
    next_payload: u32,
    next_call: u64,
    opened: Duration,
    /// Since when the peer has been silent while it was its turn.
    quiet_since: Duration,
    pub(crate) deadline: Option<Duration>,
    /// Why the session is to end when the present command is done.
    ending: Option<Reason>,
    /// The session ends when the present body ends, whatever its ending is.
    closing: bool,
    /// `limits.broken` has begun; a second fault just ends the session.
    breaking: bool,
    /// `limits.session` has run.
    expired: bool,
    /// The peer will send no more.
    eof: bool,
    /// The present state was entered, and its `leave` has not begun.
    entered: bool,
    /// What is done when the `leave` that runs is done.
    leaving: Option<leaving::Leaving>,
    /// So many octets jumped the queue and were thrown away.
    pub(crate) jumped: u64,
    /// The peer may be about to send a secret that was asked for, or that it expects to be asked for.
    secret_due: bool,
    /// Whether the present line leaves out all that it may.
    lean: bool,
    /// Whether instructions are counted, or promises watched: only those who test do.
    pub(crate) observed: bool,
    /// The rounds of loops since the body waited last.
    pub(crate) rounds: u64,
    pub(crate) executed: Vec<u64>,
    pub(crate) answered_at: Option<Pc>,
    pub(crate) claimed: Option<HandlerId>,
    /// What is watched for those who test.
    watch: Option<Box<watch::Watch>>,
}

/// One `feed`: what came in with it and where effects go.
pub(crate) struct Turn<'a> {
    service: &'a Service,
    now: Now,
    /// What the peer sent and nobody has read.
    unread: &'a [u8],
    effects: &'a mut dyn Effects,
}
