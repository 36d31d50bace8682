//! Promises, proved and broken: each promise of a protocol holds as it is shipped, and falls when its guard is taken.
//!
//! Never: asks for less than the verdict and the place where a promise falls.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples")]

use std::{fs, path::Path};

use diagnostic::{Diagnostic, Sources};

/// What is found of a text; promises alone.
fn found(text: &str) -> Vec<(String, String, Vec<String>)> {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", text);
    let (_, findings) = grammar::compile(&sources, file, actions::signatures());
    let told = |finding: Diagnostic| {
        let at = finding
            .others
            .first()
            .map(|(span, _)| sources.text(file)[span.start as usize..span.end as usize].to_owned());
        (format!("{} {}", finding.rule.code, finding.message), at.unwrap_or_default(), finding.conversation)
    };
    findings.into_iter().filter(|finding| !finding.rule.code.starts_with('U')).map(told).collect()
}

fn shipped(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols").join(name)).unwrap()
}

#[test]
fn what_is_shipped_keeps_its_promises() {
    assert_eq!(found(&shipped("smtp.proto.dsl")), []);
}

/// Takes a text out of smtp and puts another in: the promise that falls, and where.
#[test]
fn a_promise_falls_with_its_guard() {
    let smtp = shipped("smtp.proto.dsl");
    let check = |old: &str, new: &str, promise: &str, place: &str, last: &str| {
        assert!(smtp.contains(old), "{old}");
        let found = found(&smtp.replacen(old, new, 1));
        let broken = found.iter().find(|(message, ..)| message.starts_with("P01") && message.contains(promise));
        let Some((_, at, conversation)) = broken else { panic!("`{promise}` stands after {old} -> {new}: {found:?}") };
        assert!(at.starts_with(place), "{promise}: {at}");
        assert!(conversation.last().unwrap().starts_with(last), "{promise}: {conversation:?}");
    };
    let plain = "12288 octets}]\" alone when tls is present and user is absent";
    check(
        plain,
        "12288 octets}]\" alone when user is absent",
        "passwords travel",
        "ask validate_plain",
        "C: AUTH PLAIN",
    );
    let login = "400 octets}]\" alone when tls is present and user is absent";
    check(login, "400 octets}]\" alone when user is absent", "the other door", "ask validate_login", "C: AUTH LOGIN");
    let trusted = "(user is present or peer.ip in settings.trusted)\n";
    check(trusted, "size(settings.our_domains) > 0\n", "open relay", "add recipient", "C: RCPT TO");
    let ours = "require recipient.domain is present and recipient.domain in settings.our_domains\n";
    check(ours, "require recipient.domain is present\n", "open relay", "add recipient", "C: RCPT TO");
    check(
        "recipient.local == \"postmaster\"",
        "recipient.local == \"root\"",
        "open relay",
        "add recipient",
        "C: RCPT TO",
    );
}

fn protocol(body: &str) -> String {
    format!(
        "protocol sample version 1\n\
         wire {{ lines crlf at most 100 octets  reply \"{{code}} {{text}}\"  refusal 4xx 5xx }}\n{body}\n\
         anytime {{ on \"QUIT\" -> 221 \"bye\" close }}\n\
         unexpected {{ out of order -> 503 \"no\"  bad arguments -> 501 \"no\"  unknown command -> 500 \"no\" }}\n\
         limits {{ line -> 500 \"no\"  idle 1 minute -> 421 \"no\" close  session 1 hour -> 421 \"no\" close\n\
         shutdown -> 421 \"no\" close  full -> 421 \"no\" close  broken -> 421 \"no\" close }}\n"
    )
}

/// The codes of a small file.
fn verdicts(body: &str, promise: &str) -> Vec<String> {
    let found = found(&protocol(&format!("{body}\npromise \"it\" {{ {promise} }}")));
    found.into_iter().map(|(message, ..)| message).collect()
}

#[test]
fn what_happened_before_counts() {
    let body = "start state a { on \"USER {name: word}\" -> 250 \"hello\" goto a2 with user = name }\n\
                state a2 has user? { on \"OUT\" -> 250 \"bye\" goto a2 without user\n on \"GO\" -> 250 \"go\" goto b\n\
                on \"SAFE\" when user is present -> 251 \"go\" goto b }\n\
                state b has user? { on \"DO\" -> 252 \"done\" }";
    let broken = ["P01 `it` can be broken"];
    let kept: [&str; 0] = [];
    assert_eq!(verdicts(body, "never reply 252 unless user is present"), broken);
    assert_eq!(
        verdicts(&body.replace("\n on \"GO\" -> 250 \"go\" goto b\n", "\n"), "never reply 252 unless user is present"),
        kept
    );
    assert_eq!(verdicts(body, "never in b unless user is present"), broken);
    assert_eq!(verdicts(body, "never reply 251 unless user is present"), kept);
    assert_eq!(verdicts(body, "never on \"SAFE\" unless user is present"), kept);
    assert_eq!(verdicts(body, "never on \"GO\" unless user is present"), broken);
}

#[test]
fn lists_that_were_added_to_are_not_empty() {
    let body = "record box { all: list of text at most 9 }\n\
                start state a { on \"NEW\" -> 250 \"ok\" goto b with box = box { all: [] } }\n\
                state b has box { on \"ADD {x: text}\" { require size(box.all) < 9 else 550 \"full\"  add x to box.all  reply 251 \"ok\"  goto c }\n\
                on \"SEND\" { require box.all is not empty else 550 \"nothing\"  reply 252 \"sent\"  stay } }\n\
                state c has box { on \"MORE\" -> 253 \"ok\" goto c  on \"BACK\" -> 250 \"ok\" goto b with box = box { all: [] } }";
    let kept: [&str; 0] = [];
    assert_eq!(verdicts(body, "never reply 252 unless box.all is not empty"), kept);
    assert_eq!(verdicts(body, "never reply 253 unless box.all is not empty"), kept);
    assert_eq!(
        verdicts(
            &body.replacen("goto b with box = box { all: [] } }", "goto c with box = box { all: [] } }", 1),
            "never reply 253 unless box.all is not empty"
        ),
        ["P01 `it` can be broken"]
    );
}

#[test]
fn outcomes_keep_promises() {
    let body = "sql known(name: text) gives { n: number } as \"SELECT 1 AS n FROM t WHERE name = :name\"\n\
                start state a { on \"GO {x: text}\" { ask known(x) within 3 seconds {\n row(r) { reply 250 \"yes\"  stay }\n\
                none { reply 550 \"no\"  stay }\n failed(why) { reply 450 \"later\"  stay } } } }";
    let kept: [&str; 0] = [];
    assert_eq!(verdicts(body, "never reply 250 unless known answered row"), kept);
    assert_eq!(verdicts(body, "never reply 550 unless known answered row"), ["P01 `it` can be broken"]);
    assert_eq!(verdicts(body, "never reply 550 unless known answered row or known answered none"), kept);
}

#[test]
fn what_hangs_on_values_within_lists_and_texts_is_not_called_broken() {
    // Each is kept: but that is seen only by who looks for a value in a list, or puts a text together.
    let check = |guard: &str, unless: &str| {
        let body = format!(
            "start state a has x? {{ on \"SET {{y: word}}\" -> 250 \"ok\" stay with x = y\n\
             on \"GO\" when x is present and {guard} -> 252 \"gone\" }}"
        );
        let found = verdicts(&body, &format!("never reply 252 unless {unless}"));
        assert_eq!(found, ["P02 `it` cannot be decided"], "{guard}, {unless}");
    };
    check("x == \"a\"", "\"a\" in [x]");
    check("x == \"a\"", "\"{x}!\" == \"a!\"");
}
