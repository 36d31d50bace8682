//! Whole files: what is shipped and the samples follow the grammar, and reading takes little time whatever the text.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples and a clock")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use diagnostic::{Format, Sources};
use grammar::tree::Item;
use proptest::prelude::*;

/// A generous bound for a machine with other work to do.
const QUICK: Duration = Duration::from_secs(10);

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.to_string_lossy().ends_with(".proto.dsl")).collect()
}

#[test]
fn what_is_shipped_and_the_samples_follow_the_grammar() {
    let all: Vec<PathBuf> = [files("../protocols"), files("tests/samples")].concat();
    assert!(all.len() >= 4);
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let mut sources = Sources::default();
        let file = sources.add(path.to_string_lossy(), text.as_str());
        let (tree, findings) = grammar::parse(file, &text);
        assert!(findings.is_empty(), "{}", diagnostic::render(&sources, &findings, Format::Human, false));
        assert!(tree.header.is_some());
    }
}

/// Reads a text: every span lies in it, at the edges of characters, and whatever is missing was told.
fn read(text: &str) -> usize {
    let mut sources = Sources::default();
    let file = sources.add("text", text);
    let (tree, findings) = grammar::parse(file, text);
    let inside = |start: u32, end: u32| text.get(start as usize..end as usize).is_some();
    for finding in &findings {
        assert!(inside(finding.span.start, finding.span.end), "{finding:?} in {text:?}");
        for (other, _) in &finding.others {
            assert!(inside(other.start, other.end), "{finding:?} in {text:?}");
        }
    }
    // The tree has no visitor; what it holds is shown, and every span in what is shown is looked at.
    let shown = format!("{tree:?}");
    for span in shown.split("start: ").skip(1) {
        let Some((start, rest)) = span.split_once(", end: ") else { continue };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let (Ok(start), Ok(end)) = (start.parse(), digits.parse()) {
            assert!(inside(start, end), "{start}..{end} in {text:?}");
        }
    }
    if shown.contains("Broken") {
        assert!(!findings.is_empty(), "something is broken and nothing was told: {text:?}");
    }
    diagnostic::render(&sources, &findings, Format::Human, false);
    findings.len()
}

/// A sample with some of its octets exchanged, left out or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let samples: Vec<String> = files("tests/samples").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let signs =
        prop::sample::select(vec!["{", "}", "\"", "(", ")", "[", "]", "#", "\\", "\n", "goto", "é", "\u{1}", "9", ""]);
    let edit = (any::<prop::sample::Index>(), 0..12_usize, signs);
    (prop::sample::select(samples), prop::collection::vec(edit, 1..6)).prop_map(|(mut text, edits)| {
        for (place, length, sign) in edits {
            let start = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.floor_char_boundary(start + length).max(start);
            text.replace_range(start..end, sign);
        }
        text
    })
}

/// Words and signs of the language in any order.
fn jumbled() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "protocol",
        "settings",
        "wire",
        "type",
        "state",
        "during",
        "anytime",
        "on",
        "\"A {b: text}\"",
        "->",
        "250",
        "\"x\"",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "if",
        "else",
        "ask",
        "within",
        "5",
        "minutes",
        "goto",
        "stay",
        ":",
        "=",
        ",",
        ".",
        "?",
        "x",
        "require",
        "is",
        "present",
        "\n",
        "\"{",
        "}\"",
        "limits",
        "start",
        "tls",
        "/",
        "*",
        "1*",
        "followed",
        "by",
        "\u{e9}",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_jumble_of_words_makes_the_reader_panic(text in jumbled()) {
        read(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_slip_of_the_hand_makes_the_reader_panic(text in mutated()) {
        read(&text);
    }
}

fn quick(what: &str, text: &str) {
    let begun = Instant::now();
    let (_, findings) = grammar::parse(diagnostic::FileId(0), text);
    let taken = begun.elapsed();
    println!("{what}: {} octets, {} findings, {taken:?}", text.len(), findings.len());
    assert!(taken < QUICK, "{what} took {taken:?}");
}

#[test]
fn a_large_protocol_is_read_at_once() {
    for path in [files("../protocols"), files("tests/samples")].concat() {
        quick(&path.to_string_lossy(), &fs::read_to_string(&path).unwrap());
    }
}

#[test]
fn garbage_and_deep_nesting_are_refused_quickly() {
    let mebibyte = |unit: &str| unit.repeat((1 << 20) / unit.len());
    let protocol = "protocol sample version 1\n";
    let deep = |open: &str, close: &str| {
        format!("{protocol}settings {{ a : number = {}1{} }}\n", open.repeat(200), close.repeat(200))
    };
    let nested_ifs = |depth: usize| {
        format!("{protocol}anytime {{ on \"A\" {{ {} {} }} }}\n", "if x is present { ".repeat(depth), "}".repeat(depth))
    };
    quick("200 parentheses", &deep("(", ")"));
    quick("60 parentheses", &format!("{protocol}settings {{ a : number = {}1{} }}", "(".repeat(60), ")".repeat(60)));
    quick(
        "60 parentheses, one open",
        &format!("{protocol}settings {{ a : number = {}1{} }}", "(".repeat(60), ")".repeat(59)),
    );
    quick("200 lists", &deep("[", "]"));
    quick("60 lists", &format!("{protocol}settings {{ a : x = {}1{} }}", "[".repeat(60), "]".repeat(60)));
    quick("200 ifs", &nested_ifs(200));
    quick("60 ifs", &nested_ifs(60));
    quick(
        "60 calls, broken inside",
        &format!("{protocol}settings {{ a : x = {}!{} }}", "f(".repeat(60), ")".repeat(60)),
    );
    quick(
        "60 records, broken inside",
        &format!("{protocol}settings {{ a : x = {}!{} }}", "f{ a: ".repeat(60), "}".repeat(60)),
    );
    quick("60 ABNF groups, broken inside", &format!("{protocol}type a = {}!{}", "(a / [".repeat(30), "])".repeat(30)));
    quick("60 optionals", &format!("{protocol}anytime {{ on \"{}x{}\" -> 250 }}", "[ ".repeat(60), "]".repeat(60)));
    quick(
        "1000 else ifs",
        &format!("{protocol}anytime {{ on \"A\" {{ if a {{ }} {} }} }}", "else if b { } ".repeat(1000)),
    );
    quick("1 MiB of one letter", &mebibyte("a"));
    quick("1 MiB of words", &mebibyte("word "));
    quick("1 MiB of lines", &mebibyte("word\n"));
    quick("1 MiB of braces", &mebibyte("{"));
    quick("1 MiB of closing braces", &mebibyte("}\n"));
    quick("1 MiB of quotes", &mebibyte("\""));
    quick("1 MiB of open quotes", &mebibyte("\"\n"));
    quick("1 MiB of text with values", &mebibyte("\"{ [ \" "));
    quick("1 MiB of control characters", &mebibyte("\u{1} "));
    quick("1 MiB of curly quotes", &mebibyte("\u{201c}"));
    quick("1 MiB of comments", &mebibyte("# {\n"));
    quick("1 MiB of handlers", &format!("{protocol}anytime {{ {} }}", "on \"A\" -> 250 \"x\"\n".repeat(50_000)));
    quick("1 MiB of broken handlers", &format!("{protocol}anytime {{ {} }}", "on A -> 250 \"x\"\n".repeat(50_000)));
    quick("1 MiB of broken items", &"state {\n".repeat(100_000));
    quick("more than 1 MiB", &"a".repeat((1 << 20) + 1));
}

#[test]
fn what_could_be_read_is_in_the_tree_beside_what_could_not() {
    let text = "protocol sample version 1\nstate a { on \"A\" -> 250 \"x\"  on B -> 250 \"y\"  on \"C\" -> 250 \"z\" }\nstate b c\nstate d\n";
    let (tree, findings) = grammar::parse(diagnostic::FileId(0), text);
    assert_eq!(findings.len(), 2);
    let states: Vec<_> =
        tree.items.iter().filter_map(|item| if let Item::State(state) = item { Some(state) } else { None }).collect();
    assert_eq!(states.iter().map(|state| &*state.name.text).collect::<Vec<_>>(), ["a", "d"]);
    assert_eq!(states[0].handlers.len(), 2);
}
