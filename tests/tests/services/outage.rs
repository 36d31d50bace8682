//! Servers that are paused, killed, started again, slow, or down from the beginning: the answer is `failed` within its
//! time limit, and the next call works.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actions::{Actions, world::Real};
use program::Statement;

use crate::{
    Services, Test,
    engine::{Outage, database},
    stage::{ask, ask_within, configuration, number, on, run, starts},
};

pub(crate) const TESTS: &[Test] = &[
    ("a_statement_that_lasts_too_long_is_given_up", a_statement_that_lasts_too_long_is_given_up),
    ("connections_are_bounded_however_many_ask", connections_are_bounded_however_many_ask),
    ("a_server_that_stands_still_holds_nobody_up", a_server_that_stands_still_holds_nobody_up),
    ("a_server_that_is_killed_comes_back_by_itself", a_server_that_is_killed_comes_back_by_itself),
    ("a_server_may_be_down_when_everything_starts", a_server_may_be_down_when_everything_starts),
];

const ONE: &str = r#"row(row{"n": 1})"#;

/// How much later than its limit an answer may come on a machine that has much else to do.
const SLACK: Duration = Duration::from_secs(1);

/// Asks with that time limit, and says that the answer was `failed`, and in time.
async fn fails_in_time(actions: &Actions, asked: &Arc<Statement>, within: Duration) {
    let begin = Instant::now();
    starts(&ask_within(actions, asked, Vec::new(), within).await, "failed(");
    let lasted = begin.elapsed();
    assert!(lasted < within + SLACK, "{lasted:?} instead of {within:?}");
}

fn one() -> Arc<Statement> {
    number("SELECT 1 AS n")
}

fn a_statement_that_lasts_too_long_is_given_up(services: &Services) {
    each(services, |engine| {
        let actions = on(database(engine, |_| {}));
        let observer = on(database(engine, |_| {}));
        run(async {
            for _ in 0..4 {
                fails_in_time(&actions, &number(&engine.slow(20.0)), Duration::from_millis(300)).await;
                assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE, "{}", engine.name());
            }
            // The server sees that nobody waits any more. MariaDB looks only every five seconds.
            let end = Instant::now() + Duration::from_secs(15);
            let two = r#"row(row{"n": 2})"#;
            while ask(&observer, &number(engine.connections()), Vec::new()).await != two {
                assert!(Instant::now() < end, "{} goes on with what nobody waits for", engine.name());
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
    });
}

fn connections_are_bounded_however_many_ask(services: &Services) {
    each(services, |engine| {
        let actions = Arc::new(on(database(engine, |server| server.connections = 4)));
        let observer = on(database(engine, |_| {}));
        run(async {
            let slow = number(&engine.slow(0.05));
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..120 {
                let (actions, slow) = (actions.clone(), slow.clone());
                calls.spawn(async move { ask(&actions, &slow, Vec::new()).await });
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            let busy = ask(&observer, &number(engine.connections()), Vec::new()).await;
            assert_eq!(busy, r#"row(row{"n": 5})"#, "{}: four, and the one that asks", engine.name());
            let answers = calls.join_all().await;
            assert!(answers.iter().all(|answer| answer == r#"row(row{"n": 0})"#), "{}: {answers:?}", engine.name());
        });
    });
}

/// Does something to both servers at once.
fn each(services: &Services, harm: impl Fn(&mut dyn Outage) + Sync) {
    let (mariadb, postgres) = &mut *services.hurt();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| harm(mariadb));
        harm(postgres);
        other.join().expect("MariaDB bears it");
    });
}

fn a_server_that_stands_still_holds_nobody_up(services: &Services) {
    each(services, |server| {
        let actions = on(database(server, |server| server.connections = 2));
        run(async {
            assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE);
            server.pause();
            for within in [300, 1200, 100, 2500] {
                fails_in_time(&actions, &one(), Duration::from_millis(within)).await;
            }
            server.resume();
            assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE, "{}", server.name());
        });
    });
}

fn a_server_that_is_killed_comes_back_by_itself(services: &Services) {
    each(services, |server| {
        let actions = Arc::new(on(database(server, |server| server.connections = 3)));
        run(async {
            // Killed at work.
            let working = {
                let (actions, slow) = (actions.clone(), number(&server.slow(30.0)));
                tokio::spawn(async move {
                    let begin = Instant::now();
                    (ask(&actions, &slow, Vec::new()).await, begin.elapsed())
                })
            };
            tokio::time::sleep(Duration::from_millis(500)).await;
            server.kill();
            let (answer, lasted) = working.await.expect("it ends");
            starts(&answer, "failed(");
            assert!(lasted < Duration::from_secs(5), "{}: noticed after {lasted:?}", server.name());
            // Down.
            fails_in_time(&actions, &one(), Duration::from_millis(500)).await;
            server.start_again();
            assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE, "{}", server.name());
            // Killed and started between two calls: the second does not notice.
            tokio::time::sleep(Duration::from_millis(200)).await;
            server.kill();
            server.start_again();
            assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE, "{}", server.name());
        });
    });
}

fn a_server_may_be_down_when_everything_starts(services: &Services) {
    each(services, |server| {
        server.kill();
        let configuration = configuration(&[("default", database(server, |_| {}))], &[]);
        let world = Arc::new(Real::open(configuration).unwrap_or_else(|faults| panic!("{faults:?}")));
        let actions = Actions::new(world.clone());
        run(async {
            let unreachable = world.unreachable(Duration::from_secs(2)).await;
            assert_eq!(unreachable.len(), 1);
            assert_eq!(unreachable[0].0, "default");
            fails_in_time(&actions, &one(), Duration::from_millis(500)).await;
            server.start_again();
            assert_eq!(ask(&actions, &one(), Vec::new()).await, ONE, "{}", server.name());
            assert!(world.unreachable(Duration::from_secs(2)).await.is_empty());
        });
    });
}
