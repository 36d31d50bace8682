//! From a configuration to open sockets, databases and sinks, and to a process without more rights than it needs.
//!
//! Never: serves anybody.

pub mod binding;
pub mod folders;
pub mod inherited;
pub(crate) mod load;
pub mod opening;
pub mod sandbox;
pub mod supervisor;
