//! Statements held against a live database.
//!
//! Never: carries one out.

use std::sync::Arc;

use program::Statement;

use super::{
    Database, Embedded, Engine,
    describe::{self, Complaint},
    mysql::{self, Mysql},
    pool::Pool,
    postgres::{self, Postgres},
    sqlite,
};
use crate::guard::caught;

/// Holds statements against a live database, which nothing is changed in.
pub struct Inspector(Inspected);

enum Inspected {
    Embedded(Embedded),
    Mysql(Box<Pool<Mysql>>),
    Postgres(Box<Pool<Postgres>>),
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
                let authorities = server.pem()?;
                match server.engine {
                    Engine::Mysql => Inspected::Mysql(Box::new(Mysql::pool(server, authorities))),
                    Engine::Postgres => Inspected::Postgres(Box::new(Postgres::pool(server, authorities)?)),
                }
            }
        }))
    }

    /// What is wrong with a statement. Whoever has no more time drops the future.
    ///
    /// # Errors
    /// The database cannot be asked, and why.
    pub async fn inspect(&self, asked: &Statement) -> Result<Vec<Complaint>, Arc<str>> {
        let described = caught(|| async {
            match &self.0 {
                Inspected::Embedded(embedded) => sqlite::describe(embedded, asked),
                Inspected::Mysql(pool) => mysql::describe(pool, asked).await,
                Inspected::Postgres(pool) => postgres::describe(pool, asked).await,
            }
        });
        Ok(describe::judge(asked, described.await??))
    }
}
