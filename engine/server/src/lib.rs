//! The server: configuration, listeners, connections, TLS, spool, logs and the verbs of the command line.
//!
//! Never: looks inside a line that a peer sends, or knows a command. What is spoken is in the protocol files.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere"))]

pub mod admission;
pub mod client;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod endpoint;
pub mod exit;
pub mod findings;
pub mod http;
pub mod log;
pub mod metrics;
pub mod note;
pub mod privileges;
pub mod protocols;
pub mod reload;
pub mod schema;
pub mod serving;
pub mod simulation;
pub mod spool;
pub mod startup;
pub mod tls;
pub mod transcripts;
pub mod verbs;
