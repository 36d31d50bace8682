//! From a line to the handler that claims it, its holes filled.
//!
//! Never: tries a looser handler when the holes of the one that claims a line do not fit.

mod claim;
mod line;

pub(crate) use claim::{Claimants, is_claimed, is_first_behind, word_of};
pub(crate) use line::{Line, Scratch, empty_when_missing, needs_decoding, put_octets, read_written, written};
