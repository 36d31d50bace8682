//! An open database, of whichever kind.
//!
//! Never: knows how any of them is spoken to.

use std::sync::Arc;

use program::Statement;

use super::{
    super::{Cell, Table},
    Database, Engine,
    mysql::{self, Mysql},
    pool::{Lease, Pool},
    postgres::{self, Postgres},
    sqlite::Sqlite,
};

/// An open database.
pub(in crate::world) struct Opened(Asked);

enum Asked {
    Embedded(Sqlite),
    Mysql(Box<Pool<Mysql>>),
    Postgres(Box<Pool<Postgres>>),
}

impl Opened {
    /// Opens a file, or makes it; a server is not asked before the first statement. Needs no runtime.
    pub(in crate::world) fn open(name: &str, database: &Database) -> Result<Opened, String> {
        let server = match database {
            Database::Embedded(embedded) => {
                return Sqlite::open(name, embedded).map(|open| Opened(Asked::Embedded(open)));
            }
            Database::Server(server) => server,
        };
        let say = |why: String| format!("database `{name}`: {why}");
        let authorities = server.pem().map_err(say)?;
        Ok(Opened(match server.engine {
            Engine::Mysql => Asked::Mysql(Box::new(Mysql::pool(server, authorities))),
            Engine::Postgres => Asked::Postgres(Box::new(Postgres::pool(server, authorities).map_err(say)?)),
        }))
    }

    /// Runs a statement. Dropping the future ends it.
    pub(in crate::world) async fn ask(&self, asked: &Arc<Statement>, parameters: Vec<Cell>) -> Result<Table, Arc<str>> {
        match &self.0 {
            Asked::Embedded(sqlite) => sqlite.ask(asked.clone(), parameters).await,
            Asked::Mysql(pool) => mysql::ask(pool, asked, &parameters).await,
            Asked::Postgres(pool) => postgres::ask(pool, asked, &parameters).await,
        }
    }

    /// Whether a server answers. The embedded database always does.
    ///
    /// # Errors
    /// Why not.
    pub(in crate::world) async fn reach(&self) -> Result<(), Arc<str>> {
        match &self.0 {
            Asked::Embedded(_) => Ok(()),
            Asked::Mysql(pool) => pool.lease().await.map(Lease::end),
            Asked::Postgres(pool) => pool.lease().await.map(Lease::end),
        }
    }
}
