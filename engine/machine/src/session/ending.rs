//! The end of a command, of a state, of a session.
//!
//! Never: lets a local, a line or a payload outlive its command unless a fact holds it.

use program::{Expr, FactId, Level, Moment, Pc, StateId, Type, Value};

use super::{FULL, Phase, Session, Turn, leaving::Leaving, payload::Payloads, step::Flow};
use crate::{Drained, Effect, Observation, Tls, expression::Fault};

impl Session {
    /// Sets facts, all evaluated before any is set, and forgets others.
    pub(super) fn set_facts(
        &mut self,
        with: &[(FactId, Expr)],
        forget: &[FactId],
        turn: &Turn<'_>,
    ) -> Result<(), Fault> {
        if with.is_empty() && forget.is_empty() {
            return Ok(());
        }
        let mut staged = std::mem::take(&mut self.body.staged);
        staged.clear();
        for (_, expr) in with {
            staged.push(self.scope(turn).value(expr)?);
        }
        let forgotten = forget.iter().map(|fact| (*fact, Value::Absent));
        for (fact, value) in forgotten.chain(with.iter().map(|(fact, _)| *fact).zip(staged.drain(..))) {
            let slot = self.held.slots.get_mut(usize::from(fact.0)).ok_or(Fault(&"a fact does not exist"))?;
            self.pool.put(slot, value);
            self.weigh(usize::from(fact.0));
        }
        self.body.staged = staged;
        Ok(())
    }

    /// Enters a state: its `enter` runs in the same answer.
    pub(super) fn arrive(&mut self, state: StateId, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let target = turn.program().states.get(usize::from(state.0)).ok_or(Fault(&"a state does not exist"))?;
        self.here.state = state;
        self.here.entered = true;
        self.keep_watch(Moment::In(state), turn);
        Ok(match target.enter {
            Some(enter) => Flow::At(enter),
            None => self.done(turn),
        })
    }

    /// Enters a state from outside of any body.
    pub(super) fn enter(&mut self, state: StateId, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        match self.arrive(state, turn) {
            Ok(Flow::At(pc)) => self.run(pc, turn),
            Ok(_) => {}
            Err(fault) => self.broken(fault, None, turn),
        }
    }

    /// TLS is up: nothing learnt in the clear is known any more.
    pub(super) fn secured(&mut self, tls: Tls, turn: &mut Turn<'_>) {
        if let Phase::Securing { state } = self.phase {
            self.tls = Some(tls);
            turn.effects.observe(Observation::Transition { from: self.here.state, to: state });
            self.enter(state, turn);
        }
    }

    /// The command is done.
    pub(super) fn done(&mut self, turn: &mut Turn<'_>) -> Flow {
        self.forget_answers();
        self.body.limited.clear();
        self.body.checked = None;
        self.clear_locals(turn);
        // Whatever comes from now on may be that secret.
        self.line.late |= std::mem::take(&mut self.secret_due);
        self.line.clear(&self.pool);
        self.weigh_holes(0);
        self.sweep(turn);
        self.give_back(turn);
        if self.ends.closing {
            return self.shut(turn);
        }
        self.listen(Phase::Command, turn);
        Flow::Wait
    }

    /// Flushes, throws away what lies behind the command, and waits for TLS.
    pub(super) fn upgrade(&mut self, state: StateId, turn: &mut Turn<'_>) -> Flow {
        self.forget();
        self.sweep(turn);
        self.incoming.lines.restart();
        self.phase = Phase::Securing { state };
        let drained = Drained::drain(&mut turn.unread);
        turn.effects.effect(Effect::Secure(drained));
        Flow::Wait
    }

    /// The session is over.
    pub(super) fn finish(&mut self, turn: &mut Turn<'_>) {
        self.phase = Phase::Closed;
        self.forget();
        self.sweep(turn);
        turn.unread = &[];
        self.announce(None, turn);
        turn.effects.effect(Effect::Close);
    }

    /// Forgets facts, locals and the line.
    pub(super) fn forget(&mut self) {
        self.pool.clear(&mut self.held.slots);
        self.weigh_nothing(0..self.held.slots.len());
        self.line.clear(&self.pool);
    }

    /// Locals end with the body.
    pub(super) fn clear_locals(&mut self, turn: &Turn<'_>) {
        let touched = std::mem::take(&mut self.body.touched);
        let locals = turn.program().facts.len()..touched;
        if let Some(values) = self.held.slots.get_mut(locals.clone()) {
            self.pool.clear(values);
            self.weigh_nothing(locals);
        }
    }

    /// Discards payloads that nothing holds any more.
    #[inline]
    pub(super) fn sweep(&mut self, turn: &mut Turn<'_>) {
        if !self.held.live.is_empty() {
            self.sweep_live(turn);
        }
    }

    fn sweep_live(&mut self, turn: &mut Turn<'_>) {
        let mut held = Payloads::new();
        self.held.slots.iter().for_each(|value| payloads(value, &mut held));
        if let Some(Leaving::Goto { facts, .. }) = &self.here.leaving {
            facts.iter().for_each(|(_, value)| payloads(value, &mut held));
        }
        let mut at = 0;
        while let Some(id) = self.held.live.get(at).copied() {
            if held.contains(&id) {
                at += 1;
            } else {
                // Another one takes its place.
                self.discard_payload(id, turn);
            }
        }
    }

    /// Payloads that a look-up lent are swept like those that were received.
    pub(super) fn adopt(&mut self, value: &Value) {
        let mut held = Payloads::new();
        payloads(value, &mut held);
        held.retain(|id| !self.held.live.contains(id));
        self.held.live.extend(held);
    }

    /// A fault of ours: the protocol says so, and the session ends.
    pub(super) fn broken(&mut self, fault: Fault, at: Option<Pc>, turn: &mut Turn<'_>) {
        if let Some(pc) = self.break_down(fault, at, turn) {
            self.run(pc, turn);
        }
    }

    /// Logs a fault, or that there is no room, and gives the body that answers it; without one the session is over.
    pub(super) fn break_down(&mut self, fault: Fault, at: Option<Pc>, turn: &mut Turn<'_>) -> Option<Pc> {
        let program = turn.program();
        let full = fault == FULL;
        let (level, begin) =
            if full { (Level::Warning, "the session ends") } else { (Level::Error, "a fault of ours") };
        let mut text = format!("{begin}: {}", fault.0);
        if let Some(origin) = at.and_then(|at| program.origins.get(at.0 as usize)) {
            let file = program.sources.get(usize::from(origin.file)).map_or("", |source| &source.name);
            text.push_str(&format!(", at {file}:{}:{}", origin.line, origin.column));
        }
        turn.effects.effect(Effect::Log(level, &text));
        if self.ends.breaking {
            return match self.shut(turn) {
                Flow::At(leave) => Some(leave),
                _ => None,
            };
        }
        self.ends.breaking = true;
        self.ends.closing = true;
        Some(if full { program.limits.full } else { program.limits.broken })
    }
}

/// The payloads that a value holds. Lists are alike throughout, so one element tells for all.
#[inline]
pub(super) fn payloads(value: &Value, held: &mut Payloads) {
    if matches!(value, Value::Octets(_) | Value::Record(_) | Value::List(_)) {
        payloads_of(value, held);
    }
}

fn payloads_of(value: &Value, held: &mut Payloads) {
    match value {
        Value::Octets(octets) => held.extend(octets.id),
        Value::Record(record) => record.fields.iter().for_each(|field| payloads(field, held)),
        Value::List(list) if list.first().is_some_and(may_hold_payload) => {
            list.iter().for_each(|element| payloads(element, held));
        }
        _ => {}
    }
}

/// Whether values like this one may hold a payload. Records of one shape are alike.
fn may_hold_payload(value: &Value) -> bool {
    fn may(ty: &Type) -> bool {
        match ty {
            Type::Octets | Type::Record(_) | Type::Params(_) => true,
            Type::List(inner) | Type::Optional(inner) => may(inner),
            _ => false,
        }
    }
    match value {
        Value::Octets(_) | Value::List(_) => true,
        Value::Record(record) => record.shape.fields.iter().any(|(_, ty)| may(ty)),
        _ => false,
    }
}
