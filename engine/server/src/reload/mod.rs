//! Reload: a configuration and its protocols are read anew, checked, and put in service in one step, or not at all.
//!
//! Never: disconnects a session that the protocol's own rule does not end, or needs a right that was given up.

mod compared;
mod prepare;
mod reloader;
mod replay;
mod restart;
mod seen;
mod watch;

pub use reloader::{Begun, Reloader};
pub use seen::Seen;
pub use watch::watch;
