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
mod liar;
mod mail;
mod mariadb;
mod names;
mod nsd;
mod outage;
mod passwords;
mod postgres;
mod schema;
mod session;
mod stage;
mod tls;

use std::{
    cell::OnceCell,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    time::Instant,
};

use engine::Engine;
use mariadb::Mariadb;
use nsd::Nsd;
use postgres::Postgres;

/// The services of one run; each is started when the first test wants it.
#[derive(Default)]
struct Services {
    mariadb: OnceCell<Mariadb>,
    postgres: OnceCell<Postgres>,
    nsd: OnceCell<Nsd>,
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
}

/// A test and its name.
type Test = (&'static str, fn(&Services));

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let services = Services::default();
    let parts: [&[Test]; 9] = [
        database::TESTS,
        tls::TESTS,
        schema::TESTS,
        names::TESTS,
        passwords::TESTS,
        session::TESTS,
        mail::TESTS,
        outage::TESTS,
        crowd::TESTS,
    ];
    let tests = parts.into_iter().flatten();
    let (mut passed, mut failed) = (0, Vec::new());
    for (name, test) in tests {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let begin = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| test(&services))) {
            Ok(()) => {
                passed += 1;
                println!("{:7.2} s  {name}", begin.elapsed().as_secs_f64());
            }
            Err(_) => {
                println!("FAILED     {name}");
                failed.push(*name);
            }
        }
    }
    println!("services: {passed} passed, {} failed", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
