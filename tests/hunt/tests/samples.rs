//! Small files, each about one thing that the language says, played to the machine and to the naive evaluator: both must
//! do the same, and say what is written here.
//!
//! Never: tries what the conversations of the repository try already.

mod side;

use std::{sync::Arc, time::Duration};

use hunt::meaning::{self, Event, Protocol, Violation};
use machine::{Binding, Given, Input, Now, Peer, Reason, Service};
use program::{Outcome, Record, SessionId, Target, Value};

use side::{Pair, agreed};

const FRAME: &str = r#"
protocol sample "a sample" version 1
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 4xx 5xx   cancel "*"   listing dotted }
unexpected { out of order -> 503 "order"   bad arguments -> 501 "arguments {usage}"   unknown command -> 500 "unknown {verb}" }
limits {
    line -> 500 "long"   idle 1 minute -> 421 "asleep" close   session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close   full -> 421 "full" close   broken -> 421 "broken" close
}
"#;

/// A session in play.
struct Play {
    pair: Pair,
    now: Duration,
    said: String,
    settings: usize,
}

impl Play {
    fn feed(&mut self, input: Input<'_>, event: Event) {
        let now = Now { elapsed: self.now, unix: 1_795_367_580 + self.now.as_secs() as i64 };
        self.pair.feed(input, event, now);
        while let Some(line) = self.pair.line() {
            self.said.push_str(&String::from_utf8_lossy(&line.octets));
            self.said.push('\n');
        }
        while let Some(payload) = self.pair.desk.ended.pop_front() {
            self.feed(Input::Stored(payload), Event::Kept);
        }
    }

    /// One step: `> LINE`, `>> octets`, `= OUTCOME values`, `wait SECONDS`, `tls`, `eof`, `gone`, `shutdown`.
    fn act(&mut self, step: &str) {
        let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
        let mut octets = |text: String| {
            let octets = text.into_bytes();
            self.feed(Input::Bytes(&octets), Event::Octets(octets.clone()));
        };
        match word {
            ">" => octets(format!("{rest}\r\n")),
            ">>" => octets(rest.replace("\\r", "\r").replace("\\n", "\n")),
            "=" => {
                let call = self.pair.desk.calls.pop_front().expect("a call is out");
                let (name, values) = rest.split_once(' ').unwrap_or((rest, ""));
                let outcome = outcome(&call.target, name, values);
                let event = meaning::answered(&call.target, &outcome, &|_| Vec::new());
                self.feed(Input::Outcome(call.id, outcome), event);
            }
            "wait" => {
                let until = self.now + Duration::from_secs(rest.parse().expect("a number of seconds"));
                while let Some(at) = self
                    .pair
                    .machine
                    .deadline()
                    .filter(|at| *at <= until && !self.pair.over() && self.pair.faults.is_empty())
                {
                    self.now = self.now.max(at);
                    self.feed(Input::Timeout, Event::Time);
                }
                self.now = until;
            }
            "tls" => self.feed(Input::Secured(agreed()), Event::Secured(agreed())),
            "eof" => self.feed(Input::Eof, Event::Eof),
            "gone" => self.feed(Input::Gone, Event::Gone),
            "shutdown" => self.feed(Input::End(Reason::Shutdown), Event::End(Reason::Shutdown)),
            other => panic!("`{other}` is no step, after {} settings", self.settings),
        }
    }
}

/// An outcome by its name; values are parted by blanks: numbers, `-` for nothing, and texts.
fn outcome(target: &Target, name: &str, values: &str) -> Outcome {
    let index = target.outcomes().iter().position(|known| *known == name).expect("the outcome is declared");
    let mut words = values.split(' ').filter(|word| !word.is_empty());
    let plain = |word: &str| match word.parse() {
        Ok(number) => Value::Number(number),
        Err(_) if word == "-" => Value::Absent,
        Err(_) => Value::Text(word.into()),
    };
    let record = |words: &mut dyn Iterator<Item = &str>| match target {
        Target::Statement(statement) => match &statement.gives {
            program::Gives::Row(shape) | program::Gives::Rows(shape, _) => {
                let fields: Vec<Value> = shape.fields.iter().map_while(|_| words.next().map(plain)).collect();
                (fields.len() == shape.fields.len()).then(|| Value::from(Record::new(shape.clone(), fields)))
            }
            program::Gives::Nothing => None,
        },
        _ => None,
    };
    let values = match name {
        "row" => vec![record(&mut words).expect("a whole row")],
        "rows" => vec![Value::List(std::iter::from_fn(|| record(&mut words)).collect())],
        _ => words.map(plain).collect(),
    };
    Outcome { index, values: values.into() }
}

/// Plays steps in a file made of the frame and these items, and gives what was said and what was violated.
fn played(items: &str, settings: &[(&str, &str)], steps: &[&str]) -> (String, Vec<Violation>) {
    let text = format!("{FRAME}{items}");
    let mut sources = diagnostic::Sources::default();
    let file = sources.add("sample.proto.dsl", text.clone());
    let (program, findings) = grammar::compile(&sources, file, actions::signatures());
    let told: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.rule.code, finding.message)).collect();
    let program = Arc::new(program.unwrap_or_else(|| panic!("it compiles: {told:?}")));
    let (tree, _) = grammar::parse(file, &text);
    let given: Vec<(String, Given)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), Given::Text((*value).to_owned()))).collect();
    let binding = Binding { name: "mx.example".into(), settings: given.clone(), ..Binding::default() };
    let service = Arc::new(Service::bind(program, &binding).expect("the settings fit"));
    let protocol = Arc::new(Protocol::new(tree, actions::signatures().to_vec()));
    let ip = "192.0.2.1".parse().expect("an address");
    let peer = Peer { ip, port: 4000, local_ip: ip, local_port: 25, tls: None };
    let pair = Pair::new((&service, &protocol), peer, SessionId("s".into()), ("mx.example", given));
    let pair = pair.expect("the settings fit the meaning, too");
    let mut play = Play { pair, now: Duration::from_secs(1), said: String::new(), settings: settings.len() };
    play.feed(Input::Open, Event::Open);
    for step in steps {
        play.act(step);
    }
    let violations = play.pair.meaning.violations();
    play.pair.faults.retain(|fault| !fault.starts_with("violation"));
    assert!(play.pair.faults.is_empty(), "{}\n{}", steps.join("\n"), play.pair.faults.join("\n"));
    (play.said, violations)
}

/// Both do the same, say this, and nothing is violated.
#[track_caller]
fn check(items: &str, steps: &[&str], wanted: &[&str]) {
    let (said, violations) = played(items, &[], steps);
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
    assert_eq!(violations, Vec::new());
}

#[test]
fn what_is_removed_equals_as_it_would_in_a_condition() {
    let items = r#"
        record box { names : list of domain at most 9   words : list of word at most 9 }
        start state open {
            on "BOX" -> 250 "a box" goto filled with box = box { names: ["Example.COM"], words: ["One", "two"] }
        }
        state filled has box {
            on "NAME {n: domain}" { remove n from box.names  reply 250 "{size(box.names)}"  stay }
            on "ONE" { remove "one" from box.words  reply 250 "{box.words}"  stay }
            on "WORD {w: word}" { remove w from box.words  reply 250 "{box.words}"  stay }
        }
        anytime { on "QUIT" -> 221 "bye" close }
    "#;
    check(
        items,
        &["> BOX", "> NAME example.com", "> WORD TWO", "> ONE"],
        &["250 a box", "250 0", "250 One, two", "250 two"],
    );
}

#[test]
fn what_is_offered_knows_which_facts_the_answer_drops() {
    let items = r#"
        offers all { "hello"  "WEAR"  if accepted }
        start state open {
            on "TAKE {what: word}" -> 250 "taken" goto hall with coat = what
            on "QUIT" -> 221 "bye" close
        }
        state hall has coat? {
            on "WEAR" when coat is present -> 250 "{coat}"
            on "DROP" { reply 250 { each all }   goto hall without coat }
            on "SHOW" { reply 250 { each all }   stay }
            on "SWAP {what: word}" { reply 250 { each all }   stay with coat = what }
        }
        anytime { on "END" -> 221 "bye" close }
    "#;
    let steps = ["> TAKE hat", "> SHOW", "> DROP", "> WEAR", "> SHOW", "> SWAP cap", "> WEAR"];
    let wanted = [
        "250 taken",
        "250-hello",
        "250 WEAR",
        "250 hello",
        "503 order",
        "250 hello",
        "250-hello",
        "250 WEAR",
        "250 cap",
    ];
    check(items, &steps, &wanted);
}

#[test]
fn words_behind_an_offered_verb_are_tried_beside_an_enhanced_code_too() {
    let items = r#"
        start state open {
            on "HELLO" { reply 250 2.0.0 { "hello"  "LOGIN ANN EVE" if accepted }   stay }
            on "LOGIN ANN" -> 250 "ann"
            on "LOGIN EVE" -> 550 "never"
            on "QUIT" -> 221 "bye" close
        }
    "#;
    check(items, &["> HELLO"], &["250-2.0.0 hello", "250 2.0.0 LOGIN ANN"]);
}

#[test]
fn a_network_that_is_written_down_has_no_bits_behind_its_prefix() {
    let items = r#"
        settings { near : network = "10.1.2.3/8"   far : list of network = ["192.0.2.77/24"] }
        start state open {
            on "SHOW" -> 250 "{settings.near} {settings.far}"
            on "SAME {n: network}" { require n == settings.near else 550 "no"   reply 250 "yes"  stay }
            on "QUIT" -> 221 "bye" close
        }
    "#;
    check(items, &["> SHOW", "> SAME 10.9.9.9/8"], &["250 10.0.0.0/8 192.0.2.0/24", "250 yes"]);
}

#[test]
fn a_domain_is_one_value_in_both_spellings() {
    let items = r#"
        settings { near : domain = "BÜCHER.example" }
        start state open {
            on "SAME {n: domain}" { require n == settings.near else 550 "no {n}"   reply 250 "yes {n}"  stay }
            on "BOX {p: forward_path}" {
                require p.domain is present and p.domain == "xn--bcher-kva.example" else 550 "no {p.address}"
                reply 250 "{p} {p.domain} {p.address} {until(p.local, "+")}"
                stay
            }
            on "QUIT" -> 221 "bye" close
        }
    "#;
    check(
        items,
        &[
            "> SAME xn--bcher-kva.EXAMPLE",
            "> SAME bücher.example",
            "> SAME bucher.example",
            "> BOX <a+b@bücher.example>",
            "> BOX <ä@münchen.example>",
        ],
        &[
            "250 yes xn--bcher-kva.EXAMPLE",
            "250 yes xn--bcher-kva.example",
            "550 no bucher.example",
            "250 a+b@bücher.example xn--bcher-kva.example a+b@xn--bcher-kva.example a",
            "550 no ä@xn--mnchen-3ya.example",
        ],
    );
}

#[test]
fn the_time_of_an_outer_loop_bounds_the_inner_one() {
    let items = r#"
        settings { names : list of domain = ["a.example", "b.example"] }
        sql look(name: domain) gives nothing as "SELECT 1 WHERE x = :name"
        start state open {
            on "GO" {
                for each n in settings.names within 4 seconds {
                    for each m in settings.names within 3 seconds {
                        ask look(m) within 3 seconds { done(x) { say 250 "{n} {m}" }   failed(why) { say 250 "{n} {m} {why}" } }
                    }
                }
                reply 250 "done"
                stay
            }
            on "QUIT" -> 221 "bye" close
        }
    "#;
    let late = [
        "250 a.example a.example no answer within 3 seconds",
        "250 a.example b.example no answer within 0 seconds",
        "250 b.example a.example no answer within 1 second",
        "250 b.example b.example no answer within 0 seconds",
        "250 done",
    ];
    check(items, &["> GO", "wait 30"], &late);
}
