//! An open database, of whichever kind.
//!
//! Never: knows how any of them is spoken to.

use std::sync::Arc;

use program::Statement;

use super::{
    super::{Cell, Room, Table},
    Database, Engine,
    mysql::{self, Mysql},
    pool::{Lease, Pool},
    postgres::{self, Postgres},
    sqlite::{Closed, Sqlite},
};
use crate::guard::caught;

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

    /// Runs a statement. What it gives is counted in that room. Dropping the future ends it.
    pub(in crate::world) async fn ask(
        &self,
        asked: &Arc<Statement>,
        parameters: Vec<Cell>,
        room: Room,
    ) -> Result<Table, Arc<str>> {
        match &self.0 {
            Asked::Embedded(sqlite) => sqlite.ask(asked.clone(), parameters, room).await,
            Asked::Mysql(pool) => mysql::ask(pool, asked, &parameters, room).await,
            Asked::Postgres(pool) => postgres::ask(pool, asked, &parameters, room).await,
        }
    }

    /// Whether the file of an embedded database is another one than the one that is open.
    ///
    /// # Errors
    /// There is none of that name any more, or it is no database.
    pub(in crate::world) fn is_replaced(&self) -> Result<bool, String> {
        match &self.0 {
            Asked::Embedded(sqlite) => sqlite.is_replaced(),
            Asked::Mysql(_) | Asked::Postgres(_) => Ok(false),
        }
    }

    /// Closes the file of an embedded database. What is asked meanwhile waits until it is open again.
    ///
    /// # Errors
    /// Why it is still open.
    pub(in crate::world) async fn close(&self) -> Result<Closed, Arc<str>> {
        match &self.0 {
            Asked::Embedded(sqlite) => sqlite.close().await,
            Asked::Mysql(_) | Asked::Postgres(_) => Err("it is not a file".into()),
        }
    }

    /// Whether a server answers. The embedded database always does.
    ///
    /// # Errors
    /// Why not.
    pub(in crate::world) async fn reach(&self) -> Result<(), Arc<str>> {
        let reached = caught(|| async {
            match &self.0 {
                Asked::Embedded(_) => Ok(()),
                Asked::Mysql(pool) => pool.lease().await.map(Lease::end),
                Asked::Postgres(pool) => pool.lease().await.map(Lease::end),
            }
        });
        reached.await.unwrap_or_else(|why| Err(why.into()))
    }
}
