//! The predecessor's mistakes, transcribed, are refused: each with the code that stands at its line, and with the same
//! codes when every name is another.

use std::{collections::BTreeMap, fs};

use conversations::root;
use diagnostic::{Severity, Sources};

/// Code by line, sorted.
type Findings = BTreeMap<u32, Vec<String>>;

#[test]
fn every_mistake_of_the_predecessor_is_refused_with_its_code() {
    let text = mistakes();
    assert!(expected(&text).values().map(Vec::len).sum::<usize>() >= 12, "the list of mistakes is too short");
    check(&text);
}

#[test]
fn other_names_give_the_same_codes() {
    let mut renamed = mistakes();
    // States, facts, types' users, captures, statements: all that the author named. `_` is no part of a word here.
    for name in [
        "level1b",
        "level1",
        "level0",
        "level2",
        "level3",
        "level9",
        "smtp_ruby",
        "hostname",
        "hash_of",
        "login",
        "hash",
        "message",
        "sender",
        "recipients",
        "body",
        "client",
        "mail",
        "name",
        "who",
        "blob",
    ] {
        renamed = with_name(&renamed, name, &format!("z{}", name.chars().rev().collect::<String>()));
    }
    assert_ne!(renamed, mistakes());
    check(&renamed);
}

fn mistakes() -> String {
    fs::read_to_string(root().join("tests/ancestor/ruby.proto.dsl")).expect("the transcribed mistakes")
}

fn check(text: &str) {
    let (wanted, found) = (expected(text), found(text));
    let shown = |findings: &Findings| {
        let lines = findings.iter().map(|(line, codes)| format!("line {line}: {}", codes.join(" ")));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(shown(&wanted), shown(&found), "expected on the left, found on the right");
}

/// The comments `# CODE CODE: …`; each speaks of its own line.
fn expected(text: &str) -> Findings {
    let mut findings = Findings::new();
    for (number, line) in text.lines().enumerate() {
        let comment = line.rsplit_once("# ").map_or("", |(_, comment)| comment);
        let codes = comment.split_once(':').map_or("", |(codes, _)| codes);
        let mut codes: Vec<String> = codes.split(' ').filter(|code| is_code(code)).map(str::to_string).collect();
        codes.sort();
        if !codes.is_empty() {
            findings.insert(number as u32 + 1, codes);
        }
    }
    findings
}

/// A letter and two digits.
fn is_code(word: &str) -> bool {
    matches!(word.as_bytes(), [letter, tens, ones] if letter.is_ascii_uppercase() && tens.is_ascii_digit() && ones.is_ascii_digit())
}

fn found(text: &str) -> Findings {
    let mut sources = Sources::default();
    let file = sources.add("ruby.proto.dsl", text);
    let (program, diagnostics) = grammar::compile(&sources, file, actions::signatures());
    assert!(program.is_none(), "the mistakes compile");
    let mut findings = Findings::new();
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.rule.severity == Severity::Error) {
        let (line, _) = sources.position(diagnostic.span);
        findings.entry(line).or_default().push(diagnostic.rule.code.to_string());
    }
    findings.values_mut().for_each(|codes| codes.sort());
    findings
}

/// A text in which a word is another wherever it stands whole, quotes and comments included.
fn with_name(text: &str, from: &str, to: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut renamed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let before = rest[..at].chars().next_back().or(renamed.chars().next_back().filter(|_| at == 0));
        let behind = rest[at + from.len()..].chars().next();
        renamed.push_str(&rest[..at]);
        renamed.push_str(if before.is_some_and(is_part) || behind.is_some_and(is_part) { from } else { to });
        rest = &rest[at + from.len()..];
    }
    renamed + rest
}
