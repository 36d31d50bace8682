//! Ten thousand look-ups at once, of a service that does not answer: memory and threads stay bounded, and the runtime
//! goes on.

use std::{
    fs,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    Services, Test,
    engine::{Outage, database},
    liar::Liar,
    stage::{act, ask, ask_within, asking, number, on, run, text},
};

pub(crate) const TESTS: &[Test] = &[
    ("ten_thousand_questions_of_the_dns_are_bounded", ten_thousand_questions_of_the_dns_are_bounded),
    ("ten_thousand_statements_are_bounded", ten_thousand_statements_are_bounded),
];

const CROWD: usize = 10_000;

/// The most KiB that one look-up may take while it waits.
const KIB_EACH: u64 = 8;

/// A number of this process's status.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("this process has a status");
    let line = status.lines().find(|line| line.starts_with(name)).expect("it says so");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Runs ten thousand of them at once, and watches memory, threads, and a task that only wants its turn.
async fn crowd<F: Future<Output = String> + Send + 'static>(what: &str, one: impl Fn() -> F) {
    let (memory, threads) = (status("VmRSS:"), status("Threads:"));
    let (over, latest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let watch = {
        let (over, latest) = (over.clone(), latest.clone());
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let begin = Instant::now();
                tokio::time::sleep(Duration::from_millis(10)).await;
                latest.fetch_max(begin.elapsed().as_millis() as u64, Ordering::Relaxed);
            }
        })
    };
    let mut calls = JoinSet::new();
    (0..CROWD).for_each(|_| drop(calls.spawn(one())));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let grown = status("VmRSS:").saturating_sub(memory);
    let more = status("Threads:").saturating_sub(threads);
    let answers = calls.join_all().await;
    over.store(true, Ordering::Relaxed);
    watch.await.expect("it ends");
    let late = latest.load(Ordering::Relaxed);
    println!(
        "            {what}: {CROWD} in flight, {grown} KiB, {more} threads more, a turn came after {late} ms at most"
    );
    assert!(answers.iter().all(|answer| answer.starts_with("failed(")), "{:?}", answers.first());
    assert!(grown < CROWD as u64 * KIB_EACH, "{grown} KiB");
    assert!(more <= 4, "{more} threads");
    assert!(late < 1500, "{late} ms");
}

fn ten_thousand_questions_of_the_dns_are_bounded(_: &Services) {
    let liar = Liar::start();
    let actions = Arc::new(asking(&[liar.address()]));
    run(async {
        let within = Duration::from_secs(3);
        let arguments = || vec![text("A"), text("silent.example")];
        crowd("dns", || {
            let actions = actions.clone();
            async move { act(&actions, "dig", arguments(), within).await }
        })
        .await;
        let answer = act(&actions, "dig", vec![text("A"), text("host.example")], within).await;
        assert_eq!(answer, r#"found(["192.0.2.7"])"#);
    });
}

fn ten_thousand_statements_are_bounded(services: &Services) {
    let (mariadb, postgres) = &mut *services.hurt();
    let servers: [&mut dyn Outage; 2] = [mariadb, postgres];
    for server in servers {
        let actions = Arc::new(on(database(server, |server| server.connections = 8)));
        run(async {
            let one = number("SELECT 1 AS n");
            assert_eq!(ask(&actions, &one, Vec::new()).await, r#"row(row{"n": 1})"#);
            server.pause();
            crowd(server.name(), || {
                let (actions, one) = (actions.clone(), one.clone());
                async move { ask_within(&actions, &one, Vec::new(), Duration::from_secs(3)).await }
            })
            .await;
            server.resume();
            assert_eq!(ask(&actions, &one, Vec::new()).await, r#"row(row{"n": 1})"#, "{}", server.name());
        });
    }
}
