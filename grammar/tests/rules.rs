//! Every rule refuses its refused sample and accepts its accepted one.

mod beside;

use std::sync::Arc;

use diagnostic::{Diagnostic, Severity, Sources};
use program::{OutcomeSignature, Parameter, ParameterKind, Signature, Type};

/// What a sample may leave out, since it is about something else.
const ROOMS: [(&str, &str); 4] = [
    ("wire {", "wire { lines crlf at most 1000 octets  reply \"{code} {text}\" continued \"{code}-{text}\" }\n"),
    (
        "unexpected {",
        "unexpected { out of order -> 503 \"Not now\"  bad arguments -> 501 \"Usage: {usage}\"
                      unknown command -> 500 \"What?\" }\n",
    ),
    (
        "limits {",
        "limits { line -> 500 \"Too long\"  idle 5 minutes -> 421 \"Idle\" close  session 1 hours -> 421 \"Long\" close
                  shutdown -> 421 \"Bye\" close  full -> 421 \"Full\" close  broken -> 421 \"Broken\" close }\n",
    ),
    ("on \"LEAVE\" -> 221 \"Goodbye\"", "anytime { on \"LEAVE\" -> 221 \"Goodbye\" close }\n"),
];

fn whole(sample: &str) -> String {
    let header = sample.lines().next().filter(|line| line.starts_with("protocol"));
    let lacks = |word: &str| !sample.contains(word);
    // A file that stands for itself, or one of which no more than the beginning is given.
    if sample.contains("\nimport ")
        || header.is_some_and(|header| header.contains(" from ") || !ROOMS.iter().all(|(word, _)| lacks(word)))
    {
        return sample.to_owned();
    }
    let mut text = format!("{}\n", header.unwrap_or("protocol sample version 1"));
    let sample = header.map_or(sample, |header| &sample[header.len()..]);
    for (word, room) in ROOMS {
        if !sample.contains(word) {
            text.push_str(room);
        }
    }
    text + sample
}

fn actions() -> Vec<Arc<Signature>> {
    let outcome = |name: &str, values: &[&str]| OutcomeSignature {
        name: name.into(),
        values: values.iter().map(|value| ((*value).into(), Type::Text)).collect(),
    };
    vec![Arc::new(Signature {
        name: "validate_plain".into(),
        summary: "checks a password".into(),
        parameters: vec![Parameter { name: "blob".into(), kind: ParameterKind::Value(Type::Base64), secret: true }],
        using: true,
        outcomes: vec![
            outcome("accepted", &["login"]),
            outcome("rejected", &[]),
            outcome("malformed", &[]),
            outcome("failed", &["why"]),
        ],
    })]
}

fn compile(text: &str) -> (Sources, Vec<Diagnostic>, bool) {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", text);
    let grammar::Compiled { program, findings, .. } =
        grammar::compile_in(&mut sources, file, &beside::Beside, &actions());
    (sources, findings, program.is_some())
}

fn told(findings: &[Diagnostic]) -> String {
    findings.iter().map(|finding| format!("{}: {}\n", finding.rule.code, finding.message)).collect()
}

#[test]
fn every_rule_refuses_what_it_shows_as_refused_and_accepts_the_mend() {
    let mut faults = String::new();
    for rule in grammar::rules() {
        let (_, findings, compiled) = compile(&whole(rule.accepted));
        let may_be_told =
            |finding: &Diagnostic| finding.rule.severity == Severity::Note && finding.rule.code != rule.code;
        if !findings.iter().all(may_be_told) || !compiled {
            faults += &format!("{} does not accept its accepted sample:\n{}\n", rule.code, told(&findings));
        }
        let (_, findings, compiled) = compile(&whole(rule.refused));
        if !findings.iter().any(|finding| finding.rule.code == rule.code) {
            faults += &format!("{} does not refuse its refused sample:\n{}\n", rule.code, told(&findings));
        }
        if compiled != (rule.severity != Severity::Error) && !rule.code.starts_with('S') {
            faults += &format!("{}: compiled is {compiled}\n{}\n", rule.code, told(&findings));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn codes_are_unique_and_pages_say_something() {
    let rules = grammar::rules();
    for (n, rule) in rules.iter().enumerate() {
        assert!(rules[n + 1..].iter().all(|other| other.code != rule.code), "{} twice", rule.code);
        assert!(rule.page.len() > 40, "{}: {}", rule.code, rule.page);
    }
}

#[test]
fn every_function_stands_in_the_reference() {
    let reference = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md")).unwrap();
    for function in program::Pure::ALL {
        let form = function.form();
        assert_eq!(program::Pure::named(form.name), Some(function));
        assert!(form.usage.starts_with(&format!("{}(", form.name)), "{}", form.usage);
        assert!(reference.contains(&format!("`{}(", form.name)), "docs/language.md does not tell of {}", form.usage);
    }
}
