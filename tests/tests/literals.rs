//! Lines that go on behind counted octets: however they are cut, the answers are the same, and no octet that was
//! announced ever becomes a command.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::{sync::Arc, time::Duration};

use diagnostic::Sources;
use machine::{Binding, Body, Effect, Effects, Input, Machine, Now, Peer, Service};
use program::{PayloadId, SessionId};
use proptest::{prelude::*, sample::select};

/// A protocol with a tag, texts in three ways, a payload and a question.
const NOTES: &str = r#"protocol notes version 1
wire {
    lines    crlf at most 60 octets
    command  "{tag: label} {command}" else "*"
    reply    "{tag} {status} {text}"
    say      "* {text}"
    prompt   "+ {text}"
    answers  OK
    refusal  NO, BAD
    cancel   "*"
    literals at most 20 octets asked "+ go on"
}
type label = 1*8(ALPHA / DIGIT)
type colour = "red" / "green"
start state arrival { enter { say "OK ready"  silent  goto open } }
state open {
    on "NAME {a: astring} {b: string}[ {c: literal}]" -> OK "{quoted(a)} {quoted(b)}{" and {c}" if c is present}"
    on "SHORT {a: astring at most 3}" -> OK "{a}"
    on "RAW {a: text}" -> OK "{a}"
    on "LOG {who: astring} {key: secret string}" -> OK "{who}"
    on "SET ({all: list of colour at most 20})" -> OK "{joined(all, "<", "|")}, {"red" in all}"
    on "PUT {name: astring}"
        followed by literal as x at most 30 octets
            else NO "too big"
            failed(why) NO "{why}"
    { reply OK "{name} {size(x)}"  stay }
    on "ASK" {
        let name = prompt "who?" for string
        reply OK "hello, {name}"
        stay
    }
    on "GO" -> OK "gone" goto elsewhere
    on "QUIT" { say "BYE"  reply OK "bye"  close }
}
state elsewhere { on "GET" -> OK "got" goto open }
unexpected {
    out of order -> BAD "order"   bad arguments -> BAD "arguments"   unknown command -> BAD "unknown {verb}"
    bad answer -> BAD "answer"    cancelled -> BAD "cancelled"
}
limits {
    line -> BAD "long"   idle 1 minute -> BAD "idle" close   session 1 hour -> BAD "enough" close
    shutdown -> BAD "closing" close   full -> BAD "full" close   broken -> BAD "broken" close
}
"#;

/// What came out: answers, and what the log of the conversation shows.
#[derive(Default)]
struct Seen {
    said: String,
    heard: Vec<String>,
    ended: Option<PayloadId>,
    closed: bool,
    kept: Vec<u8>,
}

impl Effects for Seen {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, .. } => self.said.push_str(&String::from_utf8_lossy(octets)),
            Effect::Heard(line) => self.heard.push(line.to_owned()),
            Effect::Body(Body::End(id)) => self.ended = Some(id),
            Effect::Body(Body::Chunk(_, octets)) => self.kept.extend_from_slice(octets),
            Effect::Close => self.closed = true,
            _ => {}
        }
    }
}

fn service() -> Arc<Service> {
    let mut sources = Sources::default();
    let file = sources.add("notes.proto.dsl", NOTES);
    let (program, found) = grammar::compile(&sources, file, actions::signatures());
    let program = Arc::new(program.unwrap_or_else(|| panic!("{found:?}")));
    let binding = Binding { name: "host".into(), converse: true, ..Binding::default() };
    Arc::new(Service::bind(program, &binding).unwrap())
}

/// Plays pieces of octets.
fn play<'a>(service: &Arc<Service>, pieces: impl Iterator<Item = &'a [u8]>) -> Seen {
    let ip = "192.0.2.7".parse().unwrap();
    let peer = Peer { ip, port: 4000, local_ip: ip, local_port: 143, tls: None };
    let mut machine = Machine::new(service.clone(), peer, SessionId("s".into()));
    let now = Now { elapsed: Duration::ZERO, unix: 0 };
    let mut seen = Seen::default();
    machine.feed(now, Input::Open, &mut seen);
    for piece in pieces {
        if machine.closed() {
            break;
        }
        machine.feed(now, Input::Bytes(piece), &mut seen);
        while let Some(id) = seen.ended.take() {
            machine.feed(now, Input::Stored(id), &mut seen);
        }
        assert!(machine.held() < 200, "{} octets are held", machine.held());
    }
    seen
}

/// The answers behind the greeting, the same for every cut.
#[track_caller]
fn check(service: &Arc<Service>, octets: &str, wanted: &str) {
    let octets = octets.replace('\n', "\r\n");
    let greeting = "* OK ready\r\n";
    let wanted = format!("{greeting}{}", wanted.replace('\n', "\r\n"));
    for cut in 0..=octets.len() {
        let (first, second) = octets.as_bytes().split_at(cut);
        let seen = play(service, [first, second].into_iter());
        assert_eq!(seen.said, wanted, "cut at {cut}");
    }
    assert_eq!(play(service, octets.as_bytes().chunks(1)).said, wanted, "octet by octet");
}

#[test]
fn a_text_may_be_an_atom_quoted_or_counted() {
    let service = service();
    check(&service, "a1 NAME x \"y z\"\n", "a1 OK \"x\" \"y z\"\n");
    check(&service, "a NAME \"q\\\"\\\\\" \"\"\n", "a OK \"q\\\"\\\\\" \"\"\n");
    check(&service, "a NAME {3}\nx y {2}\nab\n", "+ go on\n+ go on\na OK \"x y\" \"ab\"\n");
    check(&service, "a NAME {3+}\nx y {0+}\n\n", "a OK \"x y\" \"\"\n");
    check(&service, "a NAME {3+}\n{1} {2+}\n}} {4+}\nlast\n", "a OK \"{1}\" \"}}\" and last\n");
    check(&service, "a NAME x {3+}\na\"\\   \nb ASK\n\"bob\"\n", "a OK \"x\" \"a\\\"\\\\\"\n+ who?\nb OK hello, bob\n");
    check(
        &service,
        "a ASK\n{3+}\nbob\nb ASK\n{3}\nann\n",
        "+ who?\na OK hello, bob\n+ who?\n+ go on\nb OK hello, ann\n",
    );
    check(&service, "a ASK\n*\nb ASK\nbob\n", "+ who?\na BAD cancelled\n+ who?\nb BAD answer\n");
}

#[test]
fn what_does_not_fit_is_a_bad_argument() {
    let service = service();
    check(&service, "a SHORT {3+}\nabc\nb SHORT {4+}\nabcd\n", "a OK abc\nb BAD arguments\n");
    // A text has no control characters and is UTF-8, whatever the way.
    check(&service, "a SHORT {2+}\n\n\nb SHORT {1+}\n\0\n", "a BAD arguments\nb BAD arguments\n");
    check(&service, "a SHORT \0\nb RAW {1+}\nx\nc RAW \0\n", "a BAD arguments\nb BAD arguments\nc BAD arguments\n");
    check(&service, "a SHORT {1+}x\nb RAW {1+} x\n", "a BAD arguments\nb OK {1+} x\n");
    check(&service, "a SHORT {}\nb SHORT {+}\nc SHORT {x}\n", "a BAD arguments\nb BAD arguments\nc BAD arguments\n");
}

#[test]
fn a_list_has_its_elements_one_blank_apart() {
    let service = service();
    check(&service, "a SET (red)\nb SET (green RED)\n", "a OK <red, yes\nb OK <green|<RED, yes\n");
    check(
        &service,
        "a SET ()\nb SET (red  red)\nc SET (red blue)\n",
        "a BAD arguments\nb BAD arguments\nc BAD arguments\n",
    );
}

#[test]
fn the_tag_of_a_command_stands_before_its_answer() {
    let service = service();
    check(
        &service,
        "a1 NOPE\n* RAW x\n\nRAW\na-b RAW x\n",
        "a1 BAD unknown ***\n* BAD unknown ***\n* BAD unknown \nRAW BAD unknown \n* BAD unknown ***\n",
    );
    check(&service, "a  RAW   x\nb GET\nc QUIT\nd RAW x\n", "a OK x\nb BAD order\n* BYE\nc OK bye\n");
}

#[test]
fn octets_of_a_refused_line_are_swallowed_and_never_become_commands() {
    let service = service();
    let inner = "x RAW boo\ny RAW boo\nz RAW boo";
    let length = inner.len() + 2;
    // More than the wire's bound: who does not wait loses the octets, who waits is told before.
    check(&service, &format!("a NAME {{{length}+}}\n{inner} \"b\"\nb RAW x\n"), "a BAD long\nb OK x\n");
    check(&service, &format!("a NAME {{{length}}}\nb RAW x\n"), "a BAD long\nb OK x\n");
    check(&service, "a NAME {11+}\n12345678901 {11+}\nx RAW boo\n\nb RAW x\n", "a BAD long\nb OK x\n");
    // Refused whatever else it says.
    check(&service, &format!("a NOPE {{{length}+}}\n{inner}\nb RAW x\n"), "a BAD unknown ***\nb OK x\n");
    check(&service, &format!("a NOPE {{{length}}}\nb RAW x\n"), "a BAD unknown ***\nb OK x\n");
    check(&service, &format!("a GET {{{length}+}}\n{inner} {{9+}}\nx RAW boo\nb RAW x\n"), "a BAD order\nb OK x\n");
    check(&service, &format!("a NAME {{{length}+}}\n{inner} {{9}}\nb RAW x\n"), "a BAD long\nb OK x\n");
    // A count that nobody can read ends the session, as does a line that is too long.
    let many = "9".repeat(19);
    check(&service, &format!("a NAME {{{many}+}}\nx RAW boo\n"), "a BAD long\n");
    check(&service, &format!("a RAW {} {{9+}}\nx RAW boo\n", "x".repeat(60)), "a BAD long\n");
    check(&service, &format!("a NAME {{2+}}\nab {}\nx RAW boo\n", "x".repeat(60)), "a BAD long\n");
    check(&service, "a ASK\n{21+}\nx RAW boo\n", "+ who?\na BAD long\n");
    check(&service, "a ASK\n{21}\nb RAW x\n", "+ who?\na BAD long\nb OK x\n");
}

#[test]
fn a_payload_may_be_a_literal_at_the_end_of_its_line() {
    let service = service();
    check(&service, "a PUT x {5+}\n12\n4\nb RAW x\n", "a OK x 5\nb OK x\n");
    check(&service, "a PUT {1+}\nx {5}\n12345\nb RAW x\n", "+ go on\na OK x 5\nb OK x\n");
    check(&service, "a PUT x {0+}\n\nb PUT x {30+}\n123456789012345678901234567890\n", "a OK x 0\nb OK x 30\n");
    // Too big: who waits is not asked.
    check(&service, "a PUT x {31}\nb RAW x\n", "a NO too big\nb OK x\n");
    check(&service, "a PUT x {31+}\ny RAW boo\n34567890123456789012\nb RAW x\n", "a NO too big\nb OK x\n");
    // Nothing stands behind it.
    check(&service, "a PUT x {3+}\nabc y\nb RAW x\n", "a BAD arguments\nb OK x\n");
    check(&service, "a PUT x {3+}\nabc {9+}\nx RAW boo\nb RAW x\n", "a BAD arguments\nb OK x\n");
    check(&service, "a PUT x {3+}\nabc {9}\nb RAW x\n", "a BAD arguments\nb OK x\n");
    check(&service, "a PUT x\nb PUT x \"y\"\nc PUT x \0\n", "a BAD arguments\nb BAD arguments\nc BAD arguments\n");
    let seen = play(&service, [&b"a PUT x {5+}\r\n12\0\xff5\r\n"[..]].into_iter());
    assert_eq!((&*seen.kept, seen.said.ends_with("a OK x 5\r\n")), (&b"12\0\xff5"[..], true));
}

#[test]
fn the_log_shows_how_long_a_literal_is_and_never_a_secret() {
    let service = service();
    let heard = |octets: &str| play(&service, [octets.replace('\n', "\r\n").as_bytes()].into_iter()).heard;
    assert_eq!(heard("a NAME {3+}\nx y {2+}\nab\n"), ["a NAME {3} {2}"]);
    assert_eq!(heard("a LOG {3+}\nann {6+}\nsecret\n"), ["a LOG {3} ***"]);
    assert_eq!(heard("a LOG ann \"secret\"\n"), ["a LOG ann ***"]);
    assert_eq!(heard("a LOG ann secret {6+}\nsecret\n"), ["a LOG"]);
    assert_eq!(heard("a PUT x {3+}\nabc\n"), ["a PUT x {0}"]);
}

/// Pieces of lines and literals, right and wrong.
const PIECES: [&str; 22] = [
    "a NAME ",
    "b PUT x ",
    "c ASK",
    "d LOG ",
    "e RAW ",
    "f SET (red green",
    ")",
    " ",
    "\r\n",
    "\r\n",
    "\r\n",
    "\r",
    "\n",
    "{3+}\r\nabc",
    "{3}\r\nabc",
    "{25+}\r\n1234567890123456789012345",
    "{40+}\r\n",
    "{9}\r\n",
    "\"q \\\" q\"",
    "\"",
    "atom",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_cut_gives_the_same(pieces in prop::collection::vec(select(PIECES.to_vec()), 1..25), cuts in prop::collection::vec(0_usize..400, 0..6)) {
        let service = service();
        let octets = pieces.concat().into_bytes();
        let whole = play(&service, [&octets[..]].into_iter());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (octets.len() + 1)).chain([0, octets.len()]).collect();
        cuts.sort_unstable();
        let cut = play(&service, cuts.windows(2).map(|pair| &octets[pair[0]..pair[1]]));
        let each = play(&service, octets.chunks(1));
        for other in [cut, each] {
            prop_assert_eq!(&other.said, &whole.said);
            prop_assert_eq!(&other.heard, &whole.heard);
            prop_assert_eq!((&other.kept, other.closed), (&whole.kept, whole.closed));
        }
    }
}
