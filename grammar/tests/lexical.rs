//! Languages, templates, claims and overlap, through the public door.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::time::{Duration, Instant};

use grammar::lexical::{Form, Language, LexicalError, Part, builtin, builtins, claims, names, overlap};
use program::{HandlerId, Type};
use regex_automata::{Anchored, Input, dfa::Automaton};

fn language(ty: &str) -> Language {
    Language::of_type(&builtin(ty).unwrap()).unwrap()
}

/// A form in the notation of the language, without names: `AUTH {word}[ {base64}]`.
fn form(template: &str) -> Form {
    Form { parts: parts(&mut template.chars()), exact_case: false }
}

fn parts(template: &mut std::str::Chars<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some(character) = template.next() {
        match character {
            '{' => parts.push(Part::Hole(language(&template.by_ref().take_while(|&c| c != '}').collect::<String>()))),
            '[' => parts.push(Part::Optional(self::parts(template))),
            ']' => break,
            literal => parts.push(Part::Literal(literal.to_string())),
        }
    }
    parts
}

/// What each hole captures, `-` for a hole that is not there; none if the line does not fit.
fn captures(form: &Form, line: &str) -> Option<Vec<String>> {
    let template = form.template().unwrap();
    let mut cache = template.dfa.create_cache();
    let mut captures = template.dfa.create_captures();
    let input = Input::new(line).anchored(Anchored::Yes);
    template.dfa.captures(&mut cache, input, &mut captures);
    assert_eq!(captures.is_match(), form.language().unwrap().accepts(line.as_bytes()), "{line:?}");
    captures.is_match().then(|| {
        let spans = (0..template.holes).map(|hole| captures.get_group(hole + 1));
        spans.map(|span| span.map_or("-".to_owned(), |span| line[span.start..span.end].to_owned())).collect()
    })
}

#[test]
fn every_built_in_form_is_a_template_and_small() {
    for builtin in builtins() {
        let ty = grammar::lexical::builtin(builtin.name).unwrap();
        let Some(language) = Language::of_type(&ty) else { continue };
        let template = Form { parts: vec![Part::Hole(language)], exact_case: false }.template().unwrap();
        assert!(template.dfa.memory_usage() < 256 * 1024, "{} {template:?}", builtin.name);
    }
    assert_eq!(names().count(), 22);
}

#[test]
fn holes_capture_what_they_should() {
    let check = |template: &str, line: &str, expected: Option<&[&str]>| {
        let found = captures(&form(template), line);
        let expected = expected.map(|texts| texts.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(found, expected, "{template} on {line:?}");
    };
    check("EHLO {helo_name}", "EHLO client.example.net", Some(&["client.example.net"]));
    check("EHLO {helo_name}", "ehlo   [192.0.2.1]", Some(&["[192.0.2.1]"]));
    check("EHLO {helo_name}", "EHLO", None);
    check("EHLO {helo_name}", "EHLO a b", None);
    check("MAIL FROM:{reverse_path}[ {word}]", "MAIL FROM:<>", Some(&["<>", "-"]));
    check("MAIL FROM:{reverse_path}[ {word}]", "mail  from:<a@b.c>  SIZE=1", Some(&["<a@b.c>", "SIZE=1"]));
    check("MAIL FROM:{reverse_path}[ {word}]", "MAIL FROM:<a@b.c>x", None);
    check("MAIL FROM:{reverse_path}[ {word}]", "MAIL FROM: <a@b.c>", None);
    check("AUTH PLAIN[ {base64}]", "AUTH PLAIN", Some(&["-"]));
    check("AUTH PLAIN[ {base64}]", "AUTH PLAIN =", Some(&["="]));
    check("HELP[ {text}]", "HELP   me  now", Some(&["me  now"]));
    check("BDAT {number}[ LAST]", "BDAT 007 last", Some(&["007"]));
    check("BDAT {number}[ {yes_no}]", "BDAT 1 yes", Some(&["1", "yes"]));
    check("[{word}]", "", Some(&["-"]));
    check("[{word}]", "someone", Some(&["someone"]));
    check("[{text}]", "", Some(&["-"]));
    check("X:{text}", "X:", Some(&[""]));
    check("X:{text}", "X: a ü", Some(&[" a ü"]));
    check("A[ {number}[ {number}]]", "A 1 2", Some(&["1", "2"]));
    check("A[ {number}[ {number}]]", "A 1", Some(&["1", "-"]));
    check("{word} {word} {text}", "a  b   c d", Some(&["a", "b", "c d"]));
}

#[test]
fn exact_case_counts_where_it_is_asked_for() {
    let exact = Form { exact_case: true, ..form("put {word}") };
    assert!(captures(&exact, "put x").is_some());
    assert!(captures(&exact, "PUT x").is_none());
    assert_eq!(exact.verb(), "put");
    assert_eq!(form("put {word}").verb(), "PUT");
}

#[test]
fn a_template_that_is_not_one_pass_names_the_hole() {
    let check = |template: &str, expected: LexicalError| {
        assert_eq!(form(template).template().unwrap_err(), expected, "{template}");
    };
    check("{text} {text}", LexicalError::NotOnePass { hole: 0 });
    check("A {word} {text} {word}", LexicalError::NotOnePass { hole: 1 });
    check("A {word}[ {text} {word}]", LexicalError::NotOnePass { hole: 1 });
    check("A {text}[ {word}]", LexicalError::NotOnePass { hole: 0 });
    check("A[ {word}] {word}", LexicalError::NotOnePass { hole: 0 });
    check("A[B][BC]", LexicalError::UncertainOption);
    check("A[B]{word}", LexicalError::NotOnePass { hole: 0 });
    check(&"{word} ".repeat(17), LexicalError::TooManyHoles { most: 16 });
    assert!(form(&"{word} ".repeat(16)).template().is_ok());
}

#[test]
fn blanks_before_a_hole_are_not_of_the_hole() {
    use grammar::tree::Abnf;
    let text = |text: &str| Abnf::Text { text: text.into(), exact: true, span: diagnostic::Span::default() };
    let hole = |abnf: Abnf| Part::Hole(Language::of_abnf(&abnf, &mut |_| None).unwrap());
    let behind_blank = |part: Part| Form { parts: vec![Part::Literal("A ".into()), part], exact_case: false };
    let padded = |most| Abnf::Concatenation(vec![Abnf::Repetition(0, most, Box::new(text(" "))), text("x")]);
    assert_eq!(captures(&behind_blank(hole(padded(None))), "A    x"), Some(vec!["x".to_owned()]));
    assert_eq!(captures(&behind_blank(hole(padded(Some(1)))), "A    x"), Some(vec!["x".to_owned()]));
    let two_blanks_at_least = behind_blank(hole(text(" x")));
    assert_eq!(two_blanks_at_least.template().unwrap_err(), LexicalError::NotOnePass { hole: 0 });
}

#[test]
fn a_form_knows_its_claim_and_its_verb() {
    let check = |template: &str, claim: &str, verb: &str| {
        assert_eq!((form(template).claim(), form(template).verb()), (claim.to_owned(), verb.to_owned()));
    };
    check("MAIL  FROM:{reverse_path}", "MAIL FROM:", "MAIL");
    check("ehlo {word}", "ehlo", "EHLO");
    check("NOOP[ {text}]", "NOOP", "NOOP");
    check("AUTH PLAIN[ {base64}]", "AUTH PLAIN", "AUTH");
    check("[{word}]", "", "");
    check("X{word}", "X", "X");
}

#[test]
fn the_longest_prefix_claims_first_and_boundaries_are_kept() {
    let templates = [
        "AUTH {word}",
        "AUTH PLAIN[ {base64}]",
        "NOOP",
        "EHLO {word}",
        "MAIL FROM:{reverse_path}",
        "LIST[S]",
        "TAG{word}",
        "AUTH {text}",
        "{word}",
        "A  B",
    ];
    let forms: Vec<Form> = templates.iter().map(|template| form(template)).collect();
    let given: Vec<_> = forms.iter().enumerate().map(|(n, form)| (form, HandlerId(n as u32))).collect();
    let claims = claims(&given).unwrap();
    let check = |line: &str, expected: &[&str]| {
        let found: Vec<&str> = claiming(&claims, line).iter().map(|id| templates[id.0 as usize]).collect();
        assert_eq!(found, expected, "{line:?}");
    };
    check("AUTH PLAIN", &["AUTH PLAIN[ {base64}]", "AUTH {word}", "AUTH {text}", "{word}"]);
    check("auth  plain AAAA", &["AUTH PLAIN[ {base64}]", "AUTH {word}", "AUTH {text}", "{word}"]);
    check("AUTH PLAINX", &["AUTH {word}", "AUTH {text}", "{word}"]);
    check("AUTH", &["AUTH {word}", "AUTH {text}", "{word}"]);
    check("NOOP", &["NOOP", "{word}"]);
    check("NOOP x", &["NOOP", "{word}"]);
    check("NOOPX", &["{word}"]);
    check("EHLO", &["EHLO {word}", "{word}"]);
    check("MAIL FROM:<", &["MAIL FROM:{reverse_path}", "{word}"]);
    check("MAIL FROM", &["{word}"]);
    check("LISTS", &["LIST[S]", "{word}"]);
    check("TAGx", &["TAG{word}", "{word}"]);
    check("a    b", &["A  B", "{word}"]);
    check("AB", &["{word}"]);
    check("", &["{word}"]);
    check("\u{e9}\0", &["{word}"]);
}

/// The handlers that claim a line, in the order of the automaton.
fn claiming(claims: &program::Claims, line: &str) -> Vec<HandlerId> {
    let start = claims.dfa.start_state_forward(&Input::new(line).anchored(Anchored::Yes)).unwrap();
    let end = line.bytes().fold(start, |state, octet| claims.dfa.next_state(state, octet));
    let end = claims.dfa.next_eoi_state(end);
    if !claims.dfa.is_match_state(end) {
        return Vec::new();
    }
    let patterns = (0..claims.dfa.match_len(end)).map(|index| claims.dfa.match_pattern(end, index).as_usize());
    patterns.map(|pattern| claims.handlers[pattern]).collect()
}

#[test]
fn a_thousand_handlers_make_a_small_automaton_quickly() {
    let words = |index: u64| {
        let mut seed = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let mut letters = std::iter::repeat_with(move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'A' + (seed >> 33) as u8 % 26)
        });
        letters.by_ref().take(4).collect::<String>()
    };
    let check = |verbs: Vec<String>| {
        let start = Instant::now();
        let forms: Vec<Form> = verbs.iter().map(|verb| form(&format!("{verb} {{text}}"))).collect();
        let given: Vec<_> = forms.iter().enumerate().map(|(n, form)| (form, HandlerId(n as u32))).collect();
        let claims = claims(&given).unwrap();
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        assert!(claims.dfa.memory_usage() < 1 << 20, "{claims:?}");
        let first = verbs.iter().position(|verb| *verb == verbs[500]).unwrap();
        assert_eq!(claiming(&claims, &format!("{} x", verbs[500]))[0], HandlerId(first as u32));
    };
    check((0..1000).map(|index| format!("CMD{index:04}")).collect());
    check((0..1000).map(|index| words(index / 2)).collect());
}

#[test]
fn the_shortest_common_line_is_shown() {
    let check = |a: &str, b: &str, expected: Option<&str>| {
        let found = overlap(&form(a), &form(b)).unwrap().map(|line| String::from_utf8(line).unwrap());
        assert_eq!(found.as_deref(), expected, "{a} and {b}");
    };
    check("AUTH PLAIN[ {base64}]", "AUTH {word}", Some("AUTH PLAIN"));
    check("AUTH LOGIN", "AUTH PLAIN", None);
    check("HELP {text}", "HELP", None); // a line has no trailing blanks
    check("HELP {text}", "HELP[ {word}]", Some("HELP A"));
    check("X {number}", "X {domain}", Some("X 0"));
    check("{ip}", "{domain}", Some("0.0.0.0"));
    check("[{word}]", "[{number}]", Some(""));
}

#[test]
fn bounded_numbers_are_told_by_their_digits() {
    let check = |least: i64, most: i64| {
        let language = Language::of_number(least, most);
        for value in 0..1200_i64 {
            let fits = least <= value && value <= most;
            assert_eq!(language.accepts(value.to_string().as_bytes()), fits, "{value} in {least} to {most}");
            assert_eq!(language.accepts(format!("{value:018}").as_bytes()), fits, "{value:018} in {least} to {most}");
            assert!(!language.accepts(format!("{value:019}").as_bytes()));
        }
    };
    for (least, most) in [(1, 65535), (0, 0), (7, 7), (10, 99), (95, 1005), (-5, 3), (5, 3), (-9, -3), (0, i64::MAX)] {
        check(least, most);
    }
    assert!(Language::of_number(5, 3).is_empty());
    assert_eq!(Language::of_number(1, 65535).shortest(), Some(b"1".to_vec()));
    assert_eq!(Language::of_number(0, i64::MAX), language("number"));
}

#[test]
fn wrapped_types_have_the_form_of_what_they_wrap() {
    let secret = Type::Secret(Box::new(Type::Optional(Box::new(Type::Base64))));
    assert_eq!(Language::of_type(&secret), Some(language("base64")));
    assert_eq!(Language::of_type(&Type::List(Box::new(Type::Word))), None);
    assert_eq!(Language::of_type(&Type::Duration), None);
}
