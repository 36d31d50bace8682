//! The work: what is said, what must be answered, how many do it at once, and what counts as one operation.
//!
//! Never: talks to a server.

use std::sync::Arc;

/// One step of a conversation.
#[derive(Clone)]
pub(crate) enum Step {
    /// Sends these octets in one go, and awaits an answer with each of these codes.
    Say(Arc<[u8]>, Arc<[u16]>),
    /// Begins TLS.
    Secure,
}

/// Whether each operation has a connection of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// Each operation connects, and waits for the end of its connection.
    Fresh,
    /// Connections are opened before anything is measured.
    Kept,
}

/// Work of one kind.
#[derive(Clone)]
pub struct Workload {
    /// Its name on the command line.
    pub name: &'static str,
    /// What a reader is told.
    pub title: &'static str,
    /// How many connections there are at once.
    pub parallel: usize,
    /// Whose connections they are.
    pub connections: Connections,
    /// How many operations the work counts as.
    pub operations: u64,
    /// What is said on a new connection, behind the greeting.
    pub(crate) opening: Vec<Step>,
    /// What is said again and again.
    pub(crate) work: Vec<Step>,
    /// Whether TLS begins before the first octet.
    pub implicit: bool,
    /// Whether TLS sessions are taken up again.
    pub resumes: bool,
    /// What it takes of a server, beyond mail in the clear.
    pub needs: Need,
}

/// What a server must have for some work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// STARTTLS.
    StartTls,
    /// A port that begins with TLS.
    ImplicitTls,
}

const EHLO: &str = "EHLO client.example.net\r\n";
const MAIL: &str = "MAIL FROM:<ann@example.net>\r\n";
const RCPT: &str = "RCPT TO:<bob@example.com>\r\n";

/// The names of all work, in the order of the table.
pub const WORKLOADS: [&str; 18] = [
    "session",
    "session-500",
    "session-5000",
    "ten",
    "ten-pipelined",
    "recipients",
    "noop",
    "noop-batch",
    "starttls",
    "implicit",
    "resumed",
    "message-100k",
    "message-10m",
    "connect",
    "session-1",
    "stored",
    "stored-1",
    "envelope",
];

impl Workload {
    /// The work of that name.
    pub fn named(name: &str) -> Option<Workload> {
        let name = WORKLOADS.into_iter().find(|known| *known == name)?;
        let fresh = |title, parallel, opening: Vec<Step>, work: Vec<Step>| Workload {
            name,
            title,
            parallel,
            connections: Connections::Fresh,
            operations: 1,
            opening,
            work,
            implicit: false,
            resumes: false,
            needs: Need::Nothing,
        };
        let hello = || vec![say(EHLO, &[250])];
        let session = || [message(1024), quit()].concat();
        let ten = || [std::iter::repeat_n(message(1024), 10).flatten().collect(), quit()].concat();
        let secure = || vec![say(EHLO, &[250]), say("STARTTLS\r\n", &[220]), Step::Secure, say(EHLO, &[250])];
        let batch = |many: usize| say(&"NOOP\r\n".repeat(many), &vec![250; many]);
        Some(match name {
            "session-1" => fresh("session with one 1 KB message, one at a time", 1, hello(), session()),
            "session" => fresh("session with one 1 KB message, 50 parallel", 50, hello(), session()),
            "session-500" => fresh("the same, 500 parallel", 500, hello(), session()),
            "session-5000" => fresh("the same, 5,000 parallel", 5000, hello(), session()),
            "stored" => fresh("session with one 1 KB message stored, 50 parallel", 50, hello(), session()),
            "stored-1" => fresh("the same, one at a time", 1, hello(), session()),
            "ten" => fresh("session with ten 1 KB messages", 50, hello(), ten()),
            "ten-pipelined" => fresh("the same, pipelined", 50, hello(), pipelined(10)),
            "recipients" => fresh("session with 100 recipients, pipelined", 50, hello(), recipients(100)),
            "envelope" => Workload {
                connections: Connections::Kept,
                work: vec![say(MAIL, &[250]), say(RCPT, &[250]), say("RSET\r\n", &[250])],
                ..fresh("MAIL, RCPT, RSET in lock-step, 50 connections", 50, hello(), Vec::new())
            },
            "noop" => Workload {
                connections: Connections::Kept,
                ..fresh("NOOP in lock-step, 50 connections", 50, hello(), vec![batch(1)])
            },
            "noop-batch" => Workload {
                connections: Connections::Kept,
                operations: 100,
                ..fresh("NOOP in batches of 100, 50 connections", 50, hello(), vec![batch(100)])
            },
            "starttls" => Workload { needs: Need::StartTls, ..fresh("STARTTLS, full handshake", 50, secure(), quit()) },
            "implicit" => Workload {
                needs: Need::ImplicitTls,
                implicit: true,
                ..fresh("TLS from the first octet, full handshake", 50, hello(), quit())
            },
            "resumed" => Workload {
                needs: Need::ImplicitTls,
                implicit: true,
                resumes: true,
                ..fresh("TLS from the first octet, resumed", 50, hello(), quit())
            },
            "message-100k" => {
                fresh("session with a 100 KB message", 50, hello(), [message(100 << 10), quit()].concat())
            }
            "message-10m" => fresh("session with a 10 MB message", 8, hello(), [message(10 << 20), quit()].concat()),
            _ => fresh("connect, banner, QUIT", 50, Vec::new(), quit()),
        })
    }
}

fn say(octets: &str, codes: &[u16]) -> Step {
    Step::Say(octets.as_bytes().into(), codes.into())
}

fn quit() -> Vec<Step> {
    vec![say("QUIT\r\n", &[221])]
}

/// A message of that size, step by step.
fn message(size: usize) -> Vec<Step> {
    vec![say(MAIL, &[250]), say(RCPT, &[250]), say("DATA\r\n", &[354]), say(&body(size), &[250])]
}

/// Messages whose commands leave together: the next envelope with the end of the last message (RFC 2920).
fn pipelined(messages: usize) -> Vec<Step> {
    let envelope = [MAIL, RCPT, "DATA\r\n"].concat();
    let mut steps = vec![say(&envelope, &[250, 250, 354])];
    for _ in 1..messages {
        steps.push(say(&[body(1024), envelope.clone()].concat(), &[250, 250, 250, 354]));
    }
    steps.push(say(&[body(1024), "QUIT\r\n".into()].concat(), &[250, 221]));
    steps
}

fn recipients(many: usize) -> Vec<Step> {
    let mut envelope = String::from(MAIL);
    for number in 0..many {
        envelope += &format!("RCPT TO:<bob{number}@example.com>\r\n");
    }
    envelope += "DATA\r\n";
    let mut codes = vec![250; many + 1];
    codes.push(354);
    vec![say(&envelope, &codes), say(&[body(1024), "QUIT\r\n".into()].concat(), &[250, 221])]
}

/// A message of about that many octets, its end included, in lines as people write them.
fn body(size: usize) -> String {
    const HEAD: &str = "From: Ann <ann@example.net>\r\nTo: Bob <bob@example.com>\r\nSubject: Figures\r\n\r\n";
    const LINE: &str = "All that is gold does not glitter, not all those who wander are lost.\r\n";
    let mut text = String::with_capacity(size + LINE.len());
    text += HEAD;
    while text.len() + LINE.len() < size {
        text += LINE;
    }
    text + ".\r\n"
}
