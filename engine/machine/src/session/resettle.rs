//! A session that goes on with another service.
//!
//! Never: decides whether it may; [`Move`](crate::moving::Move) is the proof.

use program::{StateId, Value};

use super::{Session, Turn};
use crate::{Effects, Now, Service};

impl Session {
    /// Carries facts and counts over, each from its old place to its new one; all else of the old version is forgotten.
    pub(crate) fn resettle(
        &mut self,
        service: &Service,
        state: StateId,
        (facts, counters): (impl Iterator<Item = (usize, usize)>, impl Iterator<Item = (usize, usize)>),
        now: Now,
        effects: &mut dyn Effects,
    ) {
        let program = service.program();
        let mut slots = vec![Value::Absent; program.slots.max(program.facts.len())];
        for (from, to) in facts {
            slots[to] = std::mem::take(&mut self.slots[from]);
        }
        let mut counted = vec![0; program.counters.len()];
        for (from, to) in counters {
            counted[to] = self.counters[from];
        }
        (self.slots, self.counters, self.state) = (slots.into(), counted.into(), state);
        self.weigh_anew();
        (self.answered_at, self.claimed) = (None, None);
        self.line.clear(&self.pool);
        if !self.executed.is_empty() {
            self.executed = vec![0; program.code.len()];
        }
        // Other limits may hold now.
        self.settle(&mut Turn { service, now, unread: &[], effects });
    }
}
