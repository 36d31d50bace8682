//! The server: configuration, listeners, connections, TLS, spool, logs and the verbs of the command line.
//!
//! Never: looks inside a line that a peer sends, or knows a command. What is spoken is in the protocol files.

pub mod admission;
pub mod clock;
pub mod config;
pub mod spool;
pub mod tls;

mod connection;
mod effects;
pub mod listener;
pub mod log;
pub mod server;
mod stream;
