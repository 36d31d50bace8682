//! Makes programs by hand: templates as the language writes them, bodies as lists of instructions.
//!
//! Never: checks what it makes.

use std::{sync::Arc, time::Duration};

use program::*;
use regex_automata::{
    MatchKind,
    dfa::{dense, onepass},
    nfa::thompson,
    util::syntax,
};

/// A program in the making.
pub(crate) struct Protocol {
    pub(crate) program: Program,
    /// Patterns of claims, by state.
    claims: Vec<Vec<(u16, String, HandlerId)>>,
}

/// What a handler may have beside its template and its body.
#[derive(Default)]
pub(crate) struct With {
    pub(crate) guard: Option<Expr>,
    pub(crate) alone: bool,
    pub(crate) quiet: bool,
    pub(crate) line_most: Option<usize>,
    pub(crate) payload: Option<Payload>,
    pub(crate) bounds: Vec<(usize, u64)>,
}

pub(crate) const LINE_MOST: usize = 100;

impl Protocol {
    pub(crate) fn new() -> Protocol {
        let nowhere = || Limit { after: Expr::Constant(Value::Duration(Duration::from_secs(300))), code: Pc(0) };
        let mut protocol = Protocol {
            claims: Vec::new(),
            program: Program {
                name: "sample".into(),
                title: "".into(),
                version: 1,
                wire: Wire {
                    line_end: LineEnd::CrLf,
                    line_most: LINE_MOST,
                    exact_case: false,
                    cancel: Some("*".into()),
                    patience: vec![],
                    request: None,
                    literals: None,
                    tag: None,
                },
                settings: vec![],
                facts: vec![],
                slots: 16,
                counters: vec![],
                states: vec![],
                start: StateId(0),
                handlers: vec![],
                code: vec![],
                origins: vec![],
                replies: vec![],
                lexemes: vec![],
                params: vec![],
                shapes: vec![],
                bounds: Default::default(),
                statements: vec![],
                clients: vec![],
                verbs: vec![],
                framed: vec![],
                unexpected: Unexpected {
                    out_of_order: Pc(0),
                    bad_arguments: Pc(0),
                    unknown_command: Pc(0),
                    cancelled: None,
                    bad_answer: None,
                    jumped_queue: None,
                    foreign: None,
                },
                limits: Limits {
                    line: Pc(0),
                    idle: nowhere(),
                    session: nowhere(),
                    shutdown: Pc(0),
                    full: Pc(0),
                    broken: Pc(0),
                    early: None,
                },
                reload: program::Reload::default(),
                promises: vec![],
                sources: vec![Source { name: "sample.proto.dsl".into(), text: "".into(), taken: false }],
            },
        };
        protocol.answers();
        protocol
    }

    fn answers(&mut self) {
        let expected = Expr::Known(Known::Expected);
        let usage = Expr::Known(Known::Usage);
        let verb = Expr::Known(Known::Verb);
        self.program.unexpected = Unexpected {
            out_of_order: self.stay("503 try {}", &[expected]),
            bad_arguments: self.stay("501 usage: {}", &[usage]),
            unknown_command: self.stay("500 what is {}", &[verb]),
            cancelled: Some(self.stay("501 cancelled", &[])),
            bad_answer: Some(self.stay("501 bad answer", &[])),
            jumped_queue: Some(self.close("503 wait for me", &[])),
            foreign: None,
        };
        let seconds = |seconds| Expr::Constant(Value::Duration(Duration::from_secs(seconds)));
        self.program.limits = Limits {
            line: self.stay("500 line too long", &[]),
            idle: Limit { after: seconds(300), code: self.close("421 idle", &[]) },
            session: Limit { after: seconds(3600), code: self.close("421 session", &[]) },
            shutdown: self.close("421 shutdown", &[]),
            full: self.close("421 full", &[]),
            broken: self.close("421 broken", &[]),
            early: None,
        };
    }

    /// An answer of one line; `{}` stands for the values in order.
    pub(crate) fn reply(&mut self, text: &str, values: &[Expr]) -> ReplyId {
        let pieces = pieces(text, values);
        self.listing(vec![ReplyLine { when: None, last: pieces.clone(), continued: pieces }])
    }

    pub(crate) fn listing(&mut self, lines: Vec<ReplyLine>) -> ReplyId {
        self.program.replies.push(Reply { status: None, refusal: false, most: None, lines });
        ReplyId(self.program.replies.len() as u32 - 1)
    }

    pub(crate) fn body(&mut self, ops: Vec<Op>) -> Pc {
        let at = Pc(self.program.code.len() as u32);
        for op in ops {
            self.program.code.push(op);
            let line = self.program.code.len() as u32;
            self.program.origins.push(Origin { file: 0, line, column: 1 });
        }
        at
    }

    /// `-> TEXT stay`
    pub(crate) fn stay(&mut self, text: &str, values: &[Expr]) -> Pc {
        let reply = self.reply(text, values);
        self.body(vec![Op::Reply(reply), Op::Stay(vec![])])
    }

    /// `-> TEXT close`
    pub(crate) fn close(&mut self, text: &str, values: &[Expr]) -> Pc {
        let reply = self.reply(text, values);
        self.body(vec![Op::Reply(reply), Op::Close])
    }

    /// `-> TEXT goto STATE with …`
    pub(crate) fn goto(&mut self, text: &str, values: &[Expr], transition: Transition) -> Pc {
        let reply = self.reply(text, values);
        self.body(vec![Op::Reply(reply), Op::Goto(transition)])
    }

    pub(crate) fn fact(&mut self, name: &str, ty: Type) -> FactId {
        self.program.facts.push(Fact { name: name.into(), ty });
        FactId(self.program.facts.len() as u16 - 1)
    }

    pub(crate) fn state(&mut self, name: &str, facts: &[FactId]) -> StateId {
        let claims = Claims { dfa: claims_dfa(&[]), handlers: vec![] };
        self.program.states.push(State {
            name: name.into(),
            title: "".into(),
            facts: facts.iter().map(|fact| (*fact, false)).collect(),
            enter: None,
            leave: None,
            claims,
            handlers: vec![],
            line_most: self.program.wire.line_most,
            expected: "".into(),
        });
        self.claims.push(vec![]);
        StateId(self.program.states.len() as u16 - 1)
    }

    pub(crate) fn on(&mut self, state: StateId, text: &str, entry: Pc) -> HandlerId {
        self.on_with(state, text, entry, With::default())
    }

    pub(crate) fn on_with(&mut self, state: StateId, text: &str, entry: Pc, with: With) -> HandlerId {
        let literal: &str = text.split(['{', '[']).next().unwrap();
        let (template, mut captures) = template(text);
        for (hole, most) in &with.bounds {
            captures[*hole].most = Some(Expr::Constant(Value::Number(*most as i64)));
        }
        let verb = self.verb(literal.split([' ', ':']).next().unwrap());
        let id = HandlerId(self.program.handlers.len() as u32);
        let line_most = with.line_most.unwrap_or(self.program.wire.line_most);
        self.program.handlers.push(Handler {
            state,
            origin: Origin { file: 0, line: 1, column: 1 },
            usage: text.into(),
            parts: [].into(),
            verb,
            claim: literal.trim_end().len() as u16,
            guard: with.guard,
            alone: with.alone,
            quiet: with.quiet,
            line_most,
            template: Arc::new(template),
            captures,
            payload: with.payload,
            outranked: false,
            entry,
        });
        let place = &mut self.program.states[usize::from(state.0)];
        place.handlers.push(id);
        place.line_most = place.line_most.max(line_most);
        let word = literal.trim_end();
        let behind =
            if word.ends_with(|c: char| c.is_ascii_alphanumeric()) { "(?:[ :](?s-u:.)*)?" } else { "(?s-u:.)*" };
        let claim = format!("{}{behind}", literal_pattern(word));
        self.claims[usize::from(state.0)].push((word.len() as u16, claim, id));
        id
    }

    /// The index of a verb, by its first mention; sorted when the program is finished.
    pub(crate) fn verb(&mut self, text: &str) -> u16 {
        let verbs = &mut self.program.verbs;
        let at = verbs.iter().position(|verb| &*verb.text == text).unwrap_or_else(|| {
            verbs.push(Verb { text: text.into() });
            verbs.len() - 1
        });
        at as u16
    }

    pub(crate) fn framed(&mut self, text: &str, count: Expr) {
        let (template, captures) = template(text);
        let claim = text.split(['{', '[']).next().unwrap().trim_end().into();
        let (template, count) = (Arc::new(template), Some(count));
        self.program.framed.push(Framed { claim, unbounded: false, template, captures, count });
    }

    pub(crate) fn lexeme(&mut self, pattern: &str, ty: Type) -> LexemeId {
        let dfa = onepass(&format!("\\A({pattern})\\z"));
        self.program.lexemes.push(Lexeme {
            sample: "x".into(),
            blank: false,
            name: "sample".into(),
            ty,
            template: Template { dfa, holes: 1 },
        });
        LexemeId(self.program.lexemes.len() as u16 - 1)
    }

    pub(crate) fn finish(mut self) -> Arc<Program> {
        let mut order: Vec<u16> = (0..self.program.verbs.len() as u16).collect();
        order.sort_by_key(|verb| self.program.verbs[usize::from(*verb)].text.to_ascii_uppercase());
        let place = |verb: u16| order.iter().position(|old| *old == verb).unwrap() as u16;
        self.program.handlers.iter_mut().for_each(|handler| handler.verb = place(handler.verb));
        self.program.verbs.sort_by_key(|verb| verb.text.to_ascii_uppercase());
        for (state, mut claims) in self.program.states.iter_mut().zip(self.claims) {
            claims.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
            let patterns: Vec<&str> = claims.iter().map(|(_, pattern, _)| &**pattern).collect();
            let handlers = claims.iter().map(|(.., id)| *id).collect();
            state.claims = Claims { dfa: claims_dfa(&patterns), handlers };
            let mut verbs: Vec<&str> = Vec::new();
            for id in &state.handlers {
                let verb = &self.program.verbs[usize::from(self.program.handlers[id.0 as usize].verb)].text;
                if !verbs.contains(&&**verb) {
                    verbs.push(verb);
                }
            }
            state.expected = verbs.join(" ").into();
        }
        Arc::new(self.program)
    }
}

pub(crate) fn number(number: i64) -> Expr {
    Expr::Constant(Value::Number(number))
}

pub(crate) fn seconds(seconds: u64) -> Expr {
    Expr::Constant(Value::Duration(Duration::from_secs(seconds)))
}

pub(crate) fn slot(slot: u16) -> Expr {
    Expr::Slot(Slot(slot))
}

pub(crate) fn field(expr: Expr, index: u16) -> Expr {
    Expr::Field(Box::new(expr), Field::Index(index))
}

pub(crate) fn to(state: StateId, with: Vec<(FactId, Expr)>, forget: &[FactId]) -> Transition {
    Transition { state, with, forget: forget.to_vec() }
}

pub(crate) fn pieces(text: &str, values: &[Expr]) -> Text {
    let mut pieces = Vec::new();
    let mut values = values.iter();
    for (index, part) in text.split("{}").enumerate() {
        if index > 0 {
            pieces.push(Piece::Value(values.next().unwrap().clone()));
        }
        if !part.is_empty() {
            pieces.push(Piece::Literal(part.into()));
        }
    }
    pieces
}

/// `MAIL FROM:{sender:path}[ {rest:text}]`
pub(crate) fn template(text: &str) -> (Template, Vec<Capture>) {
    let (mut pattern, mut captures, mut optional) = (String::from("\\A"), Vec::new(), false);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '[' => {
                pattern.push_str("(?:");
                optional = true;
                1
            }
            ']' => {
                pattern.push_str(")?");
                optional = false;
                1
            }
            '{' => {
                let end = rest.find('}').unwrap();
                let (name, ty) = rest[1..end].split_once(':').unwrap();
                let (ty, form) = hole(ty);
                pattern.push_str(&format!("({form})"));
                let ty = if optional { Type::Optional(Box::new(ty)) } else { ty };
                captures.push(Capture { name: name.into(), ty, most: None });
                end + 1
            }
            _ => {
                let end = rest.find(['[', ']', '{']).unwrap_or(rest.len());
                pattern.push_str(&literal_pattern(&rest[..end]));
                end
            }
        };
        rest = &rest[length..];
    }
    pattern.push_str("\\z");
    (Template { dfa: onepass(&pattern), holes: captures.len() }, captures)
}

fn hole(ty: &str) -> (Type, &'static str) {
    match ty {
        "text" => (Type::Text, r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"),
        "word" => (Type::Word, r"[^\x00-\x20\x7f]+"),
        "number" => (Type::Number { least: 0, most: i64::MAX }, "[0-9]{1,18}"),
        "digit" => (Type::Number { least: 1, most: 9 }, "[0-9]{1,18}"),
        "path" => (Type::ReversePath, r"<[^\x00-\x20\x7f<>]*>"),
        "secret" => (Type::Secret(Box::new(Type::Word)), r"[^\x00-\x20\x7f]+"),
        "last" => (Type::Word, "(?i-u:LAST)"),
        other => panic!("no type `{other}`"),
    }
}

fn literal_pattern(text: &str) -> String {
    let mut pattern = String::from("(?i-u:");
    for character in text.chars() {
        match character {
            ' ' => pattern.push_str(" +"),
            '<' | '>' | ':' | '-' => pattern.push(character),
            other => {
                pattern.push_str(&if other.is_ascii_alphanumeric() { other.to_string() } else { format!("\\{other}") })
            }
        }
    }
    pattern + ")"
}

fn onepass(pattern: &str) -> onepass::DFA {
    onepass::DFA::builder().build(pattern).unwrap()
}

fn claims_dfa(patterns: &[&str]) -> dense::DFA<Vec<u32>> {
    let none = ["[a&&b]"];
    let patterns: Vec<String> = if patterns.is_empty() { &none[..] } else { patterns }
        .iter()
        .map(|pattern| format!("\\A(?:{pattern})\\z"))
        .collect();
    dense::Builder::new()
        .configure(dense::Config::new().match_kind(MatchKind::All).start_kind(regex_automata::dfa::StartKind::Anchored))
        .syntax(syntax::Config::new().utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build_many(&patterns)
        .unwrap()
}
