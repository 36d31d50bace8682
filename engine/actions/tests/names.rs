//! Questions to a name server that answers, refuses, lies and keeps silent.
#![allow(clippy::unwrap_used)]

mod stage;

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use actions::world::{Configuration, Servers};
use program::{Call, Value};
use tempfile::TempDir;

use stage::{ask, call, configuration, open, target, text};

const A: u16 = 1;
const CNAME: u16 = 5;
const PTR: u16 = 12;
const MX: u16 = 15;
const TXT: u16 = 16;
const AAAA: u16 = 28;

/// A record's type and its octets.
type Entry = (u16, Vec<u8>);

/// What the server says to a name and a type: a response code and records; nothing: silence.
fn zone(name: &str, kind: u16) -> Option<(u8, Vec<Entry>)> {
    let found = |records: Vec<Entry>| Some((0, records));
    let mx = |preference: u8, host: &str| (MX, [vec![0, preference], wire(host)].concat());
    match (name, kind) {
        ("host.example", A) => found(vec![(A, vec![192, 0, 2, 7])]),
        ("host.example", AAAA) => found(vec![(AAAA, [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1]].concat())]),
        ("alias.example", A) => found(vec![(CNAME, wire("host.example")), (A, vec![192, 0, 2, 7])]),
        ("mail.example", MX) => found(vec![mx(30, "c.example"), mx(10, "a.example"), mx(20, "b.example")]),
        ("null.example", MX) => found(vec![mx(0, "")]),
        ("text.example", TXT) => found(vec![(TXT, b"\x05v=spf\x061 -all".to_vec())]),
        ("7.2.0.192.in-addr.arpa", PTR) => found(vec![(PTR, wire("host.example"))]),
        ("7.2.0.192.list.example", A) => found(vec![(A, vec![127, 0, 0, 2])]),
        ("7.2.0.192.list.example", TXT) => found(vec![(TXT, b"\x03bad".to_vec())]),
        ("7.2.0.192.clean.example", _) => Some((3, Vec::new())),
        ("missing.example", _) => Some((3, Vec::new())),
        ("broken.example", _) => Some((2, Vec::new())),
        ("refused.example", _) => Some((5, Vec::new())),
        ("silent.example" | "7.2.0.192.silent.example", _) => None,
        _ => Some((0, Vec::new())),
    }
}

fn wire(name: &str) -> Vec<u8> {
    let labels = name.split('.').filter(|label| !label.is_empty());
    let mut octets: Vec<u8> = labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    octets.push(0);
    octets
}

/// Starts the server; it counts the questions and lives as long as the test.
fn server() -> (SocketAddr, Arc<AtomicUsize>) {
    serves(Duration::ZERO, None)
}

/// The same, answering late, or with this code instead of what it knows.
fn serves(late: Duration, code: Option<u8>) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            count.fetch_add(1, Ordering::Relaxed);
            thread::sleep(late);
            if let Some(mut answer) = answer(&buffer[..length]) {
                if let Some(code) = code {
                    // The header and the question alone.
                    let name = answer[12..].iter().position(|octet| *octet == 0).unwrap();
                    answer.truncate(12 + name + 5);
                    (answer[3], answer[7]) = (0x80 | code, 0);
                }
                let _ = socket.send_to(&answer, peer);
            }
        }
    });
    (address, asked)
}

fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + question[at] as usize;
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let (code, records) = zone(&labels.join("."), kind)?;
    let mut message = [&question[..2], &[0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]].concat();
    message.extend_from_slice(&question[12..at + 5]);
    let mut owner = vec![0xc0, 12];
    for (kind, octets) in records {
        let head = [&owner[..], &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &(octets.len() as u16).to_be_bytes()];
        message.extend_from_slice(&head.concat());
        message.extend_from_slice(&octets);
        if kind == CNAME {
            owner = octets;
        }
    }
    Some(message)
}

async fn check(cases: &[(&str, Vec<Value>, &str)]) {
    let folder = TempDir::new().unwrap();
    let (address, _) = server();
    let servers = Servers::These(vec![address]);
    let actions = open(Configuration { servers, ..configuration(folder.path()) });
    for (action, arguments, answers) in cases {
        let asks = Call { within: Duration::from_secs(10), ..call(target(action), arguments.clone()) };
        let answer = ask(&actions, asks, None).await;
        let matches = match answers.strip_suffix('…') {
            Some(start) => answer.starts_with(start),
            None => answer == *answers,
        };
        assert!(matches, "{action}{arguments:?}: {answer}, not {answers}");
    }
}

fn dig(kind: &str, name: &str) -> Vec<Value> {
    vec![text(kind), text(name)]
}

fn list(zones: &[&str]) -> Vec<Value> {
    let zones = zones.iter().map(|zone| text(zone)).collect();
    vec![Value::Ip("192.0.2.7".parse().unwrap()), Value::List(zones)]
}

#[tokio::test]
async fn a_server_is_asked_and_its_answers_are_told_apart() {
    check(&[
        ("dig", dig("A", "host.example"), r#"found(["192.0.2.7"])"#),
        ("dig", dig("AAAA", "HOST.example."), r#"found(["2001:db8::1"])"#),
        ("dig", dig("A", "alias.example"), r#"found(["192.0.2.7"])"#),
        ("dig", dig("MX", "mail.example"), r#"found(["a.example", "b.example", "c.example"])"#),
        ("dig", dig("MX", "null.example"), r#"found(["."])"#),
        ("dig", dig("TXT", "text.example"), r#"found(["v=spf1 -all"])"#),
        ("dig", dig("PTR", "192.0.2.7"), r#"found(["host.example"])"#),
        ("dig", dig("A", "missing.example"), "none"),
        ("dig", dig("A", "empty.example"), "none"),
        ("dig", dig("A", "localhost"), r#"found(["127.0.0.1"])"#),
        ("dig", dig("A", "broken.example"), "failed(…"),
        ("dig", dig("A", "refused.example"), "failed(…"),
        ("dig", dig("A", "silent.example"), "failed(…"),
        ("verified_name", vec![Value::Ip("192.0.2.7".parse().unwrap())], r#"found("host.example")"#),
    ])
    .await;
}

#[tokio::test]
async fn lists_are_asked_all_at_once() {
    check(&[
        ("blacklist", list(&["clean.example"]), "clean"),
        ("blacklist", list(&["silent.example", "list.example"]), r#"listed("list.example", "bad")"#),
        ("blacklist", list(&["silent.example", "clean.example"]), "failed(…"),
    ])
    .await;
}

#[tokio::test]
async fn an_answer_is_asked_for_once() {
    let folder = TempDir::new().unwrap();
    let (address, asked) = server();
    let actions = open(Configuration { servers: Servers::These(vec![address]), ..configuration(folder.path()) });
    for _ in 0..5 {
        ask(&actions, call(target("dig"), dig("A", "host.example")), None).await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_a_server_every_question_fails_and_nothing_else_does() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    assert!(ask(&actions, call(target("dig"), dig("A", "host.example")), None).await.starts_with("failed("));
}

#[tokio::test]
async fn a_call_ends_at_its_time_limit() {
    let folder = TempDir::new().unwrap();
    let (address, _) = server();
    let servers = Servers::These(vec![address]);
    let slow = Configuration { servers, timeout: Duration::from_secs(60), ..configuration(folder.path()) };
    let actions = open(slow);
    let asks = Call { within: Duration::from_millis(50), ..call(target("dig"), dig("A", "silent.example")) };
    assert_eq!(ask(&actions, asks, None).await, r#"failed("the time limit is reached")"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_questions_that_nobody_answers_end_and_leave_room() {
    let folder = TempDir::new().unwrap();
    let (address, _) = server();
    let servers = Servers::These(vec![address]);
    let actions = Arc::new(open(Configuration { servers, ..configuration(folder.path()) }));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..3000 {
        let actions = actions.clone();
        let asks = Call { within: Duration::from_millis(200), ..call(target("dig"), dig("A", "silent.example")) };
        tasks.spawn(async move { ask(&actions, asks, None).await });
    }
    assert!(tasks.join_all().await.iter().all(|answer| answer.starts_with("failed(")));
    let asks = call(target("dig"), dig("A", "host.example"));
    assert_eq!(ask(&actions, asks, None).await, r#"found(["192.0.2.7"])"#);
}

#[tokio::test]
async fn a_server_that_refuses_at_once_hides_none_that_answers() {
    let folder = TempDir::new().unwrap();
    let asks = |name: &str| Call { within: Duration::from_secs(20), ..call(target("dig"), dig("A", name)) };
    for code in [2, 4, 5] {
        let (refusing, _) = serves(Duration::ZERO, Some(code));
        let (good, _) = serves(Duration::from_millis(50), None);
        for servers in [vec![refusing, good], vec![good, refusing], vec![refusing, refusing, good]] {
            let actions = open(Configuration { servers: Servers::These(servers), ..configuration(folder.path()) });
            assert_eq!(ask(&actions, asks("host.example"), None).await, r#"found(["192.0.2.7"])"#, "{code}");
            assert_eq!(ask(&actions, asks("missing.example"), None).await, "none", "{code}");
            // Once more: the resolver asks the quicker one first by now.
            assert_eq!(ask(&actions, asks("alias.example"), None).await, r#"found(["192.0.2.7"])"#, "{code}");
            let answer = ask(&actions, asks("refused.example"), None).await;
            assert!(answer.starts_with("failed("), "{code} {answer}");
        }
    }
}
