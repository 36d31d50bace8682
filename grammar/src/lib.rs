//! Text becomes a [`Program`](program::Program), or findings that say why not.
//!
//! Never: opens a file, a socket or the clock; runs a protocol.

pub mod lexical;
pub mod tree;
