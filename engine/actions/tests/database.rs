//! Statements on a real SQLite.
#![allow(clippy::unwrap_used)]

mod stage;

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use actions::{
    Actions,
    world::{Complaint, Database, Embedded, Fault, Inspector, Real, Schema},
};
use program::{Call, Gives, Origin, Secret, Shape, Statement, Target, Type, Value};
use tempfile::TempDir;

use stage::{ask, ask_statement, call, edited, open, target, text, with_database};

const SCHEMA: &str = "
    CREATE TABLE users (login TEXT PRIMARY KEY, hash TEXT, quota INTEGER, age REAL, admin INTEGER);
    INSERT INTO users VALUES ('ann', '{PLAIN}s3cret', 1024, 1.5, 1);
    INSERT INTO users VALUES ('bob', NULL, 'many', 60, 0);
    INSERT INTO users VALUES ('eve', '{ROT13}x', -1, NULL, 2);";

const ANY: Type = Type::Number { least: i64::MIN, most: i64::MAX };

fn shape(columns: &[(&str, Type)]) -> Arc<Shape> {
    let fields = columns.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect();
    Arc::new(Shape { name: "row".into(), fields })
}

fn statement(parameters: &[(&str, Type)], gives: Gives, sql: &str) -> Arc<Statement> {
    Arc::new(Statement {
        name: "asked".into(),
        database: "default".into(),
        parameters: parameters.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect(),
        gives,
        text: sql.into(),
        origin: Origin { file: 0, line: 1, column: 1 },
    })
}

fn row(columns: &[(&str, Type)], sql: &str) -> Arc<Statement> {
    statement(&[("login", Type::Text)], Gives::Row(shape(columns)), sql)
}

#[track_caller]
fn starts(answer: &str, wanted: &str) {
    assert!(answer.starts_with(wanted), "{answer}");
}

#[tokio::test]
async fn a_row_has_the_types_that_the_statement_declares() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let columns = [
        ("login", Type::Text),
        ("quota", Type::Size),
        ("age", Type::Duration),
        ("admin", Type::YesNo),
        ("hash", Type::Secret(Box::new(Type::Text))),
        ("missing", Type::Optional(Box::new(ANY))),
    ];
    let asks = row(&columns, "SELECT *, NULL AS missing FROM users WHERE login = :login");
    let answer = ask_statement(&actions, &asks, vec![text("ann")]).await;
    let wanted =
        r#"row(row{"login": "ann", "quota": 1024, "age": 1.5s, "admin": yes, "hash": ***, "missing": absent})"#;
    assert_eq!(answer, wanted);
    assert_eq!(ask_statement(&actions, &asks, vec![text("nobody")]).await, "none");
}

#[tokio::test]
async fn a_column_of_another_type_is_named() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let cases = [
        ("bob", ("quota", Type::Size), "column `quota` is a text that is not a size"),
        ("eve", ("quota", Type::Size), "column `quota` is an integer, not a size"),
        ("eve", ("age", Type::Duration), "column `age` is NULL, and it is not optional"),
        ("eve", ("admin", Type::YesNo), "column `admin` is an integer, not yes or no"),
        ("ann", ("login", Type::Ip), "column `login` is a text that is not an address"),
        ("ann", ("age", ANY), "column `age` is a real number, not a whole number"),
        ("ann", ("quota", Type::Number { least: 0, most: 9 }), "column `quota` is not between 0 and 9"),
        ("ann", ("shoe", ANY), "there is no column `shoe`"),
    ];
    for (login, column, why) in cases {
        let asks = row(&[column], "SELECT * FROM users WHERE login = :login");
        starts(&ask_statement(&actions, &asks, vec![text(login)]).await, &format!("failed(\"{why}"));
    }
}

#[tokio::test]
async fn a_text_that_no_answer_could_carry_is_no_column() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), "CREATE TABLE words (word TEXT)"));
    let put = statement(&[("word", Type::Text)], Gives::Nothing, "INSERT INTO words VALUES (:word)");
    for ty in [Type::Text, Type::Domain, Type::ForwardPath] {
        let found = Gives::Row(shape(&[("word", ty)]));
        let find = statement(&[("word", Type::Text)], found, "SELECT word FROM words WHERE word = :word");
        for word in ["a\r\nb", "a\nb", "a\0", "a\u{85}b"] {
            assert_eq!(ask_statement(&actions, &put, vec![text(word)]).await, "done(1)");
            let why = "failed(\"column `word` has a line end or another control character in it";
            starts(&ask_statement(&actions, &find, vec![text(word)]).await, why);
        }
        assert_eq!(ask_statement(&actions, &put, vec![text("a\tb")]).await, "done(1)");
        starts(&ask_statement(&actions, &find, vec![text("a\tb")]).await, "row(");
    }
}

#[tokio::test]
async fn a_domain_is_handed_over_and_read_in_a_labels() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), ""));
    let columns = [("domain", Type::Domain), ("path", Type::ForwardPath), ("word", Type::Text)];
    let gives = Gives::Row(shape(&columns));
    let asks =
        statement(&[("p", Type::ForwardPath)], gives, "SELECT 'BÜCHER.example' AS domain, :p AS path, :p AS word");
    let path = Value::Address(program::Address { text: "bücher@bücher.example".into(), at: Some(7) });
    let wanted = r#"row(row{"domain": "xn--bcher-kva.example", "path": <bücher@xn--bcher-kva.example>, "word": "bücher@xn--bcher-kva.example"})"#;
    assert_eq!(ask_statement(&actions, &asks, vec![path]).await, wanted);
}

#[tokio::test]
async fn a_value_is_bound_and_never_text_of_the_statement() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), "CREATE TABLE words (word TEXT)"));
    let put = statement(&[("word", Type::Text)], Gives::Nothing, "INSERT INTO words VALUES (:word)");
    let found = Gives::Row(shape(&[("word", Type::Text)]));
    let find = statement(&[("word", Type::Text)], found, "SELECT word FROM words WHERE word = :word");
    for word in ["'; DROP TABLE words; --", "\" OR 1=1", ":word", "%", "a' OR 'a'='a", "\u{1F600}é\\"] {
        assert_eq!(ask_statement(&actions, &put, vec![text(word)]).await, "done(1)");
        let answer = ask_statement(&actions, &find, vec![text(word)]).await;
        assert_eq!(answer, format!("row(row{{\"word\": {word:?}}})"));
    }
    assert_eq!(ask_statement(&actions, &find, vec![text("a")]).await, "none");
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), ""));
    let cases = [
        (Type::Time, Value::Time(1_700_000_000)),
        (Type::Duration, Value::Duration(Duration::from_secs(90))),
        (Type::Duration, Value::Duration(Duration::from_millis(1500))),
        (Type::YesNo, Value::Yes(false)),
        (Type::Ip, Value::Ip("2001:db8::1".parse().unwrap())),
        (Type::Network, Value::Network(program::Network { address: "192.0.2.0".parse().unwrap(), prefix: 24 })),
        (Type::Secret(Box::new(Type::Text)), Value::Secret(Secret::new(b"\xff\0"))),
        (Type::Optional(Box::new(Type::Text)), Value::Absent),
    ];
    for (ty, value) in cases {
        let found = Gives::Row(shape(&[("v", ty.clone())]));
        let asks = call(Target::Statement(statement(&[("v", ty)], found, "SELECT :v AS v")), vec![value.clone()]);
        let outcome = actions.run(asks, Arc::new(stage::Kept(None))).await;
        let [Value::Record(row)] = &outcome.values[..] else { panic!("{outcome:?}") };
        assert_eq!(row.fields[..], [value]);
    }
}

#[tokio::test]
async fn several_rows_are_bounded_and_none_is_none() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let list = |most| {
        let gives = Gives::Rows(shape(&[("login", Type::Text)]), most);
        statement(&[("least", Type::Text)], gives, "SELECT login FROM users WHERE login >= :least ORDER BY login")
    };
    let two = r#"rows([row{"login": "bob"}, row{"login": "eve"}])"#;
    assert_eq!(ask_statement(&actions, &list(2), vec![text("b")]).await, two);
    starts(
        &ask_statement(&actions, &list(2), vec![text("a")]).await,
        "failed(\"statement `asked` gave more than 2 rows",
    );
    assert_eq!(ask_statement(&actions, &list(2), vec![text("z")]).await, "none");
}

#[tokio::test]
async fn a_row_that_a_commit_refuses_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let schema = "CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE notes (id INTEGER PRIMARY KEY,
            parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO parents VALUES (1);";
    let actions = open(with_database(folder.path(), schema));
    let text = "INSERT INTO notes (parent) VALUES (:parent) RETURNING id";
    for gives in [Gives::Nothing, Gives::Row(shape(&[("id", ANY)])), Gives::Rows(shape(&[("id", ANY)]), 5)] {
        let put = statement(&[("parent", ANY)], gives, text);
        starts(&ask_statement(&actions, &put, vec![Value::Number(9)]).await, "failed(\"FOREIGN KEY constraint failed");
        assert!(!ask_statement(&actions, &put, vec![Value::Number(1)]).await.starts_with("failed"));
    }
    let count = statement(&[], Gives::Row(shape(&[("n", ANY)])), "SELECT count(*) AS n FROM notes");
    assert_eq!(ask_statement(&actions, &count, Vec::new()).await, r#"row(row{"n": 3})"#);
}

#[tokio::test]
async fn done_counts_what_the_statement_itself_changed() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    for (text, wanted) in [
        ("UPDATE users SET quota = 5", "done(3)"),
        ("CREATE TABLE others (a INTEGER PRIMARY KEY)", "done(0)"),
        ("SELECT login FROM users", "done(0)"),
        ("INSERT INTO others VALUES (1), (2) RETURNING a", "done(2)"),
        ("DROP TABLE others", "done(0)"),
        ("DELETE FROM users WHERE login = 'nobody'", "done(0)"),
        ("DELETE FROM users RETURNING *", "done(3)"),
    ] {
        assert_eq!(ask_statement(&actions, &statement(&[], Gives::Nothing, text), Vec::new()).await, wanted, "{text}");
    }
}

#[tokio::test]
async fn a_row_has_the_names_of_the_table_that_gave_it() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let asks = row(&[("hash", Type::Text)], "SELECT * FROM users WHERE login = :login");
    let list = |most| statement(&[], Gives::Rows(shape(&[("hash", Type::Text)]), most), "SELECT * FROM users");
    let answer = r#"row(row{"hash": "{PLAIN}s3cret"})"#;
    assert_eq!(ask_statement(&actions, &asks, vec![text("ann")]).await, answer);
    starts(&ask_statement(&actions, &list(1), Vec::new()).await, "failed");
    let other = rusqlite::Connection::open(folder.path().join("db/test.db")).unwrap();
    let rebuild = |columns: &str, kept: &str| {
        other
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; CREATE TABLE newer ({columns}); INSERT INTO newer SELECT {kept} FROM users;
                 DROP TABLE users; ALTER TABLE newer RENAME TO users; COMMIT;"
            ))
            .unwrap();
    };
    rebuild("login, remark, hash, quota", "login, 'blue', hash, quota");
    assert_eq!(ask_statement(&actions, &asks, vec![text("ann")]).await, answer, "a column came before it");
    other.execute_batch("DELETE FROM users WHERE login <> 'ann'").unwrap();
    rebuild("hash, login", "hash, login");
    let answer = r#"rows([row{"hash": "{PLAIN}s3cret"}])"#;
    assert_eq!(ask_statement(&actions, &list(1), Vec::new()).await, answer, "the order is another one");
    rebuild("login, word", "login, hash");
    let gone = r#"failed("there is no column `hash`")"#;
    for login in ["ann", "nobody"] {
        assert_eq!(ask_statement(&actions, &asks, vec![text(login)]).await, gone, "{login}");
    }
}

#[tokio::test]
async fn what_the_database_refuses_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    for sql in [
        "SELECT login FROM users WHERE login = :logn",
        "SELECT login FROM users WHERE login = ?",
        "SELEC 1",
        "SELECT x FROM nowhere",
        "",
        "SELECT 'a' AS login; SELECT 2",
    ] {
        starts(&ask_statement(&actions, &row(&[("login", Type::Text)], sql), vec![text("ann")]).await, "failed(");
    }
    let put = statement(&[("l", Type::Text)], Gives::Nothing, "INSERT INTO users (login) VALUES (:l)");
    starts(&ask_statement(&actions, &put, vec![text("ann")]).await, "failed(\"UNIQUE constraint failed");
    let elsewhere = Arc::new(Statement { database: "accounts".into(), ..(*put).clone() });
    let answer = ask_statement(&actions, &elsewhere, vec![text("x")]).await;
    assert_eq!(answer, r#"failed("there is no database `accounts`")"#);
}

#[tokio::test]
async fn a_statement_that_never_ends_is_ended_with_its_call() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS n FROM n";
    let asks = statement(&[], Gives::Row(shape(&[("n", ANY)])), endless);
    let hurried = Call { within: Duration::from_millis(50), ..call(Target::Statement(asks), Vec::new()) };
    assert_eq!(ask(&actions, hurried, None).await, r#"failed("the time limit is reached")"#);
    // The thread is free again.
    let quick = row(&[("login", Type::Text)], "SELECT login FROM users WHERE login = :login");
    let quick = Call { within: Duration::from_secs(2), ..call(Target::Statement(quick), vec![text("ann")]) };
    assert_eq!(ask(&actions, quick, None).await, r#"row(row{"login": "ann"})"#);
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_waited_for_within_the_call() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let other = rusqlite::Connection::open(folder.path().join("db/test.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let put = statement(&[("l", Type::Text)], Gives::Nothing, "INSERT INTO users (login) VALUES (:l)");
    let hurried =
        || Call { within: Duration::from_millis(100), ..call(Target::Statement(put.clone()), vec![text("x")]) };
    assert_eq!(ask(&actions, hurried(), None).await, r#"failed("the time limit is reached")"#);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(ask_statement(&actions, &put, vec![text("x")]).await, "done(1)");
}

#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    let put = statement(&[("l", Type::Text)], Gives::Nothing, "INSERT INTO users (login) VALUES (:l)");
    assert_eq!(ask_statement(&actions, &put, vec![text("x")]).await, "done(1)");
    for entry in fs::read_dir(folder.path().join("db")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
    }
}

#[tokio::test]
async fn the_schema_is_applied_once_and_never_by_half() {
    let folder = TempDir::new().unwrap();
    let half = with_database(folder.path(), "CREATE TABLE a (x); CREATE TABLE a (x);");
    let faults = Real::open(half).err().unwrap();
    assert!(faults[0].starts_with("database `default`"), "{faults:?}");
    assert_eq!(fs::read_dir(folder.path().join("db")).unwrap().count(), 0);

    let count = statement(&[], Gives::Row(shape(&[("n", ANY)])), "SELECT count(*) AS n FROM users");
    for _ in 0..2 {
        let actions = open(with_database(folder.path(), SCHEMA));
        assert_eq!(ask_statement(&actions, &count, Vec::new()).await, r#"row(row{"n": 3})"#);
    }
}

#[tokio::test]
async fn a_database_in_memory_has_its_schema_too() {
    let folder = TempDir::new().unwrap();
    let configuration = with_database(folder.path(), SCHEMA);
    let actions = open(edited(configuration, |database| database.path = ":memory:".into()));
    let asks = row(&[("login", Type::Text)], "SELECT login FROM users WHERE login = :login");
    assert_eq!(ask_statement(&actions, &asks, vec![text("ann")]).await, r#"row(row{"login": "ann"})"#);
}

#[test]
fn a_schema_that_is_missing_is_said_at_the_start() {
    let folder = TempDir::new().unwrap();
    let missing = Some(Schema::File("nowhere.sql".into()));
    let configuration = edited(with_database(folder.path(), ""), |database| database.schema = missing);
    assert!(Real::open(configuration).err().unwrap()[0].contains("nowhere.sql"));
}

/// Columns that a statement declares, its text, and what is wrong with it.
type Held<'a> = (&'a [(&'a str, Type)], &'a str, Option<(Fault, &'a str)>);

async fn complaints(folder: &TempDir, asked: &Statement) -> Vec<(Fault, String)> {
    let path = folder.path().join("db/test.db");
    let schema = Some(Schema::Text(SCHEMA.to_owned()));
    let inspector = Inspector::new(&Database::Embedded(Embedded { path, schema })).unwrap();
    let complaints = inspector.inspect(asked).await.unwrap();
    complaints.into_iter().map(|Complaint { fault, message, .. }| (fault, message)).collect()
}

#[tokio::test]
async fn a_statement_is_held_against_tables_made_or_to_be_made() {
    let folder = TempDir::new().unwrap();
    for made in [false, true] {
        if made {
            open(with_database(folder.path(), SCHEMA));
        }
        let cases: [Held; 7] = [
            (&[("login", Type::Text), ("quota", Type::Size)], "SELECT * FROM users WHERE login = :login", None),
            (&[("n", ANY)], "SELECT count(*) AS n FROM users WHERE login = :login", None),
            (
                &[("n", ANY)],
                "SELECT 1 AS n FROM user WHERE login = :login",
                Some((Fault::Refused, "no such table: user")),
            ),
            (&[("n", ANY)], "SELECT n FROM users WHERE login = :login", Some((Fault::Refused, "no such column: n"))),
            (&[("n", ANY)], "SELECT 1 AS n WHERE 1 = :logn", Some((Fault::Refused, "`:logn` is no parameter"))),
            (
                &[("n", ANY)],
                "SELECT quota FROM users WHERE login = :login",
                Some((Fault::Column, "gives no column `n`")),
            ),
            (
                &[("hash", ANY), ("quota", Type::Ip)],
                "SELECT hash, quota FROM users WHERE login = :login",
                Some((Fault::ColumnType, "the column `hash` is TEXT, and a number is never read from it")),
            ),
        ];
        for (columns, sql, wanted) in cases {
            let found = complaints(&folder, &row(columns, sql)).await;
            match (found.first(), wanted) {
                (None, None) => {}
                (Some((fault, message)), Some((wanted, words))) if *fault == wanted && message.contains(words) => {}
                _ => panic!("{sql}: {found:?}"),
            }
        }
        assert_eq!(folder.path().join("db/test.db").exists(), made, "nothing is made by looking");
    }
}

async fn login(actions: &Actions, name: &str, password: &str) -> String {
    let columns = [("hash", Type::Optional(Box::new(Type::Secret(Box::new(Type::Text)))))];
    let using = row(&columns, "SELECT hash FROM users WHERE login = :login");
    let arguments = vec![text(name), Value::Secret(Secret::new(password.as_bytes()))];
    ask(actions, Call { using: Some(using), ..call(target("check_password"), arguments) }, None).await
}

#[tokio::test]
async fn passwords_are_checked_against_the_table() {
    let folder = TempDir::new().unwrap();
    let actions = open(with_database(folder.path(), SCHEMA));
    assert_eq!(login(&actions, "ann", "s3cret").await, r#"accepted("ann")"#);
    assert_eq!(login(&actions, "ann", "guess").await, "rejected");
    assert_eq!(login(&actions, "bob", "s3cret").await, "rejected");
    assert_eq!(login(&actions, "nobody", "s3cret").await, "rejected");
    assert_eq!(login(&actions, "ann", &"x".repeat(513)).await, "rejected");
    starts(&login(&actions, "eve", "s3cret").await, "failed(\"statement `asked` gave a hash that cannot be used");
}

fn present(folder: &TempDir) -> i64 {
    let connection = rusqlite::Connection::open(folder.path().join("db/test.db")).unwrap();
    connection.query_row("SELECT count(*) FROM users WHERE login = 'new'", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_file_that_was_replaced_is_opened_when_it_is_taken_up() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join("db").join(name);
    let real = Arc::new(Real::open(with_database(folder.path(), SCHEMA)).unwrap());
    let actions = Actions::new(real.clone());
    let insert = statement(&[("login", Type::Text)], Gives::Nothing, "INSERT INTO users (login) VALUES (:login)");
    assert_eq!(ask_statement(&actions, &insert, vec![text("former")]).await, "done(1)");
    let same = real.renewed(with_database(folder.path(), SCHEMA)).unwrap();
    assert!(same.take_up().await.is_empty(), "nothing was replaced");
    // A backup comes to the place of the file, and the former log stays where it is.
    open(with_database(&folder.path().join("backup"), SCHEMA));
    let backup = folder.path().join("backup/db/test.db");
    rusqlite::Connection::open(&backup).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::rename(&backup, path("test.db")).unwrap();
    assert!(path("test.db-wal").exists());
    let renewed = real.renewed(with_database(folder.path(), SCHEMA)).unwrap();
    let became = renewed.take_up().await;
    assert!(matches!(&became[..], [(name, Ok(()))] if name == "default"));
    // The former world asks the new file, too.
    assert_eq!(ask_statement(&actions, &insert, vec![text("new")]).await, "done(1)");
    assert_eq!(present(&folder), 1);
    let former = row(&[("login", Type::Text)], "SELECT login FROM users WHERE login = :login");
    assert_eq!(
        ask_statement(&actions, &former, vec![text("former")]).await,
        "none",
        "of the former log nothing is left"
    );
    assert!(renewed.renewed(with_database(folder.path(), SCHEMA)).unwrap().take_up().await.is_empty());
}

#[tokio::test]
async fn a_file_that_is_gone_or_no_database_is_refused_and_the_open_one_goes_on() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("db/test.db");
    let real = Real::open(with_database(folder.path(), SCHEMA)).unwrap();
    fs::rename(&path, folder.path().join("away.db")).unwrap();
    let faults = |real: &Real| real.renewed(with_database(folder.path(), SCHEMA)).err().unwrap().join("; ");
    assert!(faults(&real).contains("its file is gone"), "{}", faults(&real));
    fs::write(&path, "this is a text, and no database at all").unwrap();
    assert!(faults(&real).contains("no SQLite database"), "{}", faults(&real));
    let asks = row(&[("login", Type::Text)], "SELECT login FROM users WHERE login = :login");
    let answer = ask_statement(&Actions::new(Arc::new(real)), &asks, vec![text("ann")]).await;
    assert_eq!(answer, r#"row(row{"login": "ann"})"#);
}
