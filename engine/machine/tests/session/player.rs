//! Plays a session: each line of a script is an input, or an effect that must come next.
//!
//! ```text
//! > EHLO you             a line from the peer        >> a\r\nb     exactly these octets
//! < 250 hello            a line to the peer          ! call x()    any other effect
//! = 0 "text" 5           the latest call's outcome   + 5           so many seconds pass
//! stored 0 · failed 0 why · tls · eof · gone · open · shutdown · full · broken
//! state ready · deadline 300 · waits · listens
//! ```
//!
//! A wanted effect that ends with `…` is a beginning.
//!
//! Never: performs an effect.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use machine::{Binding, Body, Effect, Effects, Input, Machine, Now, Peer, Reason, Service, Tls};
use program::{CallId, Outcome, PayloadId, Program, SessionId, Value};

pub(crate) const START: Duration = Duration::from_secs(1000);
pub(crate) const UNIX: i64 = 1_795_367_580;

/// What came out of the machine.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) events: VecDeque<String>,
    pub(crate) call: Option<CallId>,
    pub(crate) sent: Vec<u8>,
    /// The payloads that are being read.
    reading: BTreeMap<u32, Vec<u8>>,
    /// The payloads that were read to their end, one behind the other.
    pub(crate) kept: Vec<u8>,
    /// The arguments of the latest call.
    pub(crate) arguments: Vec<Value>,
}

pub(crate) struct Player {
    pub(crate) machine: Machine,
    pub(crate) seen: Seen,
    pub(crate) elapsed: Duration,
}

impl Effects for Seen {
    fn effect(&mut self, effect: Effect<'_>) {
        let event = match effect {
            Effect::Send { octets, .. } => {
                self.sent.extend_from_slice(octets);
                let text = std::str::from_utf8(octets).unwrap();
                let text = text.strip_suffix('\n').expect("an answer ends with a line end");
                for line in text.split('\n') {
                    self.events.push_back(format!("< {}", line.strip_suffix('\r').unwrap_or(line)));
                }
                return;
            }
            Effect::Call(call) => {
                self.call = Some(call.id);
                let arguments: Vec<String> = call.arguments.iter().map(|value| format!("{value:?}")).collect();
                let shown = format!("call {}({})", call.target.name(), arguments.join(", "));
                self.arguments = call.arguments.into_vec();
                shown
            }
            Effect::Cancel(_) => "cancel".into(),
            Effect::Body(Body::Begin(id)) => format!("begin {}", id.0),
            Effect::Body(Body::Chunk(id, octets)) => {
                self.reading.entry(id.0).or_default().extend_from_slice(octets);
                format!("chunk {} {:?}", id.0, String::from_utf8_lossy(octets))
            }
            Effect::Body(Body::End(id)) => {
                self.kept.extend(self.reading.remove(&id.0).unwrap_or_default());
                format!("end {}", id.0)
            }
            Effect::Body(Body::Copy(copy, of)) => format!("copy {} {}", copy.0, of.0),
            Effect::Body(Body::Join(first, second)) => format!("join {} {}", first.0, second.0),
            Effect::Body(Body::Discard(id)) => format!("discard {}", id.0),
            Effect::Payload { id, form, .. } => format!("payload {:?} {form:?}", id.map(|id| id.0)),
            Effect::Secure(drained) => format!("secure {}", drained.dropped()),
            Effect::Deadline(_) => return,
            Effect::Log(level, text) => format!("log {level:?} {text}"),
            Effect::Heard(line) => format!("heard {line}"),
            Effect::Said(line) => format!("said {line}"),
            Effect::Close => "close".into(),
        };
        self.events.push_back(format!("! {event}"));
    }
}

impl Player {
    pub(crate) fn new(program: &Arc<Program>, binding: &Binding) -> Player {
        let service = Service::bind(program.clone(), binding).expect("the program binds");
        let peer = Peer {
            ip: "192.0.2.7".parse().unwrap(),
            port: 40_000,
            local_ip: "192.0.2.1".parse().unwrap(),
            local_port: 25,
            tls: None,
        };
        let machine = Machine::new(Arc::new(service), peer, SessionId("s1".into()));
        Player { machine, seen: Seen::default(), elapsed: START }
    }

    pub(crate) fn feed(&mut self, input: Input<'_>) {
        let unix = UNIX + i64::try_from((self.elapsed - START).as_secs()).unwrap();
        self.machine.feed(Now { elapsed: self.elapsed, unix }, input, &mut self.seen);
    }

    fn act(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let payload = |text: &str| PayloadId(text.parse().unwrap());
        match word {
            ">" => self.feed(Input::Bytes(format!("{rest}\r\n").as_bytes())),
            ">>" => self.feed(Input::Bytes(&unescape(rest))),
            "=" => {
                let (index, values) = rest.split_once(' ').unwrap_or((rest, ""));
                let outcome = Outcome { index: index.parse().unwrap(), values: values_of(values).into() };
                let call = self.seen.call.expect("a call is out");
                self.feed(Input::Outcome(call, outcome));
            }
            "+" => {
                self.elapsed += Duration::from_secs(rest.parse().unwrap());
                if self.machine.deadline().is_some_and(|deadline| deadline <= self.elapsed) {
                    self.feed(Input::Timeout);
                }
            }
            "stored" => self.feed(Input::Stored(payload(rest))),
            "failed" => {
                let (id, why) = rest.split_once(' ').unwrap();
                self.feed(Input::StoreFailed(payload(id), why));
            }
            "tls" => self.feed(Input::Secured(Tls { version: "TLSv1.3", cipher: "AES".into() })),
            "open" => self.feed(Input::Open),
            "eof" => self.feed(Input::Eof),
            "gone" => self.feed(Input::Gone),
            "shutdown" => self.feed(Input::End(Reason::Shutdown)),
            "full" => self.feed(Input::End(Reason::Full)),
            "broken" => self.feed(Input::End(Reason::Broken)),
            "state" => assert_eq!(&*self.machine.state().name, rest),
            "deadline" => {
                let wanted = (rest != "none").then(|| self.elapsed + Duration::from_secs(rest.parse().unwrap()));
                assert_eq!(self.machine.deadline(), wanted, "deadline {rest}");
            }
            "waits" => assert!(!self.machine.wants_input(), "the machine still listens"),
            "listens" => assert!(self.machine.wants_input(), "the machine does not listen"),
            other => panic!("no such input: {other}"),
        }
    }

    pub(crate) fn play(&mut self, script: &str) {
        for line in script.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            if line.starts_with("< ") || line.starts_with("! ") {
                let came = self.seen.events.pop_front();
                if let Some(beginning) = line.strip_suffix('…') {
                    assert!(came.as_ref().is_some_and(|came| came.starts_with(beginning)), "{came:?} for `{line}`");
                    continue;
                }
                assert_eq!(came.as_deref(), Some(line), "behind it: {:?}\n{script}", self.seen.events);
            } else {
                assert!(self.seen.events.is_empty(), "before `{line}`: {:?}\n{script}", self.seen.events);
                self.act(line);
            }
        }
        assert!(self.seen.events.is_empty(), "at the end: {:?}\n{script}", self.seen.events);
    }
}

/// Plays a script against a program.
pub(crate) fn check(program: &Arc<Program>, script: &str) {
    check_bound(program, &Binding { name: "mx.example".into(), ..Binding::default() }, script);
}

pub(crate) fn check_bound(program: &Arc<Program>, binding: &Binding, script: &str) {
    Player::new(program, binding).play(script);
}

pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'\\' => match rest.next().unwrap() {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'0' => 0,
                b'x' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
            other => other,
        });
    }
    octets
}

fn values_of(text: &str) -> Vec<Value> {
    text.split_whitespace()
        .map(|word| match word.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Text(word.trim_matches('"').into()),
        })
        .collect()
}
