//! Leaving a state: its `leave` runs first, wherever the session goes, and once.
//!
//! Never: lets a state be left unseen; a hang-up and a fault are ways to leave it, too.

use program::{FactId, Pc, StateId, Transition, Value};

use super::{Phase, Session, Turn, step::Flow};
use crate::{Effect, Observation, expression::Fault};

/// What a session is about to do, behind the `leave` of its state.
#[derive(Debug)]
pub(super) enum Leaving {
    /// To enter another state, with these facts, which were looked at before.
    Goto { state: StateId, facts: Vec<(FactId, Value)> },
    /// To begin TLS, and then to enter a state.
    Secure(StateId),
    /// To end.
    Close,
}

impl Session {
    /// Leaves for a state. Who goes to the state that it is in does not leave it.
    pub(super) fn go(&mut self, transition: &Transition, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        if transition.state == self.here.state || self.leave_of(turn).is_none() {
            self.set_facts(&transition.with, &transition.forget, turn)?;
            self.afford(turn)?;
            return self.gone_to(transition.state, turn);
        }
        // Facts are made of locals, which end with the body: so before the `leave` begins.
        let forgotten = transition.forget.iter().map(|fact| Ok((*fact, Value::Absent)));
        let given = transition.with.iter();
        let given = given.map(|(fact, expr)| Ok((*fact, self.scope(turn).value(expr)?)));
        let facts: Vec<(FactId, Value)> = forgotten.chain(given).collect::<Result<_, Fault>>()?;
        self.put_aside(facts.iter().map(|(_, value)| value));
        self.afford(turn)?;
        let leave = self.leave(turn).ok_or(Fault(&"a state has lost its leave"))?;
        self.here.leaving = Some(Leaving::Goto { state: transition.state, facts });
        Ok(Flow::At(leave))
    }

    /// Begins TLS.
    pub(super) fn start_tls(&mut self, state: StateId, turn: &mut Turn<'_>) -> Flow {
        match self.leave(turn) {
            Some(leave) => {
                self.here.leaving = Some(Leaving::Secure(state));
                Flow::At(leave)
            }
            None => self.upgrade(state, turn),
        }
    }

    /// Ends the session.
    pub(super) fn shut(&mut self, turn: &mut Turn<'_>) -> Flow {
        if let Phase::Asking { call, .. } = self.phase {
            turn.effects.effect(Effect::Cancel(call));
            self.phase = Phase::Running;
        }
        match self.leave(turn) {
            Some(leave) => {
                self.here.leaving = Some(Leaving::Close);
                Flow::At(leave)
            }
            None => {
                self.finish(turn);
                Flow::Wait
            }
        }
    }

    /// Ends the session from outside of any body.
    pub(super) fn close(&mut self, turn: &mut Turn<'_>) {
        if let Flow::At(leave) = self.shut(turn) {
            self.run(leave, turn);
        }
    }

    /// The peer is gone. What the state does on being left is finished, and nothing is entered behind it.
    pub(super) fn gone(&mut self, turn: &mut Turn<'_>) {
        self.ends.eof = true;
        if self.here.leaving.is_some() {
            self.here.leaving = Some(Leaving::Close);
        } else {
            self.close(turn);
        }
    }

    /// The `leave` is done.
    pub(super) fn left(&mut self, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        match self.here.leaving.take().ok_or(Fault(&"a state is left that nobody leaves"))? {
            Leaving::Goto { state, facts } => {
                for (fact, value) in facts {
                    let slot = self.held.slots.get_mut(usize::from(fact.0)).ok_or(Fault(&"a fact does not exist"))?;
                    self.pool.put(slot, value);
                    self.weigh(usize::from(fact.0));
                }
                self.take_back();
                self.afford(turn)?;
                self.gone_to(state, turn)
            }
            Leaving::Secure(state) => Ok(self.upgrade(state, turn)),
            Leaving::Close => {
                self.finish(turn);
                Ok(Flow::Wait)
            }
        }
    }

    /// What is to run before this state is left, if it has not run.
    fn leave_of(&self, turn: &Turn<'_>) -> Option<Pc> {
        turn.program().states.get(usize::from(self.here.state.0))?.leave.filter(|_| self.here.entered)
    }

    /// Begins to leave this state: gives what runs then, and ends the present body.
    fn leave(&mut self, turn: &Turn<'_>) -> Option<Pc> {
        let leave = self.leave_of(turn)?;
        self.here.entered = false;
        self.clear_locals(turn);
        Some(leave)
    }

    fn gone_to(&mut self, state: StateId, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        self.clear_locals(turn);
        self.sweep(turn);
        self.give_back(turn);
        turn.effects.observe(Observation::Transition { from: self.here.state, to: state });
        self.arrive(state, turn)
    }
}
