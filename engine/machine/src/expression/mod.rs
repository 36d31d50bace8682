//! Expressions: looked at where they stand, kept only when they are stored.
//!
//! Never: waits, changes anything, or asks what a peer sent to be well formed.

mod coded;
mod compare;
mod evaluate;
mod functions;
mod look;
mod made;
mod print;
mod view;

use crate::session::FULL;
pub(crate) use compare::equal;

pub(crate) use evaluate::{Scope, Sight};
pub(crate) use functions::{ascii, size};
pub(crate) use print::{is_clean, print_bounded, print_duration, print_value, put_clean};
pub(crate) use view::{Kind, View};

/// The most octets of a text that is made.
const MADE: usize = 4 << 20;

/// A text that is made is not longer than any may be.
///
/// # Errors
/// It is: there is no room for it.
fn bounded(text: &str) -> Result<(), Fault> {
    if text.len() <= MADE { Ok(()) } else { Err(FULL) }
}

/// Something that a checked program cannot do: a fault of ours, never of the peer. One word wide, so that results with
/// it fit into registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) &'static &'static str);
