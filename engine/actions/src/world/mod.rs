//! What actions need of the world: DNS, SQL, time limits, threads for heavy work, and places to put messages.
//!
//! Never: knows an action. [`Real`] is the world; [`Facts`] is a world made of facts, for transcripts.

mod answer;
mod ceiling;
mod computing;
mod database;
mod facts;
mod files;
mod held;
mod hosts;
mod limiter;
mod mailbox;
mod message;
mod real;
mod record;
mod resolver;
mod table;

use std::{net::IpAddr, sync::Arc, time::Duration};

use program::{SessionId, Statement, Words};

pub use answer::Answer;
pub use ceiling::{Ceiling, Room, SESSION};
pub use database::{Complaint, Database, Databases, Embedded, Engine, Fault, Inspector, Schema, Server};
pub use facts::{Asked, DnsFact, Facts, FileFact, MailboxFact, SinkFact, SqlFact};
pub use files::{DrawerFact, FILES, FileEntry, FileErrand, Filed};
pub use hosts::HostsFile;
pub use limiter::Limiter;
pub use mailbox::{Entry, Errand, Flagging, Found, Listing, MESSAGES};
pub use message::{Message, NotStored};
pub use real::{Configuration, Real, Servers};
pub use record::{Kind, Record};
pub use table::{Cell, Table};

pub(crate) use ceiling::NO_ROOM;
pub(crate) use mailbox::Beginning;
pub(crate) use record::dotless;

/// What actions need of the world. Dropping an answer cancels what was asked.
pub trait World: Send + Sync {
    /// The records of one type of one name. The name has no search list; a final dot is understood. An alias is
    /// followed. No such name and no such record are both an empty list.
    fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>>;

    /// Runs a statement with its parameters, in their order. At most one row more than the statement may give.
    fn sql<'a>(&'a self, statement: &'a Arc<Statement>, parameters: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>>;

    /// Puts a message into a sink, and gives its name there once it is on stable storage. When the answer is dropped
    /// before it is ready, nothing of the message stays.
    fn deliver<'a>(&'a self, sink: &'a str, message: Message) -> Answer<'a, Result<Words, NotStored>>;

    /// Does something with the mailbox of an account: the place in that sink where a message for the account would go.
    /// A lock lasts until it is released or the session has ended.
    fn mailbox<'a>(
        &'a self,
        _session: &'a SessionId,
        sink: &'a str,
        _account: &'a str,
        _errand: Errand,
    ) -> Answer<'a, Result<Found, Arc<str>>> {
        Answer::now(Err(format!("the sink `{sink}` has no mailboxes").into()))
    }

    /// The first 64 KiB of a plain file in a folder of that name; nothing where there is no such file. A link is not
    /// followed.
    fn file<'a>(&'a self, _folder: &'a str, _name: &'a str) -> Answer<'a, Result<Option<Vec<u8>>, Arc<str>>> {
        Answer::now(Err("there are no files here".into()))
    }

    /// Does something with the files of an owner, in a sink that keeps files.
    fn files<'a>(&'a self, sink: &'a str, _owner: &'a str, _: FileErrand) -> Answer<'a, Result<Filed, Arc<str>>> {
        Answer::now(Err(format!("the sink `{sink}` keeps no files").into()))
    }

    /// A session is over: what it held is free.
    fn ended(&self, _session: &SessionId) {}

    /// Runs a job that computes or reads for long, away from the threads that serve sessions. A job that there is no
    /// memory for is dropped.
    fn work(&self, bench: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()>;

    /// Whether one more password of that peer may be checked now. A world of facts has no clock and admits everybody.
    fn admits(&self, peer: IpAddr) -> bool;

    /// Is ready when a call has lasted that long. A world of facts never is: there the caller moves the clock.
    fn limit(&self, span: Duration) -> Answer<'_, ()>;

    /// Why no payload can be read, if none can. Only a world of facts says so.
    fn unreadable(&self) -> Option<Arc<str>> {
        None
    }

    /// Is ready when it is time to go on without what is dispensable. A world of facts has no patience.
    fn grace(&self, span: Duration) -> Answer<'_, ()>;
}

/// What a job needs most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    /// The processor, and so many octets of memory while it computes.
    Compute(u64),
    /// The disk.
    Disk,
}
