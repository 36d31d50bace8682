//! The example that notes every message in a table, on each database: the rows are what was said, and a table that is
//! gone keeps no mail away.

use std::{fs, path::Path, thread};

use conversations::{Client, root};
use program::{Gives, Type, Value};

use crate::{
    Services, Test,
    daemon::free_port,
    mail::place,
    session::{Saywhen, command},
    stage::{ANY, ask, on, perform, run, shape, statement},
};

pub(crate) const TESTS: &[Test] =
    &[("every_message_is_noted_in_each_database", every_message_is_noted_in_each_database)];

/// A sender that would change the statement if it were part of its text.
const SENDER: &str = "\"'); DROP TABLE journal; --\"@example.net";

fn every_message_is_noted_in_each_database(services: &Services) {
    thread::scope(|scope| {
        for name in ["SQLite", "MariaDB", "PostgreSQL"] {
            scope.spawn(move || every_message_is_noted_in(name, services));
        }
    });
}

fn every_message_is_noted_in(name: &str, services: &Services) {
    let port = free_port();
    let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
    let (place, databases) = place(name, services, folder.path());
    let schema = fs::read_to_string(root().join("docs/examples/journal.sql")).expect("the schema is shipped");
    run(async {
        let actions = on(place.clone());
        perform(&actions, "DROP TABLE IF EXISTS journal").await;
        perform(&actions, schema.trim_end().trim_end_matches(';')).await;
    });
    site(folder.path(), port, services, &databases);
    let (code, said) = command(folder.path(), &["check"]);
    assert_eq!(code, Some(0), "{name}: {said}");
    let server = Saywhen::start(folder, port);
    let mut client = Client::greeted(port);
    let mut says = |line: &str, code: u16| assert_eq!(client.ask(line).code, code, "{name}: {line}");
    let mut send = |sender: &str, recipients: &[&str], text: &str, code: u16| {
        says(&format!("MAIL FROM:<{sender}>"), 250);
        recipients.iter().for_each(|recipient| says(&format!("RCPT TO:<{recipient}>"), 250));
        says("DATA", 354);
        says(&format!("{text}\r\n."), code);
    };
    send("ann@example.net", &["bob@example.com", "eve@example.com"], "hi", 250);
    send(SENDER, &["bob@example.com"], "hi again", 250);
    send("", &["eve@example.com"], &"x".repeat(200), 552);
    let wanted = format!(
        "rows([{}])",
        [
            ("ann@example.net", "bob@example.com", 4, "stored"),
            ("ann@example.net", "eve@example.com", 4, "stored"),
            (SENDER, "bob@example.com", 10, "stored"),
            ("", "eve@example.com", 0, "too big"),
        ]
        .map(|(sender, recipient, octets, result)| format!(
            "row{{\"peer\": 127.0.0.1, \"helo\": \"client.example.net\", \"tls\": absent, \"sender\": {sender:?}, \
             \"recipient\": {recipient:?}, \"octets\": {octets}, \"result\": {result:?}, \"stored\": {}}}",
            if result == "stored" { "yes" } else { "no" }
        ))
        .join(", ")
    );
    run(async {
        let actions = on(place);
        assert_eq!(ask(&actions, &noted(), vec![Value::Number(100)]).await, wanted, "{name}");
        perform(&actions, "DROP TABLE journal").await;
    });
    send("ann@example.net", &["bob@example.com"], "unnoted", 250);
    server.logs("not in the journal: stored, <ann@example.net> to <bob@example.com>");
}

/// What stands in the journal, in the order of the messages.
fn noted() -> std::sync::Arc<program::Statement> {
    let columns = [
        ("peer", Type::Ip),
        ("helo", Type::Text),
        ("tls", Type::Optional(Box::new(Type::Text))),
        ("sender", Type::Text),
        ("recipient", Type::Text),
        ("octets", ANY),
        ("result", Type::Text),
        ("stored", Type::YesNo),
    ];
    let text = "SELECT peer, helo, tls, sender, recipient, octets, result, id IS NOT NULL AS stored FROM journal \
                WHERE at > :least ORDER BY result, octets, recipient";
    statement(&[("least", ANY)], Gives::Rows(shape(&columns), 10), text)
}

fn site(folder: &Path, port: u16, services: &Services, databases: &str) {
    fs::create_dir(folder.join("protocols")).expect("the folder can be written");
    let file = "journal.proto.dsl";
    fs::copy(root().join("docs/examples").join(file), folder.join("protocols").join(file)).expect("it is shipped");
    let configuration = format!(
        "listeners: [{{ listen: \"127.0.0.1:{port}\", protocol: journal, tls: starttls, \
         settings: {{ max_size: 100 octets }} }}]\ntls: {{ self_signed: when_missing }}\n\
         sinks: {{ inbox: {{ maildir: mail }} }}\ndns: {{ servers: [\"{}\"], timeout: 400ms }}\ndatabases:\n{databases}",
        services.nsd().address()
    );
    fs::write(folder.join("config.yaml"), configuration).expect("the folder can be written");
}
