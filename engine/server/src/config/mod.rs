//! The configuration: YAML text becomes a [`Config`] in one conversion, and every fault of it is found.
//!
//! Never: opens a socket, reads a protocol, or accepts a key that does nothing.

mod address;
mod daemon;
mod databases;
mod expand;
mod keys;
mod listeners;
mod load;
mod log;
mod meaning;
mod node;
mod quantity;
mod read;
pub mod rules;
mod sections;

pub use address::{Address, AddressError, FORMS};
pub use expand::{Process, Surroundings};
pub use keys::{Described, described};
pub use load::{Found, Loaded, load_config};
pub use meaning::{
    Config, Database, DatabaseServer, Dns, Limits, Listener, Log, LogFormat, Place, Relay, Reload, Rotate, RunAs,
    Setting, Sink, Spool, TlsFiles, TlsMode, Turning,
};
pub use quantity::{Period, Size};
pub use read::{Origin, Shown};
pub use sections::{host_and_port, host_name};
