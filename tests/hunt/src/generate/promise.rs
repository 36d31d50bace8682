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
        (0..self.chance.below(4)).map(|number| self.promise(number, text)).collect()
    }

    fn promise(&mut self, number: usize, text: &str) -> String {
        let states = &self.plan.states;
        let place = self.chance.below(states.len());
        let verbs: Vec<&str> =
            text.split("on \"").skip(1).filter_map(|rest| rest.split([' ', '"', '[']).next()).collect();
        let verb = self.chance.some(&verbs).map_or("QUIT", |verb| verb).to_owned();
        let code = if self.plan.wire.words { "DONE" } else { "299" };
        let event = match self.chance.below(8) {
            0 | 1 => format!("reply {code}"),
            2 => {
                if self.plan.wire.words {
                    "reply OK".into()
                } else {
                    "reply 298".into()
                }
            }
            3 => "ask done".into(),
            4 => format!("in {}", states[place].name),
            5 if states.iter().any(|state| state.facts.iter().any(|fact| fact.name == "goods")) => {
                "add to goods.xs".into()
            }
            6 => "ask check_password".into(),
            _ => format!("on \"{verb}\""),
        };
        // A promise sees every fact; what the state does not have is absent.
        let all: Vec<Var> = facts().into_iter().map(|fact| fact.perhaps(self.chance.one_in(2))).collect();
        let known: Vec<Var> = all
            .into_iter()
            .filter(|fact| states.iter().any(|state| state.facts.iter().any(|other| other.name == fact.name)))
            .collect();
        let scope = Scope::of(&known);
        let unless = match self.chance.below(6) {
            0 => self.both_sides(&scope),
            1 => "one answered row or one answered none".into(),
            2 => "tls is present".into(),
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
