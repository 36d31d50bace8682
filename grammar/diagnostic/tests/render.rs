//! Findings as they are shown, compared with the files in `tests/rendered/`.
//!
//! `BLESS=1 cargo test -p diagnostic --test render` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples and a clock")]

use std::{fs, path::Path};

use diagnostic::{Diagnostic, FileId, Format, Rule, Severity, Sources, Span, render};

static MISSING: Rule = rule("T04", Severity::Error);
static UNUSED: Rule = rule("U01", Severity::Warning);
static STALE: Rule = rule("N01", Severity::Note);

const fn rule(code: &'static str, severity: Severity) -> Rule {
    Rule { code, severity, title: "a rule", page: "", accepted: "", refused: "" }
}

const PROTOCOL: &str = "protocol smtp version 1

during filling {
    on \"RSET\" -> 250 2.0.0 \"Stored for {mail.sender}\"
\ton \"GRÜSS\" { reply 250 \"ü\"  goot ready }
}
state filling has mail
";

/// The place of a word in a text.
fn at(sources: &Sources, file: FileId, word: &str) -> Span {
    let start = sources.text(file).find(word).unwrap() as u32;
    Span { file, start, end: start + word.len() as u32 }
}

fn sample() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("smtp.proto.dsl", PROTOCOL);
    let other = sources.add("config.yaml", "listen: 2525\nprotocol: smtp\n");
    let end = PROTOCOL.len() as u32;
    let findings = vec![
        Diagnostic::new(&UNUSED, at(&sources, other, "2525"), "nobody reads `listen`").help("delete it"),
        Diagnostic::new(&MISSING, at(&sources, file, "goot"), "unknown word `goot`").help("did you mean `goto`?"),
        Diagnostic::new(&MISSING, at(&sources, file, "mail.sender"), "this message may not exist yet")
            .label("`mail` is known in `filling`")
            .other(at(&sources, file, "mail\n"), "it is a fact of this state")
            .other(at(&sources, other, "smtp"), "the listener that uses it")
            .help("move it into `during filling { … }`")
            .help("or guard it: `require mail is present else 503 \"MAIL first\"`"),
        Diagnostic::new(&STALE, Span { file, start: end, end }, "something is missing at the end"),
        Diagnostic::new(&UNUSED, Span { file, start: 25, end: 115 }, "100% odd,\r\n with \u{1b}[31mred\u{1b}[0m: ends"),
    ];
    (sources, findings)
}

fn check(name: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rendered").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == shown, "{name} should be:\n{shown}");
}

#[test]
fn findings_are_shown_to_a_person_with_their_lines() {
    let (sources, findings) = sample();
    check("human.txt", &render(&sources, &findings, Format::Human, false));
    check("colour.txt", &render(&sources, &findings, Format::Human, true));
}

#[test]
fn findings_are_shown_on_one_line_each() {
    let (sources, findings) = sample();
    check("short.txt", &render(&sources, &findings, Format::Short, false));
    check("github.txt", &render(&sources, &findings, Format::GitHub, true));
    check("json.txt", &render(&sources, &findings, Format::Json, true));
    assert_eq!(render(&sources, &findings, Format::Short, false).lines().count(), findings.len());
}

#[test]
fn a_person_is_shown_twenty_findings_and_told_of_the_others() {
    let mut sources = Sources::default();
    let file = sources.add("many.proto.dsl", "wrong ".repeat(27));
    let place = |n: u32| Span { file, start: n * 6, end: n * 6 + 5 };
    let findings: Vec<_> = (0..27).rev().map(|n| Diagnostic::new(&MISSING, place(n), format!("wrong {n}"))).collect();
    let shown = render(&sources, &findings, Format::Human, false);
    assert_eq!(shown.matches("error[T04]").count(), 20);
    assert!(shown.contains("wrong 0\n") && !shown.contains("wrong 20\n"), "{shown}");
    assert!(shown.ends_with("\nand 7 more\n\n27 errors\n"), "{shown}");
}

#[test]
fn no_finding_is_no_text() {
    for format in [Format::Human, Format::Short, Format::Json, Format::GitHub] {
        assert_eq!(render(&Sources::default(), &[], format, true), "");
    }
}

#[test]
fn a_span_beside_its_text_is_still_shown() {
    let mut sources = Sources::default();
    let file = sources.add("x", "äöü");
    for (start, end) in [(1, 2), (3, 1), (6, 6), (0, 99), (99, 100)] {
        let finding = [Diagnostic::new(&MISSING, Span { file, start, end }, "odd")];
        assert!(render(&sources, &finding, Format::Human, false).contains("odd"), "{start}..{end}");
    }
}
