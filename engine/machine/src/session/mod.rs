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
mod parts;
mod payload;
mod phase;
mod prompt;
mod request;
mod resettle;
mod sight;
mod snapshot;
mod step;
mod watch;

use std::time::Duration;

use program::SessionId;

use crate::{
    Effects, Now, Peer, Service, Tls,
    matcher::{Line, Scratch},
    pool::Pool,
};
use parts::{Body, Ends, Held, Here, Incoming, Seen};
use phase::{Phase, Stored};

pub(crate) use ledger::FULL;
pub use snapshot::{Snapshot, WaitsFor};

/// Everything that a session knows.
pub(crate) struct Session {
    id: SessionId,
    peer: Peer,
    tls: Option<Tls>,
    pub(crate) here: Here,
    phase: Phase,
    held: Held,
    body: Body,
    incoming: Incoming,
    ends: Ends,
    line: Line,
    pool: Pool,
    scratch: Scratch,
    /// Where answers and texts are rendered.
    out: String,
    next_payload: u32,
    next_call: u64,
    opened: Duration,
    /// When it has lasted long enough, where the listener decides that.
    lasts_until: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    /// The peer may be about to send a secret that was asked for, or that it expects to be asked for.
    secret_due: bool,
    pub(crate) seen: Seen,
}

/// One `feed`: what came in with it and where effects go.
pub(crate) struct Turn<'a> {
    service: &'a Service,
    now: Now,
    /// What the peer sent and nobody has read.
    unread: &'a [u8],
    effects: &'a mut dyn Effects,
}
