//! Clients of a protocol against a server that plays a script: each statement, each way it can end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

mod next_hop;
mod scripted;

use std::{io::Write, sync::Arc, time::Duration};

use actions::{
    Payload, Payloads,
    world::{Answer, Bench, Cell, Kind, Message, NotStored, Record, Table, World},
};
use machine::{Binding, Service};
use program::{Octets, Outcome, PayloadId, Program, Secret, SessionId, Value, Words};
use scripted::Scripted;
use server::{
    client::{Caller, Dialer, Errand, Side, Trust, Witness},
    findings::{Findings, Format},
    protocols::Protocols,
};

const FRAME: &str = r#"
protocol sample "a sample" version 1 edition 1
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 4xx 5xx }
start state open { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 521 "idle" close   session 1 hour -> 521 "session" close
    shutdown -> 521 "shutdown" close   full -> 521 "full" close   broken -> 521 "broken" close
}
"#;

fn program(client: &str) -> Arc<Program> {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    protocols.add("sample", "sample.proto.dsl", &format!("{FRAME}{client}"), &mut findings);
    let program = protocols.named("sample").flatten().cloned();
    program.unwrap_or_else(|| panic!("{}", findings.render(Format::Short, false)))
}

struct One(Payload);

impl Payloads for One {
    fn payload(&self, _: PayloadId) -> Option<Payload> {
        Some(self.0.clone())
    }
}

#[derive(Default)]
struct Seen(std::sync::Mutex<Vec<String>>);

impl Witness for Seen {
    fn line(&self, side: Side, line: &str) {
        self.0.lock().unwrap().push(format!("{}: {line}", if side == Side::Client { "C" } else { "S" }));
    }
}

/// What came of a run.
struct Ran {
    outcome: String,
    played: Result<Vec<u8>, String>,
    seen: Vec<String>,
}

async fn run(client: &str, script: &str, arguments: Vec<Option<Value>>, body: &[u8]) -> Ran {
    let program = program(client);
    let service = Arc::new(Service::bind(program.clone(), &Binding::default()).unwrap());
    let client = program.clients[0].clone();
    let server = Scripted::play(script).await;
    let mut authorities = tempfile::NamedTempFile::new().unwrap();
    authorities.write_all(server.certificate.as_bytes()).unwrap();
    let dialer = Arc::new(Dialer::new(Trust::new(Some(authorities.path())).unwrap()));
    let mut all = vec![Some(Value::Text("localhost".into())), Some(Value::Number(server.address.port().into()))];
    all.extend(arguments);
    let seen = Arc::new(Seen::default());
    let errand = Errand {
        service,
        client: client.clone(),
        arguments: all,
        payloads: Arc::new(One(Payload::Memory(body.to_vec().into()))),
        session: SessionId("s".into()),
        within: Some(Duration::from_secs(20)),
        witness: Some(seen.clone()),
    };
    let outcome = Caller::call(&dialer, errand).await;
    let shown = shown(&client, &outcome);
    Ran { outcome: shown, played: server.played().await, seen: seen.0.lock().unwrap().clone() }
}

fn shown(client: &program::Client, outcome: &Outcome) -> String {
    let name = &client.outcomes[outcome.index].name;
    let values: Vec<String> = outcome.values.iter().map(|value| format!("{value:?}")).collect();
    if values.is_empty() { name.to_string() } else { format!("{name}({})", values.join(", ")) }
}

/// A body with `host` and `port` given gives this against that script, and the script is played to its end.
async fn check(body: &str, script: &str, wanted: &str) {
    check_with(body, script, Vec::new(), b"", wanted).await;
}

async fn check_with(body: &str, script: &str, arguments: Vec<Option<Value>>, octets: &[u8], wanted: &str) -> Ran {
    let client = format!(
        "public client probe(host: text, at: number, x: text = \"\", body: octets = \"\", s: secret text = \"\")
            gives alive(banner: text) | refused(status: number) | list(lines: list of text) | strange {{
            connect to host port at within 2 seconds {body} }}"
    )
    .replace(", body: octets = \"\"", if octets.is_empty() { "" } else { ", body: octets" })
    .replace("x: text = \"\"", if octets.is_empty() { "x: text = \"\"" } else { "x: text" });
    let ran = run(&client, script, arguments, octets).await;
    let beginning = wanted.strip_suffix('…');
    let fits = beginning.map_or(ran.outcome == wanted, |beginning| ran.outcome.starts_with(beginning));
    assert!(fits, "{script}\ngave {}\nwanted {wanted}\n{:?}", ran.outcome, ran.seen);
    if let Err(why) = &ran.played {
        panic!("{script}\n{why}\n{:?}", ran.seen);
    }
    ran
}

const LIVE: &str = r#"
    await within 1 seconds {
        220 "{banner: text}" { send "QUIT"  give alive(banner) }
        4xx as code          { give refused(code) }
        otherwise            { give strange }
    }"#;

#[tokio::test]
async fn an_answer_goes_to_the_first_arm_that_takes_it() {
    check(LIVE, "S: 220 mx ready\nC: QUIT\n--- eof", r#"alive("mx ready")"#).await;
    check(LIVE, "S: 220\nC: QUIT\nS: 221 bye\n--- eof", r#"alive("")"#).await;
    check(LIVE, "S: 421 busy\n--- eof", "refused(421)").await;
    check(LIVE, "S: 554 no\n--- eof", "strange").await;
    check(LIVE, "S: 220-one\nS: 220-two\nS: 220 three\nC: QUIT", r#"alive("three")"#).await;
}

#[tokio::test]
async fn what_is_no_answer_fails() {
    for (script, why) in [
        ("S: hello\n--- eof", "the other server says `hello`, which is no answer"),
        ("S: 220-one\nS: 250 two\n--- eof", "the lines of an answer have different codes"),
        ("S: 220-one\n--- close", "the other server hung up"),
        ("S| \"220 half\"\n--- close", "the other server hung up"),
        ("--- close", "the other server hung up"),
        ("S| \"220 bare\\n\"\n--- silence", "no whole answer within 1 second"),
        ("--- silence", "no whole answer within 1 second"),
        ("S: 220-slow\n--- pause 1500\n--- silence", "no whole answer within 1 second"),
        ("--- endless 220_and_so_on_", "the other server sends a line without an end"),
    ] {
        let script = script.replace("\\r", "\r");
        check(LIVE, &script, &format!("failed({why:?})")).await;
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_bounded() {
    let script: String = (0..1100).map(|n| format!("S: 220-line {n}\n")).collect();
    let client = "await within 5 seconds { 220 { give strange } otherwise { give strange } }";
    let ran = run(
        &format!("public client p(host: text, at: number) gives strange {{ connect to host port at within 2 seconds {client} }}"),
        &script,
        Vec::new(),
        b"",
    )
    .await;
    assert_eq!(ran.outcome, "failed(\"an answer does not end\")");
}

#[tokio::test]
async fn nobody_there_is_a_failure() {
    let program = program(&format!(
        "public client p(host: text, at: number) gives alive(b: text) | refused(s: number) | strange {{ connect to host port at within 1 seconds {LIVE} }}"
    ));
    let service = Arc::new(Service::bind(program.clone(), &Binding::default()).unwrap());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (host, port, why) in [
        ("127.0.0.1", closed.port().into(), "failed(\"127.0.0.1 port"),
        ("not a name", 25, "failed(\"`not a name` is neither a name nor an address\")"),
        ("mx.example.net", 25, "failed(\"names cannot be looked up\")"),
        ("127.0.0.1", 0, "failed(\"there is no such host and port to connect to\")"),
        ("127.0.0.1", 70_000, "failed(\"there is no such host and port to connect to\")"),
        ("", 25, "failed(\"there is no such host and port to connect to\")"),
    ] {
        let errand = Errand {
            service: service.clone(),
            client: program.clients[0].clone(),
            arguments: vec![Some(Value::Text(host.into())), Some(Value::Number(port))],
            payloads: Arc::new(One(Payload::Memory(Vec::new().into()))),
            session: SessionId("s".into()),
            within: None,
            witness: None,
        };
        let dialer = Arc::new(Dialer::new(Trust::new(None).unwrap()));
        let outcome = shown(&program.clients[0], &Caller::call(&dialer, errand).await);
        assert!(outcome.starts_with(why), "{host:?} gave {outcome}");
    }
}

/// A world of a few names.
struct Names;

impl World for Names {
    fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
        let address = |text: &str| Ok(vec![Record::Address(text.parse().unwrap())]);
        Answer::now(match (name, kind) {
            ("mx.test" | "xn--bcher-kva.test", Kind::A) => address("127.0.0.1"),
            // Nobody listens there; the other address must be tried all the same.
            ("mx.test", Kind::Aaaa) => address("::1"),
            ("half.test", Kind::A) => address("127.0.0.1"),
            ("half.test", _) | ("lost.test" | "LOST.hosts", _) => Err("SERVFAIL".into()),
            _ => Ok(Vec::new()),
        })
    }

    fn sql<'a>(&'a self, _: &'a Arc<program::Statement>, _: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
        unreachable!()
    }

    fn deliver<'a>(&'a self, _: &'a str, _: Message) -> Answer<'a, Result<Words, NotStored>> {
        unreachable!()
    }

    fn work(&self, _: Bench, _: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
        unreachable!()
    }

    fn admits(&self, _: std::net::IpAddr) -> bool {
        true
    }

    fn limit(&self, _: Duration) -> Answer<'_, ()> {
        unreachable!()
    }

    fn grace(&self, _: Duration) -> Answer<'_, ()> {
        unreachable!()
    }
}

#[tokio::test]
async fn names_are_looked_up_in_the_hosts_file_and_through_the_world() {
    let program = program(&format!(
        "public client p(host: text, at: number) gives alive(b: text) | refused(s: number) | strange {{ connect to host port at within 1 seconds {LIVE} }}"
    ));
    let service = Arc::new(Service::bind(program.clone(), &Binding::default()).unwrap());
    let world: Arc<dyn World> = Arc::new(Names);
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    hosts.write_all(b"127.0.0.1 hop.internal lost.hosts\n").unwrap();
    for (host, wanted) in [
        ("hop.internal", "alive(\"here\")"),
        // What the operator has written down goes before the DNS, which cannot even be asked here.
        ("LOST.hosts.", "alive(\"here\")"),
        ("mx.test", "alive(\"here\")"),
        ("half.test", "alive(\"here\")"),
        ("BÜCHER.test", "alive(\"here\")"),
        ("localhost.", "alive(\"here\")"),
        ("[127.0.0.1]", "alive(\"here\")"),
        ("none.test", "failed(\"none.test has no address\")"),
        ("lost.test", "failed(\"lost.test cannot be looked up: SERVFAIL\")"),
    ] {
        let server = Scripted::play("S: 220 here\nC: QUIT\n--- eof").await;
        let dialer = Arc::new(Dialer::new(Trust::new(None).unwrap()).with_hosts(hosts.path()));
        dialer.knows(&world);
        let errand = Errand {
            service: service.clone(),
            client: program.clients[0].clone(),
            arguments: vec![Some(Value::Text(host.into())), Some(Value::Number(server.address.port().into()))],
            payloads: Arc::new(One(Payload::Memory(Vec::new().into()))),
            session: SessionId("s".into()),
            within: None,
            witness: None,
        };
        assert_eq!(shown(&program.clients[0], &Caller::call(&dialer, errand).await), wanted, "{host}");
    }
}

#[tokio::test]
async fn lines_are_sent_one_by_one_and_no_value_begins_another() {
    let body = r#"
        send { "ONE {x}"  " MORE" if x == "a"  " NOT" if x == "b" }
        await within 1 seconds { 250 "{rest: word} {n: number}" as code { give alive("{rest} {n} {code}") } otherwise { give strange } }"#;
    let text = |text: &str| vec![Some(Value::Text(text.into()))];
    check_with(body, "C: ONE a MORE\nS: 250 well 7\n--- eof", text("a"), b"", r#"alive("well 7 250")"#).await;
    check_with(body, "C: ONE b NOT\nS: 250 well x\n--- eof", text("b"), b"", "strange").await;
    for evil in ["a\r\nQUIT", "a\nQUIT", "a\rb", "a\0b"] {
        let wanted = "failed(\"a value that was to be sent has a control character in it\")";
        check_with(body, "--- eof", text(evil), b"", wanted).await;
    }
}

#[tokio::test]
async fn what_every_arm_catches_is_known_behind_it() {
    let body = r#"
        await within 1 seconds { 250 lines as offers { }  5xx as code { give refused(code) }  otherwise as answer { give alive(answer) } }
        if offered(offers, "extra") {
            send "EXTRA"
            await within 1 seconds { 250 lines as offers { } otherwise { give strange } }
        }
        for each line in offers { log debug "{line}"  send "ECHO {line}"
            await within 1 seconds { 2xx { } otherwise { give refused(1) } } }
        require size(offers) > 1 else give strange
        give list(offers)"#;
    check(
        body,
        "S: 250-a\nS: 250 EXTRA b\nC: EXTRA\nS: 250-x\nS: 250 y\nC: ECHO x\nS: 250 a\nC: ECHO y\nS: 200\n--- eof",
        r#"list(["x", "y"])"#,
    )
    .await;
    check(body, "S: 250 only\nC: ECHO only\nS: 250 ok\n--- eof", "strange").await;
    check(body, "S: 550 no\n--- eof", "refused(550)").await;
    check(body, "S: 450-why\nS: 450 so\n--- eof", r#"alive("450 so")"#).await;
}

#[tokio::test]
async fn an_answer_that_came_early_is_read_when_it_is_awaited() {
    let body = r#"
        await within 1 seconds { 220 { } otherwise { give strange } }
        send "A"
        await within 1 seconds { 250 "{b: text}" { give alive(b) } otherwise { give strange } }"#;
    check(body, "S| \"220 a\\r\\n250 b\\r\\n\"\nC: A\n--- eof", r#"alive("b")"#).await;
}

const SECURED: &str = r#"
    await within 1 seconds { 220 { } otherwise { give strange } }
    send "STARTTLS"
    await within 1 seconds { 220 { } otherwise { give strange } }
    start tls
    send "LOGIN {plain(x, s)} {s}"
    await within 1 seconds { 250 "{b: text}" { give alive(b) } otherwise { give strange } }"#;

#[tokio::test]
async fn secrets_travel_under_tls_and_are_never_shown() {
    let arguments = || vec![Some(Value::Text("tim".into())), Some(Value::Secret(Secret::new(b"tanstaaftanstaaf")))];
    let script = "S: 220 hello\nC: STARTTLS\nS: 220 go\n--- tls\nC: LOGIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm tanstaaftanstaaf\nS: 250 in\n--- eof";
    let ran = check_with(SECURED, script, arguments(), b"", r#"alive("in")"#).await;
    assert!(ran.seen.contains(&"C: LOGIN *** ***".to_owned()), "{:?}", ran.seen);
    assert!(!ran.seen.concat().contains("tanstaaf"));
}

#[tokio::test]
async fn what_comes_in_the_clear_behind_the_word_for_tls_breaks_it_off() {
    let script = "S: 220 hello\nC: STARTTLS\nS| \"220 go\\r\\n250 injected\\r\\n\"\n--- silence";
    check(SECURED, script, "failed(\"the other server sent 14 octets in the clear behind its word for TLS\")").await;
    let script = "S: 220 hello\nC: STARTTLS\nS: 220 go\n--- pause 100\nS: 250 injected\n--- silence";
    check(SECURED, script, "failed(\"TLS: …").await;
}

#[tokio::test]
async fn a_certificate_must_be_good_unless_the_protocol_says_otherwise() {
    let script = "S: 220 hello\nC: STARTTLS\nS: 220 go\n--- tls\nC: LOGIN AHgAeA== \nS: 250 in\n--- eof";
    for (body, wanted) in
        [(SECURED.to_owned(), "failed"), (SECURED.replace("start tls", "start tls unverified"), "alive")]
    {
        let client = format!(
            "public client p(host: text, at: number, x: text = \"\", s: secret text = \"\") gives alive(b: text) | strange {{ connect to host port at within 2 seconds {body} }}"
        );
        let program = program(&client);
        let service = Arc::new(Service::bind(program.clone(), &Binding::default()).unwrap());
        let server = Scripted::play(&script.replace("AHgAeA== ", "AAA= ")).await;
        let errand = Errand {
            service,
            client: program.clients[0].clone(),
            arguments: vec![Some(Value::Text("127.0.0.1".into())), Some(Value::Number(server.address.port().into()))],
            payloads: Arc::new(One(Payload::Memory(Vec::new().into()))),
            session: SessionId("s".into()),
            within: None,
            witness: None,
        };
        // The system's authorities do not know this certificate.
        let dialer = Arc::new(Dialer::new(Trust::new(None).unwrap()));
        let outcome = shown(&program.clients[0], &Caller::call(&dialer, errand).await);
        assert!(outcome.starts_with(wanted), "{outcome}");
    }
}

#[tokio::test]
async fn payloads_are_stuffed_and_a_bare_line_end_is_never_sent() {
    let body = r#"
        send "DATA"
        await within 1 seconds { 354 { } otherwise { give strange } }
        send dotted lines from body
        await within 1 seconds { 250 "{b: text}" { give alive("{b} {size(body)}") } 5xx as code { give refused(code) } otherwise { give strange } }"#;
    let octets =
        |length: usize| vec![None, Some(Value::Octets(Octets { id: Some(PayloadId(0)), length: length as u64 }))];
    let argument = |body: &[u8]| {
        let mut arguments = octets(body.len());
        arguments[0] = Some(Value::Text("".into()));
        arguments
    };
    let script = "C: DATA\nS: 354 go\nC: ...\nS: 250 kept\n--- eof";
    for (payload, wire) in
        [("a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n.\r\n"), ("no end", "no end\r\n.\r\n"), (".", "..\r\n.\r\n")]
    {
        let wanted = format!("alive(\"kept {}\")", payload.len());
        let ran = check_with(body, script, argument(payload.as_bytes()), payload.as_bytes(), &wanted).await;
        assert_eq!(String::from_utf8(ran.played.unwrap()).unwrap(), wire);
    }
    let long: Vec<u8> = (0..40_000).flat_map(|n| format!(".line {n}\r\n").into_bytes()).collect();
    let wanted = format!("alive(\"kept {}\")", long.len());
    let ran = check_with(body, script, argument(&long), &long, &wanted).await;
    assert_eq!(ran.played.unwrap().len(), long.len() + 40_000 + 3);
    for evil in ["a\n.\r\nQUIT\r\n", "a\rb\r\n", "a\r\n\r"] {
        let script = "C: DATA\nS: 354 go\n--- silence";
        let wanted = "failed(\"the message has a bare CR or LF in it, which must not be sent on\")";
        check_with(body, script, argument(evil.as_bytes()), evil.as_bytes(), wanted).await;
    }
}

#[tokio::test]
async fn a_server_that_refuses_a_payload_in_its_midst_does_not_hang_the_client() {
    let body = r#"
        send dotted lines from body
        await within 2 seconds { 250 "{b: text}" { give alive(b) } 5xx as code { give refused(code) } otherwise { give strange } }"#;
    let long = vec![b'x'; 8 << 20];
    let arguments =
        vec![Some(Value::Text("".into())), Some(Value::Octets(Octets { id: Some(PayloadId(0)), length: 8 << 20 }))];
    let ran = check_with(body, "S: 552 too big\n--- close", arguments, &long, "…").await;
    assert!(ran.outcome.starts_with("failed") || ran.outcome == "refused(552)", "{}", ran.outcome);
}
