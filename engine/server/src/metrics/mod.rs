//! What is counted; `http` shows it.
//!
//! Never: takes a lock or memory for a command, or has a label whose values a peer chooses.

pub(crate) mod families;
mod gate;
pub(crate) mod process;
pub(crate) mod samples;
mod tally;

pub use families::{FAMILIES, Family, Kind};
pub use gate::Gate;
pub use tally::{Tallies, Tally};
