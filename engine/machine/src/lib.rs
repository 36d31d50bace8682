//! Octets and outcomes in, effects out: one [`Machine`] runs one session of one protocol.
//!
//! Never: performs I/O, reads a clock, draws a random number, blocks, or logs. The same program and the same inputs
//! give the same effects, always.

mod answer;
pub mod client;
pub mod decode;
mod effect;
mod expression;
mod framing;
mod matcher;
mod moving;
mod pool;
mod rounds;
mod service;
mod session;

use std::{sync::Arc, time::Duration};

use program::{Handler, Pc, SessionId, State, StateId};

pub use effect::{Body, Drained, Effect, Effects, Input, Note, Noted, Now, Observation, Reason, Refusal, Tls};
pub use framing::Outgoing;
pub use moving::{Move, Moved};
pub use service::{BindError, Binding, Given, Pace, Peer, Service};
use session::Session;
pub use session::{Snapshot, WaitsFor};

/// One session.
pub struct Machine {
    service: Arc<Service>,
    session: Session,
}

impl Machine {
    /// A session that has not begun; it begins with [`Input::Open`].
    pub fn new(service: Arc<Service>, peer: Peer, id: SessionId) -> Machine {
        let session = Session::new(service.program(), peer, id);
        Machine { service, session }
    }

    /// Takes one input and gives the effects it has.
    pub fn feed(&mut self, now: Now, input: Input<'_>, effects: &mut dyn Effects) {
        self.session.feed(&self.service, now, input, effects);
    }

    /// Whether octets may be given now. While a call is out, or a payload is being kept, or the session pauses, what
    /// came already stays in a bounded buffer and no more is wanted.
    pub fn wants_input(&self) -> bool {
        self.session.wants_input()
    }

    /// Who is at the other end, and what TLS has agreed on by now.
    pub fn peer(&self) -> Peer {
        self.session.peer()
    }

    /// The service.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// The present state.
    pub fn state(&self) -> &State {
        &self.service.program().states[usize::from(self.session.here.state.0)]
    }

    /// The number of the present state.
    pub fn state_id(&self) -> StateId {
        self.session.here.state
    }

    /// Whether it has given [`Effect::Close`]; it takes no further input.
    pub fn closed(&self) -> bool {
        self.session.closed()
    }

    /// Whether it is leaving its state: what was said before that is heard when it is done, so that who hears it finds
    /// all free that the state held.
    pub fn leaving(&self) -> bool {
        self.session.leaving()
    }

    /// Whether it is between two commands, with no octet unread.
    pub fn idle(&self) -> bool {
        self.session.idle()
    }

    /// Whether it goes on by itself when its deadline comes: a call is out, it pauses, or it has not greeted yet. A
    /// limit that only ends a silence is not meant.
    pub fn waits_for_time(&self) -> bool {
        self.session.waits_for_time()
    }

    /// How many octets it holds because they cannot be carried out yet: at most one input and one line.
    pub fn held(&self) -> usize {
        self.session.held()
    }

    /// How many octets came too early behind a command that stands alone, and were thrown away.
    pub fn jumped(&self) -> u64 {
        self.session.jumped()
    }

    /// What it is at this moment: its state, what it knows without secrets, and what it waits for.
    pub fn snapshot(&self) -> Snapshot {
        self.session.snapshot(self.service.program())
    }

    /// Begins to count executed instructions.
    pub fn count_executed(&mut self) {
        self.session.seen.executed = vec![0; self.service.program().code.len()];
        self.session.seen.observed = true;
    }

    /// How often each instruction of the program was executed, by [`Pc`]; empty unless it was asked to count.
    pub fn executed(&self) -> &[u64] {
        &self.session.seen.executed
    }

    /// Begins to watch the promises of the program.
    pub fn watch_promises(&mut self) {
        let program = self.service.program().clone();
        self.session.watch_promises(&program);
    }

    /// The promises that the session broke, by their place in the program; none unless it was asked to watch.
    pub fn broken_promises(&self) -> &[usize] {
        self.session.broken_promises()
    }

    /// When it wants [`Input::Timeout`], of [`Now::elapsed`].
    pub fn deadline(&self) -> Option<Duration> {
        self.session.deadline
    }

    /// The instruction that made the latest answer.
    pub fn answered_at(&self) -> Option<Pc> {
        self.session.seen.answered_at
    }

    /// The handler that claimed the latest line that any claimed, whether or not its holes fitted.
    pub fn claimed(&self) -> Option<&Handler> {
        self.session.seen.claimed.and_then(|id| self.service.program().handlers.get(id.0 as usize))
    }
}
