//! Octets and outcomes in, effects out: one [`Machine`] runs one session of one protocol.
//!
//! Never: performs I/O, reads a clock, draws a random number, blocks, or logs. The same program and the same inputs
//! give the same effects, always.

mod effect;
mod service;

use std::{sync::Arc, time::Duration};

use program::{Pc, SessionId, State};

pub use effect::{Body, Drained, Effect, Effects, Input, Now, Reason, Tls};
pub use service::{BindError, Binding, Given, Peer, Service};

/// One session.
pub struct Machine {
    service: Arc<Service>,
}

impl Machine {
    /// A session that has not begun; it begins with [`Input::Open`].
    pub fn new(service: Arc<Service>, peer: Peer, id: SessionId) -> Machine {
        let _ = (peer, id);
        Machine { service }
    }

    /// Takes one input and gives the effects it has.
    pub fn feed(&mut self, now: Now, input: Input<'_>, effects: &mut dyn Effects) {
        let _ = (now, input, effects);
    }

    /// Whether octets may be given now. While a call is out, or a payload is being kept, or the session pauses, what
    /// came already stays in a bounded buffer and no more is wanted.
    pub fn wants_input(&self) -> bool {
        true
    }

    /// The service.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// The present state.
    pub fn state(&self) -> &State {
        &self.service.program().states[0]
    }

    /// Whether it has given [`Effect::Close`]; it takes no further input.
    pub fn closed(&self) -> bool {
        false
    }

    /// Whether it is between two commands, with no octet unread.
    pub fn idle(&self) -> bool {
        true
    }

    /// Begins to count executed instructions.
    pub fn count_executed(&mut self) {}

    /// How often each instruction of the program was executed, by [`Pc`]; empty unless it was asked to count.
    pub fn executed(&self) -> &[u64] {
        &[]
    }

    /// When it wants [`Input::Timeout`], of [`Now::elapsed`].
    pub fn deadline(&self) -> Option<Duration> {
        None
    }

    /// The instruction that made the latest answer.
    pub fn answered_at(&self) -> Option<Pc> {
        None
    }
}
