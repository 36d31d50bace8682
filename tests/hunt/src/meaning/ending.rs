//! The end of a command, of a state, of a session.
//!
//! Never: lets a local or a line outlive its command.

use std::collections::BTreeMap;

use grammar::tree::{Block, Expr, Name};
use machine::Tls;
use program::Level;

use super::{
    Seen, Violation,
    expression::{Names, Said},
    session::{Leaving, Phase, Session},
    value::{Fault, Value},
};

impl Session {
    /// `goto STATE with … without …`: what is given is looked at before the present state is left.
    pub(super) fn goto(&mut self, target: &Name, with: &[(Name, Expr)], without: &[Name]) -> Result<(), Fault> {
        let state = target.text.to_string();
        let given = self.given(with)?;
        let mut facts = self.facts.clone();
        facts.retain(|name, _| self.protocol.has_fact(&state, name));
        facts.retain(|name, _| without.iter().all(|dropped| *dropped.text != **name));
        facts.extend(given);
        facts.retain(|_, value| !value.is_absent());
        let leave = if state == self.state { None } else { self.leave() };
        match leave {
            None => self.arrive(state, facts),
            Some(leave) => {
                self.leaving = Some(Leaving::Goto { state, facts });
                self.run_leave(&leave);
            }
        }
        Ok(())
    }

    /// `stay with …`
    pub(super) fn stay(&mut self, with: &[(Name, Expr)]) -> Result<(), Fault> {
        let given = self.given(with)?;
        self.facts.extend(given);
        self.facts.retain(|_, value| !value.is_absent());
        self.done();
        Ok(())
    }

    fn given(&self, with: &[(Name, Expr)]) -> Result<Vec<(String, Value)>, Fault> {
        with.iter().map(|(name, expr)| Ok((name.text.to_string(), self.sight().value(expr)?))).collect()
    }

    /// The session comes to a state, which is entered.
    fn arrive(&mut self, state: String, facts: BTreeMap<String, Value>) {
        self.state = state;
        self.facts = facts;
        self.entered = true;
        self.work.clear();
        self.names = Names::default();
        let protocol = self.protocol.clone();
        let def = match protocol.state(&self.state) {
            Ok(def) => def,
            Err(fault) => return self.broken(&fault),
        };
        for (fact, optional) in &def.facts {
            if !optional && !self.facts.contains_key(&*fact.text) {
                self.violate(Violation::Absent(format!("the fact `{}` of the state `{}`", fact.text, self.state)));
            }
        }
        self.watch_state();
        self.phase = Phase::Running;
        match def.enters.first() {
            Some((enter, _)) => self.run(enter),
            None => self.done(),
        }
    }

    /// Enters a state from outside of any body, with nothing known.
    pub(super) fn enter(&mut self, state: String) {
        self.arrive(state, BTreeMap::new());
    }

    /// TLS is up: nothing learnt in the clear is known any more.
    pub(super) fn secured(&mut self, tls: Tls) {
        if let Phase::Securing { state } = &self.phase {
            let state = state.clone();
            self.tls = Some(tls);
            self.enter(state);
        }
    }

    /// `start tls then goto STATE`
    pub(super) fn start_tls(&mut self, state: &Name) {
        let state = state.text.to_string();
        match self.leave() {
            None => self.upgrade(state),
            Some(leave) => {
                self.leaving = Some(Leaving::Secure(state));
                self.run_leave(&leave);
            }
        }
    }

    /// What the state says that follows is said under TLS, as a greeting is: the command is answered before.
    fn upgrade(&mut self, state: String) {
        self.count_answers();
        self.facts.clear();
        self.work.clear();
        self.names = Names::default();
        self.said = Said::default();
        self.discarding = None;
        self.phase = Phase::Securing { state };
        let dropped = std::mem::take(&mut self.unread).len();
        self.out.push(Seen::Secure(dropped));
    }

    /// The command is done.
    pub(super) fn done(&mut self) {
        self.count_answers();
        self.watch.answered.clear();
        self.limited.clear();
        self.work.clear();
        self.names = Names::default();
        self.said = Said::default();
        self.handler = None;
        if self.closing {
            return self.shut();
        }
        self.listen(Phase::Command);
    }

    /// `close`
    pub(super) fn close_by_body(&mut self) {
        self.count_answers();
        self.shut();
    }

    /// Ends the session from outside of any body.
    pub(super) fn close(&mut self) {
        self.shut();
    }

    /// Ends the session, once its state is left.
    fn shut(&mut self) {
        if let Phase::Asking { .. } = self.phase {
            self.out.push(Seen::Cancelled);
            self.phase = Phase::Running;
        }
        match self.leave() {
            None => self.finish(),
            Some(leave) => {
                self.leaving = Some(Leaving::Close);
                self.run_leave(&leave);
            }
        }
    }

    fn finish(&mut self) {
        self.phase = Phase::Closed;
        self.work.clear();
        self.facts.clear();
        self.unread.clear();
        self.out.push(Seen::Closed);
    }

    /// The connection is gone: what the state does on being left is finished, and nothing is entered behind it.
    pub(super) fn gone(&mut self) {
        self.eof = true;
        if self.leaving.is_some() {
            self.leaving = Some(Leaving::Close);
        } else {
            self.shut();
        }
    }

    /// The `leave` of the present state, if it has not run.
    fn leave(&mut self) -> Option<Block> {
        if !self.entered {
            return None;
        }
        let leave = self.protocol.state(&self.state).ok()?.leaves.first().map(|(block, _)| block.clone())?;
        self.entered = false;
        Some(leave)
    }

    fn run_leave(&mut self, leave: &Block) {
        self.names = Names::default();
        self.phase = Phase::Running;
        self.run(leave);
    }

    /// The `leave` is done.
    pub(super) fn left(&mut self) {
        match self.leaving.take() {
            Some(Leaving::Goto { state, facts }) => self.arrive(state, facts),
            Some(Leaving::Secure(state)) => self.upgrade(state),
            Some(Leaving::Close) => self.finish(),
            None => self.broken(&Fault::new("a path comes to the end of its body without an ending")),
        }
    }

    /// A fault of ours: the protocol says so, and the session ends.
    pub(super) fn broken(&mut self, fault: &Fault) {
        self.violate(Violation::Broken(fault.0.clone()));
        self.log(Level::Error, format!("a fault of ours: {}", fault.0));
        if self.breaking {
            return self.shut();
        }
        self.breaking = true;
        self.closing = true;
        self.run_limit("broken");
    }

    /// Writes a line of the log.
    pub(super) fn log(&mut self, level: Level, line: String) {
        self.look_for_secrets(line.as_bytes());
        self.out.push(Seen::Logged(level, line));
    }
}
