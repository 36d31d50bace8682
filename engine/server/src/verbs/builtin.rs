//! What is built into the binary: a protocol and the tables that it asks.
//!
//! Never: read from disk.

use grammar::Folder;

/// The protocol: its name as a file, and its text.
pub(super) const PROTOCOL: (&str, &str) =
    ("protocols/smtp.proto.dsl", include_str!("../../../../protocols/smtp.proto.dsl"));
/// The tables.
pub(super) const SCHEMA: &str = include_str!("../../../../data/schema.sql");

/// The folder of what is built in: the protocol stands in it alone.
pub(super) struct Embedded;

impl Folder for Embedded {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let is_named = PROTOCOL.0.rsplit('/').next() == Some(name);
        Ok(is_named.then(|| (PROTOCOL.0.to_owned(), PROTOCOL.1.to_owned())))
    }

    fn names(&self) -> Vec<String> {
        PROTOCOL.0.rsplit('/').next().map(str::to_owned).into_iter().collect()
    }
}
