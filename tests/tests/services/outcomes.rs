//! Every outcome of every action, statement and client, met by one session over sockets against the real services, on
//! each database.
//!
//! Never: leaves an outcome out: what was met is held against what there is.

use std::{collections::BTreeSet, fs, io::Write, net::TcpListener, path::Path, thread};

use actions::signatures;
use conversations::{Client, root};

use crate::{
    Services, Test,
    daemon::free_port,
    mail::{PLACES, place},
    session::Saywhen,
    stage::{on, perform, run},
};

pub(crate) const TESTS: &[Test] = &[("every_outcome_is_met_over_sockets", every_outcome_is_met_over_sockets)];

/// What is said, and how the answer begins. A payload stands behind its command.
const STEPS: &[(&str, &str)] = &[
    ("A host.example", "250 dig found"),
    ("A gone.example", "550 dig none"),
    ("A www.broken.test", "451 dig failed the name server says Server Failure"),
    ("AAAA host.example", "250 dig found"),
    ("AAAA mail.example", "550 dig none"),
    ("AAAA www.broken.test", "451 dig failed"),
    ("MX mail.example", "250 dig found"),
    ("MX host.example", "550 dig none"),
    ("MX elsewhere.test", "451 dig failed the name server says Query Refused"),
    ("TXT spf.example", "250 dig found"),
    ("TXT host.example", "550 dig none"),
    ("TXT www.broken.test", "451 dig failed"),
    ("PTR 192.0.2.7", "250 dig found"),
    ("PTR 2001:db8::7", "250 dig found"),
    ("PTR 192.0.2.1", "550 dig none"),
    ("PTR 198.51.100.1", "451 dig failed"),
    ("NAME 192.0.2.7", "250 verified_name found host.example"),
    ("NAME 192.0.2.8", "550 verified_name none"),
    ("NAME 198.51.100.1", "451 verified_name failed"),
    ("LISTED 192.0.2.7 list.test", "250 blacklist listed list.test open relay, see https://list.test/192.0.2.7"),
    ("LISTED 192.0.2.1 list.test", "550 blacklist clean"),
    ("LISTED 192.0.2.9 list.test", "451 blacklist failed"),
    ("PLAIN AGFubgBzM2NyZXQ=", "250 validate_plain accepted ann"),
    ("PLAIN AGFubgB3cm9uZw==", "550 validate_plain rejected"),
    ("PLAIN YW5u", "501 validate_plain malformed"),
    ("PLAIN AG9kZABzM2NyZXQ=", "451 validate_plain failed"),
    ("LOGIN YW5u", "334"),
    ("czNjcmV0", "250 validate_login accepted ann"),
    ("LOGIN YW5u", "334"),
    ("d3Jvbmc=", "550 validate_login rejected"),
    ("LOGIN YW5u", "334"),
    ("AAAA", "501 validate_login malformed"),
    ("LOGIN b2Rk", "334"),
    ("czNjcmV0", "451 validate_login failed"),
    ("CHECK ann", "334"),
    ("s3cret", "250 check_password accepted ann"),
    ("CHECK nobody", "334"),
    ("s3cret", "550 check_password rejected"),
    ("CHECK a\tnn", "334"),
    ("s3cret", "501 check_password malformed"),
    ("CHECK odd", "334"),
    ("s3cret", "451 check_password failed"),
    ("ROW ann", "250 row row blue"),
    ("ROW nobody", "550 row none"),
    ("ROW odd", "451 row failed column `colour` is NULL"),
    ("ROWS blue", "250 rows rows 2"),
    ("ROWS green", "550 rows none"),
    ("FROM ann", "451 rows failed column `colour` is NULL"),
    ("INSERT eve green", "250 nothing done 1"),
    ("INSERT eve green", "451 nothing failed"),
    ("ROWS green", "250 rows rows 1"),
    ("HOPS 31\r\nReceived: a\r\nRECEIVED: b\r\n\r\n.", "250 count_header counted 2"),
    ("HURRY 31\r\nReceived: a\r\nRECEIVED: b\r\n\r\n.", "451 count_header failed"),
    ("KEEP <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "250 deliver stored"),
    ("PASS <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "250 deliver stored 2.6.0 Stored as"),
    ("PASS <ann@example.net> <eve@elsewhere.test> 13\r\nSubject: hi", "554 deliver refused"),
    ("LOSE <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "451 deliver failed"),
    ("HAND <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "250 deliver_to stored"),
    ("GIVE <ann@example.net> <eve@elsewhere.test> 13\r\nSubject: hi", "554 deliver_to refused"),
    ("DROP <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "451 deliver_to failed"),
];

/// How servers greet, and what that is to who asks whether they are alive.
const GREETINGS: [(&str, &str); 4] = [
    ("220 mail.example.net ready", "250 mta_live alive mail.example.net ready"),
    ("421 busy", "550 mta_live refused 421"),
    ("554 go away", "550 mta_live refused 554"),
    ("250 what?", "550 mta_live strange"),
];

/// Users of the tables; one has a hash of no known scheme, and no colour.
const USERS: [&str; 3] = ["'ann', '{PLAIN}s3cret', 'blue'", "'bob', NULL, 'blue'", "'odd', '{ROT13}f3perg', NULL"];

/// How the names of actions begin that ask no service, but files: conversations meet their outcomes, over sockets too.
const LOCAL: [&str; 2] = ["mailbox_", "file_"];

fn every_outcome_is_met_over_sockets(services: &Services) {
    thread::scope(|scope| {
        for (name, _) in PLACES {
            scope.spawn(move || every_outcome_is_met_on(name, services));
        }
    });
}

fn every_outcome_is_met_on(name: &str, services: &Services) {
    let port = free_port();
    let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
    let (place, databases) = place(name, services, folder.path());
    run(async {
        let actions = on(place);
        perform(&actions, "DROP TABLE IF EXISTS people").await;
        perform(&actions, "CREATE TABLE people (login varchar(100) PRIMARY KEY, hash text, colour varchar(100))").await;
        for user in USERS {
            perform(&actions, &format!("INSERT INTO people VALUES ({user})")).await;
        }
    });
    site(folder.path(), port, services, &databases);
    let server = Saywhen::start(folder, port);
    let mut client = Client::connect(port).expect("the server listens");
    assert_eq!(client.answer().expect("a greeting").code, 220);
    let mut met = BTreeSet::new();
    let mut say = |line: &str, wanted: &str| {
        let answer = client.ask(line);
        let last = answer.lines.last().expect("an answer has a line").clone();
        assert!(last.starts_with(wanted), "{name}: {line}: {last}, not {wanted}…\n{}", server.log());
        let words: Vec<&str> = last.split(' ').collect();
        if let [_, asked, outcome, ..] = words[..] {
            let verb = line.split(' ').next().unwrap_or_default();
            met.insert(format!("{asked} {outcome}"));
            met.insert(format!("{verb} {outcome}"));
        }
    };
    STEPS.iter().for_each(|(line, wanted)| say(line, wanted));
    for (greeting, wanted) in GREETINGS {
        say(&format!("ALIVE ns.example {}", greets(greeting)), wanted);
    }
    say(&format!("ALIVE ns.example {}", free_port()), "451 mta_live failed");
    say("ALIVE gone.example 25", "451 mta_live failed");
    // Where the folder was stands something else.
    server.replace("mail", "mail.old");
    say("KEEP <ann@example.net> <bob@example.com> 13\r\nSubject: hi", "451 deliver failed");
    let missing: Vec<String> = wanted().into_iter().filter(|outcome| !met.contains(outcome)).collect();
    assert!(missing.is_empty(), "{name}: nothing met {missing:?}");
}

/// Every outcome of every action, of each shape of a statement, of the client, and of each type that `dig` asks for.
fn wanted() -> Vec<String> {
    let asks_a_service = |name: &str| !LOCAL.iter().any(|local| name.starts_with(local));
    let actions = signatures().iter().filter(|signature| asks_a_service(&signature.name)).flat_map(|signature| {
        signature.outcomes.iter().map(move |outcome| format!("{} {}", signature.name, outcome.name))
    });
    let others: [(&str, &[&str]); 9] = [
        ("row", &["row", "none", "failed"]),
        ("rows", &["rows", "none", "failed"]),
        ("nothing", &["done", "failed"]),
        ("mta_live", &["alive", "refused", "strange", "failed"]),
        ("A", &["found", "none", "failed"]),
        ("AAAA", &["found", "none", "failed"]),
        ("MX", &["found", "none", "failed"]),
        ("TXT", &["found", "none", "failed"]),
        ("PTR", &["found", "none", "failed"]),
    ];
    let others = others.into_iter().flat_map(|(asked, names)| names.iter().map(move |name| format!("{asked} {name}")));
    actions.chain(others).collect()
}

/// A server that greets one client like that and says no more; its port.
fn greets(greeting: &'static str) -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = socket.local_addr().expect("a bound socket has an address").port();
    thread::spawn(move || {
        let (mut stream, _) = socket.accept().expect("somebody comes");
        let _ = stream.write_all(format!("{greeting}\r\n").as_bytes());
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    });
    port
}

/// The protocol of outcomes with the client of the shipped mail protocol, which serves beside it as the next server.
fn site(folder: &Path, port: u16, services: &Services, databases: &str) {
    let mail = fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("it is shipped");
    let start = mail.find("public client mta_live").expect("it asks whether a server is alive");
    let length = mail[start..].find("\n}\n").expect("the client has an end") + 3;
    let protocol = format!("{}\n{}", include_str!("outcomes.proto.dsl"), &mail[start..start + length]);
    fs::create_dir(folder.join("protocols")).expect("the folder can be written");
    let write = |path: &str, text: &str| fs::write(folder.join(path), text).expect("the folder can be written");
    write("protocols/outcomes.proto.dsl", &protocol);
    write("protocols/smtp.proto.dsl", &mail);
    let (next, nobody) = (free_port(), free_port());
    write(
        "config.yaml",
        &format!(
            "listeners:\n  - {{ listen: \"127.0.0.1:{port}\", protocol: outcomes }}\n  \
             - {{ listen: \"127.0.0.1:{next}\", protocol: smtp, tls: starttls, \
             settings: {{ our_domains: [example.com], inbox: kept }} }}\n\
             tls: {{ self_signed: when_missing }}\nspool: {{ directory: spool, memory: 16 }}\n\
             sinks:\n  inbox: {{ maildir: mail }}\n  kept: {{ maildir: kept }}\n  \
             next: {{ relay: \"127.0.0.1:{next}\", protocol: smtp, client: send }}\n  \
             nowhere: {{ relay: \"127.0.0.1:{nobody}\", protocol: smtp, client: send }}\n\
             dns: {{ servers: [\"{}\"], timeout: 400ms }}\ndatabases:\n{databases}",
            services.nsd().address()
        ),
    );
}
