//! Databases: the embedded one, MySQL and MariaDB, PostgreSQL, all asked alike.
//!
//! Never: shows a password, or lets a call hold a connection longer than somebody waits for it.

mod describe;
mod inspector;
mod moment;
mod mysql;
mod opened;
mod place;
mod pool;
mod postgres;
mod postgres_value;
mod rewrite;
mod rows;
mod sqlite;

use std::sync::Arc;

use program::Statement;

pub use describe::{Complaint, Fault};
pub use inspector::Inspector;
pub use place::{Database, Databases, Embedded, Engine, Schema, Server};

pub(super) use opened::Opened;

/// How long a server may work at one statement. Whoever asked has long been answered `failed`; this ends what a server
/// goes on with though nobody waits any more.
const WORK_SECONDS: u32 = 30;

/// The most octets of one row, or of one packet.
const PACKET: usize = 16 << 20;

/// How many rows that cannot change the answer are read so that a connection can be used again; with more it is made anew.
const SURPLUS: usize = 256;

/// How many statements one connection keeps prepared.
const PREPARED: usize = 256;

/// What became of a statement that did not succeed.
pub(super) struct Failure {
    why: Arc<str>,
    /// Whether the connection cannot be used any more.
    broken: bool,
}

impl Failure {
    /// The connection is of no more use.
    fn broken(why: impl Into<Arc<str>>) -> Failure {
        Failure { why: why.into(), broken: true }
    }

    /// The connection is as good as before.
    fn refused(why: impl Into<Arc<str>>) -> Failure {
        Failure { why: why.into(), broken: false }
    }
}

/// The names of the parameters, in order.
fn names(asked: &Statement) -> Vec<&str> {
    asked.parameters.iter().map(|(name, _)| &**name).collect()
}

/// Whether a parameter is a secret: then what the server says of a fault may show it, and only the code is told.
fn is_secret(asked: &Statement) -> bool {
    asked.parameters.iter().any(|(_, ty)| ty.is_secret())
}
