//! Commands: templates, guards and payloads around bodies.
//!
//! Never: makes sure that no two claim one line; the checker does.

use super::{
    scope::{Kind, Scope, Var},
    writer::{Part, Place, Writer},
};

/// Verbs. Some differ by case alone, some are sorted otherwise by their octets than in upper case.
const VERBS: [&str; 12] = ["GO", "PUT", "Zap", "bcd", "X", "SET", "go", "Put", "zz", "ADD", "HELO", "a"];

/// The head of a command: its template, and what its holes are.
struct Head {
    template: String,
    holes: Vec<Var>,
    /// The hole that counts a payload.
    count: Option<String>,
}

impl Writer<'_> {
    /// The commands of a state.
    pub(super) fn commands(&mut self, state: usize) -> String {
        let mut text = String::new();
        for number in 0..1 + self.chance.below(4) {
            let head = self.head(number);
            text.push_str(&self.command(state, &head));
            if head.count.is_some() && self.chance.one_in(3) {
                // The same verb without a payload.
                let verb = head.template.split(' ').next().unwrap_or("X").to_owned();
                let tail = if self.chance.one_in(5) { " {w: word}" } else { "" };
                let status = self.status(true);
                text.push_str(&format!("    on \"{verb}{tail}\" -> {status} \"usage\"\n"));
            }
        }
        if self.chance.one_in(4) {
            text.push_str(&self.login());
        }
        text.push_str(&self.setters(state));
        text
    }

    fn head(&mut self, number: usize) -> Head {
        let verb = self.chance.pick(&VERBS);
        let verb = if number == 0 && self.chance.one_in(2) { (*verb).to_owned() } else { format!("{verb}{number}") };
        let (mut template, mut holes) = (verb, Vec::new());
        if self.chance.one_in(6) {
            let hole = self.name();
            template.push_str(&format!(" {{{hole}: size}}"));
            holes.push(Var::new(&hole, Kind::Size));
            return Head { template, holes, count: Some(hole) };
        }
        let kinds = [
            Kind::Word,
            Kind::Word,
            Kind::Number,
            Kind::Gate,
            Kind::YesNo,
            Kind::Path,
            Kind::Domain,
            Kind::Text,
            Kind::Params,
            Kind::Secret,
        ];
        for _ in 0..self.chance.below(3) {
            let kind = *self.chance.pick(&kinds);
            let (name, Some(ty)) = (self.name(), kind.hole()) else { continue };
            if kind == Kind::Params {
                template.push_str(&format!("[ {{{name}: {ty}}}]"));
                holes.push(Var::new(&name, kind));
                break;
            }
            if self.chance.one_in(3) {
                template.push_str(&format!("[ {{{name}: {ty}}}]"));
                holes.push(Var::new(&name, kind).perhaps(true));
                break;
            }
            let bound = if kind == Kind::Word && self.chance.one_in(4) { " at most 4" } else { "" };
            template.push_str(&format!(" {{{name}: {ty}{bound}}}"));
            holes.push(Var::new(&name, kind));
            if kind == Kind::Text {
                break;
            }
        }
        Head { template, holes, count: None }
    }

    fn command(&mut self, state: usize, head: &Head) -> String {
        let facts = Scope::of(&self.plan.states[state].facts);
        let mut scope = facts.clone();
        head.holes.iter().for_each(|hole| scope.add(hole.clone()));
        if !self.chance.one_in(4) {
            return self.handler(state, head, "", &scope);
        }
        let (guard, known) = self.condition(&facts);
        let mut knowing = facts.knowing(&known);
        head.holes.iter().for_each(|hole| knowing.add(hole.clone()));
        let mut text = self.handler(state, head, &format!(" when {guard}"), &knowing);
        match self.chance.below(9) {
            0..=4 => text.push_str(&self.handler(state, head, &format!(" when not ({guard})"), &scope)),
            5 => {
                // Perhaps apart, perhaps not.
                let (other, _) = self.condition(&facts);
                text.push_str(&self.handler(state, head, &format!(" when {other}"), &scope));
            }
            _ => {}
        }
        text
    }

    fn handler(&mut self, state: usize, head: &Head, guard: &str, scope: &Scope) -> String {
        let place = Place { part: Part::Command, state: Some(state) };
        let template = &head.template;
        let alone = if head.count.is_none() && self.chance.one_in(10) { " alone" } else { "" };
        let quiet = if self.chance.one_in(12) { " quiet" } else { "" };
        let (mut scope, mut payload) = (scope.clone(), String::new());
        let counted = match &head.count {
            Some(count) => Some(format!("{count} octets")),
            None if self.plan.wire.literals && self.chance.one_in(4) => Some("literal".into()),
            None => None,
        };
        if let Some(counted) = counted {
            let name = self.name();
            let most = self.plan.body_most + self.chance.below(3);
            let no = self.status(false);
            let too_big = match self.chance.below(5) {
                0 if self.plan.daring => format!("{{ reply {no} \"{{size({name})}}\" stay }}"),
                1 => format!("{no} \"big\" close"),
                _ => format!("{no} \"big\""),
            };
            payload = format!(
                " followed by {counted} as {name} at most {most} octets else {too_big} failed(why) {no} \"no room\""
            );
            scope.add(Var::new(&name, Kind::Octets));
        }
        let body = self.body(&scope, place);
        format!("    on \"{template}\"{alone}{quiet}{guard}{payload} {{ {body}}}\n")
    }

    /// A secret in a line, or a line that is one.
    fn login(&mut self) -> String {
        let ok = self.status(true);
        let template = match self.chance.below(5) {
            0 => "{guess: secret word} {name: word}",
            1 => "PASS {guess: secret text at most 20}",
            2 => "PASS {guess: secret word}",
            3 => "LOGIN[ {guess: secret word}]",
            _ => "LOGIN {name: word} {guess: secret word}",
        };
        format!("    on \"{template}\" {{ reply {ok} \"in\" stay }}\n")
    }

    /// Commands that supply facts which may be absent.
    fn setters(&mut self, state: usize) -> String {
        let mut text = String::new();
        for fact in self.plan.states[state].facts.clone() {
            let verb = format!("SET{}", fact.name.replace('_', ""));
            let ok = self.status(true);
            let (hole, value) = supply(&fact);
            text.push_str(&format!(
                "    on \"{verb}{hole}\" {{ reply {ok} \"set\" stay with {} = {value} }}\n",
                fact.name
            ));
        }
        text
    }

    /// The way from the start into a state.
    pub(super) fn way_in(&mut self, to: usize) -> String {
        let target = &self.plan.states[to];
        let (mut holes, mut with) = (String::new(), Vec::new());
        for fact in target.facts.iter().filter(|fact| !fact.optional) {
            let (hole, value) = supply(fact);
            let hole = hole.replace("{w:", &format!("{{w{}:", with.len()));
            let value = value.replace("w.", &format!("w{}.", with.len()));
            let value = if value == "w" {
                format!("w{}", with.len())
            } else {
                value.replace("owner: w", &format!("owner: w{}", with.len()))
            };
            holes.push_str(&hole);
            with.push(format!("{} = {value}", fact.name));
        }
        let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
        let answer = match target.enter {
            Some(true) => String::new(),
            _ => format!("reply {} \"in\" ", self.status(true)),
        };
        format!("    on \"TO{to}{holes}\" {{ {answer}goto {}{with} }}\n", target.name)
    }
}

/// A hole from which a fact of that kind is made, and how.
fn supply(fact: &Var) -> (&'static str, String) {
    match fact.kind {
        Kind::Word => (" {w: word}", "w".into()),
        Kind::Text => (" {w: word}", "w".into()),
        Kind::Number => (" {w: number}", "w".into()),
        Kind::Gate => (" {w: gate}", "w".into()),
        Kind::YesNo => (" {w: yes_no}", "w".into()),
        Kind::Path => (" {w: reverse_path}", "w".into()),
        Kind::Domain => (" {w: domain}", "w".into()),
        Kind::Secret => (" {w: secret word}", "w".into()),
        Kind::Time => ("", "now + 1 second".into()),
        _ => (" {w: word}", "bag { owner: w, flag: no, gate: 1 }".into()),
    }
}
