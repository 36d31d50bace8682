//! Calls: the session asks, waits no longer than it said, and goes on with one of the declared outcomes.
//!
//! Never: takes the outcome of a call that it no longer waits for.

use std::time::Duration;

use program::{Ask, Call, CallId, Op, Outcome, Pc, Target};

use super::{Phase, Session, Turn, step::Flow};
use crate::{
    Effect,
    expression::{Fault, print_duration},
    rounds,
};

/// So many payloads are held before those are looked for that nothing holds any more.
const LIVE: usize = 8;

impl Session {
    /// Asks the world.
    pub(super) fn ask(&mut self, at: Pc, ask: &Ask, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let scope = self.scope(turn);
        let mut within = scope.duration(&ask.within)?;
        if let Some(slot) = ask.until {
            within = within.min(rounds::end(&self.held.slots, slot)?.saturating_sub(turn.now.elapsed));
        }
        if within.is_zero() {
            return self.resume(ask, late(ask, within));
        }
        let arguments = scope.values(&ask.arguments)?;
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.phase = Phase::Asking { at, call: id, within, until: turn.now.elapsed.saturating_add(within) };
        turn.effects.effect(Effect::Call(Call {
            id,
            session: self.id.clone(),
            peer: self.peer.ip,
            target: ask.target.clone(),
            arguments,
            using: ask.using.clone(),
            within,
        }));
        Ok(Flow::Wait)
    }

    /// A call was answered.
    pub(super) fn answered(&mut self, id: CallId, outcome: Outcome, turn: &mut Turn<'_>) {
        match self.phase {
            Phase::Asking { at, call, .. } if call == id => self.go_on(at, |_| outcome, turn),
            _ => {}
        }
    }

    /// A call was not answered in time.
    pub(super) fn call_is_late(&mut self, turn: &mut Turn<'_>) {
        if let Phase::Asking { at, call, within, .. } = self.phase {
            turn.effects.effect(Effect::Cancel(call));
            self.go_on(at, |ask| late(ask, within), turn);
        }
    }

    /// Goes on behind a call. A loop may be lent one payload after the other: those that nothing holds any more are let
    /// go of before the next one is held.
    fn go_on(&mut self, at: Pc, outcome: impl FnOnce(&Ask) -> Outcome, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        if self.held.live.len() >= LIVE {
            self.sweep(turn);
        }
        let Some(Op::Ask(ask)) = self.op(at, turn) else {
            return self.broken(Fault(&"nobody waits for this outcome"), Some(at), turn);
        };
        self.take_back();
        match self.resume(ask, outcome(ask)).and_then(|flow| self.afford(turn).map(|()| flow)) {
            Ok(Flow::At(next)) => self.run(next, turn),
            Ok(_) => {}
            Err(fault) => self.broken(fault, Some(at), turn),
        }
    }

    /// Binds the values of an outcome.
    fn resume(&mut self, ask: &Ask, outcome: Outcome) -> Result<Flow, Fault> {
        self.note_answer(&ask.target, outcome.index);
        if let Target::Action(signature) = &ask.target
            && let Some(checked) = signature.login_checked(outcome.index)
        {
            self.body.checked = Some(checked);
        }
        let branch =
            ask.outcomes.get(outcome.index).ok_or(Fault(&"an action gave an outcome that it does not declare"))?;
        let mut values = outcome.values.into_iter();
        for slot in &branch.values {
            let value = values.next().ok_or(Fault(&"an action gave fewer values than it declares"))?;
            if let Some(slot) = slot {
                self.adopt(&value);
                self.set(*slot, value)?;
            }
        }
        Ok(Flow::At(branch.at))
    }
}

/// The outcome of a call that took too long.
fn late(ask: &Ask, within: Duration) -> Outcome {
    let mut why = String::from("no answer within ");
    print_duration(within, &mut why);
    Outcome::failed(&ask.target, &why)
}
