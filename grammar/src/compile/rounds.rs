//! The stages between the names of a file and its program: the types of its facts are learnt, its bodies are lowered,
//! and what came of them is judged as a whole.
//!
//! Never: lowers a statement itself.

use std::collections::HashSet;

use diagnostic::{Rule, Span};
use program::{State, StateId};

use crate::{
    check::{guards, lexemes, overlap, reach, work::Part},
    compile::{Compiler, Entered, flow::Answers, service::Service, transition::MOST_CHANGES},
    lexical, rules,
};

/// Errors in what a protocol does, not in what its words mean: with them it can still be put together.
const BEHAVIOUR: [&Rule; 12] = [
    &rules::commands::TWO_ANSWERS,
    &rules::flow::NO_ANSWER,
    &rules::flow::NO_ENDING,
    &rules::flow::SAID_TOO_LATE,
    &rules::flow::TWO_ANSWERS,
    &rules::look_ups::UNHANDLED,
    &rules::states::DEAD_END,
    &rules::states::FACT_MISSING,
    &rules::states::NEVER_SUPPLIED,
    &rules::states::UNREACHABLE,
    &rules::types::MAY_BE_ABSENT,
    &rules::types::NOT_YET,
];

impl Compiler<'_> {
    /// Learns the types of the facts. A fact's type is that of what is assigned to it, and what is assigned may hang on
    /// other facts: so bodies are lowered without telling findings until nothing new is learnt.
    pub(super) fn learn_types(&mut self) {
        self.findings.mute(true);
        // Each round but the last changes the type of a fact, and each fact changes a few times at the most.
        let most = 1 + self.model.facts.len() * usize::from(MOST_CHANGES);
        let kept = self.work.kept();
        for _ in 0..most {
            self.types.learnt = false;
            self.lower(false);
            self.work.forget(kept);
            if !self.types.learnt || self.work.is_over() {
                break;
            }
        }
        debug_assert!(!self.types.learnt || self.work.is_over(), "types are not learnt within {most} rounds");
        self.findings.mute(false);
    }

    /// Lowers every body once, from nothing.
    pub(super) fn lower(&mut self, whole: bool) -> Option<Service> {
        self.lowered = std::mem::take(&mut self.lowered).anew(&self.model);
        self.lower_clients();
        for place in 0..self.model.states.len() {
            self.lowered.leaves[place] = self.lower_leave(StateId(place as u16));
        }
        self.lower_enters();
        for place in 0..self.model.states.len() {
            self.lower_state(StateId(place as u16));
        }
        self.lower_service(whole)
    }

    /// Judges what was lowered as a whole. Tells whether it can be put together: what a file does that has errors in its
    /// behaviour alone can be shown, though it must not be run.
    pub(super) fn judge(&mut self, service: Option<&Service>, start: Option<StateId>, whole: bool) -> bool {
        if self.work.is_over() {
            return false;
        }
        self.check_facts(whole);
        self.resolve_offers();
        self.check_overrides();
        if let Some(service) = service {
            self.check_late_secrets(service);
        }
        self.check_promises();
        self.check_reload();
        for place in 0..self.model.states.len() {
            self.check_overlaps(StateId(place as u16));
        }
        self.check_framing();
        if self.work.is_over() {
            return false;
        }
        if let (Some(start), true) = (start, whole) {
            reach::check(&self.lowered.code, &self.model, start, &self.lowered.bounds, &mut self.findings);
        }
        self.is_shown()
    }

    /// Whether nothing is wrong but what the file does.
    pub(super) fn is_shown(&self) -> bool {
        !self.findings.refused_but_for(&BEHAVIOUR)
    }

    /// Lowers the `enter` of every state, each behind those that it goes to: so that their answers are known, and the
    /// code of each stands in one piece. A chain of them may be as long as the file.
    fn lower_enters(&mut self) {
        let count = self.model.states.len();
        let mut open: Vec<StateId> = (0..count).rev().map(|place| StateId(place as u16)).collect();
        while let Some(state) = open.last().copied() {
            let place = usize::from(state.0);
            match self.lowered.enters[place] {
                Entered::Done(..) => drop(open.pop()),
                Entered::Within => {
                    open.pop();
                    let (entry, answers) = self.lower_enter(state);
                    self.lowered.enters[place] = Entered::Done(entry, answers);
                }
                Entered::Unknown => {
                    self.lowered.enters[place] = Entered::Within;
                    let targets = self.enter_targets(state);
                    open.extend(targets.into_iter().filter(|target| self.is_unknown(*target)));
                }
            }
        }
    }

    fn is_unknown(&self, state: StateId) -> bool {
        matches!(self.lowered.enters[usize::from(state.0)], Entered::Unknown)
    }

    /// What the `enter` of a state answers, which a body goes to.
    pub(super) fn enter(&mut self, state: StateId, from: Span) -> Answers {
        let place = usize::from(state.0);
        match self.lowered.enters[place] {
            Entered::Done(_, answers) => answers,
            // What it goes to is lowered before it, unless that leads back.
            Entered::Within | Entered::Unknown => {
                let name = &self.model.states[place].def.name.text;
                self.findings.mend(
                    &rules::states::ENTER_CIRCLE,
                    from,
                    format!("the `enter` of `{name}` leads back to itself"),
                    "a session would never come to rest: break the circle",
                );
                Answers::NONE
            }
        }
    }

    /// Tells of facts whose type nothing teaches.
    fn check_facts(&mut self, whole: bool) {
        for (place, (name, span)) in self.model.facts.iter().enumerate() {
            if self.types.facts[place].is_none() && whole {
                self.findings.mend(
                    &rules::states::NEVER_SUPPLIED,
                    *span,
                    format!("nothing supplies the fact `{name}`"),
                    format!("write  goto … with {name} = …,  or take it off"),
                );
            }
        }
    }

    /// Builds the states with their automata.
    pub(super) fn states(&mut self) -> Vec<State> {
        let mut standing: Vec<Vec<usize>> = vec![Vec::new(); self.model.states.len()];
        for (n, stand) in self.lowered.stands.iter().enumerate() {
            standing[usize::from(stand.state.0)].push(n);
        }
        standing.into_iter().enumerate().filter_map(|(place, stands)| self.state(place, &stands)).collect()
    }

    fn state(&mut self, place: usize, stands: &[usize]) -> Option<State> {
        let def = self.model.states[place].def;
        if !self.spend(Part::Templates, 200 + 40 * stands.len()) {
            return None;
        }
        let forms: Vec<(&lexical::Form, program::HandlerId)> = stands
            .iter()
            .map(|n| (&self.commands[self.lowered.stands[*n].command].form, self.lowered.stands[*n].handler))
            .collect();
        let claims = match lexical::claims(&forms) {
            Ok(claims) => claims,
            Err(error) => {
                self.spend(Part::Templates, 400_000);
                self.findings.add(lexemes::finding(&error, def.name.span));
                return None;
            }
        };
        self.keep(Part::Templates, claims.dfa.memory_usage() / 64);
        let handlers: Vec<program::HandlerId> = stands.iter().map(|n| self.lowered.stands[*n].handler).collect();
        let mut verbs: Vec<&str> = Vec::new();
        let mut seen = HashSet::new();
        for n in stands {
            let verb = &*self.commands[self.lowered.stands[*n].command].verb;
            if !verb.is_empty() && seen.insert(verb) {
                verbs.push(verb);
            }
        }
        let wire_most = self.model.wire.wire().line_most;
        let raised = handlers.iter().map(|id| self.lowered.handlers[id.0 as usize].line_most).max().unwrap_or(0);
        let Entered::Done(enter, ..) = self.lowered.enters[place] else { return None };
        Some(State {
            name: def.name.text.clone(),
            title: def.title.as_ref().map_or_else(|| "".into(), |title| title.text.clone()),
            facts: self.model.states[place].facts.iter().map(|(fact, optional)| (*fact, *optional)).collect(),
            enter,
            leave: self.lowered.leaves[place],
            claims,
            handlers,
            line_most: wire_most.max(raised),
            expected: verbs.join(" ").into(),
        })
    }

    /// Tells of two handlers of one state that claim one line.
    fn check_overlaps(&mut self, state: StateId) {
        let name = self.model.states[usize::from(state.0)].def.name.text.clone();
        let stands = self.lowered.stands.iter().filter(|stand| stand.state == state);
        let Compiler { commands, work, findings, .. } = self;
        let contenders: Vec<overlap::Contender<'_>> = stands
            .map(|stand| {
                let command = &commands[stand.command];
                overlap::Contender {
                    form: &command.form,
                    claim: command.form.claim(),
                    guard: stand.guard.as_ref(),
                    span: command.def.pattern.span,
                    request: command.def.pattern.is_request(),
                }
            })
            .collect();
        let sure = guards::Sure::within(&self.model, state);
        overlap::check(&name, &contenders, &sure, findings, work);
        let whole = self.whole;
        if self.work.is_over() {
            self.findings.give_up(self.work.finding(whole));
        }
    }

    /// The facts with their types.
    pub(super) fn known_facts(&self) -> Vec<program::Fact> {
        let facts = self.model.facts.iter().zip(&self.types.facts);
        facts
            .map(|((name, _), ty)| program::Fact {
                name: (*name).into(),
                ty: ty.clone().unwrap_or(program::Type::Text),
            })
            .collect()
    }
}
