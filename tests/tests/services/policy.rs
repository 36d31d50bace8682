//! The shipped policy protocol on each database: strangers wait, and logins have their quota.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    thread,
    time::Duration,
};

use conversations::root;

use crate::{
    Services, Test,
    daemon::free_port,
    mail::{PLACES, place},
    session::{Saywhen, command},
    stage::{on, perform, run},
};

pub(crate) const TESTS: &[Test] = &[("a_policy_is_kept_in_each_database", a_policy_is_kept_in_each_database)];

fn a_policy_is_kept_in_each_database(services: &Services) {
    thread::scope(|scope| {
        for (name, schema) in PLACES {
            scope.spawn(move || a_policy_is_kept_in(name, schema, services));
        }
    });
}

fn a_policy_is_kept_in(name: &str, schema: &str, services: &Services) {
    let port = free_port();
    let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
    let (place, databases) = place(name, services, folder.path());
    let schema = fs::read_to_string(root().join("data").join(schema)).expect("the schemas are shipped");
    run(async {
        let actions = on(place);
        for table in ["greylist", "sent"] {
            perform(&actions, &format!("DROP TABLE IF EXISTS {table}")).await;
        }
        let ours = |text: &&str| ["greylist", "sent", "COLLATION"].iter().any(|word| text.contains(word));
        for statement in schema.split(";\n").filter(|text| text.contains("CREATE")).filter(ours) {
            let statement = statement.replace("CREATE COLLATION", "CREATE COLLATION IF NOT EXISTS");
            perform(&actions, &statement).await;
        }
    });
    site(folder.path(), port, &databases);
    let (code, said) = command(folder.path(), &["check"]);
    assert_eq!(code, Some(0), "{name}: {said}");
    let server = Saywhen::start(folder, port);
    let ask = |sender: &str, login: &str| action(port, sender, login);
    assert_eq!(ask("ann@example.net", ""), "action=DEFER_IF_PERMIT 4.7.1 Greylisted: come back in 2 seconds", "{name}");
    assert!(ask("ann@example.net", "").contains("not yet"), "{name}");
    thread::sleep(Duration::from_secs(3));
    assert_eq!(ask("ann@example.net", ""), "action=DUNNO", "{name}");
    let evil = "\"'); DROP TABLE greylist; --\"@example.net";
    assert!(ask(evil, "").contains("come back in"), "{name}");
    assert!(ask(evil, "").contains("not yet"), "{name}");
    assert_eq!(ask("ann@example.com", "ann"), "action=DUNNO", "{name}");
    assert_eq!(ask("ann@example.com", "Ann"), "action=DUNNO", "{name}");
    assert!(ask("ann@example.com", "ann").starts_with("action=REJECT"), "{name}");
    assert_eq!(ask("eve@example.com", "eve"), "action=DUNNO", "{name}");
    assert!(!server.log().contains("error"), "{name}: {}", server.log());
}

/// What is answered about a recipient.
fn action(port: u16, sender: &str, login: &str) -> String {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit can be set");
    let request = format!(
        "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=192.0.2.7\nsender={sender}\n\
         recipient=bob@example.com\nsasl_username={login}\n\n"
    );
    (&stream).write_all(request.as_bytes()).expect("the server reads");
    let mut lines = BufReader::new(&stream).lines().map(|line| line.expect("the server answers"));
    let action = lines.next().expect("there is an answer");
    assert_eq!(lines.next().as_deref(), Some(""));
    action
}

fn site(folder: &Path, port: u16, databases: &str) {
    fs::create_dir(folder.join("protocols")).expect("the folder can be written");
    let file = "policy.proto.dsl";
    fs::copy(root().join("protocols").join(file), folder.join("protocols").join(file)).expect("it is shipped");
    let configuration = format!(
        "listeners: [{{ listen: \"127.0.0.1:{port}\", protocol: policy, tls: off, settings: {{ delay: 2 seconds, hourly: 2 }} }}]\n\
         tls: {{ self_signed: when_missing }}\ndatabases:\n{databases}"
    );
    fs::write(folder.join("config.yaml"), configuration).expect("the folder can be written");
}
