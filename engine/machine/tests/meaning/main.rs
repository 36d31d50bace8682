//! What conditions mean: a machine evaluates them over values that are there and values that are not, and the proof must
//! call possible what happened.
//!
//! Never: looks at how either comes to its answer.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::{sync::Arc, time::Duration};

use diagnostic::Sources;
use machine::{Binding, Effect, Effects, Input, Machine, Now, Peer, Service};
use program::{Expr, Program, SessionId, Slot, Unless, Value, relation};

/// Conditions over facts that may be absent.
const CONDITIONS: &[&str] = &[
    "n < 3",
    "n <= 3",
    "n == 3",
    "n != 3",
    "n > 3",
    "n >= 3",
    "n < 4",
    "n >= 4",
    "not (n < 3)",
    "n < m",
    "n >= m",
    "n == m",
    "n != m",
    "m == n",
    "n + 1 > 3",
    "n - 1 < m",
    "n + 1 == m",
    "n is present",
    "m is present",
    "w == \"a\"",
    "w == \"b\"",
    "w != \"a\"",
    "w == v",
    "w != v",
    "w == settings.word",
    "w in [\"a\", \"b\"]",
    "w in l",
    "w in settings.words",
    "\"a\" in w",
    "w is empty",
    "w is present",
    "size(w) > 0",
    "ascii(w)",
    "l is empty",
    "l is present",
    "size(l) < 1",
    "f",
    "not f",
    "f == yes",
    "f == no",
    "f is present",
    "p.domain is present",
    "p.domain == \"a.example\"",
    "p.local is empty",
    "p is empty",
    "p is present",
    "p.domain in settings.domains",
    "i == settings.address",
    "i in settings.networks",
    "i is present",
    "r.words is empty",
    "r.words is present",
    "r.word is present",
    "r.word == w",
    "r.word == \"a\"",
    "r is present",
    "tls is present",
    "tls == \"TLSv1.3\"",
    "matches(w, \"a*\")",
    "d < 5 seconds",
    "d >= 5 seconds",
    "d + 1 second > 5 seconds",
];

/// Lines that give facts their values.
const VALUES: &[&[&str]] = &[
    &[],
    &["N 2"],
    &["N 3"],
    &["N 4", "M 4"],
    &["M 3"],
    &["N 3", "M 3"],
    &["W a"],
    &["W A"],
    &["W b", "V B"],
    &["W b", "V b"],
    &["V a"],
    &["W a", "L a"],
    &["L b", "W a"],
    &["L0", "W c"],
    &["F yes"],
    &["F no"],
    &["P <x@a.example>"],
    &["P <x@[192.0.2.1]>"],
    &["P <>"],
    &["I 192.0.2.1"],
    &["I ::ffff:192.0.2.1"],
    &["I 198.51.100.7"],
    &["R a"],
    &["R0 a"],
    &["R a", "W a"],
    &["D 4"],
    &["D 5"],
    &["D 6", "N 9", "W a", "L a", "F yes", "P <x@b.example>", "I 192.0.2.9", "R b"],
];

fn protocol() -> String {
    let promises: String = CONDITIONS
        .iter()
        .enumerate()
        .map(|(number, condition)| format!("promise \"{number}\" {{ never on \"GO\" unless {condition} }}\n"))
        .collect();
    format!(
        r#"protocol meaning "what conditions mean" version 1
wire {{ lines lf at most 200 octets  reply "{{code}} {{text}}"  refusal 5xx }}
record note {{ word: word  words: list of word at most 5 }}
settings {{
    word : word = "A"   words : list of word = ["a", "c"]   domains : list of domain = ["A.example"]
    address : ip = "192.0.2.1"   networks : list of network = ["192.0.2.0/24"]
}}
type answer = "yes" / "no"
start state open has n?, m?, w?, v?, l?, f?, p?, i?, r?, d? {{
    on "N {{x: number}}" {{ reply 250 "set"  stay with n = x }}
    on "M {{x: number}}" {{ reply 250 "set"  stay with m = x }}
    on "W {{x: word}}" {{ reply 250 "set"  stay with w = x }}
    on "V {{x: word}}" {{ reply 250 "set"  stay with v = x }}
    on "L {{x: word}}" {{ reply 250 "set"  stay with l = [x] }}
    on "L0" {{ reply 250 "set"  stay with l = [] }}
    on "F {{x: answer}}" {{ reply 250 "set"  stay with f = x == "yes" }}
    on "P {{x: reverse_path}}" {{ reply 250 "set"  stay with p = x }}
    on "I {{x: ip}}" {{ reply 250 "set"  stay with i = x }}
    on "R {{x: word}}" {{ reply 250 "set"  stay with r = note {{ word: x, words: [x] }} }}
    on "R0 {{x: word}}" {{ reply 250 "set"  stay with r = note {{ word: x, words: [] }} }}
    on "D 4" {{ reply 250 "set"  stay with d = 4 seconds }}
    on "D 5" {{ reply 250 "set"  stay with d = 5 seconds }}
    on "D 6" {{ reply 250 "set"  stay with d = 6 seconds }}
    on "GO" -> 250 "gone"
    on "QUIT" -> 250 "bye" close
}}
unexpected {{ out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }}
limits {{
    line -> 500 "too long"  idle 1 minute -> 521 "asleep?" close  session 1 hour -> 521 "enough" close
    shutdown -> 521 "closing" close  full -> 521 "full" close  broken -> 521 "our fault" close
}}
{promises}"#
    )
}

/// A folder without other files.
struct Alone;

impl grammar::Folder for Alone {
    fn text(&self, _: &str) -> Result<Option<(String, String)>, String> {
        Ok(None)
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

fn program() -> Arc<Program> {
    let mut sources = Sources::default();
    let file = sources.add("meaning.proto.dsl", protocol());
    let compiled = grammar::compile_in(&mut sources, file, &Alone, &[]);
    let faults: Vec<&str> = compiled
        .findings
        .iter()
        .filter(|finding| !finding.rule.code.starts_with("P0"))
        .map(|finding| &*finding.message)
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
    // None of these promises is kept: the program is a draft.
    Arc::new(compiled.draft.unwrap())
}

#[derive(Default)]
struct Heard(String);

impl Effects for Heard {
    fn effect(&mut self, effect: Effect<'_>) {
        if let Effect::Send { octets, .. } = effect {
            self.0.push_str(&String::from_utf8_lossy(octets));
        }
    }
}

/// Which of the conditions hold, by what the machine says.
fn evaluated(program: &Arc<Program>, lines: &[&str]) -> Vec<bool> {
    let service = Service::bind(program.clone(), &Binding { name: "mx".into(), ..Binding::default() }).unwrap();
    let ip = "192.0.2.44".parse().unwrap();
    let peer = Peer { ip, port: 1, local_ip: ip, local_port: 2, tls: None };
    let mut machine = Machine::new(Arc::new(service), peer, SessionId("s".into()));
    machine.watch_promises();
    let now = Now { elapsed: Duration::from_secs(1), unix: 1_795_367_580 };
    let mut heard = Heard::default();
    machine.feed(now, Input::Open, &mut heard);
    for line in lines.iter().chain(&["GO"]) {
        machine.feed(now, Input::Bytes(format!("{line}\n").as_bytes()), &mut heard);
    }
    assert_eq!(heard.0.lines().filter(|line| line.starts_with("250")).count(), lines.len() + 1, "{}", heard.0);
    let broken = machine.broken_promises();
    (0..CONDITIONS.len()).map(|number| !broken.contains(&number)).collect()
}

/// The conditions as they were compiled.
fn conditions(program: &Program) -> Vec<Expr> {
    let of = |number: usize| match &program.promises[number].sites[0].unless[..] {
        [Unless::Holds(condition)] => condition.clone(),
        other => panic!("{} became {other:?}", CONDITIONS[number]),
    };
    (0..CONDITIONS.len()).map(of).collect()
}

#[test]
fn the_proof_calls_possible_what_happens() {
    let program = program();
    let conditions = conditions(&program);
    let sure = |expr: &Expr| matches!(expr, Expr::Setting(_));
    for lines in VALUES {
        let held = evaluated(&program, lines);
        let known: Vec<proof::Known> = conditions.iter().cloned().zip(held.iter().copied()).collect();
        for (a, one) in known.iter().enumerate() {
            for (b, other) in known.iter().enumerate() {
                let both = [one.clone(), other.clone()];
                let shown = (CONDITIONS[a], held[a], CONDITIONS[b], held[b]);
                assert!(proof::possible(&both, &sure), "after {lines:?} it is so, and called impossible: {shown:?}");
            }
        }
        assert!(proof::possible(&known, &sure), "after {lines:?} all of it is so at once: {known:?}");
    }
}

/// Lines, and what the facts are after them.
type Given<'a> = (&'a [&'a str], &'a [(&'a str, Value)]);

#[test]
fn what_is_simplified_means_the_same() {
    let program = program();
    let conditions = conditions(&program);
    let place = |name: &str| program.facts.iter().position(|fact| &*fact.name == name).unwrap();
    let given: [Given<'_>; 5] = [
        (&[], &[]),
        (&["N 3"], &[("n", Value::Number(3))]),
        (&["N 4", "M 4"], &[("n", Value::Number(4)), ("m", Value::Number(4))]),
        (&["W A", "L a"], &[("w", Value::Text("A".into())), ("l", Value::List(vec![Value::Text("a".into())]))]),
        (
            &["I ::ffff:192.0.2.1", "F no"],
            &[("i", Value::Ip("::ffff:192.0.2.1".parse().unwrap())), ("f", Value::Yes(false))],
        ),
    ];
    for (lines, facts) in given {
        let held = evaluated(&program, lines);
        let facts: Vec<(usize, Value)> = facts.iter().map(|(name, value)| (place(name), value.clone())).collect();
        let leaf = |expr: &Expr| match expr {
            Expr::Slot(Slot(slot)) => {
                let value = facts.iter().find(|(place, _)| *place == usize::from(*slot));
                Some(Expr::Constant(value.map_or(Value::Absent, |(_, value)| value.clone())))
            }
            _ => None,
        };
        for (number, condition) in conditions.iter().enumerate() {
            if let Expr::Constant(value) = condition.with(&leaf) {
                let said = value == Value::Yes(true);
                assert_eq!(said, held[number], "{} after {lines:?}", CONDITIONS[number]);
            }
        }
    }
}

#[test]
fn plain_values_stand_to_each_other_as_the_machine_says() {
    let same = |a: &str, b: &str| {
        let ip = |text: &str| Value::Ip(text.parse().unwrap());
        relation(&ip(a), &ip(b), false).map(|relation| program::Comparison::Equal.holds(relation))
    };
    assert_eq!(same("192.0.2.1", "::ffff:192.0.2.1"), Some(true));
    assert_eq!(same("192.0.2.1", "192.0.2.2"), Some(false));
}
