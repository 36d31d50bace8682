//! The form of a type in the grammar and its decoder in the machine take the same texts.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::{sync::Arc, time::Duration};

use grammar::lexical::{Form, Language, Part, builtin, names};
use machine::decode::{decode, setting};
use program::{
    Expr, Keyword, Lexeme, LexemeId, Limit, Limits, LineEnd, ParamsId, ParamsType, Pc, Program, Reload, Shape, StateId,
    Type, Unexpected, Value, Wire,
};
use proptest::{prelude::*, sample::select, test_runner::TestRunner};
use regex_automata::{
    nfa::thompson::{NFA, State},
    util::primitives::StateID,
};

/// Texts that are nearly right for some type: what mutations put in.
const NEAR_MISSES: [&str; 58] = [
    "",
    " ",
    "  ",
    "\t",
    "\r",
    "\n",
    "\0",
    "\u{7f}",
    "\u{80}",
    "\u{9f}",
    "\u{a0}",
    "ü",
    "€",
    "😀",
    "a",
    "Z",
    "F",
    "g",
    "0",
    "1",
    "9",
    "00",
    "255",
    "256",
    "32",
    "33",
    "128",
    "129",
    ".",
    "..",
    ":",
    "::",
    ":0",
    "/",
    "/0",
    "-",
    "--",
    "_",
    "@",
    "@a:",
    "@a,@b.c:",
    "<",
    ">",
    "<>",
    "[",
    "]",
    "[IPv6:::1]",
    "[ipv6:",
    "[192.0.2.1]",
    "[x-y:z@]",
    "\"",
    "\"a@ b\"",
    "\\",
    "\\\"",
    "=",
    "==",
    "+",
    "A=b",
];

/// How a text of the language is made, and what is done to it.
#[derive(Debug, Clone)]
struct Recipe {
    choices: Vec<u32>,
    mutations: Vec<(u16, u8, &'static str)>,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let mutation = (any::<u16>(), 0_u8..4, select(NEAR_MISSES.to_vec()));
    let parts = (prop::collection::vec(any::<u32>(), 0..120), prop::collection::vec(mutation, 0..4));
    parts.prop_map(|(choices, mutations)| Recipe { choices, mutations })
}

impl Recipe {
    /// A text near the language that the graph accepts; one of it, when there are no mutations.
    fn cook(&self, graph: &Graph<'_>) -> Vec<u8> {
        let mut text = graph.walk(&self.choices);
        for &(place, kind, piece) in &self.mutations {
            let place = usize::from(place) % (text.len() + 1);
            let end = (place + 1).min(text.len());
            match kind {
                0 => drop(text.splice(place..place, piece.bytes())),
                1 => drop(text.splice(place..end, piece.bytes())),
                2 => drop(text.drain(place..end)),
                _ => text.truncate(place),
            }
        }
        text
    }
}

/// The graph of a template, with the number of steps from each state to the end.
struct Graph<'a> {
    nfa: &'a NFA,
    distances: Vec<usize>,
}

impl Graph<'_> {
    /// A text that it accepts: choices decide at forks, and when they are used up the shortest way out is taken.
    fn walk(&self, choices: &[u32]) -> Vec<u8> {
        let mut choices = choices.iter().copied();
        let mut text = Vec::new();
        let mut state = self.nfa.start_anchored();
        loop {
            let ways = ways(self.nfa, state);
            let nearest = || ways.iter().copied().min_by_key(|(_, _, next)| self.distances[next.as_usize()]);
            let chosen = match choices.next() {
                Some(choice) => ways.get(choice as usize % ways.len().max(1)).copied(),
                None => nearest(),
            };
            let Some((first, last, next)) = chosen else { return text };
            if let (Some(first), Some(last)) = (first, last) {
                let spread = u32::from(last - first) + 1;
                text.push(first + (choices.next().unwrap_or(0) % spread) as u8);
            }
            state = next;
        }
    }
}

/// Where a state leads, with the octets that lead there.
fn ways(graph: &NFA, state: StateID) -> Vec<(Option<u8>, Option<u8>, StateID)> {
    match graph.state(state) {
        State::ByteRange { trans } => vec![(Some(trans.start), Some(trans.end), trans.next)],
        State::Sparse(sparse) => {
            sparse.transitions.iter().map(|trans| (Some(trans.start), Some(trans.end), trans.next)).collect()
        }
        State::Union { alternates } => alternates.iter().map(|&next| (None, None, next)).collect(),
        State::BinaryUnion { alt1, alt2 } => vec![(None, None, *alt1), (None, None, *alt2)],
        State::Look { next, .. } | State::Capture { next, .. } => vec![(None, None, *next)],
        State::Match { .. } | State::Fail => Vec::new(),
        State::Dense(_) => panic!("graphs of templates have no dense states"),
    }
}

/// How many steps each state is from the end.
fn distances(graph: &NFA) -> Vec<usize> {
    let states = graph.states().len();
    let mut distances: Vec<usize> =
        graph.states().iter().map(|state| if matches!(state, State::Match { .. }) { 0 } else { usize::MAX }).collect();
    loop {
        let mut changed = false;
        for state in 0..states {
            let ways = ways(graph, StateID::must(state));
            let nearest = ways.iter().map(|(.., next)| distances[next.as_usize()].saturating_add(1)).min();
            if nearest.is_some_and(|nearest| nearest < distances[state]) {
                distances[state] = nearest.unwrap();
                changed = true;
            }
        }
        if !changed {
            return distances;
        }
    }
}

fn whole(language: Language) -> Form {
    Form { parts: vec![Part::Hole(language)], exact_case: false }
}

fn wire() -> Wire {
    Wire {
        line_end: LineEnd::CrLf,
        line_most: 1000,
        exact_case: false,
        cancel: None,
        patience: Vec::new(),
        request: None,
        literals: None,
        tag: None,
    }
}

/// A program with one declared type, `1*4("ab" / DIGIT)`, and one set of parameters.
fn program() -> Program {
    let declared = {
        use grammar::tree::{Abnf, Name};
        let span = diagnostic::Span::default();
        let letters = Abnf::Text { text: "ab".into(), exact: false, span };
        let digit = Abnf::Rule(Name { text: "DIGIT".into(), span });
        let abnf = Abnf::Repetition(1, Some(4), Box::new(Abnf::Alternation(vec![letters, digit])));
        Language::of_abnf(&abnf, &mut |_| None).unwrap()
    };
    let lexeme = |name: &str, ty: Type, language: Language| Lexeme {
        name: name.into(),
        ty,
        sample: "".into(),
        blank: language.needs_blank(),
        template: whole(language).template().unwrap(),
    };
    let of = |ty: &Type| Language::of_type(ty).unwrap();
    let keyword = |text: &str, value: Option<u16>| Keyword { text: text.into(), value: value.map(LexemeId) };
    let optional = |ty: Type| Type::Optional(Box::new(ty));
    let fields = vec![
        ("size".into(), optional(Type::Size)),
        ("body".into(), optional(Type::Lexical(LexemeId(0)))),
        ("utf_8".into(), optional(Type::YesNo)),
        ("unknown".into(), Type::List(Box::new(Type::Text))),
    ];
    let here = Pc(0);
    let limit = || Limit { after: Expr::Constant(Value::Duration(Duration::from_secs(1))), code: here };
    Program {
        name: "sample".into(),
        title: "".into(),
        version: 1,
        wire: wire(),
        settings: Vec::new(),
        facts: Vec::new(),
        slots: 0,
        counters: Vec::new(),
        states: Vec::new(),
        start: StateId(0),
        handlers: Vec::new(),
        code: Vec::new(),
        origins: Vec::new(),
        replies: Vec::new(),
        lexemes: vec![
            lexeme("declared", Type::Lexical(LexemeId(0)), declared),
            lexeme("size", Type::Size, of(&Type::Size)),
        ],
        params: vec![ParamsType {
            name: "sample".into(),
            shape: Arc::new(Shape { name: "sample".into(), fields }),
            keywords: vec![keyword("SIZE", Some(1)), keyword("BODY", Some(0)), keyword("UTF-8", None)],
        }],
        shapes: Vec::new(),
        bounds: Default::default(),
        reload: Reload::default(),
        statements: Vec::new(),
        clients: Vec::new(),
        verbs: Vec::new(),
        framed: Vec::new(),
        unexpected: Unexpected {
            out_of_order: here,
            bad_arguments: here,
            unknown_command: here,
            cancelled: None,
            bad_answer: None,
            jumped_queue: None,
            foreign: None,
        },
        limits: Limits {
            line: here,
            idle: limit(),
            session: limit(),
            shutdown: here,
            full: here,
            broken: here,
            early: None,
        },
        promises: Vec::new(),
        sources: Vec::new(),
    }
}

/// Checks that automaton and decoder agree on many texts near the language; gives how many of them it has.
fn agree(program: &Program, ty: &Type, language: &Language, cases: u32) -> u32 {
    let template = whole(language.clone()).template().unwrap();
    let nfa = template.dfa.get_nfa();
    let graph = Graph { nfa, distances: distances(nfa) };
    let accepted = std::cell::Cell::new(0);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&recipe(), |recipe| {
        let octets = recipe.cook(&graph);
        let fits = language.accepts(&octets);
        let decoded = std::str::from_utf8(&octets).ok().and_then(|text| decode(program, ty, text));
        prop_assert_eq!(fits, decoded.is_some(), "{:?}", String::from_utf8_lossy(&octets));
        prop_assert!(fits || !recipe.mutations.is_empty(), "not of the language: {:?}", octets);
        accepted.set(accepted.get() + u32::from(fits));
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{ty:?}: {error}"));
    accepted.get()
}

#[test]
fn automaton_and_decoder_of_every_built_in_type_take_the_same_texts() {
    let program = program();
    for name in names() {
        let ty = builtin(name).unwrap();
        let Some(language) = Language::of_type(&ty) else { continue };
        let accepted = agree(&program, &ty, &language, 10_000);
        assert!((2_000..9_800).contains(&accepted), "{name}: {accepted} of 10,000 are of the language");
    }
}

#[test]
fn automaton_and_decoder_agree_where_types_are_bounded_wrapped_or_declared() {
    let program = program();
    let port = Type::Number { least: 1, most: 65535 };
    for ty in [port.clone(), Type::Secret(Box::new(Type::Base64)), Type::Optional(Box::new(port))] {
        agree(&program, &ty, &Language::of_type(&ty).unwrap(), 1000);
    }
}

#[test]
fn parameters_are_of_their_form_and_of_their_types() {
    let program = program();
    let ty = Type::Params(ParamsId(0));
    let check = |text: &str, expected: Option<&str>| {
        let found = decode(&program, &ty, text).map(|value| match value {
            Value::Record(record) => {
                assert!(text.is_empty() || Language::params().accepts(text.as_bytes()), "{text:?}");
                format!("{:?}", record.fields)
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(found.as_deref(), expected, "{text:?}");
    };
    check("", Some("[absent, absent, absent, []]"));
    check("SIZE=10", Some("[10, absent, absent, []]"));
    check("utf-8  Body=AB1 size=99999999999999999999", Some(r#"[9223372036854775807, "AB1", yes, []]"#));
    check("X-Y=1 SIZE=1 z", Some(r#"[1, absent, absent, ["X-Y=1", "z"]]"#));
    for refused in [
        " SIZE=1",
        "SIZE=1 ",
        "SIZE",
        "SIZE=",
        "SIZE=x",
        "SIZE=1 size=1",
        "UTF-8=1",
        "UTF-8 utf-8",
        "X=1 x=2",
        "-x",
        "x=a=b",
        "=",
        "BODY=abc",
        "BODY=ab11111",
        "x=\u{1}",
        "x\ty",
    ] {
        check(refused, None);
    }
}

#[test]
fn values_are_what_the_text_says() {
    let program = program();
    let check = |ty: &str, text: &str, expected: &str| {
        let value = decode(&program, &builtin(ty).unwrap(), text);
        assert_eq!(value.map(|value| format!("{value:?}")).as_deref(), Some(expected), "{ty} {text:?}");
    };
    check("number", "000000000000000042", "42");
    check("size", "99999999999999999999", "9223372036854775807");
    check("yes_no", "Yes", "yes");
    check("network", "10.1.2.3/8", "10.0.0.0/8");
    check("network", "192.0.2.1", "192.0.2.1/32");
    check("network", "2001:db8::1/0", "::/0");
    check("base64", "=", "\"\"");
    check("base64", "YQ", "\"YQ\"");
    let check = |ty: &str, text: &str, expected: (&str, Option<&str>)| {
        let Some(Value::Address(address)) = decode(&program, &builtin(ty).unwrap(), text) else { panic!("{text:?}") };
        assert_eq!((address.local(), address.domain().as_deref()), expected, "{ty} {text:?}");
    };
    check("reverse_path", "<>", ("", None));
    check("reverse_path", "<a.b@c.d>", ("a.b", Some("c.d")));
    check("reverse_path", "<@x,@y.z:a@c.d>", ("a", Some("c.d")));
    check("reverse_path", "<\"a@ \\\"b\"@c>", ("\"a@ \\\"b\"", Some("c")));
    check("forward_path", "<u@[tag:x@y]>", ("u", None)); // a literal is no domain
    check("forward_path", "<postmaster>", ("postmaster", None));
    check("forward_path", "<δοκιμή@παράδειγμα.δοκιμή>", ("δοκιμή", Some("xn--hxajbheg2az3al.xn--jxalpdlp")));
    check("reverse_path", "<a@[IPv6:2001:db8::1]>", ("a", None));
}

#[test]
fn secrets_are_kept_and_never_shown() {
    let program = program();
    let check = |ty: Type, text: &str, expected: &str| {
        let Some(Value::Secret(secret)) = decode(&program, &Type::Secret(Box::new(ty)), text) else {
            panic!("{text:?}")
        };
        assert_eq!(secret.expose(), expected.as_bytes());
        assert_eq!(format!("{:?}", Value::Secret(secret)), "***");
    };
    check(Type::Base64, "AGEAYg==", "AGEAYg==");
    check(Type::Base64, "=", "");
    check(Type::Text, "a b", "a b");
    check(Type::Size, "007", "007");
}

#[test]
fn settings_are_read_as_operators_write_them() {
    let program = program();
    let check = |ty: &str, text: &str, expected: Option<&str>| {
        let value = setting(&program, &builtin(ty).unwrap(), text).map(|value| format!("{value:?}"));
        assert_eq!(value.as_deref(), expected, "{ty} {text:?}");
    };
    check("size", "35 MB", Some("36700160"));
    check("size", "256KiB", Some("262144"));
    check("size", "12288 octets", Some("12288"));
    check("size", "0", Some("0"));
    check("size", "99999999999 GB", None);
    check("size", "MB", None);
    check("size", "35 m", None);
    check("size", "-1", None);
    check("duration", "5 minutes", Some("300s"));
    check("duration", "200ms", Some("200ms"));
    check("duration", "1 day", Some("86400s"));
    check("duration", "5", None);
    check("number", "1000", Some("1000"));
    check("number", "-1", None);
    check("number", "+1", None);
    check("yes_no", "true", Some("yes"));
    check("yes_no", "No", Some("no"));
    check("yes_no", "maybe", None);
    check("network", "10.0.0.0/8", Some("10.0.0.0/8"));
    check("network", "::1", Some("::1/128"));
    check("network", "10.0.0.0/33", None);
    check("ip", "192.0.2.1", Some("192.0.2.1"));
    check("domain", "example.com", Some("\"example.com\""));
    check("domain", "example_com", None);
    check("helo_name", "my_host", Some("\"my_host\""));
    check("forward_path", "postmaster@example.com", Some("<postmaster@example.com>"));
    check("forward_path", "<postmaster>", Some("<postmaster>"));
    check("reverse_path", "", Some("<>"));
    check("sink", "inbox", Some("\"inbox\""));
    check("time", "now", None);
    let declared = Type::Lexical(LexemeId(0));
    assert_eq!(setting(&program, &declared, "ab1"), Some(Value::Text("ab1".into())));
    assert_eq!(setting(&program, &declared, "abc"), None);
}
