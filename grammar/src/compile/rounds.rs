//! The order of lowering: round after round until the type of every fact is learnt, then once more for good.
//!
//! Never: lowers a statement itself.

use diagnostic::{Rule, Span};
use program::{Program, State, StateId};

use crate::{
    check::{guards, lexemes, overlap, reach},
    compile::{Compiler, Entered, flow::Answers, service::Service},
    lexical, rules, tree,
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
    /// Lowers everything. A fact's type is that of what is assigned to it, and what is assigned may hang on other
    /// facts: so bodies are lowered without telling findings until nothing new is learnt.
    pub(super) fn lower(&mut self, tree: &tree::File, start: Option<StateId>, whole: bool) -> Option<Program> {
        self.findings.mute(true);
        loop {
            self.learnt = false;
            self.round(false);
            if !self.learnt {
                break;
            }
        }
        self.findings.mute(false);
        let service = self.round(whole);
        self.check_facts(whole);
        self.resolve_offers();
        self.check_overrides();
        if let Some(service) = &service {
            self.check_late_secrets(service);
        }
        self.check_promises();
        self.check_reload();
        for place in 0..self.model.states.len() {
            self.check_overlaps(StateId(place as u16));
        }
        if let (Some(start), true) = (start, whole) {
            reach::check(&self.code, &self.model, start, &self.bounds, &mut self.findings);
        }
        // What a file with such errors does can be shown, though it must not be run.
        if self.findings.refused_but_for(&BEHAVIOUR) {
            return None;
        }
        self.assemble(tree, start?, service?)
    }

    /// Lowers every body once, from nothing.
    fn round(&mut self, whole: bool) -> Option<Service> {
        self.code.clear();
        self.origins.clear();
        self.replies.clear();
        self.bounds.clear();
        self.handlers.clear();
        self.stands.clear();
        self.offered.clear();
        self.forget_watched();
        self.doubts.clear();
        self.cuts.clear();
        self.lower_clients();
        self.slots = self.model.facts.len() as u16;
        self.leaves = vec![(None, 0); self.model.states.len()];
        for place in 0..self.model.states.len() {
            self.leaves[place] = self.lower_leave(StateId(place as u16));
        }
        self.enters = vec![Entered::Unknown; self.model.states.len()];
        for place in 0..self.model.states.len() {
            self.enter(StateId(place as u16), self.model.states[place].def.name.span);
        }
        for place in 0..self.model.states.len() {
            self.lower_state(StateId(place as u16));
        }
        self.lower_service(whole)
    }

    /// Lowers the `enter` of a state, and of those that it goes to, once. Gives its answers and its longest wait.
    pub(super) fn enter(&mut self, state: StateId, from: Span) -> (Answers, u64) {
        let place = usize::from(state.0);
        match self.enters[place] {
            Entered::Done(_, answers, wait) => return (answers, wait),
            Entered::Within => {
                let name = &self.model.states[place].def.name.text;
                self.findings.mend(
                    &rules::states::ENTER_CIRCLE,
                    from,
                    format!("the `enter` of `{name}` leads back to itself"),
                    "a session would never come to rest: break the circle",
                );
                return (Answers::NONE, 0);
            }
            Entered::Unknown => {}
        }
        self.enters[place] = Entered::Within;
        let (entry, answers, wait) = self.lower_enter(state);
        self.enters[place] = Entered::Done(entry, answers, wait);
        (answers, wait)
    }

    /// Tells of facts whose type nothing teaches.
    fn check_facts(&mut self, whole: bool) {
        for (place, (name, span)) in self.model.facts.iter().enumerate() {
            if self.facts[place].is_none() && whole {
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
        (0..self.model.states.len()).filter_map(|place| self.state(place)).collect()
    }

    fn state(&mut self, place: usize) -> Option<State> {
        let id = StateId(place as u16);
        let def = self.model.states[place].def;
        let stands: Vec<usize> = (0..self.stands.len()).filter(|n| self.stands[*n].state == id).collect();
        let forms: Vec<(&lexical::Form, program::HandlerId)> =
            stands.iter().map(|n| (&self.commands[self.stands[*n].command].form, self.stands[*n].handler)).collect();
        let claims = match lexical::claims(&forms) {
            Ok(claims) => claims,
            Err(error) => {
                self.findings.add(lexemes::finding(&error, def.name.span));
                return None;
            }
        };
        let handlers: Vec<program::HandlerId> = stands.iter().map(|n| self.stands[*n].handler).collect();
        let mut verbs: Vec<&str> = Vec::new();
        for n in &stands {
            let verb = &*self.commands[self.stands[*n].command].verb;
            if !verb.is_empty() && !verbs.contains(&verb) {
                verbs.push(verb);
            }
        }
        let wire_most = self.model.wire.wire().line_most;
        let raised = handlers.iter().map(|id| self.handlers[id.0 as usize].line_most).max().unwrap_or(0);
        let Entered::Done(enter, ..) = self.enters[place] else { return None };
        Some(State {
            name: def.name.text.clone(),
            title: def.title.as_ref().map_or_else(|| "".into(), |title| title.text.clone()),
            facts: self.model.states[place].facts.iter().map(|(fact, optional)| (*fact, *optional)).collect(),
            enter,
            leave: self.leaves[place].0,
            claims,
            handlers,
            line_most: wire_most.max(raised),
            expected: verbs.join(" ").into(),
        })
    }

    /// Tells of two handlers of one state that claim one line.
    fn check_overlaps(&mut self, state: StateId) {
        let name = self.model.states[usize::from(state.0)].def.name.text.clone();
        let stands = self.stands.iter().filter(|stand| stand.state == state);
        let contenders: Vec<overlap::Contender<'_>> = stands
            .map(|stand| {
                let command = &self.commands[stand.command];
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
        overlap::check(&name, &contenders, &sure, &mut self.findings);
    }

    /// The facts with their types.
    pub(super) fn known_facts(&self) -> Vec<program::Fact> {
        let facts = self.model.facts.iter().zip(&self.facts);
        facts
            .map(|((name, _), ty)| program::Fact {
                name: (*name).into(),
                ty: ty.clone().unwrap_or(program::Type::Text),
            })
            .collect()
    }
}
