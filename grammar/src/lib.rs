//! Text becomes a [`Program`](program::Program), or findings that say why not.
//!
//! Never: opens a file, a socket or the clock; runs a protocol.

pub mod lexical;
mod parse;
pub mod tree;

pub use parse::parse;
