//! Expressions: looked at where they stand, kept only when they are stored.
//!
//! Never: waits, changes anything, or asks what a peer sent to be well formed.

mod coded;
mod compare;
mod evaluate;
mod look;
mod made;
mod print;
mod view;

pub(crate) use compare::equal;
pub(crate) use evaluate::{Scope, Sight, ascii, size};
pub(crate) use print::{print_duration, print_value, put_clean};
pub(crate) use view::{Kind, View};

/// Something that a checked program cannot do: a fault of ours, never of the peer. One word wide, so that results with
/// it fit into registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) &'static &'static str);
