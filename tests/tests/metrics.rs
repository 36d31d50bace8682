//! The page of numbers: what known sessions must add to it, read by a parser that takes nothing but the format.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Server, Setup, free_ports};

/// Series with their values.
type Samples = BTreeMap<String, f64>;

/// What the page may say of a family.
#[derive(PartialEq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

fn asked(port: u16, question: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the page is served");
    stream.write_all(question.as_bytes()).expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer
}

fn page(port: u16) -> Samples {
    let answer = asked(port, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
    parsed(body)
}

/// Reads the exposition format: each family once, HELP and TYPE before its series, each series once.
fn parsed(body: &str) -> Samples {
    let mut samples = Samples::new();
    let mut seen = Vec::new();
    let mut family: Option<(String, Kind)> = None;
    let mut helped = String::new();
    assert!(body.ends_with('\n'), "the last line has no end");
    for line in body.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').expect("a name and a text").0.to_string();
            assert!(!seen.contains(&helped), "two families: {line}");
            seen.push(helped.clone());
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a name and a kind");
            assert_eq!(name, helped, "{line}");
            let kind = match kind {
                "counter" => Kind::Counter,
                "gauge" => Kind::Gauge,
                "histogram" => Kind::Histogram,
                _ => panic!("no kind: {line}"),
            };
            assert_eq!(kind == Kind::Counter, name.ends_with("_total"), "{line}");
            family = Some((name.to_string(), kind));
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
            let (name, labels) = labelled(series);
            let (family, kind) = family.as_ref().expect("a family before its series");
            let rest = name.strip_prefix(family.as_str()).unwrap_or_else(|| panic!("not of {family}: {line}"));
            match kind {
                Kind::Histogram => assert!(["_bucket", "_sum", "_count"].contains(&rest), "{line}"),
                Kind::Counter | Kind::Gauge => assert!(rest.is_empty(), "{line}"),
            }
            assert!(value >= 0.0 && labels.iter().all(|(label, _)| !label.is_empty()), "{line}");
            assert!(samples.insert(series.to_string(), value).is_none(), "twice: {line}");
        }
    }
    histograms_grow(&body.lines().filter(|line| line.contains("_bucket{")).collect::<Vec<_>>(), &samples);
    samples
}

/// The name and the labels of a series.
fn labelled(series: &str) -> (&str, Vec<(&str, String)>) {
    let is_name = |name: &str| name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    let Some((name, rest)) = series.split_once('{') else {
        assert!(is_name(series), "{series}");
        return (series, Vec::new());
    };
    let mut rest = rest.strip_suffix('}').unwrap_or_else(|| panic!("no end of the labels: {series}"));
    let mut labels = Vec::new();
    while !rest.is_empty() {
        let (label, quoted) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {series}"));
        assert!(is_name(name) && is_name(label), "{series}");
        let mut value = String::new();
        let mut octets = quoted.char_indices();
        let end = loop {
            match octets.next().unwrap_or_else(|| panic!("no end of a value: {series}")) {
                (at, '"') => break at,
                (_, '\\') => value.push(match octets.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, escaped @ ('\\' | '"'))) => escaped,
                    _ => panic!("no escape: {series}"),
                }),
                (_, other) => value.push(other),
            }
        };
        labels.push((label, value));
        rest = &quoted[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (name, labels)
}

/// Buckets stand in the order of their bounds, never shrink, and the last one is the count.
fn histograms_grow(buckets: &[&str], samples: &Samples) {
    let mut before: Option<(String, f64, f64)> = None;
    for line in buckets {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (_, labels) = labelled(series);
        let (rest, bound) =
            (series.split(",le=").next().unwrap_or_default().to_string(), &labels.last().expect("le").1);
        let bound: f64 = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a bound") };
        let value: f64 = value.parse().expect("a number");
        if let Some((_, least, low)) = before.as_ref().filter(|(other, ..)| *other == rest) {
            assert!(value >= *least && bound > *low, "{line}");
        }
        if bound.is_infinite() {
            let count = format!("{}}}", rest.replace("_bucket{", "_count{"));
            assert_eq!(samples.get(&count), Some(&value), "{line}");
        }
        before = Some((rest, value, bound));
    }
}

/// The sum of all series of a family that have these labels.
fn sum(samples: &Samples, family: &str, wanted: &[(&str, &str)]) -> f64 {
    let ours = samples.iter().filter(|(series, _)| {
        let (name, labels) = labelled(series);
        name == family && wanted.iter().all(|(label, value)| labels.iter().any(|(l, v)| l == label && v == value))
    });
    ours.map(|(_, value)| value).sum()
}

/// A family, labels that pick some of its samples, and their sum.
type Expected<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

fn check(samples: &Samples, expected: &[Expected<'_>]) {
    for (family, labels, value) in expected {
        assert_eq!(sum(samples, family, labels), *value, "{family} {labels:?} in {samples:#?}");
    }
}

/// A server with a page, and its port.
fn server(setup: Setup) -> (Server, u16) {
    let [port, _] = free_ports();
    (setup.with(&format!("metrics: \"127.0.0.1:{port}\"")).start(), port)
}

/// Waits for a page on which something is so: a session ends a moment after its client has gone.
fn until(port: u16, so: impl Fn(&Samples) -> bool) -> Samples {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let samples = page(port);
        if so(&samples) {
            return samples;
        }
        assert!(Instant::now() < end, "{samples:#?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn known_sessions_add_what_they_did() {
    let (server, port) = server(Setup::new());
    let before = until(port, |samples| sum(samples, "saywhen_sessions_open", &[]) == 0.0);
    let mut delivering = Client::greeted(server.port);
    let message = Message::new("a@example.net", "Subject: x\r\n\r\nText\r\n");
    assert_eq!(delivering.deliver(&message).expect("an answer").code, 250);
    let mut wrong = Client::greeted(server.port);
    for (line, code) in [("BLAH", 500), ("RCPT TO:<ann@example.com>", 503), ("MAIL FROM:nonsense", 501)] {
        assert_eq!(wrong.ask(line).code, code, "{line}");
    }
    let silent = Client::connect(server.port).expect("it listens");
    let began = sum(&before, "saywhen_sessions_total", &[]);
    let during = until(port, |samples| {
        sum(samples, "saywhen_sessions_open", &[]) == 3.0 && sum(samples, "saywhen_sessions_total", &[]) == began + 3.0
    });
    // What the start of the test itself did is not to be counted.
    let more: Samples = during.iter().map(|(k, v)| (k.clone(), v - before.get(k).unwrap_or(&0.0))).collect();
    let smtp = ("protocol", "smtp");
    check(
        &more,
        &[
            ("saywhen_sessions_open", &[smtp, ("state", "ready")], 2.0),
            ("saywhen_sessions_open", &[smtp, ("state", "fresh")], 1.0),
            ("saywhen_sessions_total", &[smtp], 3.0),
            ("saywhen_connections_accepted_total", &[], 3.0),
            ("saywhen_connections_refused_total", &[], 0.0),
            ("saywhen_commands_total", &[smtp, ("command", "EHLO")], 2.0),
            ("saywhen_commands_total", &[smtp, ("command", "MAIL")], 1.0),
            ("saywhen_commands_total", &[smtp, ("command", "DATA")], 1.0),
            ("saywhen_lines_refused_total", &[smtp, ("reason", "unknown_command")], 1.0),
            ("saywhen_lines_refused_total", &[smtp, ("reason", "out_of_order")], 1.0),
            ("saywhen_lines_refused_total", &[smtp, ("reason", "bad_arguments")], 1.0),
            ("saywhen_replies_total", &[smtp, ("code", "220")], 3.0),
            ("saywhen_replies_total", &[smtp, ("code", "501")], 1.0),
            ("saywhen_replies_total", &[smtp, ("code", "503")], 1.0),
            ("saywhen_transitions_total", &[smtp, ("from", "fresh"), ("to", "ready")], 2.0),
            ("saywhen_calls_total", &[smtp, ("action", "deliver"), ("outcome", "stored")], 1.0),
            ("saywhen_call_seconds_count", &[smtp, ("action", "deliver")], 1.0),
            ("saywhen_tls_handshakes_total", &[], 0.0),
            ("saywhen_faults_total", &[], 0.0),
        ],
    );
    assert!(sum(&during, "process_resident_memory_bytes", &[]) > 1e6);
    delivering.quit();
    wrong.quit();
    drop(silent);
    let after = until(port, |samples| sum(samples, "saywhen_sessions_open", &[]) == 0.0);
    check(&after, &[("saywhen_sessions_total", &[smtp], sum(&during, "saywhen_sessions_total", &[smtp]))]);
}

#[test]
fn handshakes_and_cleartext_behind_an_upgrade_are_counted() {
    let (server, port) = server(Setup::new());
    let talk = "( printf 'EHLO x\\r\\n'; sleep 1; printf 'QUIT\\r\\n'; sleep 1 ) | \
                timeout 20 openssl s_client -quiet -connect 127.0.0.1:$0 >/dev/null 2>&1";
    let done = Command::new("sh").args(["-c", talk, &server.tls_port.to_string()]).status().expect("a shell runs");
    assert!(done.success() || done.code() == Some(1), "{done}");
    // No handshake at all.
    let mut stream = TcpStream::connect(("127.0.0.1", server.tls_port)).expect("it listens");
    stream.write_all(b"EHLO x\r\n").expect("it listens");
    let mut client = Client::greeted(server.port);
    client.send(b"STARTTLS\r\nNOOP\r\n").expect("it listens");
    assert_eq!(client.answer().expect("an answer").code, 220);
    client.send(b"this is no handshake\r\n").expect("it listens");
    let samples = until(port, |samples| {
        sum(samples, "saywhen_tls_handshakes_failed_total", &[]) == 2.0
            && sum(samples, "saywhen_tls_handshakes_total", &[("version", "TLSv1.3")]) == 1.0
    });
    check(&samples, &[("saywhen_tls_cleartext_dropped_bytes_total", &[], 6.0)]);
}

#[test]
fn nothing_but_the_page_is_answered() {
    let (_server, port) = server(Setup::new());
    for (question, status) in
        [("GET / HTTP/1.1\r\n\r\n", "404"), ("POST /metrics HTTP/1.1\r\n\r\n", "405"), ("EHLO x\r\n\r\n", "400")]
    {
        assert!(asked(port, question).starts_with(&format!("HTTP/1.1 {status} ")), "{question}");
    }
    // Exactly as much as is read: what stays unread would be answered by a reset.
    let long = format!("GET /{}\r\n", "x".repeat((8 << 10) - 7));
    assert!(asked(port, &long).starts_with("HTTP/1.1 400 "));
}
