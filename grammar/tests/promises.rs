//! Promises that a person could think kept, and that a conversation breaks; the same with what keeps them; and files that a
//! careless proof takes for ever with.
//!
//! Never: plays a conversation; `tests/` does.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads a clock")]

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use diagnostic::{Severity, Sources};

const FRAME: &str = r#"protocol sample "a sample" version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}"  refusal 4xx 5xx  cancel "*" }
record page { words: list of word at most 5  n: number  who: word  body: octets at most 1 MB }
sql look(w: word) gives { a: word } as "SELECT a FROM t WHERE w = :w"
anytime { on "QUIT" -> 250 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?"  MORE }
limits {
    line -> 500 "too long"  IDLE  session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
}
"#;

const IDLE: &str = r#"idle 1 minute -> 421 "asleep?" close"#;
const PROMPTS: &str = r#"cancelled -> 501 "as you like" close  bad answer -> 501 "no word" close"#;

/// The codes of the findings about promises.
fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", text);
    let (_, findings) = grammar::compile(&sources, file, &[]);
    let promises = |one: &&diagnostic::Diagnostic| one.rule.code.starts_with('P');
    let errors = findings.iter().filter(|one| one.rule.severity == Severity::Error && !promises(one));
    let foreign: Vec<&str> = errors.map(|one| &*one.message).collect();
    assert!(foreign.is_empty(), "{foreign:?}\n{text}");
    findings.iter().filter(promises).map(|finding| finding.rule.code).collect()
}

fn framed(items: &str, more: &str, idle: &str) -> String {
    format!("{}{items}", FRAME.replace("MORE", more).replace("IDLE", idle))
}

fn never(code: u32, unless: &str) -> String {
    format!("\npromise \"x\" {{ never reply {code} unless {unless} }}")
}

fn is_not_kept(items: &str, unless: &str) {
    let text = framed(&format!("{items}{}", never(299, unless)), "", IDLE);
    assert!(!codes(&text).is_empty(), "this promise breaks, and is called kept:\n{items}\nunless {unless}");
}

fn is_kept(items: &str, unless: &str) {
    let text = framed(&format!("{items}{}", never(299, unless)), "", IDLE);
    assert_eq!(codes(&text), Vec::<&str>::new(), "{items}\nunless {unless}");
}

/// A state with a fact that may be absent.
fn optional(fact: &str, ty: &str) -> String {
    format!(
        "start state open {{ on \"I\" -> 250 \"i\" goto hall }} state hall has {fact}? {{ \
         on \"SET {{x: {ty}}}\" {{ reply 250 \"set\"  stay with {fact} = x }}  on \"GO\" -> 299 \"go\" }}"
    )
}

/// A state with a page that the commands are about.
fn page(commands: &str) -> String {
    format!(
        "start state open {{ on \"I {{w: word}}\" -> 250 \"i\" goto hall with p = page {{ who: w, n: 1, words: [] }} }} \
         state hall has p {{ {commands} }}"
    )
}

#[test]
fn what_is_absent_is_no_less_and_no_greater() {
    is_not_kept(&optional("n", "number"), "n > 3 or n <= 3");
    is_not_kept(&optional("n", "number"), "n < 3 or n >= 3 or n == 5");
    is_not_kept(&optional("w", "word"), "w == \"a\" or w is present");
    is_not_kept(&optional("w", "word"), "ascii(w) or w is present");
    is_not_kept(&optional("w", "word"), "size(w) > 0 or w is present");
    is_not_kept(&optional("w", "word"), "w in [\"a\"] or w is present");
    is_not_kept(&optional("w", "word"), "w is not empty or w is present");
    is_not_kept(
        "start state open { on \"M {p: reverse_path}\" -> 299 \"go\" }",
        "p.domain is not empty or p.domain is present",
    );
    is_not_kept(
        "start state open { on \"M {p: reverse_path}\" -> 299 \"go\" }",
        "p.domain == \"a\" or p.domain is present",
    );
}

#[test]
fn what_is_there_is_less_or_greater() {
    is_kept(&optional("n", "number").replace("\"GO\"", "\"GO\" when n is present"), "n > 3 or n <= 3");
    is_kept(&optional("n", "number"), "n > 3 or n <= 3 or n is absent");
    is_kept("start state open { on \"GO {n: number}\" -> 299 \"go\" }", "n > 3 or n <= 3");
    is_kept(
        "settings { n: number = 3 } start state open { on \"GO\" -> 299 \"go\" }",
        "settings.n > 3 or settings.n <= 3",
    );
    is_kept(
        "start state open { on \"I {x: number}\" -> 250 \"i\" goto hall with n = x } state hall has n { on \"GO\" -> 299 \"go\" }",
        "n > 3 or n <= 3",
    );
    is_kept(&optional("n", "number"), "n != 3 or n == 3");
    is_kept(&optional("l", "word"), "l is empty or l is present");
}

#[test]
fn a_wait_makes_now_a_later_moment() {
    let hall = |body: &str| {
        format!(
            "start state open {{ on \"I\" -> 250 \"i\" goto hall with t = now + 1 second }} state hall has t {{ {body} }}"
        )
    };
    let twice = |wait: &str| {
        hall(&format!(
            "on \"GO\" {{ if now >= t {{ reply 250 \"late\"  stay }}  {wait}  \
             if now >= t {{ reply 299 \"x\"  stay }}  reply 250 \"y\"  stay }}"
        ))
    };
    is_not_kept(&twice("pause 3 seconds"), "tls is present");
    is_not_kept(&twice("ask look(\"a\") within 2 seconds { row(r) { } none { } failed(why) { } }"), "tls is present");
    is_not_kept(
        "start state open { on \"GO\" { let a = now  pause 3 seconds  if a == now { reply 250 \"same\"  stay }  reply 299 \"x\"  stay } }",
        "tls is present",
    );
    let put = "on \"PUT {n: size}\" when now < t followed by n octets as c at most 1 MB else 552 \"big\" \
               failed(why) 452 \"{why}\" { if now < t { reply 250 \"{size(c)}\"  stay }  reply 299 \"late\"  stay }";
    is_not_kept(&hall(put), "tls is present");
    is_kept(&twice("log info \"no wait\""), "tls is present");
}

#[test]
fn a_copy_keeps_what_it_was_made_of() {
    let add = |body: &str| page(&format!("on \"GO {{x: word}}\" {{ {body} }}"));
    is_not_kept(
        &add("let q = p  add x to p.words  if q.words is empty { reply 299 \"old\"  stay }  reply 250 \"n\"  stay"),
        "tls is present",
    );
    is_not_kept(
        &add(
            "let q = p  require q.words is empty else 250 \"f\"  add x to p.words  if p.words is empty { reply 250 \"e\"  stay }  reply 299 \"n\"  stay",
        ),
        "tls is present",
    );
    is_not_kept(
        &add(
            "if p.words is empty { add x to p.words  reply 250 \"e\"  stay }  remove x from p.words  reply 299 \"go\"  stay",
        ),
        "p.words is not empty",
    );
    is_not_kept(
        &add(
            "for each z in [x, x] { if p.words is not empty { say 299 \"more\" }  add z to p.words }  reply 250 \"x\"  stay",
        ),
        "tls is present",
    );
    is_kept(&add("add x to p.words  reply 299 \"go\"  stay"), "p.words is not empty");
    is_kept(
        &add("require p.who == \"ann\" else 550 \"no\"  add x to p.words  reply 299 \"go\"  stay"),
        "p.who == \"ann\"",
    );
}

#[test]
fn a_payload_of_nothing_leaves_a_payload_empty() {
    let put = "on \"PUT {n: size}\" followed by n octets as c at most 1 MB else 552 \"big\" failed(why) 452 \"{why}\" \
               { add c to p.body  reply 299 \"go\"  stay }";
    is_not_kept(&page(put), "p.body is not empty");
}

#[test]
fn limits_act_in_the_midst_of_a_body() {
    let items = page(
        "on \"GO {x: word}\" { require size(p.words) < 5 else 552 \"full\"  add x to p.words  \
         let y = prompt 334 \"sure?\" for word at most 40 octets  reply 250 \"{y}\"  \
         stay with p = page { who: \"a\", n: 1, words: [] } }  on \"EVIL\" when p.words is not empty -> 299 \"x\"",
    );
    let text = |idle| framed(&format!("{items}{}", never(299, "tls is present")), PROMPTS, idle);
    assert_eq!(codes(&text(IDLE)), ["P01"], "a line that is too long");
    let quiet = "idle 1 minute -> 421 \"asleep?\" stay";
    let without_line = text(quiet).replace("line -> 500 \"too long\"", "line -> 500 \"too long\" close");
    assert_eq!(codes(&without_line), ["P01"], "silence");
    let closes = text(IDLE).replace("line -> 500 \"too long\"", "line -> 500 \"too long\" close");
    assert_eq!(codes(&closes), Vec::<&str>::new());
}

#[test]
fn a_state_is_left_with_what_is_known_then() {
    let leave = "leave { if p.words is not empty { ask look(\"b\") within 2 seconds { row(r) { } none { } failed(why) { } } } }";
    let promise = "\npromise \"x\" { never ask look unless tls is present }";
    for ending in ["goto open", "close"] {
        let go = format!(
            "on \"GO {{x: word}}\" {{ require size(p.words) < 5 else 552 \"full\"  add x to p.words  reply 250 \"go\"  {ending} }}"
        );
        let text = framed(&format!("{}{promise}", page(&format!("{leave} {go}"))), "", IDLE);
        assert_eq!(codes(&text), ["P01"], "{ending}");
    }
    let hang_up = "on \"GO {x: word}\" { require size(p.words) < 5 else 552 \"full\"  add x to p.words  \
                   let y = prompt 334 \"s?\" for word at most 4 octets  reply 250 \"{y}\"  \
                   stay with p = page { who: \"a\", n: 1, words: [] } }";
    let text = framed(&format!("{}{promise}", page(&format!("{leave} {hang_up}"))), PROMPTS, IDLE);
    assert_eq!(codes(&text), ["P01"], "a hang-up in a prompt");
}

/// How long a proof may take here, in a build without optimisation on a machine with other work.
const LONGEST: Duration = Duration::from_secs(100);

fn in_time(name: &str, items: &str) -> Vec<&'static str> {
    let begun = Instant::now();
    let codes = codes(&framed(items, "", IDLE));
    assert!(begun.elapsed() < LONGEST, "{name} took {:?}", begun.elapsed());
    codes
}

/// A command that stands in two states, with a plain `if` for each condition.
fn ifs(of: impl Fn(usize) -> String, head: &str) -> String {
    let mut body = String::new();
    (0..24).for_each(|place| write!(body, "if {} {{ log info \"{place}\" }} ", of(place)).unwrap());
    let settings: String = (0..24).map(|place| format!("y{place} : yes_no = no ")).collect();
    format!(
        "settings {{ {settings} }} start state a {{ on \"GO\" -> 250 \"x\" goto b }} state b {{ on \"B\" -> 250 \"b\" goto a }} \
         state c {{ on \"C\" -> 250 \"c\" goto a }} during a, b {{ on \"{head}\" {{ {body} reply 250 \"x\"  goto c }} }}"
    )
}

#[test]
fn many_conditions_add_up_and_do_not_multiply() {
    let plain = never(250, "tls is present or tls is absent");
    let kept = [
        ("settings", ifs(|n| format!("settings.y{n}"), "X")),
        ("pairs of settings", ifs(|n| format!("settings.y{n} and settings.y{}", (n + 1) % 24), "X")),
        ("a hole", ifs(|n| format!("w == \"w{n}\""), "X {w: word}")),
        ("parts of a text", ifs(|n| format!("\"w{n}\" in w"), "X {w: word}")),
    ];
    for (name, items) in kept {
        assert_eq!(in_time(name, &format!("{items}{plain}")), Vec::<&str>::new(), "{name}");
    }
    let asks: String = (0..24)
        .map(|n| format!("ask look(\"{n}\") within 1 second {{ row(r) {{ }} none {{ }} failed(why) {{ }} }} "))
        .collect();
    let items = format!("start state a {{ on \"X\" {{ {asks} reply 250 \"x\"  stay }} }}{plain}");
    assert_eq!(in_time("look-ups", &items), Vec::<&str>::new());
}

#[test]
fn a_proof_gives_up_and_says_so() {
    let facts: String = (0..24).map(|n| format!("{}f{n}?", if n == 0 { "" } else { ", " })).collect();
    let sets: String = (0..24)
        .map(|n| format!("on \"X{n}\" when f{n} is absent {{ reply 250 \"x\"  stay with f{n} = yes }} "))
        .collect();
    let all: String = (0..24).map(|n| format!(" or f{n} is present")).collect();
    let items = format!("start state a {{ on \"GO\" -> 250 \"g\" goto b }} state b has {facts} {{ {sets} }}");
    let few = format!("{items}{}", never(250, "tls is present or tls is absent"));
    assert_eq!(in_time("facts that no promise speaks of", &few), Vec::<&str>::new());
    let many = format!("{items}{}", never(250, &format!("f0 is absent{all}")));
    assert_eq!(in_time("facts that it speaks of", &many), ["P02"]);
}

/// A promise about a beginning of lines holds for every line that begins so, whatever template takes it.
#[test]
fn what_begins_so_is_meant_whoever_takes_it() {
    let check = |commands: &str, begins: &str, expected: &[&str]| {
        let promise = format!("\npromise \"x\" {{ never on \"{begins}\" unless tls is present }}");
        let text = framed(&format!("start state open {{ {commands} }}{promise}"), "", IDLE);
        assert_eq!(codes(&text), expected, "{commands} begins {begins}");
    };
    let broken = ["P01"];
    for (command, begins) in [
        ("AUTH LOGIN", "AUTH"),
        ("AUTH  LOGIN", "AUTH LOGIN"),
        ("AUTH LOGIN", "AUTH  LOG"),
        ("AUTH {w: word}", "AUTH LOGIN"),
        ("AUTH {w: word}", "auth "),
        ("AUTH[ LOGIN]", "AUTH LOGIN"),
        ("[X ]AUTH", "AUTH"),
        ("[X ]AUTH", "X"),
        ("AUTH[X] {w: word}", "AUTHX y"),
        ("{v: word} {w: word}", "AUTH LOGIN"),
    ] {
        check(&format!("on \"{command}\" -> 250 \"x\""), begins, &broken);
        check(&format!("on \"{command}\" when tls is present -> 250 \"x\""), begins, &[]);
    }
    for (command, begins) in [
        ("AUTH", "AUTH LOGIN"),
        ("AUTH", "AUTHX"),
        ("AUTH", "AUTH "),
        ("AUTH {n: number}", "AUTH LOGIN"),
        ("AUTH[ LOGIN]", "AUTH PLAIN"),
        ("[X ]AUTH", "AUTH X"),
    ] {
        check(&format!("on \"{command}\" -> 250 \"x\""), begins, &["P03"]);
    }
    // Whether a line can be both hangs on values.
    let both = "on \"AUTH {w: word}\" { require w == \"PLAIN\" else 504 \"no\"  reply 250 \"x\"  stay }";
    check(both, "AUTH LOGIN", &broken);
    let guarded = "on \"AUTH {w: word}\" { if w == \"PLAIN\" { reply 250 \"x\"  stay }  ask look(w) within 1 second \
                   { row(r) { } none { } failed(why) { } }  reply 299 \"y\"  stay }";
    check(guarded, "AUTH LOGIN", &broken);
}

/// Behind a loop over what has an element stands what comes out of a round.
#[test]
fn a_loop_over_something_has_a_round() {
    let commands = |asked: &str| {
        page(&format!(
            "on \"A {{x: word}}\" {{ require size(p.words) < 5 else 552 \"full\"  add x to p.words  reply 250 \"k\"  stay }} \
             on \"GO\" {{ {asked} for each e in p.words within 9 seconds {{ ask look(e) within 1 second \
             {{ row(r) {{ }} none {{ }} failed(why) {{ }} }} }} reply 299 \"k\"  stay }}"
        ))
    };
    let answered = "look answered row or look answered none or look answered failed";
    is_kept(&commands("require p.words is not empty else 550 \"e\""), answered);
    is_not_kept(&commands("require p.words is not empty else 550 \"e\""), "look answered row or look answered none");
    is_not_kept(&commands(""), answered);
}
