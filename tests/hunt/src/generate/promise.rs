//! Promises: true ones, false ones, and ones that hang on what is subtle.
//!
//! Never: knows which is which.

use super::{
    plan::facts,
    scope::{Kind, Scope, Var},
    writer::Writer,
};

impl Writer<'_> {
    /// A few promises, a line each.
    pub(super) fn promises(&mut self, text: &str) -> Vec<String> {
        let events = events(text);
        (0..self.chance.below(5)).map(|number| self.promise(number, text, &events)).collect()
    }

    fn promise(&mut self, number: usize, text: &str, events: &[(String, usize)]) -> String {
        // What happens at one place hangs on that place alone.
        let times = |event: &str| events.iter().filter(|(other, _)| other == event).count();
        let rare: Vec<&(String, usize)> = events.iter().filter(|(event, _)| times(event) == 1).collect();
        let all: Vec<&(String, usize)> = events.iter().collect();
        let from = if self.chance.one_in(3) { &all } else { &rare };
        let (event, at) = match self.chance.some(from) {
            Some((event, at)) => (event.clone(), *at),
            None => ("on \"QUIT\"".into(), 0),
        };
        // Some lines of a template begin so, and others do not.
        let event = match event.strip_suffix('"').filter(|_| event.starts_with("on ") && self.chance.one_in(3)) {
            Some(begun) => match self.chance.below(4) {
                0 => format!("{begun} \""),
                1 => format!("{begun} a\""),
                2 => format!("{begun}A\""),
                _ => format!("{}\"", &begun[..begun.len().min(5)]),
            },
            None => event,
        };
        // A promise sees every fact; what the state does not have is absent.
        let states = &self.plan.states;
        let all: Vec<Var> = facts().into_iter().map(|fact| fact.perhaps(self.chance.one_in(2))).collect();
        let known: Vec<Var> = all
            .into_iter()
            .filter(|fact| states.iter().any(|state| state.facts.iter().any(|other| other.name == fact.name)))
            .collect();
        let scope = Scope::of(&known);
        let asked = conditions(&text[..at]);
        let unless = match (self.chance.below(10), self.chance.some(&asked)) {
            (0, _) => self.both_sides(&scope),
            (1, _) => "one answered row or one answered none".into(),
            (2, _) => "tls is present".into(),
            // What is added changes what is asked.
            (3..=7, _) if event.starts_with("add to ") => {
                let place = &event["add to ".len()..];
                let size = self.chance.below(3);
                let asked = [format!("{place} is empty"), format!("size({place}) <= {size}")];
                self.chance.pick(&asked).clone()
            }
            (3..=6, Some(condition)) if self.chance.one_in(3) => format!("not ({condition})"),
            (3..=6, Some(condition)) => format!("({condition})"),
            _ => {
                let (first, _) = self.condition(&scope);
                if self.chance.one_in(2) {
                    let (second, _) = self.condition(&scope);
                    format!("({first}) or ({second})")
                } else {
                    format!("({first})")
                }
            }
        };
        format!("promise \"p{number}\" {{ never {event} unless {unless} }}\n")
    }

    /// What looks as if one of two must hold.
    fn both_sides(&mut self, scope: &Scope) -> String {
        let all: Vec<Var> = scope.seen().cloned().collect();
        let Some(var) = self.chance.some(&all).cloned() else { return "settings.strict or not settings.strict".into() };
        let name = var.name;
        match var.kind {
            Kind::Number | Kind::Gate => format!("{name} > 3 or {name} <= 3"),
            Kind::Bag if self.chance.one_in(2) => format!("{name}.xs is not empty"),
            Kind::Bag => format!("{name}.xs is empty or {name}.xs is not empty"),
            Kind::YesNo => format!("{name} or not {name}"),
            Kind::Word => format!("{name} == \"a\" or {name} != \"a\""),
            Kind::Time => format!("now > {name} or now <= {name}"),
            _ => format!("{name} is present or {name} is absent"),
        }
    }
}

/// What happens in a file that a promise can speak of, and where.
fn events(text: &str) -> Vec<(String, usize)> {
    let mut events = Vec::new();
    for (before, after) in [("ask ", "("), ("reply ", " "), ("goto ", " "), (" on \"", "\""), ("add ", " }")] {
        for (at, _) in text.match_indices(before) {
            let rest = &text[at + before.len()..];
            let Some(name) = rest.find(after).map(|end| &rest[..end]) else { continue };
            let event = match before {
                "goto " => format!("in {name}"),
                " on \"" => format!("on \"{}\"", name.split([' ', '[']).next().unwrap_or(name)),
                "add " => match name.split_once(" to ") {
                    Some((_, to)) => format!("add to {}", to.split(' ').next().unwrap_or(to)),
                    None => continue,
                },
                _ => format!("{before}{name}"),
            };
            events.push((event, at));
        }
    }
    events
}

/// The conditions that were asked last before a place.
fn conditions(text: &str) -> Vec<String> {
    let mut conditions = Vec::new();
    for (before, after) in [("require ", " else "), ("if ", " {"), (" when ", " {")] {
        for (at, _) in text.rmatch_indices(before).take(2) {
            let rest = &text[at + before.len()..];
            conditions.extend(rest.find(after).map(|end| rest[..end].to_owned()));
        }
    }
    conditions
}
