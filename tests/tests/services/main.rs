//! Look-ups, statements and passwords against real services: MariaDB, PostgreSQL, SQLite, nsd, and the programs that
//! make hashes. Each service is a throw-away instance on a port of its own, in a folder of its own.
//!
//! `cargo test -p conversations --test services [WORD…]` runs the tests that have one of the words in their names.
//!
//! Never: passes over a test because a program is missing; leaves a process or a folder behind.

mod crowd;
mod daemon;
mod database;
mod engine;
mod holes;
mod journal;
mod liar;
mod mail;
mod mariadb;
mod names;
mod nsd;
mod outage;
mod outcomes;
mod passwords;
mod pgbouncer;
mod policy;
mod postgres;
mod schema;
mod session;
mod stage;
mod tls;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Instant,
};

use engine::{Engine, Outage};
use mariadb::Mariadb;
use nsd::Nsd;
use postgres::Postgres;

/// The services of one run; each is started when the first test wants it.
#[derive(Default)]
struct Services {
    mariadb: OnceLock<Mariadb>,
    postgres: OnceLock<Postgres>,
    nsd: OnceLock<Nsd>,
    hurt: OnceLock<Mutex<(Mariadb, Postgres)>>,
}

impl Services {
    fn mariadb(&self) -> &Mariadb {
        self.mariadb.get_or_init(Mariadb::start)
    }

    fn postgres(&self) -> &Postgres {
        self.postgres.get_or_init(Postgres::start)
    }

    fn nsd(&self) -> &Nsd {
        self.nsd.get_or_init(Nsd::start)
    }

    /// Both servers.
    fn engines(&self) -> [&dyn Engine; 2] {
        [self.mariadb(), self.postgres()]
    }

    /// Both servers once more, for tests that hurt them; they are up.
    fn hurt(&self) -> MutexGuard<'_, (Mariadb, Postgres)> {
        let both = self.hurt.get_or_init(|| {
            thread::scope(|scope| {
                let mariadb = scope.spawn(Mariadb::start);
                let postgres = Postgres::start();
                Mutex::new((mariadb.join().expect("MariaDB starts"), postgres))
            })
        });
        let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
        both.0.revive();
        both.1.revive();
        both
    }
}

/// A test and its name.
type Test = (&'static str, fn(&Services));

/// What runs one after the other, each line beside the others.
const LINES: [&[&[Test]]; 3] = [
    &[database::TESTS, pgbouncer::TESTS, schema::TESTS, session::TESTS, outage::TESTS],
    &[tls::TESTS, mail::TESTS, policy::TESTS, journal::TESTS, outcomes::TESTS],
    &[names::TESTS, passwords::TESTS],
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let services = Services::default();
    let line = |tests: &[&[Test]]| -> (usize, usize) {
        let tests = tests.iter().copied().flatten();
        let wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
        tests.filter(|(name, _)| wanted(name)).fold((0, 0), |(passed, failed), test| match passes(test, &services) {
            true => (passed + 1, failed),
            false => (passed, failed + 1),
        })
    };
    // The program is built before its time is taken.
    let _ = conversations::binary();
    let begin = Instant::now();
    let mut counts = thread::scope(|scope| {
        if wanted.is_empty() {
            // They take their time to start; whoever needs one waits for it.
            scope.spawn(|| services.mariadb());
            scope.spawn(|| drop(services.hurt()));
        }
        let line = &line;
        let lines = LINES.map(|tests| scope.spawn(move || line(tests)));
        lines.into_iter().map(|line| line.join().expect("a test that panics is caught")).collect::<Vec<_>>()
    });
    // What a crowd costs is measured alone.
    counts.push(line(&[crowd::TESTS]));
    let passed: usize = counts.iter().map(|(passed, _)| passed).sum();
    let failed: usize = counts.iter().map(|(_, failed)| failed).sum();
    println!("services: {passed} passed, {failed} failed, {:.0} s", begin.elapsed().as_secs_f64());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes((name, test): &Test, services: &Services) -> bool {
    let begin = Instant::now();
    let passed = catch_unwind(AssertUnwindSafe(|| test(services))).is_ok();
    match passed {
        true => println!("{:7.2} s  {name}", begin.elapsed().as_secs_f64()),
        false => println!("FAILED     {name}"),
    }
    passed
}
