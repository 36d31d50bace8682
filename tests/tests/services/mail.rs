//! The shipped mail protocol on each database: what peers put into its holes arrives as it was sent.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use actions::world::{Database, Embedded};
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

fn mail_is_served_from_each_database_and_its_holes_hold(services: &Services) {
    let (mariadb, postgres) = (services.mariadb(), services.postgres());
    let schema = |name: &str| fs::read_to_string(root().join("data").join(name)).expect("the schemas are shipped");
    for (name, file) in
        [("SQLite", "schema.sql"), ("MariaDB", "schema.mysql.sql"), ("PostgreSQL", "schema.postgres.sql")]
    {
        let port = free_port();
        let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
        let write =
            |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the folder can be written");
        let (place, lines) = match name {
            "MariaDB" => (database(mariadb, |_| {}), server_lines("default", mariadb, folder.path())),
            "PostgreSQL" => (database(postgres, |_| {}), server_lines("default", postgres, folder.path())),
            _ => {
                let path = folder.path().join("mail.db");
                (
                    Database::Embedded(Embedded { path, schema: None }),
                    "  default: { url: \"sqlite:mail.db\" }\n".to_owned(),
                )
            }
        };
        let actions = on(place);
        let accounts = statement(
            &[("login", Type::Text)],
            Gives::Nothing,
            "INSERT INTO accounts VALUES (:login, '{PLAIN}s3cret')",
        );
        let mailboxes =
            statement(&[("address", Type::Text)], Gives::Nothing, "INSERT INTO mailboxes (address) VALUES (:address)");
        let add =
            async |asked, value: &str| assert_eq!(ask(&actions, asked, vec![text(value)]).await, "done(1)", "{value}");
        run(async {
            for statement in schema(file).split(";\n").filter(|text| text.contains("CREATE")) {
                perform(&actions, statement).await;
            }
            add(&accounts, "ann").await;
            add(&mailboxes, "bob@example.com").await;
        });
        fs::create_dir(folder.path().join("protocols")).expect("the folder can be written");
        write(
            "protocols/smtp.proto.dsl",
            &fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("it is shipped"),
        );
        write(
            "config.yaml",
            &format!(
                "listeners:\n  - listen: \"127.0.0.1:{port}\"\n    protocol: smtp\n    tls: implicit\n    \
                 settings: {{ our_domains: [example.com], check_mailbox: yes }}\n\
                 tls: {{ self_signed: when_missing }}\nsinks: {{ inbox: {{ maildir: mail }} }}\ndatabases:\n{lines}"
            ),
        );
        let (code, said) = command(folder.path(), &["check"]);
        assert_eq!(code, Some(0), "{name}: {said}");
        let server = Saywhen::start(folder, port);
        let log_in = |login: &str, code: &str| {
            let mut encode = tool("base64", "coreutils");
            let mut child =
                encode.arg("-w0").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("base64 runs");
            let mut input = child.stdin.take().expect("its input is a pipe");
            input.write_all(format!("\0{login}\0s3cret").as_bytes()).expect("it reads");
            drop(input);
            let blob = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("base64 is ASCII");
            let mut session = Session::begin(port);
            session.says("EHLO client.example", "250");
            session.says(&format!("AUTH PLAIN {blob}"), code);
        };
        log_in("ANN", "235");
        NAMES.iter().for_each(|login| log_in(login, "535"));
        let mut session = Session::begin(port);
        session.says("EHLO client.example", "250");
        session.says("MAIL FROM:<ann@example.net>", "250");
        session.says("RCPT TO:<Bob@Example.com>", "250");
        MAILBOXES.iter().for_each(|mailbox| session.says(&format!("RCPT TO:<{mailbox}>"), "550"));
        run(async {
            for login in NAMES {
                add(&accounts, login).await;
            }
            for mailbox in MAILBOXES {
                add(&mailboxes, mailbox).await;
            }
        });
        NAMES.iter().for_each(|login| log_in(login, "235"));
        let mut session = Session::begin(port);
        session.says("EHLO client.example", "250");
        session.says("MAIL FROM:<ann@example.net>", "250");
        MAILBOXES.iter().for_each(|mailbox| session.says(&format!("RCPT TO:<{mailbox}>"), "250"));
        assert!(!server.log().contains("s3cret"), "{}", server.log());
    }
}
