//! A server as a daemon: the file with its number, the socket that it is asked through, and its start.
//!
//! Never: ends a process by a number that a file holds; it is asked through its socket.

mod ask;
mod control;
mod lock;
mod offspring;

pub use ask::{ask, running};
pub use control::{Control, Desk};
pub use lock::{Lock, holder, taken};
pub use offspring::{Detached, Word, detach, spawn};
