//! What a session costs in memory: framing, matching, rendering answers, whole conversations; and how matching grows with
//! the number of handlers.
//!
//! Never: opens a socket.

use std::{fmt::Write, hint::black_box};

use bench::{Memory, service, shipped};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const EHLO: &[u8] = b"EHLO client.example.net\r\n";

fn greeted() -> Memory {
    let mut session = Memory::new(shipped("smtp").expect("the shipped protocol compiles"));
    session.say(EHLO);
    session
}

fn commands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("command");
    group.throughput(Throughput::Elements(1));
    let mut check = |name: &str, line: &[u8]| {
        let mut session = greeted();
        group.bench_function(name, |bencher| bencher.iter(|| black_box(session.say(line))));
    };
    check("constant answer", b"NOOP\r\n");
    check("hole that nobody reads", b"NOOP something\r\n");
    check("answer of many lines", EHLO);
    check("refused out of order", b"VRFY ann\r\n");
}

fn framing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("framing");
    let batch = b"NOOP\r\n".repeat(100);
    group.throughput(Throughput::Elements(100));
    let mut session = greeted();
    group.bench_function("100 lines in one segment", |bencher| bencher.iter(|| black_box(session.say(&batch))));
    group.bench_function("100 lines octet by octet", |bencher| {
        bencher.iter(|| batch.chunks(1).map(|octet| session.say(octet)).sum::<usize>());
    });
}

fn conversations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conversation");
    let line = "All that is gold does not glitter, not all those who wander are lost.\r\n";
    for size in [1 << 10, 100 << 10, 1 << 20] {
        let body = line.repeat(size / line.len()) + ".\r\n";
        let mut session = greeted();
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("message", size), |bencher| {
            bencher.iter(|| {
                session.say(b"MAIL FROM:<ann@example.net>\r\nRCPT TO:<bob@example.com>\r\n");
                session.say(b"DATA\r\n");
                session.say(body.as_bytes())
            });
        });
    }
    let recipients = "RCPT TO:<bob@example.com>\r\n".repeat(100);
    let mut session = greeted();
    group.throughput(Throughput::Elements(100));
    group.bench_function("100 recipients", |bencher| {
        bencher.iter(|| {
            session.say(b"MAIL FROM:<ann@example.net>\r\n");
            session.say(recipients.as_bytes());
            session.say(b"RSET\r\n")
        });
    });
    let ready = shipped("smtp").expect("the shipped protocol compiles");
    group.bench_function("session that greets and leaves", |bencher| {
        bencher.iter(|| {
            let mut session = Memory::new(ready.clone());
            session.say(EHLO) + session.say(b"QUIT\r\n")
        });
    });
}

/// A state with so many handlers; the work is the last one's.
fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("handlers in a state");
    group.throughput(Throughput::Elements(1));
    for many in [10, 100, 1000] {
        let mut commands = String::new();
        for number in 0..many {
            let _ = writeln!(commands, "    on \"C{number}[ {{rest: text}}]\" -> 250 \"done\"");
        }
        let text = format!(
            r#"protocol growth version 1
wire {{ lines crlf at most 200 octets  reply "{{code}} {{text}}"  refusal 5xx }}
start state only {{
    enter {{ reply 220 "ready"  stay }}
{commands}}}
anytime {{ on "QUIT" -> 221 "bye" close }}
unexpected {{ out of order -> 503 "no"  bad arguments -> 501 "{{usage}}"  unknown command -> 500 "what" }}
limits {{
    line -> 500 "long"  idle 1 minute -> 421 "idle" close  session 1 hour -> 421 "end" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}}"#
        );
        let mut session = Memory::new(service(&text).expect("it compiles"));
        let line = format!("C{} some words\r\n", many - 1);
        group.bench_function(BenchmarkId::from_parameter(many), |bencher| {
            bencher.iter(|| black_box(session.say(line.as_bytes())));
        });
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(30).without_plots();
    targets = commands, framing, conversations, growth
}
criterion_main!(all);
