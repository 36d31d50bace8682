//! A transcript as it was read: what is given, what is said, what must be true afterwards.
//!
//! Never: plays, and never holds a password that was hashed; a hash is made by whoever answers.

use std::net::{IpAddr, Ipv4Addr};

use diagnostic::{FileId, Span};

use crate::pattern::Pattern;

/// A client of a transcript, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Client(pub u8);

/// One conversation with all it needs.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The text that it was read from.
    pub file: FileId,
    /// Its sentence.
    pub title: String,
    /// The name of the protocol.
    pub protocol: String,
    /// Where that name stands.
    pub protocol_span: Span,
    /// Whether any server of the protocol must pass it.
    pub runs_anywhere: bool,
    /// How many clients take part, 1 to 9.
    pub peers: u8,
    /// What the world is like.
    pub given: Given,
    /// What happens, in order; never empty.
    pub steps: Vec<Step>,
    /// What must be true afterwards.
    pub then: Vec<Claim>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The whole line.
    pub span: Span,
    /// Whom it is about.
    pub client: Client,
    /// What happens.
    pub act: Act,
}

/// What happens in a step.
#[derive(Debug, Clone)]
pub enum Act {
    /// `C:`: a line, without its end.
    Line(Vec<Said>),
    /// `C|`: octets in a segment of their own.
    Octets(Vec<u8>),
    /// `S:`: the next line matches.
    Expect(Pattern),
    /// `S: ...`: any further lines.
    Rest,
    /// `S!`: no line of this answer matches.
    Never(Pattern),
    /// `--- …`
    Mark(Mark),
    /// `--- # text`
    Heading(String),
}

/// A part of what a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// These octets.
    Octets(Vec<u8>),
    /// What a name was bound to.
    Bound(String),
}

/// Something that happens beside what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// The TLS handshake.
    Tls,
    /// The clock moves on, by milliseconds.
    Wait(u64),
    /// The session is in that state.
    State(String),
    /// The server has ended the connection.
    Closed,
    /// The client sends no more.
    Eof,
    /// The client breaks off.
    Reset,
    /// The server is told to end.
    Shutdown,
    /// The server has no room.
    Full,
    /// A fault of the server's own.
    Broken,
    /// All that the client sent has been carried out.
    Sync,
}

/// What the world is like.
#[derive(Debug, Clone)]
pub struct Given {
    /// Addresses and ports of clients, as far as they are given.
    pub peers: Vec<(Client, IpAddr, Option<u16>)>,
    /// Our address and port.
    pub local: (IpAddr, u16),
    /// Our name.
    pub name: String,
    /// Whether TLS stands before the first octet.
    pub tls: bool,
    /// The time of the first connection, in seconds since 1970-01-01 UTC.
    pub now: i64,
    /// Settings of the listener.
    pub settings: Vec<SettingFact>,
    /// Answers of the DNS.
    pub dns: Vec<DnsFact>,
    /// Answers of databases.
    pub sql: Vec<SqlFact>,
    /// What clients give.
    pub clients: Vec<ClientFact>,
    /// What becomes of deliveries; without a fact they are stored.
    pub sinks: Vec<SinkFact>,
    /// What mailboxes hold and do.
    pub mailboxes: Vec<MailboxFact>,
    /// What becomes of files that are read.
    pub files: Vec<FileFact>,
    /// What the files of owners do.
    pub drawers: Vec<MailboxFact>,
    /// Why no payload can be kept, if none can.
    pub spool: Option<String>,
    /// Why no payload that was kept can be read again, if none can.
    pub unreadable: Option<String>,
}

/// `set NAME = VALUE`.
#[derive(Debug, Clone)]
pub struct SettingFact {
    /// The setting.
    pub name: String,
    /// Its value.
    pub value: machine::Given,
    /// Where it stands.
    pub span: Span,
}

/// `dns NAME TYPE …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsFact {
    /// The name in lower case, without a final dot; a `PTR` name is a name in `arpa`.
    pub name: String,
    /// The record type, in upper case.
    pub kind: String,
    /// What is answered.
    pub answer: DnsAnswer,
    /// Where it stands.
    pub span: Span,
}

/// What the DNS answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsAnswer {
    /// These records, each as zone files write it; an `MX` is `10 mx.example.net`.
    Records(Vec<String>),
    /// There is none.
    None,
    /// Nothing, ever.
    Timeout,
    /// It fails.
    Fails(String),
}

/// `sql NAME(…) …`.
#[derive(Debug, Clone)]
pub struct SqlFact {
    /// The statement.
    pub name: String,
    /// The arguments that it answers; absent: any.
    pub arguments: Option<Vec<Argument>>,
    /// What is answered.
    pub answer: SqlAnswer,
    /// Where it stands.
    pub span: Span,
}

/// An argument of an `sql` fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `*`
    Any,
    /// This value.
    Is(Plain),
}

/// What a database answers.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlAnswer {
    /// One row.
    Row(Row),
    /// Several.
    Rows(Vec<Row>),
    /// None.
    None,
    /// So many rows were changed.
    Done(i64),
    /// Nothing, ever.
    Timeout,
    /// It fails.
    Fails(String),
}

/// A row as it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Names and values.
    pub fields: Vec<(String, Plain)>,
    /// Where it stands.
    pub span: Span,
}

/// A value as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// `"text"`
    Text(String),
    /// A word or several: `7`, `10 MB`, `yes`, `192.0.2.7`, `none`; its type says what it means.
    Words(String),
    /// `crypt "password"`: a hash of it.
    Crypt(String),
}

/// `client NAME(…) …`.
#[derive(Debug, Clone)]
pub struct ClientFact {
    /// The client.
    pub name: String,
    /// The arguments that it gives this to; absent: any.
    pub arguments: Option<Vec<Argument>>,
    /// What it gives.
    pub answer: ClientAnswer,
    /// Where it stands.
    pub span: Span,
}

/// What a client gives.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientAnswer {
    /// A variant with its values.
    Gives(String, Vec<Plain>),
    /// Nothing, ever.
    Timeout,
    /// It fails.
    Fails(String),
}

/// `file FOLDER NAME …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFact {
    /// The name of the folder in the configuration.
    pub folder: String,
    /// The name of the file.
    pub name: String,
    /// What becomes of reading it.
    pub answer: FileAnswer,
}

/// What becomes of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAnswer {
    /// `holds "…" "…"`: the octets, put together.
    Holds(Vec<u8>),
    /// `none`
    None,
    /// `fails "why"`
    Fails(String),
    /// `timeout`
    Timeout,
}

/// `mailbox ACCOUNT …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxFact {
    /// The account.
    pub account: String,
    /// What it holds or does.
    pub answer: MailboxAnswer,
}

/// What a mailbox holds or does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxAnswer {
    /// `holds "…" "…"`
    Holds(Vec<Vec<u8>>),
    /// `busy`
    Busy,
    /// `ERRAND fails "why"`
    Fails(String, String),
    /// `ERRAND timeout`
    Timeout(String),
    /// `ERRAND none`
    Gone(String),
}

/// `sink NAME …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkFact {
    /// The sink; absent: every one.
    pub name: Option<String>,
    /// Whom the message is for; absent: anybody.
    pub recipient: Option<String>,
    /// What becomes of a delivery.
    pub answer: SinkAnswer,
    /// Where it stands.
    pub span: Span,
}

/// What becomes of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkAnswer {
    /// It is refused for good.
    Refuses(String),
    /// It fails.
    Fails(String),
    /// It never ends.
    Timeout,
}

/// One line of `then`.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Where it stands.
    pub span: Span,
    /// What must be true.
    pub fact: Fact,
}

/// What must be true afterwards.
#[derive(Debug, Clone)]
pub enum Fact {
    /// So many deliveries succeeded.
    Stored(usize),
    /// A message is as said.
    Message(Which, Aspect),
    /// A text occurs in what was logged, or does not.
    Log {
        /// The text.
        text: String,
        /// Whether it must occur.
        occurs: bool,
    },
    /// A text occurs in the conversation log, or does not.
    Conversation {
        /// The text.
        text: String,
        /// Whether it must occur.
        occurs: bool,
    },
    /// An action or a statement was asked so often.
    Asked(String, usize),
    /// Neither the DNS nor a database was asked.
    AskedNothing,
}

/// Which message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one whose id was bound to that name.
    Bound(String),
    /// The one stored as the n-th, from 1.
    Number(usize),
}

/// A side of a message.
#[derive(Debug, Clone)]
pub enum Aspect {
    /// Its envelope sender; empty for the null sender.
    From(String),
    /// All its recipients, in order.
    To(Vec<String>),
    /// The sink that it went to.
    In(String),
    /// Its body.
    Body(Vec<u8>),
    /// A header field's name, and what one of its values matches.
    Header(String, Pattern),
}

impl Default for Given {
    fn default() -> Given {
        Given {
            peers: Vec::new(),
            local: (IpAddr::V4(Ipv4Addr::new(198, 51, 100, 25)), 25),
            name: "mail.example.com".into(),
            tls: false,
            now: 1_767_225_600,
            settings: Vec::new(),
            dns: Vec::new(),
            sql: Vec::new(),
            clients: Vec::new(),
            sinks: Vec::new(),
            mailboxes: Vec::new(),
            files: Vec::new(),
            drawers: Vec::new(),
            spool: None,
            unreadable: None,
        }
    }
}

impl Given {
    /// The address and port that a client connects from.
    pub fn peer(&self, client: Client) -> (IpAddr, u16) {
        let port = 49_151 + u16::from(client.0);
        let own = self.peers.iter().find(|(named, ..)| *named == client);
        let first = self.peers.iter().find(|(named, ..)| *named == Client(1));
        match (own, first) {
            (Some((_, ip, given)), _) => (*ip, given.unwrap_or(port)),
            (None, Some((_, ip, _))) => (*ip, port),
            (None, None) => (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port),
        }
    }
}

impl Client {
    /// The first one, whose number is not written.
    pub const FIRST: Client = Client(1);

    /// How its number stands behind `C` and `S`.
    pub fn suffix(self) -> String {
        if self == Client::FIRST { String::new() } else { self.0.to_string() }
    }
}

impl Mark {
    /// How it is written behind `--- `.
    pub fn written(&self, client: Client) -> String {
        let text = match self {
            Mark::Tls => "tls".into(),
            Mark::Wait(milliseconds) => {
                let units = [("hour", 3_600_000), ("minute", 60_000), ("second", 1000), ("millisecond", 1)];
                let mut left = *milliseconds;
                let mut words = Vec::new();
                for (unit, length) in units {
                    let number = left / length;
                    left %= length;
                    if number > 0 {
                        words.push(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }));
                    }
                }
                return format!("wait {}", words.join(" "));
            }
            Mark::State(name) => format!("state {name}"),
            Mark::Closed => "closed".into(),
            Mark::Eof => "eof".into(),
            Mark::Reset => "reset".into(),
            Mark::Shutdown => "shutdown".into(),
            Mark::Full => "full".into(),
            Mark::Broken => "broken".into(),
            Mark::Sync => return format!("sync C{}", client.0),
        };
        if client == Client::FIRST { text } else { format!("C{} {text}", client.0) }
    }
}
