//! From octets to frames: lines, dotted blocks, and what is not read yet.
//!
//! Counted payloads need no room of their own: they are the next *n* octets.
//!
//! Never: knows what a line means.

mod block;
mod dotted;
mod line;
mod literal;
mod outgoing;
mod unread;

pub(crate) use block::{Block, Bounds, Gathered, lines as block_lines};
pub(crate) use dotted::Dotted;
pub(crate) use line::{Lines, Took};
pub(crate) use literal::{Announced, Literals};
pub use outgoing::Outgoing;
pub(crate) use unread::Unread;
