//! The server: configuration, listeners, connections, TLS, spool, logs and the verbs of the command line.
//!
//! Never: looks inside a line that a peer sends, or knows a command. What is spoken is in the protocol files.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere"))]

pub mod admission;
mod askers;
pub mod binding;
pub mod client;
pub mod clock;
pub mod config;
mod connection;
pub mod counterexamples;
pub mod daemon;
pub mod descriptors;
pub mod differences;
mod effects;
pub mod endpoint;
pub mod exit;
pub mod findings;
pub mod folders;
pub mod grounds;
pub mod inherited;
pub mod listener;
pub mod log;
pub mod metrics;
pub mod opening;
pub mod parts;
pub mod privileges;
pub mod protocols;
pub mod proxy;
pub mod rehearsal;
pub mod reload;
pub mod sandbox;
pub mod schema;
pub mod server;
pub mod sessions;
pub mod spool;
pub mod status;
mod stream;
pub mod supervisor;
pub mod tls;
pub mod transcripts;
pub mod verbs;
