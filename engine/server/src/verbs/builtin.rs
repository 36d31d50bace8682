//! What is built into the binary: a protocol and the tables that it asks.
//!
//! Never: read from disk.

/// The protocol: its name as a file, and its text.
pub(super) const PROTOCOL: (&str, &str) =
    ("protocols/smtp.proto.dsl", include_str!("../../../../protocols/smtp.proto.dsl"));
/// The tables.
pub(super) const SCHEMA: &str = include_str!("../../../../data/schema.sql");
