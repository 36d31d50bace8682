//! Statements.
//!
//! Never: recurses further than a few blocks.

use super::{
    scope::{Kind, Scope, Var},
    writer::{Part, Place, Writer},
};

/// How deep blocks stand in one another.
const DEEPEST: usize = 3;
/// How many waits a body has at the most.
const WAITS: usize = 3;

impl Writer<'_> {
    /// Statements; true when they end on every path.
    pub(super) fn block(&mut self, scope: &mut Scope, place: Place, depth: usize, ends: bool) -> bool {
        let count = self.chance.below(if depth == 0 { 4 } else { 3 });
        for _ in 0..count {
            if self.statement(scope, place, depth) {
                return true;
            }
        }
        if !ends {
            return false;
        }
        if place.part == Part::Command
            && self.chance.one_in(8)
            && let Some(name) = self.routine(scope, place)
        {
            self.put(&format!("run {name}"));
            return true;
        }
        self.finish(scope, place);
        place.part != Part::Leave
    }

    fn statement(&mut self, scope: &mut Scope, place: Place, depth: usize) -> bool {
        let commands = place.part == Part::Command;
        match self.chance.below(20) {
            0 => {
                let text = self.text(scope);
                self.put(&format!("log info \"{text}\""));
            }
            1 | 2 if depth < DEEPEST => return self.branch(scope, place, depth),
            3 | 4 if place.answers() => self.require(scope, place),
            5 | 6 => self.name_a_value(scope),
            7 | 8 if self.plan.waits && self.waits < WAITS && depth < DEEPEST => return self.ask(scope, place, depth),
            9 if commands && depth == 0 => self.prompt(scope),
            10 if commands || (self.plan.daring && place.answers()) => {
                let name = *self.chance.pick(&["heavy", "light"]);
                let flight = if self.chance.one_in(4) { " per flight" } else { "" };
                self.put(&format!("count {name}{flight}"));
            }
            11 | 12 => self.change(scope),
            13 => self.find(scope, place),
            14 | 15 => self.each(scope, place, depth),
            16 if place.answers() => {
                let status = self.status(true);
                let text = self.text(scope);
                self.put(&format!("say {status} \"{text}\""));
            }
            17 if self.plan.waits && self.waits < WAITS && place.part != Part::Leave => {
                self.waits += 1;
                let time = *self.chance.pick(&["1 second", "2 seconds", "settings.pause", "500 ms"]);
                self.put(&format!("pause {time}"));
            }
            18 if commands && depth == 0 => return self.receive(scope, place),
            _ => {}
        }
        false
    }

    fn branch(&mut self, scope: &Scope, place: Place, depth: usize) -> bool {
        let (condition, known) = self.condition(scope);
        self.put(&format!("if {condition} {{"));
        let ends = self.chance.one_in(2);
        let first = self.block(&mut scope.knowing(&known), place, depth + 1, ends);
        self.put("}");
        if self.chance.one_in(2) {
            return false;
        }
        self.put("else {");
        let ends = self.chance.one_in(2);
        let second = self.block(&mut scope.clone(), place, depth + 1, ends);
        self.put("}");
        first && second
    }

    fn require(&mut self, scope: &mut Scope, place: Place) {
        let (condition, known) = self.condition(scope);
        let status = self.status(false);
        let end = match place.part {
            Part::Enter(_) => " close",
            _ => *self.chance.pick(&["", "", " close", " stay"]),
        };
        let end = if end == " stay" { "" } else { end };
        self.put(&format!("require {condition} else {status} \"no\"{end}"));
        *scope = scope.knowing(&known);
    }

    fn name_a_value(&mut self, scope: &mut Scope) {
        let name = self.name();
        let optional = scope.optional();
        match self.chance.below(4) {
            0 | 1 if optional.iter().any(|var| var.kind != Kind::Path) => {
                let made: Vec<&Var> = optional.iter().filter(|var| var.kind != Kind::Path).collect();
                let var = (*self.chance.pick(&made)).clone();
                let other = self.value(var.kind, scope);
                self.put(&format!("let {name} = {} else {other}", var.name));
                scope.add(Var::new(&name, var.kind));
            }
            2 => {
                let (condition, _) = self.condition(scope);
                self.put(&format!("let {name} = {condition}"));
                scope.add(Var::new(&name, Kind::YesNo));
            }
            _ => {
                let kinds = [
                    Kind::Word,
                    Kind::Number,
                    Kind::Time,
                    Kind::Text,
                    Kind::Bag,
                    Kind::Gate,
                    Kind::Octets,
                    Kind::Words,
                ];
                let kind = *self.chance.pick(&kinds);
                let value = self.value(kind, scope);
                self.put(&format!("let {name} = {value}"));
                let kind = if kind == Kind::Word && value.starts_with('"') { Kind::Text } else { kind };
                scope.add(Var::new(&name, kind));
            }
        }
    }

    fn prompt(&mut self, scope: &mut Scope) {
        let name = self.name();
        let status = if self.plan.wire.words { "MORE" } else { "334" };
        let (ty, kind) = *self.chance.pick(&[
            ("word", Kind::Word),
            ("word at most 9 octets", Kind::Word),
            ("secret text at most 40 octets", Kind::Secret),
            ("secret word", Kind::Secret),
            ("number", Kind::Number),
            ("gate", Kind::Gate),
        ]);
        let optional = scope.optional();
        let first = self.chance.some(&optional).cloned().filter(|var| var.kind == kind && self.chance.one_in(2));
        let first = first.map(|var| format!("{} else ", var.name)).unwrap_or_default();
        self.put(&format!("let {name} = {first}prompt {status} \"?\" for {ty}"));
        scope.add(Var::new(&name, kind));
    }

    /// Something is added or taken away.
    fn change(&mut self, scope: &mut Scope) {
        let bags = scope.of_kind(Kind::Bag);
        let Some(bag) = self.chance.some(&bags).cloned() else { return };
        let (words, octets) = (self.plan.words_most, self.plan.body_most);
        let payloads = scope.of_kind(Kind::Octets);
        let payload = self.chance.some(&payloads).cloned();
        match (payload, self.chance.below(5)) {
            (Some(payload), 0..=2) => {
                if !self.chance.one_in(8) {
                    let bound = if self.chance.one_in(8) { octets + 1 } else { octets };
                    self.put(&format!("if size({bag}.body) + size({payload}) <= {bound} octets {{"));
                    self.put(&format!("add {payload} to {bag}.body }}"));
                } else {
                    self.put(&format!("add {payload} to {bag}.body"));
                }
            }
            (_, 0) if self.chance.one_in(4) => {
                let text = self.text(scope);
                self.put(&format!("prepend header \"X-Note\" \"{text}\" to {bag}"));
            }
            (_, 0) => {
                let word = self.value(Kind::Word, scope);
                self.put(&format!("remove {word} from {bag}.xs"));
            }
            (_, 1) => {
                let word = self.value(Kind::Word, scope);
                let status = self.status(false);
                let otherwise = match self.chance.one_in(3) {
                    true => String::new(),
                    false => format!(" else {status} \"full\""),
                };
                self.put(&format!("add {word} to {bag}.xs{otherwise}"));
            }
            _ => {
                let word = self.value(Kind::Word, scope);
                let (sign, bound) = match self.chance.below(8) {
                    0 => ("<=", words),
                    1 => ("<", words + 1),
                    _ => ("<", words),
                };
                self.put(&format!("if size({bag}.xs) {sign} {bound} {{ add {word} to {bag}.xs }}"));
            }
        }
    }

    /// A list of words, by its path.
    pub(super) fn words(&mut self, scope: &Scope) -> String {
        let mut lists: Vec<String> = scope.of_kind(Kind::Bag).into_iter().map(|bag| format!("{bag}.xs")).collect();
        lists.extend(scope.of_kind(Kind::Words));
        lists.push("settings.words".into());
        self.chance.pick(&lists).clone()
    }

    fn find(&mut self, scope: &mut Scope, place: Place) {
        let (name, list) = (self.name(), self.words(scope));
        let word = self.value(Kind::Word, scope);
        let sign = *self.chance.pick(&["==", "!="]);
        let found = format!("find {name} in {list} where {name} {sign} {word}");
        if place.answers() && self.chance.one_in(2) {
            let status = self.status(false);
            self.put(&format!("{found} else {status} \"none\""));
            scope.add(Var::new(&name, Kind::Word));
        } else {
            self.put(&found);
            scope.add(Var::new(&name, Kind::Word).perhaps(true));
        }
    }

    /// A loop over a few words.
    fn each(&mut self, scope: &Scope, place: Place, depth: usize) {
        let (name, list) = (self.name(), self.words(scope));
        let mut inner = scope.clone();
        inner.add(Var::new(&name, Kind::Word));
        let waits = self.plan.waits && self.waits < WAITS && self.chance.one_in(3);
        let within = if waits { " within 3 seconds" } else { "" };
        self.put(&format!("for each {name} in {list}{within} {{"));
        let asks_first = self.chance.one_in(2);
        if !asks_first {
            self.round(&mut inner, place, depth);
        }
        if waits {
            self.waits += 1;
            let word = self.value(Kind::Word, &inner);
            self.put(&format!(
                "ask done({word}) within 2 seconds {{ done(n) {{ }} failed(why) {{ log info \"{{why}}\" }} }}"
            ));
        }
        if asks_first {
            self.round(&mut inner, place, depth);
        }
        self.put("}");
    }

    /// What is done in each round.
    fn round(&mut self, inner: &mut Scope, place: Place, depth: usize) {
        match self.chance.below(9) {
            0 | 1 if place.answers() => {
                let status = self.status(true);
                let text = self.text(inner);
                self.put(&format!("say {status} \"{text}\""));
            }
            2 if place.answers() && place.part != Part::Leave => self.require(inner, place),
            3 if place.part == Part::Command => {
                let (condition, known) = self.condition(inner);
                let answer = self.answer(&inner.knowing(&known));
                self.put(&format!("if {condition} {{ reply {answer} stay }}"));
            }
            4 if self.plan.daring && place.answers() => {
                let answer = self.answer(inner);
                self.put(&format!("reply {answer}"));
            }
            5 => self.change(inner),
            6 if place.part == Part::Command => self.put("count light"),
            7 if depth < 2 && self.chance.one_in(2) => self.each(inner, place, depth + 1),
            _ => {
                let text = self.text(inner);
                self.put(&format!("log info \"{text}\""));
            }
        }
    }

    /// A look-up with all its outcomes.
    fn ask(&mut self, scope: &Scope, place: Place, depth: usize) -> bool {
        self.waits += 1;
        let word = self.value(Kind::Word, scope);
        let within = *self.chance.pick(&["1 second", "2 seconds", "settings.pause", "30 seconds"]);
        let (row, why) = (self.name(), self.name());
        let failed = ("failed", vec![Var::new(&why, Kind::Text)]);
        let secrets = scope.of_kind(Kind::Secret);
        let (asked, outcomes) = match (self.chance.some(&secrets).cloned(), self.chance.below(4)) {
            (Some(secret), 0 | 1) => {
                let arms =
                    vec![("accepted", vec![Var::new(&row, Kind::Text)]), ("rejected", vec![]), ("malformed", vec![])];
                (format!("check_password({word}, {secret}) using hash_of"), arms)
            }
            (_, 1) => (format!("done({word})"), vec![("done", vec![Var::new(&row, Kind::Number)])]),
            (None, 0) if self.plan.clients && self.chance.one_in(3) => {
                let arms = vec![("up", vec![Var::new(&row, Kind::Text)]), ("down", vec![])];
                (format!("reach({word})"), arms)
            }
            (_, 2) => (format!("many({word})"), vec![("rows", vec![Var::new(&row, Kind::Rows)]), ("none", vec![])]),
            _ => (format!("one({word})"), vec![("row", vec![Var::new(&row, Kind::Row)]), ("none", vec![])]),
        };
        self.put(&format!("ask {asked} within {within} {{"));
        let mut all_end = true;
        for (outcome, values) in outcomes.into_iter().chain([failed]) {
            let names: Vec<&str> = values.iter().map(|value| &*value.name).collect();
            let names = if names.is_empty() { String::new() } else { format!("({})", names.join(", ")) };
            self.put(&format!("{outcome}{names} {{"));
            let mut inner = scope.clone();
            for value in values {
                if value.kind == Kind::Rows && self.chance.one_in(2) {
                    self.put(&format!("for each e in {} {{ log info \"{{e.word}}\" }}", value.name));
                }
                inner.add(value);
            }
            let ends = self.chance.one_in(2);
            all_end &= self.block(&mut inner, place, depth + 2, ends);
            self.put("}");
        }
        self.put("}");
        all_end
    }

    /// A block of lines into a record.
    fn receive(&mut self, scope: &Scope, place: Place) -> bool {
        let state = place.state.map(|state| &self.plan.states[state]);
        let bags = state.into_iter().flat_map(|state| &state.facts);
        let bags: Vec<&Var> = bags.filter(|fact| fact.kind == Kind::Bag && !fact.optional).collect();
        let Some(bag) = self.chance.some(&bags).map(|bag| bag.name.clone()) else { return false };
        let most = self.plan.body_most + self.chance.below(2);
        let status = if self.plan.wire.words { "MORE" } else { "354" };
        self.put(&format!("say {status} \"go on\" receive dotted lines into {bag}.body at most {most} octets {{"));
        let mut all_end = true;
        for outcome in ["complete", "too_big", "failed(why)"] {
            self.put(&format!("{outcome} {{"));
            let ends = self.chance.one_in(2);
            all_end &= self.block(&mut scope.clone(), place, 2, ends);
            self.put("}");
        }
        self.put("}");
        all_end
    }
}
