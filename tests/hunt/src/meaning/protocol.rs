//! What a protocol declares, looked up in its tree each time that it is asked for; its commands are listed once.
//!
//! Never: knows a session.

use std::{collections::BTreeMap, sync::Arc};

use grammar::tree::{
    AnswerLine, AnswerRule, Block, Expr, ExprKind, HandlerDef, Item, Name, OffersDef, PayloadDef, RequestDef, StateDef,
    StatementKind, StringText, WireItem,
};
use machine::Given;

use super::{
    Protocol,
    template::Template,
    types::{Sign, Type},
    value::{Fault, Value},
};

/// A command as it stands in some state.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) def: HandlerDef,
    pub(super) template: Template,
    /// 0 in a state, 1 in `during`, 2 in `anytime`; 3 more for each time that it was taken over.
    rank: u8,
    /// The states that it stands in; none for all.
    states: Vec<Arc<str>>,
}

/// The commands of a protocol.
#[derive(Debug)]
pub(super) struct Commands {
    all: Vec<Command>,
    by_state: BTreeMap<String, Vec<Command>>,
}

/// The words of `limits` that are no counters.
const LIMITS: [&str; 7] = ["line", "idle", "session", "shutdown", "full", "broken", "talking early"];

impl Command {
    /// The payload that is counted by an expression.
    pub(super) fn counted(&self) -> Option<(&PayloadDef, &Expr)> {
        self.def.payload.as_ref().and_then(|payload| Some((payload, payload.count.as_ref()?)))
    }

    /// Whether a secret may be in one of its holes.
    pub(super) fn has_secret(&self) -> bool {
        self.template.holes().iter().any(|hole| hole.ty.is_secret())
    }
}

impl Protocol {
    fn wire(&self) -> impl Iterator<Item = &WireItem> {
        self.tree.items.iter().flat_map(|item| if let Item::Wire(lines, _) = item { &lines[..] } else { &[] })
    }

    /// Whether the case of literal text counts.
    pub(super) fn exact_case(&self) -> bool {
        self.wire().any(|line| matches!(line, WireItem::ExactCase(_)))
    }

    /// The end of a line, and the most octets of one with its end.
    pub(super) fn lines(&self) -> (&'static str, usize) {
        let lines = self.wire().find_map(|line| match line {
            WireItem::Lines { crlf, most, .. } => Some((if *crlf { "\r\n" } else { "\n" }, written(most))),
            _ => None,
        });
        lines.unwrap_or(("\r\n", 1000))
    }

    /// The most octets of a line in a state: a template with bounds of its own may ask for more.
    pub(super) fn line_most(&self, state: &str) -> usize {
        self.commands_of(state).iter().map(|command| self.command_most(command)).fold(self.lines().1, usize::max)
    }

    /// The most octets of a line of this command.
    pub(super) fn command_most(&self, command: &Command) -> usize {
        let raised: usize = command.template.holes().iter().filter_map(|hole| hole.most).sum();
        let wire = self.lines().1;
        if raised > 0 { wire.max(raised + command.template.usage.len() + 2) } else { wire }
    }

    /// The form of answers, that of the lines before the last, and whether a blank line ends one.
    pub(super) fn reply_form(&self) -> Option<(&StringText, Option<&StringText>, bool)> {
        self.wire().find_map(|line| match line {
            WireItem::Reply { form, continued, blank, most: _, span: _ } => Some((form, continued.as_ref(), *blank)),
            _ => None,
        })
    }

    /// The most octets of a line of an answer, its end included.
    pub(super) fn reply_most(&self) -> Option<usize> {
        self.wire().find_map(|line| match line {
            WireItem::Reply { most, .. } => most.as_ref().map(written),
            _ => None,
        })
    }

    /// The words that foreign lines begin with.
    pub(super) fn foreign_verbs(&self) -> impl Iterator<Item = &str> {
        self.unexpected("foreign").into_iter().flat_map(|rule| rule.verbs.iter().map(|verb| &*verb.text))
    }

    /// The form of lines before an answer, where it has one of its own.
    pub(super) fn say_form(&self) -> Option<&StringText> {
        self.wire().find_map(|line| if let WireItem::Say(form, _) = line { Some(form) } else { None })
    }

    /// The form of questions, where it has one of its own.
    pub(super) fn prompt_form(&self) -> Option<&StringText> {
        self.wire().find_map(|line| if let WireItem::Prompt(form, _) = line { Some(form) } else { None })
    }

    /// Whether a dot ends a listing.
    pub(super) fn dotted(&self) -> bool {
        self.wire().any(|line| matches!(line, WireItem::Listing { dotted: true, .. }))
    }

    /// Whether an answer with this status says no.
    pub(super) fn refuses(&self, status: &str) -> bool {
        let names = self.wire().flat_map(|line| if let WireItem::Refusal(names, _) = line { &names[..] } else { &[] });
        names.into_iter().any(|name| match name.text.strip_suffix("xx") {
            Some(class) => status.len() == 3 && status.starts_with(class),
            None => *name.text == *status,
        })
    }

    /// What a client answers to a question that it no longer wants.
    pub(super) fn cancel(&self) -> Option<&str> {
        self.wire().find_map(|line| if let WireItem::Cancel(name, _) = line { Some(&*name.text) } else { None })
    }

    /// Whether clients must wait for each answer.
    pub(super) fn lock_step(&self) -> bool {
        self.wire().any(|line| matches!(line, WireItem::Pipeline(false, _)))
    }

    /// What requests are made of.
    pub(super) fn request(&self) -> Option<&RequestDef> {
        self.wire().find_map(|line| if let WireItem::Request(def) = line { Some(def) } else { None })
    }

    /// Whether a word stands before every command, and before every answer.
    pub fn is_tagged(&self) -> bool {
        self.tag().is_some()
    }

    /// The name and the type of the word before every command, and what is in its place where there is none.
    pub(super) fn tag(&self) -> Option<(String, Type, &str)> {
        use grammar::tree::PatternPart;
        self.wire().find_map(|line| match line {
            WireItem::Command { form, missing, .. } => match form.parts.first() {
                Some(PatternPart::Hole { name, ty: Some(ty), .. }) => {
                    Some((name.text.to_string(), self.ty(ty), &*missing.text))
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The most octets of the literals of one line, and what is said to a client that waits to be asked for them.
    pub(super) fn literals(&self) -> Option<(usize, Option<&str>)> {
        self.wire().find_map(|line| match line {
            WireItem::Literals { most, ask, .. } => Some((written(most), ask.as_ref().map(|ask| &*ask.text))),
            _ => None,
        })
    }

    fn states(&self) -> impl Iterator<Item = &StateDef> {
        self.tree.items.iter().filter_map(|item| if let Item::State(def) = item { Some(def) } else { None })
    }

    /// The state of that name.
    pub(super) fn state(&self, name: &str) -> Result<&StateDef, Fault> {
        self.states().find(|def| *def.name.text == *name).ok_or_else(|| Fault(format!("no state is called `{name}`")))
    }

    /// The state that sessions begin in.
    pub(super) fn start_state(&self) -> Option<&StateDef> {
        self.states().find(|def| def.start)
    }

    /// Whether a state has that fact.
    pub(super) fn has_fact(&self, state: &str, fact: &str) -> bool {
        self.state(state).is_ok_and(|def| def.facts.iter().any(|(name, _)| *name.text == *fact))
    }

    /// Whether any state has that fact.
    pub(super) fn knows_fact(&self, fact: &str) -> bool {
        self.states().any(|def| def.facts.iter().any(|(name, _)| *name.text == *fact))
    }

    /// All commands, those of states first, then those of `during`, then those of `anytime`.
    pub(super) fn commands(&self) -> &[Command] {
        &self.listed().all
    }

    /// The commands of a state, the nearest first; one that says `override` hides the farther ones with its claim.
    pub(super) fn commands_of(&self, state: &str) -> &[Command] {
        self.listed().by_state.get(state).map_or(&[], Vec::as_slice)
    }

    fn listed(&self) -> &Commands {
        self.commands.get_or_init(|| {
            let all = self.all_commands();
            let states = self.states().map(|def| def.name.text.to_string());
            let by_state = states.map(|state| (state.clone(), nearest(&all, &state))).collect();
            Commands { all, by_state }
        })
    }

    fn all_commands(&self) -> Vec<Command> {
        let mut all = Vec::new();
        let mut add = |defs: &[HandlerDef], rank: u8, states: Vec<Arc<str>>| {
            for def in defs {
                let (template, rank) = (self.template(def), rank + 3 * def.taken);
                all.push(Command { def: def.clone(), template, rank, states: states.clone() });
            }
        };
        for def in self.states() {
            add(&def.handlers, 0, vec![def.name.text.clone()]);
        }
        for item in &self.tree.items {
            if let Item::During(states, defs, _) = item {
                add(defs, 1, states.iter().map(|name| name.text.clone()).collect());
            }
        }
        for item in &self.tree.items {
            if let Item::Anytime(defs, _) = item {
                add(defs, 2, Vec::new());
            }
        }
        all
    }

    /// The verbs of the protocol, sorted.
    pub(super) fn verbs(&self) -> Vec<String> {
        let mut verbs: Vec<String> = self.commands().iter().map(|command| command.template.verb()).collect();
        verbs.retain(|verb| !verb.is_empty());
        verbs.sort();
        verbs.dedup();
        verbs
    }

    /// The verbs that a state takes, in its order.
    pub(super) fn expected(&self, state: &str) -> String {
        let mut verbs: Vec<String> = Vec::new();
        for command in self.commands_of(state) {
            let verb = command.template.verb();
            if !verb.is_empty() && !verbs.contains(&verb) {
                verbs.push(verb);
            }
        }
        verbs.join(" ")
    }

    /// Whether two verbs are one.
    pub(super) fn same_verb(&self, a: &str, b: &str) -> bool {
        if self.exact_case() { a == b } else { a.eq_ignore_ascii_case(b) }
    }

    /// A line of `unexpected`.
    pub(super) fn unexpected(&self, words: &str) -> Option<&AnswerRule> {
        let rules = self
            .tree
            .items
            .iter()
            .flat_map(|item| if let Item::Unexpected(rules, _) = item { &rules[..] } else { &[] });
        rules.into_iter().find(|rule| spoken(rule) == words)
    }

    /// A line of `limits`.
    pub(super) fn limit(&self, words: &str) -> Option<&AnswerRule> {
        let rules =
            self.tree.items.iter().flat_map(|item| if let Item::Limits(rules, _) = item { &rules[..] } else { &[] });
        rules.into_iter().find(|rule| spoken(rule) == words)
    }

    /// What `count` counts by that name.
    pub(super) fn counter(&self, name: &str) -> Option<&AnswerRule> {
        if LIMITS.contains(&name) { None } else { self.limit(name) }
    }

    /// A routine.
    pub(super) fn routine(&self, name: &str) -> Option<&grammar::tree::RoutineDef> {
        self.tree.items.iter().find_map(|item| match item {
            Item::Routine(def) if *def.name.text == *name => Some(def),
            _ => None,
        })
    }

    /// Whether a command begins TLS and nothing of it asks whether TLS is up: then it is accepted in the clear alone.
    pub(super) fn begins_tls_unasked(&self, def: &HandlerDef) -> bool {
        let mut written = format!("{:?} {:?}", def.guard, def.body);
        for routine in
            self.tree.items.iter().filter_map(|item| if let Item::Routine(def) = item { Some(def) } else { None })
        {
            if written.contains(&format!("Run(Name {{ text: {:?}", routine.name.text)) {
                written += &format!("{:?}", routine.body);
            }
        }
        written.contains("StartTls(") && !written.contains("text: \"tls\"")
    }

    /// A set of offered lines.
    pub(super) fn offers(&self, name: &str) -> Option<&OffersDef> {
        self.tree.items.iter().find_map(|item| match item {
            Item::Offers(def) if *def.name.text == *name => Some(def),
            _ => None,
        })
    }

    /// The lines of an answer, those of offers in the place of their name.
    pub(super) fn answer_lines<'a>(&'a self, lines: &'a [AnswerLine]) -> Vec<&'a AnswerLine> {
        let mut all = Vec::new();
        for line in lines {
            match line {
                AnswerLine::Each(name) => all.extend(self.offers(&name.text).into_iter().flat_map(|def| &def.lines)),
                text => all.push(text),
            }
        }
        all
    }

    /// The promises of the file.
    pub(super) fn promises(&self) -> impl Iterator<Item = &grammar::tree::PromiseDef> {
        self.tree.items.iter().filter_map(|item| if let Item::Promise(def) = item { Some(def) } else { None })
    }

    /// The types that an ask gives its arguments to, in order; none where any type is taken.
    pub(super) fn parameters(&self, asked: &str) -> Vec<Option<Type>> {
        let of = |fields: &[grammar::tree::FieldDef]| fields.iter().map(|field| Some(self.ty(&field.ty))).collect();
        let declared = self.tree.items.iter().find_map(|item| match item {
            Item::Sql(def) if *def.name.text == *asked => Some(of(&def.parameters)),
            Item::Client(def) if *def.name.text == *asked => Some(of(&def.parameters)),
            _ => None,
        });
        declared.unwrap_or_else(|| {
            let signature = self.actions.iter().find(|action| *action.name == *asked);
            let parameters = signature.into_iter().flat_map(|signature| &signature.parameters);
            parameters
                .map(|parameter| match &parameter.kind {
                    program::ParameterKind::Value(ty) => plain_type(ty),
                    program::ParameterKind::AnyOf(types) => types.first().and_then(plain_type),
                    _ => None,
                })
                .collect()
        })
    }

    /// The defaults behind the parameters of a client.
    pub(super) fn defaults(&self, asked: &str) -> Vec<Option<Expr>> {
        let def = self.tree.items.iter().find_map(|item| match item {
            Item::Client(def) if *def.name.text == *asked => Some(def),
            _ => None,
        });
        def.into_iter().flat_map(|def| &def.parameters).map(|field| field.default.clone()).collect()
    }

    /// The bound that a record declares for a list or a payload in it.
    pub(super) fn bound(&self, record: &str, field: &str) -> Option<&Expr> {
        let def = self.tree.items.iter().find_map(|item| match item {
            Item::Record(def) if *def.name.text == *record => Some(def),
            _ => None,
        });
        def?.fields.iter().find(|known| *known.name.text == *field)?.ty.most.as_ref()
    }

    /// The declared settings: names, types, defaults.
    pub(super) fn settings(&self) -> Vec<(String, Type, Option<Expr>)> {
        let fields = self
            .tree
            .items
            .iter()
            .flat_map(|item| if let Item::Settings(fields, ..) = item { &fields[..] } else { &[] });
        fields
            .into_iter()
            .map(|field| (field.name.text.to_string(), self.ty(&field.ty), field.default.clone()))
            .collect()
    }

    /// The value of a setting as an operator writes it.
    pub(super) fn given(&self, ty: &Type, given: &Given) -> Option<Value> {
        match (ty, given) {
            (Type::Optional(inner), _) => self.given(inner, given),
            (Type::Secret(inner), Given::Text(text)) => {
                self.given(inner, given).map(|value| Value::Secret(value.text().unwrap_or(text).as_bytes().to_vec()))
            }
            (Type::List(inner), Given::List(texts)) => texts
                .iter()
                .map(|text| self.given(inner, &Given::Text(text.clone())))
                .collect::<Option<_>>()
                .map(Value::List),
            (Type::List(inner), Given::Text(_)) => Some(Value::List(vec![self.given(inner, given)?])),
            (_, Given::List(_)) => None,
            (Type::Number(least, most), Given::Text(text)) => {
                text.parse().ok().filter(|n| !text.starts_with('+') && least <= n && n <= most).map(Value::Number)
            }
            (Type::Size, Given::Text(text)) => {
                let octets = quantity(
                    text,
                    &[
                        ("", 1),
                        ("octet", 1),
                        ("octets", 1),
                        ("kb", 1 << 10),
                        ("kib", 1 << 10),
                        ("mb", 1 << 20),
                        ("mib", 1 << 20),
                        ("gb", 1 << 30),
                        ("gib", 1 << 30),
                    ],
                )?;
                Some(Value::Number(i64::try_from(octets).unwrap_or(i64::MAX)))
            }
            (Type::Duration, Given::Text(text)) => {
                let units = [
                    ("ms", 1),
                    ("millisecond", 1),
                    ("s", 1000),
                    ("second", 1000),
                    ("m", 60_000),
                    ("minute", 60_000),
                    ("h", 3_600_000),
                    ("hour", 3_600_000),
                    ("d", 86_400_000),
                    ("day", 86_400_000),
                ];
                let plural: Vec<(String, u64)> = units
                    .iter()
                    .flat_map(|(name, of)| [((*name).to_owned(), *of), (format!("{name}s"), *of)])
                    .collect();
                let units: Vec<(&str, u64)> = plural.iter().map(|(name, of)| (&**name, *of)).collect();
                quantity(text, &units).map(|ms| Value::Duration(std::time::Duration::from_millis(ms)))
            }
            (Type::YesNo, Given::Text(text)) => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" => Some(Value::Yes(true)),
                "no" | "false" => Some(Value::Yes(false)),
                _ => None,
            },
            (Type::ReversePath | Type::ForwardPath, Given::Text(text)) => {
                let text = if text.starts_with('<') { text.clone() } else { format!("<{text}>") };
                self.read(ty, &super::types::signs(text.as_bytes()))
            }
            (Type::Sink, Given::Text(text)) => super::words::is_word(text).then(|| Value::Text(text.clone())),
            (_, Given::Text(text)) => self.read(ty, &super::types::signs(text.as_bytes())),
        }
    }

    /// Whether some path through a block gives an answer that is no refusal.
    pub(super) fn accepts(&self, block: &Block, seen: &mut Vec<Arc<str>>) -> bool {
        block.statements.iter().any(|statement| match &statement.kind {
            StatementKind::Silent => true,
            StatementKind::Reply(answer) => answer.status.as_ref().is_none_or(|status| !self.refuses(&status.text)),
            StatementKind::Goto { state, .. } => {
                self.state(&state.text).is_ok_and(|def| def.enters.iter().any(|(enter, _)| self.answers(enter, seen)))
            }
            StatementKind::Run(name) => self.routine(&name.text).is_some_and(|def| self.accepts(&def.body, seen)),
            _ => statement.blocks().into_iter().any(|block| self.accepts(block, seen)),
        })
    }

    /// Whether some path through a block gives an answer.
    fn answers(&self, block: &Block, seen: &mut Vec<Arc<str>>) -> bool {
        block.statements.iter().any(|statement| match &statement.kind {
            StatementKind::Silent | StatementKind::Reply(_) => true,
            StatementKind::Goto { state, .. } if !seen.contains(&state.text) => {
                seen.push(state.text.clone());
                self.state(&state.text).is_ok_and(|def| def.enters.iter().any(|(enter, _)| self.answers(enter, seen)))
            }
            StatementKind::Run(name) => self.routine(&name.text).is_some_and(|def| self.answers(&def.body, seen)),
            _ => statement.blocks().into_iter().any(|block| self.answers(block, seen)),
        })
    }

    /// Whether a line begins with a claim, up to the end of a word.
    pub(super) fn offered_to(&self, command: &Command, line: &str) -> bool {
        let claim = command.template.claim();
        let (Some(head), Some(behind)) = (line.get(..claim.len()), line.get(claim.len()..)) else { return false };
        self.same_verb(head, &claim)
            && (behind.is_empty() || behind.starts_with(' ') || !claim.ends_with(char::is_alphanumeric))
    }
}

/// The commands that stand in a state, the nearest first, without those that are hidden there.
fn nearest(all: &[Command], state: &str) -> Vec<Command> {
    let stands = |command: &&Command| command.states.is_empty() || command.states.iter().any(|name| **name == *state);
    let mut here: Vec<Command> = all.iter().filter(stands).cloned().collect();
    here.sort_by_key(|command| command.rank);
    let hidden = |command: &Command| {
        here.iter().any(|other| {
            other.def.overrides.is_some()
                && other.rank < command.rank
                && other.template.claim().eq_ignore_ascii_case(&command.template.claim())
        })
    };
    here.iter().filter(|command| !hidden(command)).cloned().collect()
}

/// The word that a line begins with.
pub(super) fn verb_of(line: &[Sign]) -> String {
    let end = |sign: &Sign| matches!(sign, Sign::Octet(b' ' | b'\t' | b':'));
    let word: Vec<u8> =
        line.iter().take_while(|sign| !end(sign)).map(|sign| if let Sign::Octet(o) = sign { *o } else { 0 }).collect();
    super::value::readable(&word)
}

fn spoken(rule: &AnswerRule) -> String {
    rule.words.iter().map(|name: &Name| &*name.text).collect::<Vec<_>>().join(" ")
}

/// A number of octets that is written down.
fn written(expr: &Expr) -> usize {
    match expr.kind {
        ExprKind::Number(n) | ExprKind::Size(n) => usize::try_from(n).unwrap_or(0),
        _ => 0,
    }
}

fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let unit = text[digits..].trim_start_matches(' ').to_ascii_lowercase();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    text[..digits].parse::<u64>().ok()?.checked_mul(*factor)
}

/// The type of a signature, as far as a text that is written down may become something else by it.
fn plain_type(ty: &program::Type) -> Option<Type> {
    Some(match ty {
        program::Type::Ip => Type::Ip,
        program::Type::Network => Type::Network,
        program::Type::Domain => Type::Domain,
        program::Type::List(inner) => Type::List(Box::new(plain_type(inner)?)),
        program::Type::Optional(inner) | program::Type::Secret(inner) => plain_type(inner)?,
        _ => return None,
    })
}
