//! Clients without sockets: the same octets give the same effects however they are cut, and time is an input.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use diagnostic::Sources;
use machine::{
    Binding, Given, Now, Service, Tls,
    client::{ArgumentError, Client, Effect, Effects, Input},
};
use program::{Octets, PayloadId, SessionId, Value};

const FRAME: &str = r#"
protocol sample version 1
settings { name : word = "us" }
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 4xx 5xx }
start state open { on "QUIT" -> 221 "{settings.name}" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 521 "idle" close   session 1 hour -> 521 "session" close
    shutdown -> 521 "shutdown" close   full -> 521 "full" close   broken -> 521 "broken" close
}
"#;

/// A whole dialogue: every statement of the language for clients.
const WHOLE: &str = r#"
public client whole(host: text, to: list of text, body: octets, login: text = "tim", word: secret text = "tam")
    gives done(code: number, all: list of text) | no(why: text)
{
    connect to host port 25 within 5 seconds
    await within 10 seconds { 220 "{banner: text}" { }  otherwise as answer { give no(answer) } }
    send "HELLO {settings.name}"
    await within 10 seconds { 250 lines as offers { }  otherwise as answer { give no(answer) } }
    if offered(offers, "tls") {
        send "TLS"
        await within 10 seconds { 220 { }  otherwise as answer { give no(answer) } }
        start tls
        send "LOGIN {plain(login, word)}"
        await within 10 seconds { 235 { }  otherwise as answer { give no(answer) } }
    }
    for each one in to within 15 seconds {
        send { "TO {one}"  " FROM {banner}" if tls is present }
        await within 10 seconds { 2xx { }  5xx "{why: text}" { give no(why) }  otherwise { give no("?") } }
    }
    send dotted lines from body
    await within 10 seconds { 2xx as code lines as all { give done(code, all) }  otherwise as answer { give no(answer) } }
}
"#;

fn service(text: &str) -> Arc<Service> {
    let mut sources = Sources::default();
    let file = sources.add("sample.proto.dsl", format!("{FRAME}{text}"));
    let (program, findings) = grammar::compile(&sources, file, &[]);
    let program = Arc::new(program.unwrap_or_else(|| panic!("{findings:?}")));
    let binding = Binding { settings: vec![("name".into(), Given::Text("mx".into()))], ..Binding::default() };
    Arc::new(Service::bind(program, &binding).unwrap())
}

fn run(service: Arc<Service>, arguments: Vec<Option<Value>>) -> Result<Client, ArgumentError> {
    let role = service.program().clients[0].clone();
    Client::new(service, role, arguments, SessionId("s".into()))
}

fn whole(arguments: Vec<Option<Value>>) -> Result<Client, ArgumentError> {
    static WHOLE_SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| service(WHOLE));
    run(WHOLE_SERVICE.clone(), arguments)
}

fn arguments() -> Vec<Option<Value>> {
    let text = |text: &str| Value::Text(text.into());
    let body = Octets { id: Some(PayloadId(7)), length: 12 };
    vec![Some(text("mx.example.net")), Some(Value::List(vec![text("a"), text("b")])), Some(Value::Octets(body))]
}

#[derive(Default)]
struct Seen {
    events: Vec<String>,
    deadline: Option<Duration>,
}

impl Effects for Seen {
    fn effect(&mut self, effect: Effect<'_>) {
        self.events.push(match effect {
            Effect::Connect { host, port } => format!("connect {host} {port}"),
            Effect::Send(octets) => format!("send {}", String::from_utf8_lossy(octets)),
            Effect::SendLines { headers, octets } => format!("lines {headers:?} {octets:?}"),
            Effect::Secure { name, verified } => format!("secure {name} {verified}"),
            Effect::Deadline(at) => {
                self.deadline = at;
                return;
            }
            Effect::Log(level, line) => format!("log {level:?} {line}"),
            Effect::Heard(line) => format!("heard {line}"),
            Effect::Said(line) => format!("said {line}"),
            Effect::Give(outcome) => format!("give {} {:?}", outcome.index, outcome.values),
        });
    }
}

/// Feeds what is asked for, the server's octets in pieces of these lengths.
fn play(server: &[&[u8]], cut: &dyn Fn(usize) -> usize) -> Vec<String> {
    let mut client = whole(arguments()).unwrap();
    let mut seen = Seen::default();
    let now = Now { elapsed: Duration::from_secs(1), unix: 0 };
    client.feed(now, Input::Begin, &mut seen);
    client.feed(now, Input::Connected, &mut seen);
    for part in server {
        let mut rest = *part;
        let mut number = 0;
        while !rest.is_empty() {
            assert!(client.wants_input(), "{:?}", seen.events);
            let length = cut(number).clamp(1, rest.len());
            let (piece, behind) = rest.split_at(length);
            client.feed(now, Input::Bytes(piece), &mut seen);
            (rest, number) = (behind, number + 1);
        }
        let last = seen.events.last().unwrap().clone();
        if last.starts_with("secure") {
            client.feed(now, Input::Secured(Tls { version: "TLSv1.3", cipher: "x".into() }), &mut seen);
        } else if last.starts_with("lines") {
            client.feed(now, Input::Sent, &mut seen);
        }
    }
    assert!(client.done(), "{:?}", seen.events);
    seen.events
}

#[test]
fn the_same_octets_give_the_same_effects_however_they_are_cut() {
    let server: [&[u8]; 4] = [
        b"220 hi there\r\n250-us\r\n250-TLS x\r\n250 END\r\n220 go\r\n",
        b"235 in\r\n250 a\r\n250-b\r\n250 b\r\n",
        b"250-kept\r\n250 ",
        b"as 7\r\n",
    ];
    let whole = play(&server, &|_| usize::MAX);
    let said: Vec<&str> = whole.iter().filter_map(|event| event.strip_prefix("send ")).collect();
    assert_eq!(
        said,
        ["HELLO mx\r\n", "TLS\r\n", "LOGIN AHRpbQB0YW0=\r\n", "TO a FROM hi there\r\n", "TO b FROM hi there\r\n"]
    );
    assert!(whole.contains(&"said LOGIN ***".to_owned()));
    assert_eq!(whole.last().unwrap(), r#"give 0 [250, ["kept", "as 7"]]"#);
    for size in 1..40 {
        assert_eq!(play(&server, &|_| size), whole, "pieces of {size}");
    }
    for first in 1..60 {
        for second in 1..30 {
            let cut = |number| [first, second].get(number).copied().unwrap_or(usize::MAX);
            assert_eq!(play(&server, &cut), whole, "pieces of {first} and {second}");
        }
    }
}

#[test]
fn time_is_an_input_and_a_loop_has_one_budget() {
    let at = |seconds| Now { elapsed: Duration::from_secs(seconds), unix: 0 };
    let mut client = whole(arguments()).unwrap();
    let mut seen = Seen::default();
    client.feed(at(0), Input::Begin, &mut seen);
    assert_eq!(seen.deadline, Some(Duration::from_secs(5)));
    client.feed(at(1), Input::Connected, &mut seen);
    assert_eq!(seen.deadline, Some(Duration::from_secs(11)));
    client.feed(at(2), Input::Bytes(b"220 hi\r\n250 plain\r\n"), &mut seen);
    assert_eq!(seen.deadline, Some(Duration::from_secs(12)));
    // The loop ends at 17, whatever one answer may take.
    client.feed(at(11), Input::Bytes(b"250 a\r\n"), &mut seen);
    assert_eq!(seen.deadline, Some(Duration::from_secs(17)));
    client.feed(at(17), Input::Timeout, &mut seen);
    assert_eq!(seen.events.last().unwrap(), r#"give 2 ["no whole answer within 6 seconds"]"#);
    assert_eq!((client.done(), seen.deadline), (true, None));
    client.feed(at(18), Input::Bytes(b"250 late\r\n"), &mut seen);
    assert_eq!(seen.events.last().unwrap(), r#"give 2 ["no whole answer within 6 seconds"]"#);
}

#[test]
fn every_way_that_it_can_break_gives_failed_and_nothing_behind_it() {
    let now = Now { elapsed: Duration::ZERO, unix: 0 };
    let broken = "the cable is\r\ncut";
    for inputs in 0..4 {
        for end in [Input::Broken(broken), Input::Timeout, Input::Eof] {
            let mut client = whole(arguments()).unwrap();
            let mut seen = Seen::default();
            let all = [Input::Begin, Input::Connected, Input::Bytes(b"220 hi\r\n"), Input::Bytes(b"250-h")];
            for input in all.into_iter().take(inputs) {
                client.feed(now, input, &mut seen);
            }
            client.feed(now, end, &mut seen);
            if client.done() {
                assert!(seen.events.last().unwrap().starts_with("give 2 "), "{:?}", seen.events);
                assert!(!seen.events.last().unwrap().contains(['\r', '\n']));
                let before = seen.events.len();
                client.feed(now, Input::Bytes(b"250 x\r\n"), &mut seen);
                assert_eq!(seen.events.len(), before);
            }
        }
    }
}

#[test]
fn parameters_have_values_or_defaults() {
    let missing = whole(Vec::new()).err();
    assert_eq!(missing, Some(ArgumentError::Missing("host".into())));
    assert_eq!(whole(vec![None; 6]).err(), Some(ArgumentError::TooMany));
    let text = "public client p(host: text, name: text = \"{settings.name}!\") gives a(b: text) { connect to host port 25 within 1 seconds  give a(name) }";
    let mut client = run(service(text), vec![Some(Value::Text("x".into()))]).unwrap();
    let mut seen = Seen::default();
    let now = Now { elapsed: Duration::ZERO, unix: 0 };
    client.feed(now, Input::Begin, &mut seen);
    client.feed(now, Input::Connected, &mut seen);
    assert_eq!(seen.events.last().unwrap(), r#"give 0 ["mx!"]"#);
}
