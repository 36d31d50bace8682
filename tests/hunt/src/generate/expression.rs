//! Conditions, values and texts over the names of one place.
//!
//! Never: makes sure that the checker takes them; what it refuses costs little.

use super::{
    scope::{Kind, Scope},
    writer::Writer,
};

/// A condition, and the names that are there where it holds.
pub(super) type Condition = (String, Vec<String>);

impl Writer<'_> {
    /// A condition.
    pub(super) fn condition(&mut self, scope: &Scope) -> Condition {
        self.condition_of(scope, 0)
    }

    fn condition_of(&mut self, scope: &Scope, depth: usize) -> Condition {
        match self.chance.below(if depth > 1 { 13 } else { 18 }) {
            0 => (if self.chance.one_in(2) { "tls is present" } else { "tls is absent" }.into(), Vec::new()),
            1 | 2 => (self.about_settings(), Vec::new()),
            3..=6 => self.about_presence(scope),
            7..=12 => self.about_value(scope),
            13 | 14 => {
                let (inner, _) = self.condition_of(scope, depth + 1);
                (format!("not ({inner})"), Vec::new())
            }
            15 | 16 => {
                let (left, mut known) = self.condition_of(scope, depth + 1);
                let (right, more) = self.condition_of(&scope.knowing(&known), depth + 1);
                known.extend(more);
                (format!("({left}) and ({right})"), known)
            }
            _ => {
                let (left, _) = self.condition_of(scope, depth + 1);
                let (right, _) = self.condition_of(scope, depth + 1);
                (format!("({left}) or ({right})"), Vec::new())
            }
        }
    }

    fn about_settings(&mut self) -> String {
        let all = [
            "settings.strict",
            "settings.loose",
            "settings.few > 1",
            "settings.few == 2",
            "settings.motto is present",
            "\"a\" in settings.words",
            "settings.words is empty",
            "local.port == 25",
            "size(settings.words) < settings.few",
            "peer.ip in settings.nets",
            "settings.pause > 2 seconds",
        ];
        (*self.chance.pick(&all)).into()
    }

    fn about_presence(&mut self, scope: &Scope) -> Condition {
        let optional = scope.optional();
        let Some(var) = self.chance.some(&optional).cloned() else { return ("settings.strict".into(), Vec::new()) };
        match self.chance.below(4) {
            0 => (format!("{} is absent", var.name), Vec::new()),
            1 if !matches!(var.kind, Kind::Secret) => {
                // Asked and used in one condition.
                let known = scope.knowing(std::slice::from_ref(&var.name));
                let more = self.compare(&var.name, var.kind, &known);
                (format!("{} is present and {more}", var.name), vec![var.name])
            }
            _ => (format!("{} is present", var.name), vec![var.name]),
        }
    }

    fn about_value(&mut self, scope: &Scope) -> Condition {
        let certain = scope.certain();
        match self.chance.some(&certain).cloned() {
            Some(var) => (self.compare(&var.name, var.kind, scope), Vec::new()),
            None => (self.about_settings(), Vec::new()),
        }
    }

    /// A comparison of a value of that kind.
    pub(super) fn compare(&mut self, name: &str, kind: Kind, scope: &Scope) -> String {
        let sign = *self.chance.pick(&["<", "<=", ">", ">=", "==", "!="]);
        let even = *self.chance.pick(&["==", "!="]);
        match kind {
            Kind::Word | Kind::Text => match self.chance.below(6) {
                5 => format!("matches({name}, \"{}\")", self.chance.pick(&["a*", "*", "%b", "A"])),
                0 => format!("{name} in [\"a\", \"x\"]"),
                1 => format!("size({name}) {sign} {}", self.chance.below(4)),
                2 => format!("{name} {even} {}", self.value(kind, scope)),
                3 if kind == Kind::Text => format!("{name} is empty"),
                3 => format!("{name} in settings.words"),
                _ => format!("{name} {even} \"{}\"", self.chance.pick(&["a", "A", "b"])),
            },
            Kind::Number | Kind::Gate | Kind::Size => match self.chance.below(4) {
                0 => format!("{name} {sign} {}", self.value(kind, scope)),
                1 => format!("{name} + 1 {sign} {}", self.chance.below(5)),
                2 => format!("{name} {sign} settings.few"),
                _ => format!("{name} {sign} {}", self.chance.below(5)),
            },
            Kind::YesNo => name.into(),
            Kind::Time => match self.chance.below(3) {
                0 => format!("now {sign} {name}"),
                1 => format!("now > {name} + 1 second"),
                _ => format!("now >= {name}"),
            },
            Kind::Path => match self.chance.below(3) {
                0 => format!("{name}.domain is present"),
                1 => format!("ascii({name})"),
                _ => format!("{name}.local {even} \"a\""),
            },
            Kind::Domain => format!("{name} {even} \"example.com\""),
            Kind::Secret => match self.value(Kind::Secret, scope) {
                other if other != name && self.chance.one_in(3) => format!("{name} == {other}"),
                _ => "settings.loose".into(),
            },
            Kind::Octets => format!("size({name}) {sign} {}", self.chance.below(6)),
            Kind::Words => match self.chance.below(3) {
                0 => format!("{name} is not empty"),
                1 => format!("\"a\" in {name}"),
                _ => format!("size({name}) {sign} {}", self.chance.below(4)),
            },
            Kind::Bag => match self.chance.below(8) {
                0 => format!("{name}.xs is empty"),
                1 => format!("{name}.xs is not empty"),
                2 => format!("size({name}.xs) {sign} {}", self.chance.below(4)),
                3 => format!("{name}.flag"),
                4 => format!("{name}.note is present"),
                5 => format!("size({name}.body) {sign} {}", self.chance.below(8)),
                6 => format!("{name}.gate {sign} {}", self.chance.below(10)),
                _ => format!("{name}.owner {even} \"a\""),
            },
            Kind::Row => match self.chance.below(3) {
                0 => format!("{name}.other is present"),
                1 => format!("{name}.word {even} \"a\""),
                _ => format!("{name}.number {sign} {}", self.chance.below(4)),
            },
            Kind::Rows => format!("size({name}) {sign} {}", self.chance.below(4)),
            Kind::Params => match self.chance.below(4) {
                0 => format!("{name}.unknown is empty"),
                1 => format!("{name}.size is present"),
                2 => format!("{name}.size is present and {name}.size {sign} {}", self.chance.below(5)),
                _ => format!("{name}.fast is present"),
            },
        }
    }

    /// A value of that kind: a name of it, or one that is written down.
    pub(super) fn value(&mut self, kind: Kind, scope: &Scope) -> String {
        let named = scope.of_kind(kind);
        if !named.is_empty() && !self.chance.one_in(4) {
            let name = self.chance.pick(&named).clone();
            return match kind {
                Kind::Number | Kind::Gate | Kind::Size if self.chance.one_in(12) => {
                    format!("{name} {} 1", self.chance.pick(&["+", "-"]))
                }
                Kind::Time if self.chance.one_in(8) => format!("{name} + 1 second"),
                Kind::Bag if self.chance.one_in(3) => self.bag(scope),
                _ => name,
            };
        }
        match kind {
            // A text that is written down is no word for a fact, but is one for a field.
            Kind::Word if self.chance.percent(85) => "settings.name".into(),
            Kind::Word => format!("\"{}\"", self.chance.pick(&["a", "b", "A"])),
            Kind::Text => self.text_value(scope),
            Kind::Number => match (scope.of_kind(Kind::Bag).pop(), self.chance.below(5)) {
                (Some(bag), 0) if self.plan.daring => format!("size({bag}.xs)"),
                (Some(bag), 1) => format!("{bag}.gate"),
                (_, number) => number.to_string(),
            },
            Kind::Gate => (*self.chance.pick(&["1", "2", "8", "9", "9", "settings.gate", "0", "10"])).into(),
            Kind::Size => format!("{} octets", self.chance.below(6)),
            Kind::YesNo => {
                (*self.chance.pick(&["yes", "no", "settings.strict", "tls is present", "1 < settings.few"])).into()
            }
            Kind::Time => (*self.chance.pick(&["now", "now + 1 second", "now + 3 seconds"])).into(),
            Kind::Bag => self.bag(scope),
            // Nothing of these is written down.
            Kind::Path => "peer.ip".into(),
            Kind::Domain => "local.name".into(),
            Kind::Secret => "settings.pass".into(),
            Kind::Octets => scope.of_kind(Kind::Bag).pop().map_or("\"\"".into(), |bag| format!("{bag}.body")),
            Kind::Words => scope.of_kind(Kind::Bag).pop().map_or("[\"a\"]".into(), |bag| format!("{bag}.xs")),
            Kind::Row | Kind::Rows | Kind::Params => "settings.motto".into(),
        }
    }

    fn text_value(&mut self, scope: &Scope) -> String {
        let words = scope.of_kind(Kind::Word);
        match self.chance.some(&words).cloned() {
            Some(word) if self.chance.one_in(2) => format!("\"({word} {{{word}}})\""),
            Some(word) => word,
            None => "\"ab\"".into(),
        }
    }

    /// A new record.
    pub(super) fn bag(&mut self, scope: &Scope) -> String {
        let mut fields = vec![format!("owner: {}", self.value(Kind::Word, scope))];
        fields.push(format!("flag: {}", self.value(Kind::YesNo, scope)));
        let gate = if self.chance.one_in(3) { self.value(Kind::Gate, scope) } else { "1".into() };
        fields.push(format!("gate: {gate}"));
        if self.chance.one_in(3) {
            fields.push(format!("note: {}", self.value(Kind::Text, scope)));
        }
        if self.chance.one_in(3) {
            let lists = ["[\"a\"]", "[\"a\"]", "[\"a\", \"b\"]", "[]", "settings.words", "[\"a\", \"b\", \"c\"]"];
            let list = (*self.chance.pick(if self.plan.daring { &lists } else { &lists[..4] })).to_owned();
            let bag = scope.of_kind(Kind::Bag).pop().filter(|_| self.chance.one_in(3));
            fields.push(format!("xs: {}", bag.map_or(list, |bag| format!("{bag}.xs"))));
        }
        let payloads = scope.of_kind(Kind::Octets);
        if let Some(payload) = self.chance.some(&payloads).cloned() {
            fields.push(format!("body: {payload}"));
        } else if let Some(bag) = scope.of_kind(Kind::Bag).pop().filter(|_| self.chance.one_in(4)) {
            fields.push(format!("body: {bag}.body"));
        }
        format!("bag {{ {} }}", fields.join(", "))
    }

    /// The text of an answer or of a line of the log.
    pub(super) fn text(&mut self, scope: &Scope) -> String {
        let certain = scope.certain();
        if self.chance.one_in(5) {
            let (condition, _) = self.condition(scope);
            // A text within a text is not written with quotes.
            if !condition.contains('"') {
                return format!("so{{\" yes\" if {condition}}}");
            }
        }
        let Some(var) = self.chance.some(&certain).cloned() else {
            return (*self.chance.pick(&[
                "fine",
                "well {settings.few}",
                "{peer.ip} {local.port}",
                "{\"safe\" if tls is present} on",
            ]))
            .into();
        };
        let name = &var.name;
        match var.kind {
            Kind::Bag => match self.chance.below(3) {
                0 => format!("{{{name}.owner}} has {{joined({name}.xs, \"\", \",\")}}"),
                1 => format!("{{size({name}.xs)}} {{size({name}.body)}} {{{name}.gate}}"),
                _ => format!("{{{name}.owner}} {{{name}.note if {name}.note is present}}"),
            },
            Kind::Row => format!("{{{name}.word}} {{{name}.number}}"),
            Kind::Rows | Kind::Octets => format!("{{size({name})}} of them"),
            Kind::Words => format!("{{joined({name}, \"\", \"-\")}}"),
            Kind::Params => format!("{{{name}.unknown}} {{{name}.size if {name}.size is present}}"),
            Kind::YesNo => format!("it is{{\" so\" if {name}}}"),
            Kind::Secret => (*self.chance.pick(&["something", "hidden", "it is"])).into(),
            Kind::Time if self.chance.one_in(2) => format!("{{date({name}, \"HH:mm:SS\")}} since"),
            Kind::Time => format!("since {{{name}}}"),
            Kind::Word if self.chance.one_in(4) => format!("{{quoted({name})}}"),
            Kind::Path if self.chance.one_in(2) => format!("{{{name}.local}}"),
            _ => format!("<{{{name}}}>"),
        }
    }
}
