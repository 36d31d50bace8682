//! Databases: the embedded one, MySQL and MariaDB, PostgreSQL, all asked alike.
//!
//! Never: shows a password, or lets a call hold a connection longer than somebody waits for it.

mod describe;
mod moment;
mod mysql;
mod pool;
mod postgres;
mod postgres_value;
mod rewrite;
mod sqlite;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use program::{Gives, Secret, Statement, Type};

use self::{mysql::Mysql, pool::Pool, postgres::Postgres, sqlite::Sqlite};
use super::{Cell, Table};

pub use describe::{Complaint, Fault};

/// Databases by name.
#[derive(Clone, Default)]
pub struct Databases(pub BTreeMap<String, Database>);

/// One database. Not `Debug`: it may hold a password.
#[derive(Clone)]
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
#[derive(Clone)]
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

/// How long a server may work at one statement. Whoever asked has long been answered `failed`; this ends what a server
/// goes on with though nobody waits any more.
const WORK_SECONDS: u32 = 30;

/// The most octets of one row, or of one packet.
const PACKET: usize = 16 << 20;

/// How many rows that nobody asked for are read so that a connection can be used again; with more it is made anew.
const SURPLUS: usize = 256;

/// How many statements one connection keeps prepared.
const PREPARED: usize = 256;

/// An open database.
pub(super) struct Open(Opened);

enum Opened {
    Embedded(Sqlite),
    Mysql(Pool<Mysql>),
    Postgres(Pool<Postgres>),
}

/// What became of a statement that did not succeed.
pub(super) struct Failure {
    why: Arc<str>,
    /// Whether the connection cannot be used any more.
    broken: bool,
}

impl Open {
    /// Opens a file, or makes it; a server is not asked before the first statement. Needs no runtime.
    pub(super) fn open(name: &str, database: &Database) -> Result<Open, String> {
        let server = match database {
            Database::Embedded(embedded) => {
                return Sqlite::open(name, embedded).map(|open| Open(Opened::Embedded(open)));
            }
            Database::Server(server) => server,
        };
        let say = |why: String| format!("database `{name}`: {why}");
        let authorities = authorities(server).map_err(say)?;
        Ok(Open(match server.engine {
            Engine::Mysql => Opened::Mysql(Mysql::pool(server, authorities)),
            Engine::Postgres => Opened::Postgres(Postgres::pool(server, authorities).map_err(say)?),
        }))
    }

    /// Runs a statement. Dropping the future ends it.
    pub(super) async fn ask(&self, asked: &Arc<Statement>, parameters: Vec<Cell>) -> Result<Table, Arc<str>> {
        match &self.0 {
            Opened::Embedded(sqlite) => sqlite.ask(asked.clone(), parameters).await,
            Opened::Mysql(pool) => mysql::ask(pool, asked, &parameters).await,
            Opened::Postgres(pool) => postgres::ask(pool, asked, &parameters).await,
        }
    }

    /// Whether a server answers. The embedded database always does.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn reach(&self) -> Result<(), Arc<str>> {
        match &self.0 {
            Opened::Embedded(_) => Ok(()),
            Opened::Mysql(pool) => pool.lease().await.map(pool::Lease::end),
            Opened::Postgres(pool) => pool.lease().await.map(pool::Lease::end),
        }
    }
}

/// Holds statements against a live database, which nothing is changed in.
pub struct Inspector(Inspected);

enum Inspected {
    Embedded(Embedded),
    Mysql(Pool<Mysql>),
    Postgres(Pool<Postgres>),
}

impl Inspector {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// The file of the authorities cannot be used.
    pub fn new(database: &Database) -> Result<Inspector, String> {
        Ok(Inspector(match database {
            Database::Embedded(embedded) => Inspected::Embedded(embedded.clone()),
            Database::Server(server) => {
                let authorities = authorities(server)?;
                match server.engine {
                    Engine::Mysql => Inspected::Mysql(Mysql::pool(server, authorities)),
                    Engine::Postgres => Inspected::Postgres(Postgres::pool(server, authorities)?),
                }
            }
        }))
    }

    /// What is wrong with a statement. Whoever has no more time drops the future.
    ///
    /// # Errors
    /// The database cannot be asked, and why.
    pub async fn inspect(&self, asked: &Statement) -> Result<Vec<Complaint>, Arc<str>> {
        let described = match &self.0 {
            Inspected::Embedded(embedded) => sqlite::describe(embedded, asked)?,
            Inspected::Mysql(pool) => mysql::describe(pool, asked).await?,
            Inspected::Postgres(pool) => postgres::describe(pool, asked).await?,
        };
        Ok(describe::judge(asked, described))
    }
}

impl Server {
    /// Where it is, for messages: without user and password.
    fn place(&self) -> String {
        match &self.socket {
            Some(socket) => socket.display().to_string(),
            None => format!("{} port {}", self.host, self.port),
        }
    }
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

/// The PEM text of the authorities that may vouch for a server; nothing where there is no TLS.
fn authorities(server: &Server) -> Result<Option<Vec<u8>>, String> {
    let read = |path: &PathBuf| fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()));
    server.authorities.as_ref().map(read).transpose()
}

/// The names of the parameters, in order.
fn names(asked: &Statement) -> Vec<&str> {
    asked.parameters.iter().map(|(name, _)| &**name).collect()
}

/// Whether a parameter is a secret: then what the server says of a fault may show it, and only the code is told.
fn is_secret(asked: &Statement) -> bool {
    asked.parameters.iter().any(|(_, ty)| matches!(ty, Type::Secret(_)))
}

/// How many rows are taken: one more than a list may have, so that too many are noticed.
fn most(gives: &Gives) -> usize {
    match gives {
        Gives::Row(_) => 1,
        Gives::Rows(_, most) => *most as usize + 1,
        Gives::Nothing => 0,
    }
}
