//! A session that goes on with another service.
//!
//! Never: decides whether it may; [`Move`](crate::moving::Move) is the proof.

use program::{Cover, Expr, StateId, Value};

use super::{Session, Turn};
use crate::{
    Effects, Now, Service,
    expression::{Scope, Sight},
};

impl Session {
    /// Whether the proof of another program speaks of a session in that state with the facts, the peer and the TLS of
    /// this one, and with the settings of that service.
    pub(crate) fn is_covered(
        &self,
        service: &Service,
        (state, covers): (StateId, &[Cover]),
        facts: impl Iterator<Item = (usize, usize)>,
        now: Now,
    ) -> bool {
        let program = service.program();
        let mut slots = vec![Value::Absent; program.slots.max(program.facts.len())];
        for (from, to) in facts {
            slots[to].clone_from(&self.held.slots[from]);
        }
        let sight = Sight {
            program,
            slots: &slots,
            secrets: service.secrets(),
            line: &self.line,
            peer: &self.peer,
            tls: self.tls.as_ref(),
            id: &self.id,
            state,
            unix: now.unix,
        };
        let scope =
            Scope { settings: service.settings(), name: service.name(), pool: &self.pool, session: Some(sight) };
        let is_so = |(condition, held): &(Expr, bool)| scope.holds(condition) == Ok(*held);
        let here = covers.iter().filter(|cover| cover.state == state);
        here.clone().next().is_some() && here.clone().all(|cover| cover.known.iter().any(|all| all.iter().all(is_so)))
    }

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
            slots[to] = std::mem::take(&mut self.held.slots[from]);
        }
        let mut counted = vec![0; program.counters.len()];
        for (from, to) in counters {
            counted[to] = self.held.counters[from];
        }
        (self.held.slots, self.held.counters, self.here.state) = (slots.into(), counted.into(), state);
        self.weigh_anew();
        (self.seen.answered_at, self.seen.claimed) = (None, None);
        self.line.clear(&self.pool);
        if !self.seen.executed.is_empty() {
            self.seen.executed = vec![0; program.code.len()];
        }
        // Other limits may hold now.
        self.take_limits(service);
        self.settle(&mut Turn { service, now, unread: &[], effects });
    }
}
