//! Text becomes a [`Program`](program::Program), or findings that say why not.
//!
//! Never: opens a file, a socket or the clock; runs a protocol.

mod check;
mod compile;
mod format;
mod gather;
pub mod lexical;
mod parse;
mod rules;
pub mod tree;

pub use compile::{Compiled, check, compile, compile_in};
pub use format::format;
pub use gather::{Folder, gather};
pub use parse::{parse, parse_part};
pub use rules::rules;
