//! Writes the bodies of one file.
//!
//! Never: writes what stands around bodies.

use super::{
    plan::{Plan, State},
    scope::{Kind, Scope, Var},
};
use crate::chance::Chance;

/// Writes one file, or a version of it.
pub(super) struct Writer<'p> {
    pub(super) plan: &'p Plan,
    pub(super) chance: Chance,
    /// The text of the body that is being written.
    pub(super) out: String,
    /// How many look-ups and pauses the body has.
    pub(super) waits: usize,
    names: usize,
}

/// Where a body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A command of a state.
    Command,
    /// The `enter` of a state; whether it answers.
    Enter(bool),
    /// The `leave` of a state.
    Leave,
    /// A routine.
    Routine,
    /// A request, which asks nobody back.
    Request,
}

/// A body: what it is, and in which state it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: Part,
    pub(super) state: Option<usize>,
}

impl Place {
    /// Whether somebody waits for an answer of it.
    pub(super) fn answers(self) -> bool {
        !matches!(self.part, Part::Leave | Part::Enter(false))
    }
}

impl<'p> Writer<'p> {
    pub(super) fn new(plan: &'p Plan, chance: Chance) -> Writer<'p> {
        Writer { plan, chance, out: String::new(), waits: 0, names: 0 }
    }

    /// A body without its braces.
    pub(super) fn body(&mut self, scope: &Scope, place: Place) -> String {
        let outer = std::mem::take(&mut self.out);
        self.waits = 0;
        self.block(&mut scope.clone(), place, 0, true);
        std::mem::replace(&mut self.out, outer)
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push(' ');
    }

    /// A name for a local: a new one, or one that hides a fact.
    pub(super) fn name(&mut self) -> String {
        if self.chance.percent(12) {
            let facts = super::plan::facts();
            return self.chance.pick(&facts).name.clone();
        }
        if self.chance.percent(1) {
            return (*self.chance.pick(&["tls", "now", "peer", "local", "verb", "line", "settings"])).into();
        }
        self.names += 1;
        format!("v{}", self.names)
    }

    /// The status of an answer that says yes, or no.
    pub(super) fn status(&mut self, yes: bool) -> &'static str {
        match (self.plan.wire.words, yes) {
            (true, true) => self.chance.pick::<&str>(&["OK", "DONE"]),
            (true, false) => "NO",
            (false, true) => self.chance.pick::<&str>(&["250", "250", "251", "298", "299"]),
            (false, false) => self.chance.pick::<&str>(&["550", "450"]),
        }
    }

    /// A final answer.
    pub(super) fn answer(&mut self, scope: &Scope) -> String {
        let yes = !self.chance.one_in(5);
        let status = self.status(yes);
        let text = self.text(scope);
        if self.chance.one_in(10) && !self.plan.wire.words {
            let (condition, known) = self.condition(scope);
            let more = self.text(&scope.knowing(&known));
            return format!("{status} {{ \"{text}\" \"{more}\" if {condition} }}");
        }
        if self.chance.one_in(100) && !self.plan.wire.words {
            return format!("{status} {{ \"{text}\" each abilities }}");
        }
        if self.plan.wire.listing
            && self.chance.one_in(4)
            && let Some(bag) = scope.of_kind(Kind::Bag).pop()
        {
            return match self.chance.below(3) {
                0 => format!("{status} \"{text}\" listing {bag}.body"),
                1 => format!("{status} \"{text}\" listing each e in {bag}.xs as \"-{{e}}\""),
                _ => format!("{status} \"{text}\" listing each e in {bag}.xs where e != \"a\" as \".{{e}}\""),
            };
        }
        format!("{status} \"{text}\"")
    }

    /// The end of a body.
    pub(super) fn finish(&mut self, scope: &Scope, place: Place) {
        if place.part == Part::Leave {
            return;
        }
        let mut to = self.ending(scope, place);
        let answered_there = to.1;
        if place.answers() && !answered_there {
            self.last_answer(scope, place);
            self.afterwards(scope);
        } else if !place.answers() && answered_there {
            to = ("stay".into(), false);
        }
        self.put(&to.0);
    }

    fn last_answer(&mut self, scope: &Scope, place: Place) {
        if self.chance.one_in(60) {
            return self.put("silent");
        }
        if place.part == Part::Command
            && self.chance.one_in(10)
            && !self.plan.wire.words
            && let Some(bag) = scope.of_kind(Kind::Bag).pop()
        {
            self.put(&format!("say 251 \"{{size({bag}.body)}}\" octets {bag}.body then crlf"));
        }
        if place.part == Part::Command && self.chance.one_in(16) {
            return self.answer_each(scope);
        }
        let answer = self.answer(scope);
        self.put(&format!("reply {answer}"));
    }

    /// An answer for each word of a list.
    fn answer_each(&mut self, scope: &Scope) {
        let (name, list, no) = (self.name(), self.words(scope), self.status(false));
        let mut inner = scope.clone();
        inner.add(Var::new(&name, Kind::Word));
        if !self.chance.one_in(30) {
            self.put(&format!("require {list} is not empty else {no} \"none\""));
        }
        self.put(&format!("answer each {name} in {list} {{"));
        let branches = self.chance.one_in(3);
        if branches {
            let (condition, known) = self.condition(&inner);
            let answer = self.answer(&inner.knowing(&known));
            self.put(&format!("if {condition} {{ reply {answer} }} else {{"));
        }
        let answer = self.answer(&inner);
        self.put(&format!("reply {answer} }}{}", if branches { " }" } else { "" }));
    }

    /// What stands behind the answer.
    fn afterwards(&mut self, scope: &Scope) {
        match self.chance.below(14) {
            0 => {
                let text = self.text(scope);
                self.put(&format!("log info \"{text}\""));
            }
            1 if self.plan.waits => self.put("pause 2 seconds"),
            2 if self.plan.waits => {
                self.put("ask done(\"z\") within 1 second { done(n) { } failed(why) { log info \"{why}\" } }");
            }
            3 if self.plan.daring => self.put("count heavy"),
            4 if self.plan.daring => self.put("let late = prompt 334 \"?\" for word log info \"{late}\""),
            5 if self.plan.daring => {
                let answer = self.answer(scope);
                self.put(&format!("reply {answer}"));
            }
            6 => {
                let (condition, _) = self.condition(scope);
                self.put(&format!("if {condition} {{ log debug \"late\" }}"));
            }
            _ => {}
        }
    }

    /// An ending, and whether the answer is given where it leads to.
    fn ending(&mut self, scope: &Scope, place: Place) -> (String, bool) {
        let Some(from) = place.state else {
            return ((*self.chance.pick(&["stay", "stay", "close"])).into(), false);
        };
        if self.chance.one_in(14) {
            return ("close".into(), false);
        }
        let plan = self.plan;
        let enters = matches!(place.part, Part::Enter(_));
        let first = if enters { from + 1 } else { 0 };
        if self.chance.one_in(3) || first >= plan.states.len() {
            return (self.stay(scope, &plan.states[from]), false);
        }
        let target = &plan.states[first + self.chance.below(plan.states.len() - first)];
        match self.goto(scope, &plan.states[from], target) {
            // In the same state its `enter` runs as well.
            Some(text) => (text, target.enter == Some(true)),
            None => (self.stay(scope, &plan.states[from]), false),
        }
    }

    fn stay(&mut self, scope: &Scope, state: &State) -> String {
        let fact = self.chance.some(&state.facts).cloned();
        match fact.filter(|_| self.chance.one_in(2)) {
            Some(fact) if can_make(fact.kind, scope) => {
                format!("stay with {} = {}", fact.name, self.value(fact.kind, scope))
            }
            _ => "stay".into(),
        }
    }

    /// A `goto` that supplies what is missing; none where that cannot be had.
    fn goto(&mut self, scope: &Scope, from: &State, to: &State) -> Option<String> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for fact in &to.facts {
            let has = from.facts.iter().find(|known| known.name == fact.name);
            // By its name, as a reader would: something else may hide it.
            let there = has.is_some() && scope.certain().iter().any(|var| var.name == fact.name);
            let needed = !fact.optional && !there;
            if needed || self.chance.one_in(4) {
                if can_make(fact.kind, scope) {
                    with.push(format!("{} = {}", fact.name, self.value(fact.kind, scope)));
                } else if needed {
                    return None;
                }
            } else if has.is_some() && fact.optional && self.chance.one_in(5) {
                without.push(fact.name.clone());
            }
        }
        let mut text = format!("goto {}", to.name);
        if !with.is_empty() {
            text.push_str(&format!(" with {}", with.join(", ")));
        }
        if !without.is_empty() {
            text.push_str(&format!(" without {}", without.join(", ")));
        }
        Some(text)
    }

    /// A routine that the facts of this place suffice for.
    pub(super) fn routine(&mut self, scope: &Scope, place: Place) -> Option<String> {
        let state = &self.plan.states[place.state?];
        let certain = scope.certain();
        let suffices = |need: &Var| {
            state.facts.iter().any(|fact| fact.name == need.name) && certain.iter().any(|var| var.name == need.name)
        };
        let fitting: Vec<&String> =
            self.plan.routines.iter().filter(|(_, needs)| needs.iter().all(suffices)).map(|(name, _)| name).collect();
        self.chance.some(&fitting).map(|name| (*name).clone())
    }
}

/// Whether a value of that kind can be had.
fn can_make(kind: Kind, scope: &Scope) -> bool {
    kind != Kind::Path || !scope.of_kind(Kind::Path).is_empty()
}
