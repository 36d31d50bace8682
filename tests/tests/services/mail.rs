//! The shipped mail protocol on each database: what peers put into its holes arrives as it was sent.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    thread,
};

use actions::{
    Actions,
    world::{Database, Embedded},
};
use conversations::{root, tool};
use program::{Gives, Type};

use crate::{
    Services, Test,
    daemon::free_port,
    engine::database,
    holes,
    session::{Saywhen, command, server_lines},
    stage::{ask, number, on, perform, run, statement, text},
};

pub(crate) const TESTS: &[Test] =
    &[("mail_is_served_from_each_database_and_its_holes_hold", mail_is_served_from_each_database_and_its_holes_hold)];

/// A session under TLS, spoken by another program.
pub(crate) struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    pub(crate) fn begin(port: u16) -> Session {
        let mut command = tool("openssl", "openssl");
        command.args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{port}")]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("openssl can be started");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut session = Session { child, input, output };
        assert_eq!(session.code(), "220");
        session
    }

    /// One that has said EHLO and MAIL.
    pub(crate) fn greeted(port: u16) -> Session {
        let mut session = Session::begin(port);
        session.says("EHLO client.example", "250");
        session.says("MAIL FROM:<ann@example.net>", "250");
        session
    }

    /// The code of the next answer.
    fn code(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("the server answers");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.chars().take(3).collect();
            }
        }
    }

    #[track_caller]
    pub(crate) fn says(&mut self, line: &str, code: &str) {
        self.input.write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
        assert_eq!(self.code(), code, "{line}");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The databases, and the schema that is shipped for each.
pub(crate) const PLACES: [(&str, &str); 3] =
    [("SQLite", "schema.sql"), ("MariaDB", "schema.mysql.sql"), ("PostgreSQL", "schema.postgres.sql")];

fn mail_is_served_from_each_database_and_its_holes_hold(services: &Services) {
    holes::all_holes_are_listed();
    thread::scope(|scope| {
        for (name, schema) in PLACES {
            scope.spawn(move || mail_is_served_from(name, schema, services));
        }
    });
}

fn mail_is_served_from(name: &str, schema: &str, services: &Services) {
    let port = free_port();
    let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
    let (place, lines) = place(name, services, folder.path());
    run(async {
        let actions = on(place.clone());
        create(&actions, schema).await;
        add(&actions, ACCOUNT, &["ann"]).await;
        add(&actions, MAILBOX, &["bob@example.com"]).await;
    });
    site(folder.path(), port, &lines);
    let (code, said) = command(folder.path(), &["check"]);
    assert_eq!(code, Some(0), "{name}: {said}");
    let server = Saywhen::start(folder, port);
    let mut session = Session::greeted(port);
    session.says("RCPT TO:<Bob@Example.com>", "250");
    session.says("RSET", "250");
    session.says(&format!("AUTH PLAIN {}", base64("\0ANN\0s3cret")), "235");
    holes::reach(port, "535", "550");
    holes::fill_the_others(port);
    run(async {
        let actions = on(place);
        // Nothing came in and nothing is gone.
        for (table, rows) in [("accounts", 1), ("mailboxes", 1)] {
            let counted = ask(&actions, &number(&format!("SELECT count(*) AS n FROM {table}")), Vec::new()).await;
            assert_eq!(counted, format!("row(row{{\"n\": {rows}}})"), "{name}: {table}");
        }
        add(&actions, ACCOUNT, holes::NAMES).await;
        add(&actions, MAILBOX, holes::MAILBOXES).await;
    });
    holes::reach(port, "235", "250");
    // One of the names that were tried has the password in it.
    let log = holes::NAMES.iter().fold(server.log(), |log, name| log.replace(name, "NAME"));
    assert!(!log.contains("s3cret"), "{log}");
}

const ACCOUNT: &str = "INSERT INTO accounts VALUES (:value, '{PLAIN}s3cret')";
const MAILBOX: &str = "INSERT INTO mailboxes (address) VALUES (:value)";

/// The database of that name, and the lines of a configuration that ask it.
pub(crate) fn place(name: &str, services: &Services, folder: &Path) -> (Database, String) {
    match name {
        "MariaDB" => (database(services.mariadb(), |_| {}), server_lines("default", services.mariadb(), folder)),
        "PostgreSQL" => (database(services.postgres(), |_| {}), server_lines("default", services.postgres(), folder)),
        _ => {
            let path = folder.join("mail.db");
            let lines = "  default: { url: \"sqlite:mail.db\" }\n".to_owned();
            (Database::Embedded(Embedded { path, schema: None }), lines)
        }
    }
}

/// Makes the tables of a shipped schema.
async fn create(actions: &Actions, schema: &str) {
    let schema = fs::read_to_string(root().join("data").join(schema)).expect("the schemas are shipped");
    for statement in schema.split(";\n").filter(|text| text.contains("CREATE")) {
        perform(actions, statement).await;
    }
}

/// Carries out an INSERT for each of these values.
async fn add(actions: &Actions, insert: &str, values: &[&str]) {
    let asked = statement(&[("value", Type::Text)], Gives::Nothing, insert);
    for value in values {
        assert_eq!(ask(actions, &asked, vec![text(value)]).await, "done(1)", "{value}");
    }
}

/// The shipped mail protocol under implicit TLS, with a table of mailboxes.
fn site(folder: &Path, port: u16, databases: &str) {
    fs::create_dir(folder.join("protocols")).expect("the folder can be written");
    fs::copy(root().join("protocols/smtp.proto.dsl"), folder.join("protocols/smtp.proto.dsl")).expect("it is shipped");
    let configuration = format!(
        "listeners:\n  - listen: \"127.0.0.1:{port}\"\n    protocol: smtp\n    tls: implicit\n    \
         settings: {{ our_domains: [example.com], check_mailbox: yes }}\n\
         limits: {{ passwords_per_minute: 10000 }}\ntls: {{ self_signed: when_missing }}\nsinks: {{ inbox: {{ maildir: mail }} }}\ndatabases:\n{databases}"
    );
    fs::write(folder.join("config.yaml"), configuration).expect("the folder can be written");
}

/// All of them at once: a wrong password takes its time.
pub(crate) fn each<T: Sync>(all: &[T], try_one: impl Fn(&T) + Sync) {
    let try_one = &try_one;
    thread::scope(|scope| all.iter().for_each(|one| drop(scope.spawn(move || try_one(one)))));
}

/// The base64 of a text.
pub(crate) fn base64(text: &str) -> String {
    let mut encode = tool("base64", "coreutils");
    let mut child = encode.arg("-w0").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("base64 runs");
    let mut input = child.stdin.take().expect("its input is a pipe");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("base64 is ASCII")
}
