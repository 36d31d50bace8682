//! How a body ends: in another state, in the same one, under TLS, or with the session; the `leave` of a state that is
//! left is walked first, with what is known there.
//!
//! Never: carries over more than what is kept track of.

use std::collections::{BTreeMap, BTreeSet};

use program::{Expr, FactId, Known as Thing, Moment, Pc, Slot, StateId, Transition, Value};

use crate::{
    ground::{Spot, tls_is_on},
    here::{Here, Leaving},
    logic::Known,
    path::{End, Walk},
};

impl<'p> Walk<'_, 'p> {
    /// `goto STATE with … without …`
    pub(crate) fn goto(&mut self, mut here: Here<'p>, transition: &Transition) {
        let state = &self.ground.program.states[usize::from(transition.state.0)];
        let owned: BTreeSet<FactId> = state.facts.iter().map(|(fact, _)| *fact).collect();
        let mut facts: BTreeMap<Slot, Expr> = BTreeMap::new();
        for fact in 0..self.ground.program.facts.len() as u16 {
            if transition.forget.contains(&FactId(fact)) || !owned.contains(&FactId(fact)) {
                facts.insert(Slot(fact), Expr::Constant(Value::Absent));
            }
        }
        facts.extend(transition.with.iter().map(|(fact, value)| (Slot(fact.0), here.seen(value))));
        match self.leave(&here).filter(|_| transition.state != here.state) {
            Some(leave) => {
                (here.leaving, here.entered) = (Some(Leaving::Goto(transition.state, facts)), false);
                self.later(here.begins(leave));
            }
            None => self.enter(here, transition.state, &facts),
        }
    }

    /// `stay with …`
    pub(crate) fn stay(&mut self, here: Here<'p>, with: &[(FactId, Expr)]) {
        let facts = with.iter().map(|(fact, value)| (Slot(fact.0), here.seen(value))).collect();
        let state = here.state;
        self.arrive(here, state, &facts, None);
    }

    /// `start tls then goto STATE`
    pub(crate) fn secure(&mut self, mut here: Here<'p>, state: StateId) {
        match self.leave(&here) {
            Some(leave) => {
                (here.leaving, here.entered) = (Some(Leaving::Secure(state)), false);
                self.later(here.begins(leave));
            }
            None => self.encrypted(here, state),
        }
    }

    /// The session ends.
    pub(crate) fn close(&mut self, mut here: Here<'p>) {
        if let Some(leave) = self.leave(&here) {
            (here.leaving, here.entered) = (Some(Leaving::Close), false);
            self.later(here.begins(leave));
        }
    }

    /// The `leave` is done.
    pub(crate) fn left(&mut self, mut here: Here<'p>) {
        match here.leaving.take() {
            Some(Leaving::Goto(state, facts)) => self.enter(here, state, &facts),
            Some(Leaving::Secure(state)) => self.encrypted(here, state),
            Some(Leaving::Close) | None => {}
        }
    }

    /// What runs before the present state is left, if it has not run.
    fn leave(&self, here: &Here<'_>) -> Option<Pc> {
        self.ground.program.states[usize::from(here.state.0)].leave.filter(|_| here.entered)
    }

    fn enter(&mut self, here: Here<'p>, state: StateId, facts: &BTreeMap<Slot, Expr>) {
        let enter = self.ground.program.states[usize::from(state.0)].enter;
        self.arrive(here, state, facts, enter);
    }

    fn encrypted(&mut self, mut here: Here<'p>, state: StateId) {
        // Of what was known only what no upgrade changes is kept: settings and the peer's address.
        let is_fixed = |expr: &Expr| {
            !expr.has(&mut |part| {
                matches!(part, Expr::Slot(_) | Expr::Capture(_))
                    || matches!(part, Expr::Known(known) if !matches!(known, Thing::PeerIp | Thing::LocalPort))
            })
        };
        here.known.retain(|(expr, _)| is_fixed(expr));
        here.known.push((tls_is_on(), true));
        here.held.clear();
        let absent = |fact| (Slot(fact), Expr::Constant(Value::Absent));
        let facts = (0..self.ground.program.facts.len() as u16).map(absent).collect();
        self.enter(here, state, &facts);
    }

    /// A session comes into a state, or stays in it.
    fn arrive(&mut self, mut here: Here<'p>, state: StateId, facts: &BTreeMap<Slot, Expr>, enter: Option<Pc>) {
        let ground = self.ground;
        let becomes = |slot: Slot| facts.get(&slot).or_else(|| here.held.get(&slot)).cloned();
        let spot = Spot::At(Moment::In(state));
        let what = (here.captures, &here.known[..], &here.asked[..], here.told);
        let judged = ground.judge(spot, what, &|| self.step(&here), &becomes);
        let knowledge = ground.track(here.captures, &here.known, &becomes);
        self.walked.broken.extend(judged);
        let rests = enter.is_none() && !here.closing;
        if rests {
            let step = self.step(&here);
            self.walked.ends.push(End { state, knowledge, step });
            return;
        }
        let known: Vec<Known> = ground.known(state, &knowledge);
        if state != here.state || enter.is_some() {
            here.entered = true;
        }
        (here.state, here.known, here.captures, here.changed) = (state, known, &[], true);
        here.held.clear();
        match enter {
            Some(enter) => self.later(here.begins(enter)),
            None => self.close(here),
        }
    }
}
