//! Statements on both servers: types, bounds, counts, what a peer may send, and what is kept between calls.

use actions::world::Database;
use program::{Gives, Network, Secret, Type, Value};
use tempfile::TempDir;

use crate::{
    Services, Test,
    engine::{Engine, database},
    stage::{ANY, ask, number, on, perform, run, shape, starts, statement, text},
};

pub(crate) const TESTS: &[Test] = &[
    ("a_row_has_the_types_that_the_statement_declares", a_row_has_the_types_that_the_statement_declares),
    ("every_kind_of_value_comes_back_as_it_went", every_kind_of_value_comes_back_as_it_went),
    ("the_types_of_postgres_are_read", the_types_of_postgres_are_read),
    ("the_types_of_mariadb_are_read", the_types_of_mariadb_are_read),
    ("several_rows_are_bounded", several_rows_are_bounded),
    ("columns_that_are_not_declared_are_left_alone", columns_that_are_not_declared_are_left_alone),
    ("done_counts_what_the_statement_itself_changed", done_counts_what_the_statement_itself_changed),
    ("a_statement_that_writes_is_run_to_its_end", a_statement_that_writes_is_run_to_its_end),
    ("a_row_that_a_commit_refuses_is_a_failure", a_row_that_a_commit_refuses_is_a_failure),
    ("every_way_to_log_in_to_mariadb_is_known", every_way_to_log_in_to_mariadb_is_known),
    ("rows_that_were_found_are_counted_changed_or_not", rows_that_were_found_are_counted_changed_or_not),
    ("a_bound_value_arrives_as_it_was_sent", a_bound_value_arrives_as_it_was_sent),
    ("what_the_database_refuses_is_a_failure", what_the_database_refuses_is_a_failure),
    ("a_secret_is_not_in_what_a_refusal_says", a_secret_is_not_in_what_a_refusal_says),
    ("a_statement_is_prepared_once_per_connection", a_statement_is_prepared_once_per_connection),
    ("a_table_that_changes_behind_a_statement_is_found_again", a_table_that_changes_behind_a_statement_is_found_again),
    ("a_socket_of_this_machine_is_asked", a_socket_of_this_machine_is_asked),
    ("a_wrong_password_is_a_failure_that_does_not_show_it", a_wrong_password_is_a_failure_that_does_not_show_it),
];

fn a_row_has_the_types_that_the_statement_declares(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS users").await;
            perform(
                &actions,
                "CREATE TABLE users (login varchar(100) PRIMARY KEY, hash text, quota bigint, age decimal(6,2), \
                 admin smallint)",
            )
            .await;
            perform(&actions, "INSERT INTO users VALUES ('ann', '{PLAIN}s3cret', 1024, 1.5, 1)").await;
            perform(&actions, "INSERT INTO users VALUES ('bob', NULL, -1, 60, 2)").await;
            let columns = [
                ("login", Type::Text),
                ("quota", Type::Size),
                ("age", Type::Duration),
                ("admin", Type::YesNo),
                ("hash", Type::Secret(Box::new(Type::Text))),
                ("missing", Type::Optional(Box::new(ANY))),
            ];
            let text_of = "SELECT users.*, NULL AS missing FROM users WHERE login = :login";
            let asks = statement(&[("login", Type::Text)], Gives::Row(shape(&columns)), text_of);
            let row =
                r#"row(row{"login": "ann", "quota": 1024, "age": 1.5s, "admin": yes, "hash": ***, "missing": absent})"#;
            assert_eq!(ask(&actions, &asks, vec![text("ann")]).await, row, "{}", engine.name());
            assert_eq!(ask(&actions, &asks, vec![text("nobody")]).await, "none");
            for (column, why) in [
                (("quota", Type::Size), "column `quota` is an integer, not a size"),
                (("admin", Type::YesNo), "column `admin` is an integer, not yes or no"),
                (("hash", Type::Text), "column `hash` is NULL, and it is not optional"),
                (("shoe", Type::Text), "there is no column `shoe`"),
            ] {
                let asks = statement(&[("login", Type::Text)], Gives::Row(shape(&[column])), text_of);
                starts(&ask(&actions, &asks, vec![text("bob")]).await, &format!("failed(\"{why}"));
            }
        });
    }
}

fn every_kind_of_value_comes_back_as_it_went(services: &Services) {
    let values = [
        (Type::Time, Value::Time(1_700_000_000), "bigint"),
        (Type::Duration, Value::Duration(std::time::Duration::from_secs(90)), "bigint"),
        (Type::Duration, Value::Duration(std::time::Duration::from_millis(1500)), "double precision"),
        (Type::YesNo, Value::Yes(true), "smallint"),
        (Type::YesNo, Value::Yes(false), "boolean"),
        (ANY, Value::Number(i64::MIN), "bigint"),
        (ANY, Value::Number(-7), "decimal(20,2)"),
        (Type::Ip, Value::Ip("2001:db8::1".parse().expect("an address")), "varchar(100)"),
        (Type::Network, Value::Network(Network { address: [192, 0, 2, 0].into(), prefix: 24 }), "varchar(100)"),
        (Type::Secret(Box::new(Type::Text)), Value::Secret(Secret::new("s3crét".as_bytes())), "varchar(100)"),
        (Type::Optional(Box::new(Type::Text)), Value::Absent, "varchar(100)"),
        (Type::Text, text(""), "varchar(100)"),
    ];
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            for (ty, value, column) in &values {
                perform(&actions, "DROP TABLE IF EXISTS kept").await;
                perform(&actions, &format!("CREATE TABLE kept (v {column})")).await;
                // The table is another one each time, which the first call behind it may notice as a failure.
                for _ in 0..2 {
                    let forget = statement(&[("v", ty.clone())], Gives::Nothing, "INSERT INTO kept VALUES (:v)");
                    ask(&actions, &forget, vec![value.clone()]).await;
                }
                perform(&actions, "DELETE FROM kept").await;
                let put = statement(&[("v", ty.clone())], Gives::Nothing, "INSERT INTO kept VALUES (:v)");
                assert_eq!(ask(&actions, &put, vec![value.clone()]).await, "done(1)", "{} {column}", engine.name());
                let get = statement(&[], Gives::Row(shape(&[("v", ty.clone())])), "SELECT v FROM kept");
                let wanted = format!("row(row{{\"v\": {value:?}}})");
                assert_eq!(ask(&actions, &get, Vec::new()).await, wanted, "{} {column}", engine.name());
                if let Value::Secret(_) = value {
                    let find = "SELECT count(*) AS n FROM kept WHERE v = :v";
                    let find = statement(&[("v", ty.clone())], Gives::Row(shape(&[("n", ANY)])), find);
                    assert_eq!(ask(&actions, &find, vec![value.clone()]).await, r#"row(row{"n": 1})"#);
                }
            }
        });
    }
}

/// Asks for one column `v` of a type, without parameters.
fn reads(engine: &dyn Engine, cases: &[(&str, Type, &str)]) {
    let actions = on(database(engine, |_| {}));
    run(async {
        for (expression, ty, wanted) in cases {
            let columns = shape(&[("v", ty.clone())]);
            let asks = statement(&[], Gives::Row(columns), &format!("SELECT {expression} AS v"));
            let answer = ask(&actions, &asks, Vec::new()).await;
            match wanted.strip_suffix('…') {
                Some(start) => starts(&answer, start),
                None => assert_eq!(answer, format!("row(row{{\"v\": {wanted}}})"), "{expression}"),
            }
        }
    });
}

fn the_types_of_postgres_are_read(services: &Services) {
    let secret = || Type::Secret(Box::new(Type::Text));
    reads(
        services.postgres(),
        &[
            ("true", Type::YesNo, "yes"),
            ("7::int2", ANY, "7"),
            ("12345678901::numeric", ANY, "12345678901"),
            ("-0.5::numeric", ANY, "failed(\"column `v` is a real number, not a whole number…"),
            ("interval '1 day 90 seconds'", Type::Duration, "86490s"),
            ("timestamptz '2000-01-01 01:00:00+01'", Type::Time, "@946684800"),
            ("date '1970-01-02'", Type::Time, "@86400"),
            ("inet '192.0.2.1'", Type::Ip, "192.0.2.1"),
            ("cidr '2001:db8::/32'", Type::Network, "2001:db8::/32"),
            ("E'a\\tb'::text", Type::Text, "\"a\\tb\""),
            ("'a\u{1}b'::text", Type::Text, "failed(\"column `v` has a line end or another control character in it…"),
            ("'x'::char(3)", Type::Text, "\"x  \""),
            ("'\\xff00'::bytea", secret(), "***"),
            ("'{\"a\": 1}'::json", Type::Text, "\"{\\\"a\\\": 1}\""),
            ("ARRAY[1]", ANY, "failed(\"a column of type _int4 cannot be read…"),
            ("'{}'::jsonb", Type::Text, "failed(\"a column of type jsonb cannot be read…"),
            ("'infinity'::numeric", ANY, "failed(\"a column of type numeric cannot be read…"),
            ("1", ANY, "1"),
        ],
    );
}

fn the_types_of_mariadb_are_read(services: &Services) {
    reads(
        services.mariadb(),
        &[
            ("true", Type::YesNo, "yes"),
            ("CAST(18446744073709551615 AS UNSIGNED)", ANY, "failed(\"column `v` is a real number…"),
            ("1 + 1", ANY, "2"),
            ("SUM(2)", ANY, "2"),
            ("TIMESTAMP '2000-01-01 00:00:00'", Type::Time, "@946684800"),
            ("DATE '1970-01-02'", Type::Time, "@86400"),
            ("TIME '00:01:30'", Type::Duration, "90s"),
            ("b'101'", Type::Secret(Box::new(Type::Text)), "***"),
            ("'é' COLLATE utf8mb4_bin", Type::Text, "\"é\""),
            ("INET6_NTOA(INET6_ATON('2001:db8::1'))", Type::Ip, "2001:db8::1"),
            ("CAST('x' AS BINARY)", Type::Text, "failed(\"column `v` is a blob, not a text…"),
            ("JSON_OBJECT('a', 1)", Type::Text, "\"{\\\"a\\\": 1}\""),
        ],
    );
}

fn several_rows_are_bounded(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS many").await;
            perform(&actions, "CREATE TABLE many (n integer)").await;
            perform(&actions, "INSERT INTO many VALUES (1), (2), (3), (4)").await;
            for _ in 0..7 {
                perform(&actions, "INSERT INTO many SELECT n + (SELECT max(n) FROM many) FROM many").await;
            }
            let list = |most, text: &str| statement(&[("least", ANY)], Gives::Rows(shape(&[("n", ANY)]), most), text);
            let up = "SELECT n FROM many WHERE n >= :least ORDER BY n";
            let first = "SELECT n FROM many WHERE n >= :least AND n < 3 ORDER BY n";
            let answer = ask(&actions, &list(2, first), vec![Value::Number(1)]).await;
            assert_eq!(answer, r#"rows([row{"n": 1}, row{"n": 2}])"#);
            let answer = ask(&actions, &list(3, up), vec![Value::Number(1)]).await;
            starts(&answer, "failed(\"statement `asked` gave more than 3 rows");
            assert_eq!(ask(&actions, &list(3, up), vec![Value::Number(1_000_000)]).await, "none");
            // Millions of rows that nobody wants: the first is there at once, and the next call is as quick.
            let all = number("SELECT a.n FROM many a, many b, many c");
            starts(&ask(&actions, &all, Vec::new()).await, "row(row{\"n\": ");
            let one = number("SELECT n FROM many WHERE n = 2");
            assert_eq!(ask(&actions, &one, Vec::new()).await, r#"row(row{"n": 2})"#);
        });
    }
}

fn columns_that_are_not_declared_are_left_alone(services: &Services) {
    let one = || Gives::Row(shape(&[("n", ANY)]));
    let list = || Gives::Rows(shape(&[("n", ANY)]), 3);
    let postgres = "SELECT ARRAY[1] AS a, '{}'::jsonb AS j, pg_sleep(0) AS v, 'infinity'::numeric AS i, 5 AS n";
    let mariadb = "SELECT POINT(1, 1) AS p, x'ff' AS b, 5 AS n";
    let engines: [(&dyn Engine, &str); 2] = [(services.postgres(), postgres), (services.mariadb(), mariadb)];
    for (engine, text) in engines {
        let actions = on(database(engine, |_| {}));
        run(async {
            let row = r#"row{"n": 5}"#;
            assert_eq!(ask(&actions, &statement(&[], one(), text), Vec::new()).await, format!("row({row})"), "{text}");
            let rows = ask(&actions, &statement(&[], list(), text), Vec::new()).await;
            assert_eq!(rows, format!("rows([{row}])"), "{text}");
            assert_eq!(ask(&actions, &statement(&[], Gives::Nothing, text), Vec::new()).await, "done(0)", "{text}");
            // The connection is as good as before.
            assert_eq!(ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await, r#"row(row{"n": 1})"#);
        });
    }
}

fn done_counts_what_the_statement_itself_changed(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS returned").await;
            for (text, wanted) in [
                ("CREATE TABLE returned (n integer PRIMARY KEY)", "done(0)"),
                ("INSERT INTO returned VALUES (1), (2)", "done(2)"),
                ("INSERT INTO returned VALUES (3) RETURNING n", "done(1)"),
                ("SELECT n FROM returned", "done(0)"),
                ("ALTER TABLE returned ADD COLUMN m integer", "done(0)"),
                ("DELETE FROM returned RETURNING *", "done(3)"),
            ] {
                let does = statement(&[], Gives::Nothing, text);
                assert_eq!(ask(&actions, &does, Vec::new()).await, wanted, "{} {text}", engine.name());
            }
        });
    }
}

/// More rows than a connection reads of a statement that only asks.
const MANY: usize = 1000;

fn a_statement_that_writes_is_run_to_its_end(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS written").await;
            perform(&actions, "CREATE TABLE written (n integer PRIMARY KEY)").await;
            let values: Vec<String> = (0..MANY).map(|n| format!("({n})")).collect();
            let insert = format!("INSERT INTO written VALUES {} RETURNING n", values.join(", "));
            assert_eq!(ask(&actions, &number(&insert), Vec::new()).await, r#"row(row{"n": 0})"#, "{}", engine.name());
            let count = ask(&actions, &number("SELECT count(*) AS n FROM written"), Vec::new()).await;
            assert_eq!(count, format!("row(row{{\"n\": {MANY}}})"), "{}", engine.name());
        });
    }
}

/// PostgreSQL alone has constraints that are checked as late as that.
fn a_row_that_a_commit_refuses_is_a_failure(services: &Services) {
    let actions = on(database(services.postgres(), |_| {}));
    run(async {
        perform(&actions, "DROP TABLE IF EXISTS late").await;
        perform(&actions, "CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)").await;
        perform(&actions, "INSERT INTO late VALUES (1)").await;
        let text = "INSERT INTO late VALUES (1) RETURNING n";
        for gives in [Gives::Nothing, Gives::Row(shape(&[("n", ANY)])), Gives::Rows(shape(&[("n", ANY)]), 3)] {
            let answer = ask(&actions, &statement(&[], gives, text), Vec::new()).await;
            starts(&answer, "failed(\"duplicate key value");
        }
    });
}

fn rows_that_were_found_are_counted_changed_or_not(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS counted").await;
            perform(&actions, "CREATE TABLE counted (n integer)").await;
            let does = |text: &str| statement(&[], Gives::Nothing, text);
            for (text, wanted) in [
                ("INSERT INTO counted VALUES (1), (2), (3)", "done(3)"),
                ("UPDATE counted SET n = 1 WHERE n < 3", "done(2)"),
                ("UPDATE counted SET n = 1 WHERE n = 1", "done(2)"),
                ("DELETE FROM counted", "done(3)"),
                ("DELETE FROM counted", "done(0)"),
            ] {
                assert_eq!(ask(&actions, &does(text), Vec::new()).await, wanted, "{} {text}", engine.name());
            }
        });
    }
}

/// What peers try, and what only looks like it.
const WORDS: &[&str] = &[
    "'; DROP TABLE words; --",
    "' OR 'a'='a",
    "\" OR 1=1 --",
    "\\' OR 1=1 -- ",
    "\\",
    "a\\'b\\\\'",
    "%' OR word LIKE '%",
    "_",
    ":word",
    "$1",
    "?",
    "/* */ UNION SELECT hash FROM users",
    "\u{bf}' OR 1=1 #",
    "\u{2019} OR 1=1",
    "1; SELECT pg_sleep(9)",
    "`; --",
    "0x27",
    "\u{1F600}é\u{0301}",
    "Robert'); DROP TABLE words;--",
    "${jndi:x} {{7*7}}",
];

fn a_bound_value_arrives_as_it_was_sent(services: &Services) {
    let folder = TempDir::new().expect("a folder can be made");
    let embedded = actions::world::Embedded { path: folder.path().join("words.db"), schema: None };
    let mut databases = vec![("SQLite", Database::Embedded(embedded))];
    databases.extend(services.engines().map(|engine| (engine.name(), database(engine, |_| {}))));
    for (name, database) in databases {
        let actions = on(database);
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS words").await;
            let column = if name == "MariaDB" { "varchar(200) COLLATE utf8mb4_bin" } else { "varchar(200)" };
            perform(&actions, &format!("CREATE TABLE words (word {column})")).await;
            perform(&actions, "INSERT INTO words VALUES ('hidden')").await;
            let holes = [
                (Type::Text, text as fn(&str) -> Value),
                (Type::Domain, text),
                (Type::ForwardPath, |word| Value::Address(program::Address { text: word.into(), at: word.find('@') })),
                (Type::Secret(Box::new(Type::Text)), |word| Value::Secret(Secret::new(word.as_bytes()))),
            ];
            for (ty, value) in holes {
                let put = statement(&[("word", ty.clone())], Gives::Nothing, "INSERT INTO words VALUES (:word)");
                let find = "SELECT word, char_length(word) AS n FROM words WHERE word = :word";
                let find = if name == "SQLite" { find.replace("char_length", "length") } else { find.to_owned() };
                let columns = shape(&[("word", Type::Text), ("n", ANY)]);
                let find = statement(&[("word", ty.clone())], Gives::Row(columns), &find);
                let forget = statement(&[("word", ty)], Gives::Nothing, "DELETE FROM words WHERE word = :word");
                for word in WORDS {
                    assert_eq!(ask(&actions, &put, vec![value(word)]).await, "done(1)", "{name} {word}");
                    let wanted = format!("row(row{{\"word\": {word:?}, \"n\": {}}})", word.chars().count());
                    assert_eq!(ask(&actions, &find, vec![value(word)]).await, wanted, "{name} {word}");
                    assert_eq!(ask(&actions, &forget, vec![value(word)]).await, "done(1)", "{name} {word}");
                }
            }
            let left = number("SELECT count(*) AS n FROM words WHERE word = 'hidden'");
            assert_eq!(ask(&actions, &left, Vec::new()).await, r#"row(row{"n": 1})"#, "{name}");
        });
    }
}

fn what_the_database_refuses_is_a_failure(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            for sql in [
                "SELECT n FROM nowhere",
                "SELEC 1",
                "SELECT :logn AS n",
                "",
                "SELECT 1 AS n; SELECT 2 AS n",
                "SELECT 'a AS n",
            ] {
                starts(&ask(&actions, &number(sql), Vec::new()).await, "failed(");
            }
            let elsewhere = number("SELECT 1 AS n");
            let elsewhere =
                std::sync::Arc::new(program::Statement { database: "accounts".into(), ..(*elsewhere).clone() });
            let answer = ask(&actions, &elsewhere, Vec::new()).await;
            assert_eq!(answer, r#"failed("there is no database `accounts`")"#);
            assert_eq!(ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await, r#"row(row{"n": 1})"#);
        });
    }
}

fn a_secret_is_not_in_what_a_refusal_says(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS hashes").await;
            perform(&actions, "CREATE TABLE hashes (hash varchar(40) PRIMARY KEY)").await;
            let ty = Type::Secret(Box::new(Type::Text));
            let put = statement(&[("hash", ty)], Gives::Nothing, "INSERT INTO hashes VALUES (:hash)");
            let hash = || vec![Value::Secret(Secret::new(b"s3cret-hash"))];
            assert_eq!(ask(&actions, &put, hash()).await, "done(1)");
            let answer = ask(&actions, &put, hash()).await;
            starts(&answer, "failed(\"the database says error ");
            assert!(!answer.contains("s3cret"), "{answer}");
        });
    }
}

fn a_statement_is_prepared_once_per_connection(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            let prepared = number(engine.prepared());
            let other = number("SELECT 5 AS n");
            ask(&actions, &other, Vec::new()).await;
            let before = ask(&actions, &prepared, Vec::new()).await;
            for _ in 0..50 {
                assert_eq!(ask(&actions, &other, Vec::new()).await, r#"row(row{"n": 5})"#);
            }
            assert_eq!(ask(&actions, &prepared, Vec::new()).await, before, "{}", engine.name());
            assert_eq!(before, r#"row(row{"n": 2})"#, "{}", engine.name());
        });
    }
}

fn a_table_that_changes_behind_a_statement_is_found_again(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |_| {}));
        run(async {
            perform(&actions, "DROP TABLE IF EXISTS moving").await;
            perform(&actions, "CREATE TABLE moving (n integer)").await;
            perform(&actions, "INSERT INTO moving VALUES (7)").await;
            let all = number("SELECT * FROM moving");
            assert_eq!(ask(&actions, &all, Vec::new()).await, r#"row(row{"n": 7})"#);
            perform(&actions, "ALTER TABLE moving ADD COLUMN more integer").await;
            assert_eq!(ask(&actions, &all, Vec::new()).await, r#"row(row{"n": 7})"#, "{}", engine.name());
            // The same names in another order, with another one before them.
            perform(&actions, "CREATE TABLE newer AS SELECT 8 AS other, more, n FROM moving").await;
            perform(&actions, "DROP TABLE moving").await;
            perform(&actions, "ALTER TABLE newer RENAME TO moving").await;
            assert_eq!(ask(&actions, &all, Vec::new()).await, r#"row(row{"n": 7})"#, "{}", engine.name());
            let rename = "ALTER TABLE moving RENAME COLUMN n TO p";
            perform(&actions, rename).await;
            let gone = r#"failed("there is no column `n`")"#;
            assert_eq!(ask(&actions, &all, Vec::new()).await, gone, "{}", engine.name());
        });
    }
}

fn a_socket_of_this_machine_is_asked(services: &Services) {
    let sockets = [services.mariadb().socket(), services.postgres().socket()];
    for (engine, socket) in services.engines().into_iter().zip(sockets) {
        let actions = on(database(engine, |server| {
            server.host = "nowhere.invalid".to_owned();
            server.socket = Some(socket);
        }));
        let answer = run(async { ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await });
        assert_eq!(answer, r#"row(row{"n": 1})"#, "{}", engine.name());
    }
}

fn a_wrong_password_is_a_failure_that_does_not_show_it(services: &Services) {
    for engine in services.engines() {
        let actions = on(database(engine, |server| server.password = Some(Secret::new(b"wr0ng-word"))));
        let answer = run(async { ask(&actions, &number("SELECT 1 AS n"), Vec::new()).await });
        starts(&answer, "failed(\"no connection to 127.0.0.1 port ");
        assert!(!answer.contains("wr0ng"), "{answer}");
    }
}

/// The server asks for a way to log in; the client library panics on one that it was built without.
fn every_way_to_log_in_to_mariadb_is_known(services: &Services) {
    let other = on(database(services.mariadb(), |server| server.user = "other".to_owned()));
    let answer = run(async { ask(&other, &number("SELECT 1 AS n"), Vec::new()).await });
    assert_eq!(answer, r#"row(row{"n": 1})"#);
}
