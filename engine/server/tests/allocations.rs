//! How often a server asks for memory while a session goes on: its tasks, its sockets, its calls and its payloads.
//!
//! Server and client are tasks of one thread, and the client asks for none.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use actions::{
    Actions,
    sink::{Sink, Sinks},
    world::{Ceiling, Configuration, Databases, Real, Servers},
};
use machine::{Binding, Given, Service};
use program::Program;
use server::{
    admission::Admission,
    client::{Dialer, Trust},
    clock::{Clock, Names},
    endpoint::{ListeningSocket, LocalPeers},
    findings::{Findings, Format},
    privileges::on_loopback,
    protocols::Protocols,
    serving::{
        server::Running,
        version::{ListenerSettings, Patience, Shared},
    },
    spool::{SpoolPlace, descriptors::Files},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
};

/// A server of one thread, and a client of it.
struct Rig {
    runtime: Runtime,
    _running: Running,
    client: TcpStream,
    heard: Box<[u8]>,
    _folder: TempDir,
}

fn smtp() -> Arc<Program> {
    let text = include_str!("../../../protocols/smtp.proto.dsl");
    let (mut findings, mut protocols) = (Findings::default(), Protocols::default());
    protocols.add("smtp", "smtp.proto.dsl", text, &mut findings);
    let program = protocols.named("smtp").flatten().cloned();
    program.unwrap_or_else(|| panic!("{}", findings.render(Format::Short, false)))
}

fn world() -> Real {
    let configuration = Configuration {
        host: "mail.example.com".into(),
        servers: Servers::System,
        timeout: Duration::from_secs(1),
        databases: Databases(BTreeMap::new()),
        sinks: Sinks([("inbox".to_string(), Sink::Discard)].into()),
        folders: BTreeMap::new(),
        passwords_per_minute: 10,
        ceiling: Arc::new(Ceiling::none()),
    };
    Real::open(configuration).map_err(|faults| faults.join("; ")).unwrap()
}

impl Rig {
    /// With a session that has said EHLO.
    fn new() -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let spool = SpoolPlace {
            directory: folder.path().to_path_buf(),
            memory: 64 << 10,
            ceiling: Arc::new(Ceiling::none()),
            files: Arc::new(Files::new(100)),
        };
        let site = Arc::new(Shared {
            actions: Arc::new(Actions::new(Arc::new(world()))),
            caller: Arc::new(Arc::new(Dialer::new(Trust::new(None).unwrap()))),
            spool: Arc::new(spool),
            patience: Patience::default(),
            admission: Arc::new(Admission::new(100, 100)),
            clock: Clock::real(),
            names: Arc::new(Names::new()),
            sessions: Arc::default(),
            counters: Arc::default(),
        });
        let domains = Given::List(vec!["example.com".into()]);
        let binding = Binding {
            name: "mail.example.com".into(),
            settings: vec![("our_domains".into(), domains)],
            ..Binding::default()
        };
        let service = Arc::new(Service::bind(smtp(), &binding).unwrap());
        let door = ListenerSettings {
            service,
            pair: None,
            tls_first: false,
            proxies: Vec::new(),
            local: LocalPeers::default(),
            most_read: u64::MAX,
            rehearsal: None,
        };
        let socket = ListeningSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let rights = on_loopback(socket.endpoint().inet()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (running, client) = runtime.block_on(async {
            let running = Running::serve(site, vec![(socket, Arc::new(door))], &rights).unwrap();
            let address: SocketAddr = running.endpoints()[0].inet().unwrap();
            (running, TcpStream::connect(address).await.unwrap())
        });
        let mut rig = Rig { runtime, _running: running, client, heard: vec![0; 64 << 10].into(), _folder: folder };
        rig.hears("220 ");
        rig.says("EHLO client.example.net\r\n", "250 ");
        rig
    }

    /// Waits for the last line of an answer.
    fn hears(&mut self, starts: &str) {
        let (client, heard) = (&mut self.client, &mut self.heard);
        self.runtime.block_on(async {
            let mut length = 0;
            let last = |heard: &[u8]| {
                heard.ends_with(b"\n") && {
                    let line =
                        heard[..heard.len() - 1].iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
                    heard[line..].starts_with(starts.as_bytes())
                }
            };
            while !last(&heard[..length]) {
                let read = client.read(&mut heard[length..]).await.unwrap();
                assert!(read > 0, "{}", String::from_utf8_lossy(&heard[..length]));
                length += read;
            }
        });
    }

    /// Says something, and waits for the last line of what is answered.
    fn says(&mut self, octets: &str, starts: &str) {
        let client = &mut self.client;
        self.runtime.block_on(client.write_all(octets.as_bytes())).unwrap();
        self.hears(starts);
    }

    /// How often memory is asked for while that is said.
    fn asked(&mut self, octets: &str, starts: &str) -> u64 {
        allocation_counter::measure(|| self.says(octets, starts)).count_total
    }

    /// How often memory is asked for by a message.
    fn asked_by(&mut self, sender: &str, recipients: &str, body: &str) -> u64 {
        let steps = [(sender, "250 "), (recipients, "250 "), ("DATA\r\n", "354 "), (body, "250 ")];
        steps.map(|(said, starts)| self.asked(said, starts)).iter().sum()
    }
}

#[track_caller]
fn check(what: &str, count: u64, most: u64) {
    println!("{what}: {count}");
    assert!(count <= most, "{what} asks {count} times for memory, and may {most} times");
}

const SENDER: &str = "MAIL FROM:<ann@example.net>\r\n";
const RECIPIENT: &str = "RCPT TO:<bob@example.com>\r\n";

fn body(lines: usize) -> String {
    format!("Subject: Figures\r\n\r\n{}.\r\n", "All that is gold does not glitter.\r\n".repeat(lines))
}

#[test]
fn a_command_that_keeps_nothing_asks_for_no_memory() {
    let mut rig = Rig::new();
    for (line, starts) in [("NOOP\r\n", "250 "), ("RSET\r\n", "250 "), ("XYZZY\r\n", "500 "), ("VRFY ann\r\n", "252 ")]
    {
        rig.says(line, starts);
        check(line.trim_end(), rig.asked(line, starts), 0);
    }
}

#[test]
fn a_message_asks_for_memory_once() {
    let mut rig = Rig::new();
    for (place, most) in [("first", 12), ("second", 0), ("third", 0), ("fourth", 0)] {
        check(&format!("the {place} message"), rig.asked_by(SENDER, RECIPIENT, &body(30)), most);
    }
}

#[test]
fn a_message_with_many_recipients_asks_for_memory_once() {
    let mut rig = Rig::new();
    let recipients: String = (0..100).map(|place| format!("RCPT TO:<bob{place}@example.com>\r\n")).collect();
    // The last answer is that to a command of its own: all others have come before it.
    let recipients = recipients + "VRFY ann\r\n";
    let asked = |rig: &mut Rig| {
        let steps = [(SENDER, "250 "), (&recipients, "252 "), ("DATA\r\n", "354 "), (&body(30), "250 ")];
        steps.map(|(said, starts)| rig.asked(said, starts)).iter().sum()
    };
    let first = asked(&mut rig);
    println!("the first message, with 100 recipients: {first}");
    check("the second message, with 100 recipients", asked(&mut rig), 0);
    check("the third message, with 100 recipients", asked(&mut rig), 0);
}

#[test]
fn a_message_in_chunks_asks_for_memory_once() {
    let mut rig = Rig::new();
    let asked = |rig: &mut Rig| {
        let steps = [
            (SENDER, "250 "),
            (RECIPIENT, "250 "),
            ("BDAT 9\r\nSubject: ", "250 "),
            ("BDAT 11 LAST\r\nx\r\n\r\nbody\r\n", "250 "),
        ];
        steps.map(|(said, starts)| rig.asked(said, starts)).iter().sum()
    };
    let first: u64 = asked(&mut rig);
    println!("the first message, in chunks: {first}");
    check("the second message, in chunks", asked(&mut rig), 0);
    check("the third message, in chunks", asked(&mut rig), 0);
}
