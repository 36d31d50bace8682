//! What actions need of the world: DNS, SQL, time limits, threads for heavy work, and places to put messages.
//!
//! Never: knows an action. [`Real`] is the world; [`Facts`] is a world made of facts, for transcripts.

mod facts;
mod real;
mod resolver;
mod sqlite;

use std::{fmt, future::Future, net::IpAddr, pin::Pin, str::FromStr, sync::Arc, time::Duration};

use program::Statement;

use crate::Payload;

pub use facts::{Asked, DnsFact, Facts, SinkFact, SqlFact};
pub use real::{Configuration, Database, Databases, Real, Schema, Servers};

/// An answer that comes later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What actions need of the world. Dropping an answer cancels what was asked.
pub trait World: Send + Sync {
    /// The records of one type of one name. The name has no search list; a final dot is understood. An alias is
    /// followed. No such name and no such record are both an empty list.
    fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>>;

    /// Runs a statement with its parameters, in their order. At most one row more than the statement may give.
    fn sql<'a>(&'a self, statement: &'a Arc<Statement>, parameters: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>>;

    /// Puts a message into a sink, and gives its name there once it is on stable storage. When the answer is dropped
    /// before it is ready, nothing of the message stays.
    fn deliver<'a>(&'a self, sink: &'a str, message: Message) -> Answer<'a, Result<Arc<str>, NotStored>>;

    /// Runs a job that computes or reads for long, away from the threads that serve sessions.
    fn work(&self, bench: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()>;

    /// Is ready when a call has lasted that long. A world of facts never is: there the caller moves the clock.
    fn limit(&self, span: Duration) -> Answer<'_, ()>;

    /// Is ready when it is time to go on without what is dispensable. A world of facts has no patience.
    fn grace(&self, span: Duration) -> Answer<'_, ()>;
}

/// What a job needs most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    /// The processor.
    Compute,
    /// The disk.
    Disk,
}

/// A type of DNS record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// A mail exchanger.
    Mx,
    /// Text.
    Txt,
    /// The name of an address.
    Ptr,
}

/// One DNS record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Of [`Kind::A`] and [`Kind::Aaaa`].
    Address(IpAddr),
    /// Of [`Kind::Mx`]: preference, and the host without a final dot; `.` is the root.
    Exchanger(u16, String),
    /// Of [`Kind::Txt`]: its strings, joined without a blank.
    Text(Vec<u8>),
    /// Of [`Kind::Ptr`]: the name without a final dot.
    Name(String),
}

/// A value as databases have them. Not `Debug`: it may be a secret.
#[derive(Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
    /// Octets.
    Blob(Vec<u8>),
}

/// What a statement gave.
#[derive(Clone, PartialEq, Default)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<Arc<str>>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows were changed.
    pub changed: u64,
}

/// A message on its way into a sink.
#[derive(Clone, Default)]
pub struct Message {
    /// The address of the reverse path, empty for `<>` and where the record has none.
    pub sender: String,
    /// The addresses of the forward paths, in the order they were given.
    pub recipients: Vec<String>,
    /// Whole header fields that stand in front of the body, without their final line end, the first one first.
    pub headers: Vec<Arc<str>>,
    /// The message as it was received; absent: not one octet.
    pub body: Option<Payload>,
}

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotStored {
    /// The sink does not want it, now or later.
    Refused(Arc<str>),
    /// It could not be done this time.
    Failed(Arc<str>),
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::A, Kind::Aaaa, Kind::Mx, Kind::Txt, Kind::Ptr];

    /// Its name in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
            Kind::Mx => "MX",
            Kind::Txt => "TXT",
            Kind::Ptr => "PTR",
        }
    }
}

impl Record {
    /// A record from its text: `192.0.2.1`, `10 mx.example.net`, `v=spf1 -all`, `host.example.net`. A text that is
    /// no record of that type gives nothing.
    pub fn parse(kind: Kind, text: &str) -> Option<Record> {
        match kind {
            Kind::A => text.parse().ok().map(|ip| Record::Address(IpAddr::V4(ip))),
            Kind::Aaaa => text.parse().ok().map(|ip| Record::Address(IpAddr::V6(ip))),
            Kind::Mx => {
                let (preference, host) = text.trim().split_once(' ')?;
                Some(Record::Exchanger(preference.parse().ok()?, dotless(host.trim())))
            }
            Kind::Txt => Some(Record::Text(text.as_bytes().to_vec())),
            Kind::Ptr => Some(Record::Name(dotless(text.trim()))),
        }
    }
}

/// The name without its final dot; the root stays `.`.
pub(crate) fn dotless(name: &str) -> String {
    match name.strip_suffix('.') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => name.to_owned(),
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Kind, ()> {
        Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
