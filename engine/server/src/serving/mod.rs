//! Listeners and their sessions, from the accepted connection to its end.
//!
//! Never: reads a configuration or a protocol file.

pub(crate) mod askers;
pub(crate) mod connection;
pub(crate) mod effects;
pub mod listener;
pub mod proxy;
pub mod registry;
pub mod rehearsal;
pub mod reload_report;
pub(crate) mod remote;
pub mod server;
pub mod state;
pub mod status;
pub(crate) mod stream;
pub mod version;
pub mod watch;
