//! Statements behind a PgBouncer in transaction mode: every call may run on another connection of the server's.

use actions::world::{Database, Server};
use program::{Gives, Secret, Type, Value};

use crate::{
    Services, Test,
    daemon::{Daemon, program},
    engine::{Engine, database},
    mariadb::PASSWORD,
    stage::{ANY, ask, number, on, perform, run, shape, statement, text},
};

pub(crate) const TESTS: &[Test] = &[
    ("statements_run_behind_a_pooler_of_transactions", statements_run_behind_a_pooler_of_transactions),
    ("a_parameter_of_octets_is_known_behind_a_pooler", a_parameter_of_octets_is_known_behind_a_pooler),
];

/// A PgBouncer before that server. With `ignored`, it keeps startup parameters back that it does not know; else it refuses
/// a connection that has one.
fn pooler(server: &Server, ignored: bool) -> Daemon {
    let mut daemon = Daemon::new("pgbouncer");
    let users = daemon.write("users", &format!("\"{}\" \"{}\"\n", server.user, PASSWORD));
    let settings = format!(
        "[databases]\npostgres = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\n\
         auth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 3\nunix_socket_dir =\n{}",
        server.host,
        server.port,
        daemon.port(),
        users.display(),
        if ignored { "ignore_startup_parameters = options\n" } else { "" },
    );
    let settings = daemon.write("pgbouncer.ini", &settings);
    let program = program("pgbouncer", &["/usr/sbin", "/usr/bin"], "pgbouncer");
    daemon.start(&[&program, &settings.display().to_string()]);
    daemon
}

fn behind(services: &Services, ignored: bool) -> (Daemon, Database) {
    let daemon = pooler(&services.postgres().server(), ignored);
    let port = daemon.port();
    let database = database(services.postgres(), |server| (server.port, server.connections) = (port, 8));
    (daemon, database)
}

fn statements_run_behind_a_pooler_of_transactions(services: &Services) {
    for ignored in [false, true] {
        let (_daemon, database) = behind(services, ignored);
        // Two of them, as if the server was started again, or another one asked the same pooler.
        let both = [on(database.clone()), on(database)];
        run(async {
            perform(&both[0], "DROP TABLE IF EXISTS pooled").await;
            perform(&both[0], "CREATE TABLE pooled (n integer, word text)").await;
            perform(&both[1], "INSERT INTO pooled SELECT n, 'word ' || n FROM generate_series(0, 9) AS n").await;
            let find = |text: &str| statement(&[("n", ANY)], Gives::Row(shape(&[("word", Type::Text)])), text);
            let (first, second) = (
                find("SELECT word FROM pooled WHERE n = :n"),
                find("SELECT upper(word) AS word FROM pooled WHERE n = :n"),
            );
            for round in 0..20 {
                let calls = (0..10).flat_map(|n| {
                    both.iter().enumerate().map({
                        let (first, second) = (&first, &second);
                        move |(which, actions)| async move {
                            let asked = if (which + round) % 2 == 0 { first } else { second };
                            let answer = ask(actions, asked, vec![Value::Number(n)]).await;
                            let word = if (which + round) % 2 == 0 { format!("word {n}") } else { format!("WORD {n}") };
                            assert_eq!(answer, format!("row(row{{\"word\": \"{word}\"}})"));
                        }
                    })
                });
                at_once(calls.collect()).await;
            }
        });
    }
}

/// Runs several calls beside each other.
async fn at_once(calls: Vec<impl Future<Output = ()>>) {
    let mut open: Vec<_> = calls.into_iter().map(|call| Some(Box::pin(call))).collect();
    std::future::poll_fn(move |context| {
        for call in &mut open {
            if call.as_mut().is_some_and(|running| running.as_mut().poll(context).is_ready()) {
                *call = None;
            }
        }
        if open.iter().all(Option::is_none) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

fn a_parameter_of_octets_is_known_behind_a_pooler(services: &Services) {
    let (_daemon, database) = behind(services, false);
    let actions = on(database);
    run(async {
        perform(&actions, "DROP TABLE IF EXISTS octets").await;
        perform(&actions, "CREATE TABLE octets (word text, hash bytea)").await;
        let secret = Type::Secret(Box::new(Type::Text));
        let parameters = [("word", Type::Text), ("hash", secret)];
        let put = statement(&parameters, Gives::Nothing, "INSERT INTO octets VALUES (:word, :hash) -- kept");
        for word in ["plain", "back\\slash", "\\x6162"] {
            let hash = Value::Secret(Secret::new(word.as_bytes()));
            assert_eq!(ask(&actions, &put, vec![text(word), hash]).await, "done(1)", "{word}");
        }
        let same = number("SELECT count(*) AS n FROM octets WHERE convert_from(hash, 'UTF8') = word");
        assert_eq!(ask(&actions, &same, Vec::new()).await, r#"row(row{"n": 3})"#);
        // What was octets is a text now.
        perform(&actions, "ALTER TABLE octets ALTER COLUMN hash TYPE text USING convert_from(hash, 'UTF8')").await;
        let hash = Value::Secret(Secret::new(b"other\\"));
        assert_eq!(ask(&actions, &put, vec![text("other\\"), hash]).await, "done(1)");
        let same = number("SELECT count(*) AS n FROM octets WHERE hash = word");
        assert_eq!(ask(&actions, &same, Vec::new()).await, r#"row(row{"n": 4})"#);
    });
}
