//! A check ends, whatever the file: with a program, or with a finding that says what was too much.
//!
//! Never: reads a clock. What never ended would not end here either.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::fmt::Write;

use diagnostic::{Diagnostic, Sources};
use program::Program;

const REST: &str = "
wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  refusal 4xx 5xx  cancel \"*\"  patience \"GO\" 1 minute }
sql slow(k: text) gives nothing as \"DELETE FROM accounts WHERE login = :k\"
record r { xs: list of word at most 5  who: word }
anytime { on \"QUIT\" -> 221 \"bye\" close  on \"DROP {w: word}\" { ask slow(w) within 1 second { done(n) { } failed(why) { } }  reply 250 \"x\"  stay } }
";

fn compiled(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", text);
    grammar::compile(&sources, file, &[])
}

fn whole(body: &str, unexpected: &str, limits: &str) -> String {
    format!(
        "protocol p \"t\" version 1\n{REST}{body}
         unexpected {{ out of order -> 503 \"no\"  unknown command -> 500 \"no\"  {unexpected} }}
         limits {{ line -> 500 \"long\"  idle 1 minute -> 421 \"i\" close  session 1 hour -> 421 \"s\" close
           shutdown -> 421 \"s\" close  full -> 421 \"f\" close  broken -> 421 \"b\" close  {limits} }}"
    )
}

const BAD: &str = "bad arguments -> 501 \"no\"";

/// The codes of what is found in a file, each once, but for what is never used.
fn codes(text: &str) -> Vec<&'static str> {
    let (program, found) = compiled(text);
    let mut codes: Vec<&str> = found.iter().map(|finding| finding.rule.code).filter(|code| *code != "U01").collect();
    codes.sort_unstable();
    codes.dedup();
    assert!(program.is_some() || !codes.is_empty());
    codes
}

fn check(body: &str, expected: &[&str]) {
    assert_eq!(codes(&whole(body, BAD, "")), expected, "{}", &body[..body.len().min(200)]);
}

/// As many pieces as are asked for.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

#[test]
fn the_types_of_facts_are_learnt_in_the_end() {
    let few = "type few = number 1 to 3  type some = number 5 to 9  start state a { on \"BEGIN {n: few}\" { reply 250 \"b\"  goto b with left = n } }";
    check(&format!("{few} state b has left {{ on \"ITEM\" {{ reply 250 \"i\"  goto b with left = left - 1 }} }}"), &[]);
    check(
        &format!("{few} state b has left {{ on \"I {{n: some}}\" {{ reply 250 \"i\"  goto b with left = n }} }}"),
        &[],
    );
    // Facts that learn from each other, the last one first.
    let chain = many(40, |n| {
        format!("state b{n} has f{n} {{ on \"N\" {{ reply 250 \"x\"  goto b{} with f{} = f{n} }} }} ", n + 1, n + 1)
    });
    check(
        &format!(
            "start state a {{ on \"S {{w: word}}\" {{ reply 250 \"x\"  goto b0 with f0 = w }} }} {chain} state b40 has f40 {{ on \"N\" {{ reply 250 \"x\"  goto a }} }}"
        ),
        &[],
    );
}

#[test]
fn a_chain_of_enters_is_as_long_as_states_may_be() {
    let chain = |count: usize| {
        let states = many(count, |n| format!("state s{n} {{ enter {{ goto s{} }} }}\n", n + 1));
        format!(
            "start state a {{ on \"X\" {{ goto s0 }} }}\n{states}state s{count} {{ enter {{ reply 250 \"x\"  stay }} }}"
        )
    };
    check(&chain(2000), &[]);
    check(&chain(20_000), &["X01"]);
}

#[test]
fn routines_that_run_others_twice_do_not_double() {
    let routines = many(24, |n| format!("routine r{n} {{ if tls is present {{ run r{} }}  run r{} }}\n", n + 1, n + 1));
    let body = format!("start state a {{ on \"X\" {{ run r0 }} }}\n{routines}routine r24 {{ reply 250 \"x\"  stay }}");
    let (program, _) = compiled(&whole(&body, BAD, ""));
    assert!(program.unwrap().code.len() < 1000);
    let deep = many(3000, |n| format!("routine r{n} {{ run r{} }}\n", n + 1));
    check(&format!("start state a {{ on \"X\" {{ run r0 }} }}\n{deep}routine r3000 {{ reply 250 \"x\"  stay }}"), &[]);
}

#[test]
fn what_is_shared_is_held_to_the_same_rules() {
    let check = |first: &str, second: &str, routine: &str, expected: &[&str]| {
        let body = format!(
            "on \"X\" {{ if tls is present {{ {first} run r }}  if peer.port > 9 {{ {second} run r }} {second} run r }}"
        );
        check(&format!("start state a {{ {body} }}  routine r {{ {routine} }}"), expected);
    };
    check("", "", "reply 250 \"x\"  stay", &[]);
    check("", "reply 250 \"y\"", "stay", &["F02"]);
    check("", "reply 250 \"y\"", "reply 250 \"x\"  stay", &["F03"]);
    check("", "", "log info \"{tls}\"  reply 250 \"x\"  stay", &["T05"]);
    check("", "", "run q", &["N06"]);
    let circle = |count: usize| {
        many(count, |n| {
            format!("routine r{n} {{ if tls is present {{ run r{} }}  run r{} }}\n", (n + 1) % count, (n + 1) % count)
        })
    };
    for count in [1, 2, 30] {
        let found = codes(&whole(&format!("start state a {{ on \"X\" {{ run r0 }} }}\n{}", circle(count)), BAD, ""));
        assert!(found.contains(&"F06"), "{count}: {found:?}");
    }
}

#[test]
fn types_that_use_others_twice_do_not_double() {
    let types = many(40, |n| format!("type t{n} = t{} / t{}\n", n + 1, n + 1));
    check(&format!("{types}type t40 = \"a\"\nstart state a {{ on \"X {{k: t0}}\" -> 250 \"x\" }}"), &[]);
    let chain = many(4000, |n| format!("type t{n} = t{}\n", n + 1));
    check(&format!("{chain}type t4000 = \"a\"\nstart state a {{ on \"X {{k: t0}}\" -> 250 \"x\" }}"), &[]);
    check("type a = \"x\" b\ntype b = \"y\" a\nstart state a { on \"X {k: a}\" -> 250 \"x\" }", &["N03", "T11"]);
}

#[test]
fn what_is_too_much_is_refused_with_what_it_is() {
    let handlers = |count: usize| many(count, |n| format!("on \"V{n}\" -> 250 \"x\"\n"));
    check(&format!("start state a {{ {} }}", handlers(20_000)), &["X01"]);
    let states = many(1000, |n| format!("state s{n} {{ on \"X\" {{ reply 250 \"x\"  goto s{} }} }}\n", (n + 1) % 1000));
    let start = "start state a { on \"X\" { reply 250 \"x\"  goto s0 } }";
    check(&format!("{start}\n{states}\nanytime {{ {} }}", handlers(3000)), &["X01"]);
    let alike = many(3000, |n| format!("on \"V {{w: word}} x{n}\" when tls is present -> 250 \"x\"\n"));
    check(&format!("start state a {{ {alike} }}"), &["X01"]);
    let types = many(2000, |n| format!("type t{n} = *{}(ALPHA)\n", 6000 + n));
    check(&format!("{types}start state a {{ on \"X\" -> 250 \"x\" }}"), &["X01"]);
    let lets = many(60_000, |n| format!("let v{n} = w\n"));
    check(&format!("start state a {{ on \"X {{w: word}}\" {{ {lets} reply 250 \"x\"  stay }} }}"), &["X01"]);
    // Each of these may be absent, and hangs on all that stands before it.
    let guard = many(20_000, |n| format!(" or tls == \"x{n}\""));
    let found = codes(&whole(&format!("start state a {{ on \"X\" when tls == \"x\"{guard} -> 250 \"x\" }}"), BAD, ""));
    assert!(found.contains(&"T05"), "{found:?}");
    let mut ors = String::from("w == \"x\"");
    (0..20_000).for_each(|n| write!(ors, " or w == \"x{n}\"").unwrap());
    check(
        &format!("start state a {{ on \"X {{w: word}}\" {{ require {ors} else 500 \"n\"  reply 250 \"x\"  stay }} }}"),
        &[],
    );
}

const ASK: &str = "ask slow(\"x\") within 10 minutes { done(n) { } failed(why) { } }";

#[test]
fn every_wait_is_held_against_the_patience_of_the_wire() {
    let check = |body: &str, unexpected: &str, limits: &str, expected: &[&str]| {
        assert_eq!(codes(&whole(body, unexpected, limits)), expected, "{body} {unexpected} {limits}");
    };
    let go = |body: &str| format!("start state a {{ on \"GO\" {{ {body} }} }}");
    let answer = "reply 250 \"x\"  stay";
    check(&go(answer), BAD, "", &[]);
    check(&go(&format!("{ASK} {answer}")), BAD, "", &["L03"]);
    check(&go(&format!("count many  {answer}")), BAD, &format!("many 3 {{ {ASK} reply 421 \"h\"  close }}"), &["L03"]);
    let counters =
        format!("many 3 {{ count more  reply 421 \"h\"  close }}  more 2 {{ {ASK} reply 421 \"h\"  close }}");
    check(&go(&format!("count many  {answer}")), BAD, &counters, &["L03"]);
    check(&go(answer), &format!("bad arguments {{ {ASK} reply 501 \"h\"  stay }}"), "", &["L03"]);
    let asks = format!("let x = prompt 354 \"?\" for word  {answer}");
    check(&go(&asks), &format!("{BAD} cancelled -> 501 \"c\"  bad answer -> 501 \"b\""), "", &[]);
    check(
        &go(&asks),
        &format!("{BAD} cancelled {{ {ASK} reply 501 \"c\"  stay }}  bad answer -> 501 \"b\""),
        "",
        &["L03"],
    );
    check(
        &go(&asks),
        &format!("{BAD} cancelled -> 501 \"c\"  bad answer {{ {ASK} reply 501 \"b\"  stay }}"),
        "",
        &["L03"],
    );
    check(&format!("{}  routine r {{ {ASK} {answer} }}", go("run r")), BAD, "", &["L03"]);
    let left = format!("start state a {{ leave {{ {ASK} }}  on \"GO\" {{ reply 250 \"x\"  close }} }}");
    check(&left, BAD, "", &["L03"]);
    let counted = format!("start state a {{ leave {{ {ASK} }}  on \"GO\" {{ count many  {answer} }} }}");
    check(&counted, BAD, "many 3 -> 421 \"m\" close", &["L03"]);
    let secured = format!(
        "start state a {{ on \"GO\" when tls is absent {{ reply 220 \"x\"  start tls then goto b }} }}  state b {{ enter {{ {ASK} stay }} }}"
    );
    check(&secured, BAD, "", &["L03"]);
    let other = "start state a { on \"X\" { let t = 2 hours  pause t  reply 250 \"x\"  stay } }";
    check(other, BAD, "", &["L10"]);
    check(&go("let t = 5 minutes  let u = t + 1 second  pause u  reply 250 \"x\"  stay"), BAD, "", &["L03"]);
}

#[test]
fn a_time_is_known_before_anything_runs() {
    let start =
        "start state a { on \"I {w: word}\" { reply 250 \"i\"  goto h with p = r { who: w, xs: [] }, t = 5 minutes } }";
    let state = |body: &str| format!("{start} state h has p, t {{ on \"X\" {{ {body}  reply 250 \"x\"  stay }} }}");
    check(&state("pause t"), &["L12"]);
    check(&state("let u = t  pause u"), &["L12"]);
    check(&state("ask slow(\"x\") within t { done(n) { } failed(why) { } }"), &["L12"]);
    let inner = |outer: &str, inner: &str| {
        state(&format!(
            "for each a in p.xs within {outer} {{ for each b in p.xs within {inner} {{ ask slow(b) within 1 second {{ done(n) {{ }} failed(why) {{ }} }} }} }}"
        ))
    };
    check(&inner("5 seconds", "5 seconds"), &[]);
    check(&inner("5 seconds", "1 hour"), &["L11"]);
}

#[test]
fn counters_that_lead_to_each_other_have_a_budget() {
    let limits = "a 2 { count b  reply 421 \"a\"  close }  b 2 { count a  reply 421 \"b\"  close }  c 2 { count c  reply 421 \"c\"  close }";
    let body = "start state a { on \"X\" { count a  count b  count c  reply 250 \"x\"  stay } }";
    let (program, _) = compiled(&whole(body, BAD, limits));
    if let Some(program) = program {
        assert!(!proof::budget(&program).is_empty());
    }
    let chain = many(900, |n| format!("c{n} 3 {{ count c{}  reply 421 \"x\"  close }}\n", n + 1));
    let body = "start state a { on \"X\" { count c0  reply 250 \"x\"  stay } }";
    let (program, found) =
        compiled(&whole(body, BAD, &format!("{chain} c900 3 {{ pause 2 seconds  reply 421 \"x\"  close }}")));
    let budgets = proof::budget(&program.unwrap_or_else(|| panic!("{found:?}")));
    assert_eq!(budgets[0].worst.as_secs(), 2);
}

#[test]
fn values_that_double_are_not_followed_for_ever() {
    let promise = "promise \"p\" { never reply 250 unless tls is present }";
    let start = "start state a { on \"I {x: number} {w: word}\" { ";
    let end = "reply 250 \"i\"  stay } }";
    let double = |first: &str, next: &dyn Fn(usize) -> String, last: &str| {
        let lets = many(60, |n| format!("let v{} = {} ", n + 1, next(n)));
        check(&format!("{start} let v0 = {first} {lets} {last} {end} {promise}"), &["P01"]);
    };
    double("x", &|n| format!("v{n} + v{n}"), "if v60 > 3 { log debug \"x\" }");
    double("w", &|n| format!("\"{{v{n}}}{{v{n}}}\""), "if x > 3 { require v60 is not empty else 550 \"x\" }");
    double("[w]", &|n| format!("[joined(v{n}, \"\", \"\"), joined(v{n}, \"\", \"\")]"), "");
    double("x > 3", &|n| format!("(v{n} and tls is present) or (v{n} and x > {n})"), "require v60 else 550 \"x\"");
}

#[test]
fn times_that_double_are_not_followed_for_ever() {
    let lets = many(60, |n| format!("let t{} = t{n} + t{n} ", n + 1));
    let pause = format!("start state a {{ on \"X\" {{ let t0 = 1 second {lets} pause t60 reply 250 \"x\"  stay }} }}");
    check(&pause, &["L12"]);
    let settings = many(60, |n| format!("t{} : duration = settings.t{n} + settings.t{n} ", n + 1));
    let settings = format!("settings {{ t0 : duration = 1 second {settings} }}");
    let found = codes(&whole(
        &format!("{settings} start state a {{ on \"X\" {{ pause settings.t60 reply 250 \"x\"  stay }} }}"),
        BAD,
        "",
    ));
    assert!(found.iter().all(|code| code.starts_with('L')), "{found:?}");
}
