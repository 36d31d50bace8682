//! The payloads of sessions, in memory and in files, and the descriptors that they may take.
//!
//! Never: keeps more than was asked for.

pub mod descriptors;
mod payloads;

pub(crate) use payloads::piece;
pub use payloads::{Spool, SpoolPlace};
