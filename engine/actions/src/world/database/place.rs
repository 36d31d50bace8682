//! Where databases are, as an operator says it.
//!
//! Never: shows a password.

use std::{collections::BTreeMap, fs, path::PathBuf};

use program::Secret;

/// Databases by name.
#[derive(Clone, Default)]
pub struct Databases(pub BTreeMap<String, Database>);

/// One database. Not `Debug`: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    Embedded(Embedded),
    /// A server.
    Server(Server),
}

/// A file of SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The file; `:memory:` is a database that ends with the process.
    pub path: PathBuf,
    /// What is carried out when the file is made.
    pub schema: Option<Schema>,
}

/// The statements that make a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// In this file.
    File(PathBuf),
    /// This text.
    Text(String),
}

/// A database on a server. Not `Debug`: it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Which.
    pub engine: Engine,
    /// The name or address of the host; with TLS its certificate must be for it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// A socket of this machine instead: for MySQL its file, for PostgreSQL the folder that it lies in.
    pub socket: Option<PathBuf>,
    /// Who asks.
    pub user: String,
    /// What proves it.
    pub password: Option<Secret>,
    /// The name of the database on the server.
    pub database: String,
    /// The PEM file of the authorities that may vouch for the server; absent: no TLS.
    pub authorities: Option<PathBuf>,
    /// The most connections at once.
    pub connections: usize,
}

/// What answers at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// MySQL or MariaDB.
    Mysql,
    /// PostgreSQL.
    Postgres,
}

impl Server {
    /// Where it is, for messages: without user and password.
    pub(super) fn place(&self) -> String {
        match &self.socket {
            Some(socket) => socket.display().to_string(),
            None => format!("{} port {}", self.host, self.port),
        }
    }

    /// The PEM text of the authorities that may vouch for it; nothing where there is no TLS.
    pub(super) fn pem(&self) -> Result<Option<Vec<u8>>, String> {
        let read =
            |path: &PathBuf| fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()));
        self.authorities.as_ref().map(read).transpose()
    }
}
