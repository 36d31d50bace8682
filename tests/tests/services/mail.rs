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
    session::{Saywhen, command, server_lines},
    stage::{ask, on, perform, run, statement, text},
};

pub(crate) const TESTS: &[Test] =
    &[("mail_is_served_from_each_database_and_its_holes_hold", mail_is_served_from_each_database_and_its_holes_hold)];

/// A session under TLS, spoken by another program.
struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    fn begin(port: u16) -> Session {
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
    fn greeted(port: u16) -> Session {
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
    fn says(&mut self, line: &str, code: &str) {
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

/// Names that would change a statement if they were part of its text.
const NAMES: &[&str] =
    &["' OR '1'='1", "'; DROP TABLE accounts; --", "\\' OR 1=1 -- ", "x' UNION SELECT '{PLAIN}s3cret' AS hash -- "];

/// The same as mailboxes: local parts in quotes and without.
const MAILBOXES: &[&str] = &[
    "\"' OR '1'='1\"@example.com",
    "\"'; DROP TABLE mailboxes; --\"@example.com",
    "bob'--@example.com",
    "'or'1'='1@example.com",
    "\"a/* */b\"@example.com",
];

/// The databases, and the schema that is shipped for each.
const PLACES: [(&str, &str); 3] =
    [("SQLite", "schema.sql"), ("MariaDB", "schema.mysql.sql"), ("PostgreSQL", "schema.postgres.sql")];

fn mail_is_served_from_each_database_and_its_holes_hold(services: &Services) {
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
    let actions = on(place);
    run(async {
        create(&actions, schema).await;
        add(&actions, ACCOUNT, &["ann"]).await;
        add(&actions, MAILBOX, &["bob@example.com"]).await;
    });
    site(folder.path(), port, &lines);
    let (code, said) = command(folder.path(), &["check"]);
    assert_eq!(code, Some(0), "{name}: {said}");
    let server = Saywhen::start(folder, port);
    log_in(port, "ANN", "235");
    each_logs_in(port, "535");
    let mut session = Session::greeted(port);
    session.says("RCPT TO:<Bob@Example.com>", "250");
    MAILBOXES.iter().for_each(|mailbox| session.says(&format!("RCPT TO:<{mailbox}>"), "550"));
    run(async {
        add(&actions, ACCOUNT, NAMES).await;
        add(&actions, MAILBOX, MAILBOXES).await;
    });
    each_logs_in(port, "235");
    let mut session = Session::greeted(port);
    MAILBOXES.iter().for_each(|mailbox| session.says(&format!("RCPT TO:<{mailbox}>"), "250"));
    assert!(!server.log().contains("s3cret"), "{}", server.log());
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
         tls: {{ self_signed: when_missing }}\nsinks: {{ inbox: {{ maildir: mail }} }}\ndatabases:\n{databases}"
    );
    fs::write(folder.join("config.yaml"), configuration).expect("the folder can be written");
}

/// All of them at once: a wrong password takes its time.
fn each_logs_in(port: u16, code: &str) {
    thread::scope(|scope| NAMES.iter().for_each(|login| drop(scope.spawn(move || log_in(port, login, code)))));
}

/// Logs in, and says with which code that is answered.
fn log_in(port: u16, login: &str, code: &str) {
    let mut encode = tool("base64", "coreutils");
    let mut child = encode.arg("-w0").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("base64 runs");
    let mut input = child.stdin.take().expect("its input is a pipe");
    input.write_all(format!("\0{login}\0s3cret").as_bytes()).expect("it reads");
    drop(input);
    let blob = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("base64 is ASCII");
    let mut session = Session::begin(port);
    session.says("EHLO client.example", "250");
    session.says(&format!("AUTH PLAIN {blob}"), code);
}
