//! Measures what a session, a command, a handshake and an idle connection cost a mail server: the load, the figures, and
//! the servers that are held against each other.
//!
//! Never: sends anything to another machine, or takes an answer unread.

mod connection;
mod cores;
mod figures;
mod load;
mod memory;
mod process;
mod servers;
mod tls;
mod workload;

pub use connection::Target;
pub use figures::{Figures, median, spread};
pub use load::{idle, run};
pub use memory::{Memory, service, shipped};
pub use process::{Tree, raise_descriptors, reported};
pub use servers::{KINDS, Kind, Server};
pub use tls::credentials;
pub use workload::{WORKLOADS, Workload};
