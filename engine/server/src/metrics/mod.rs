//! What is counted, and the page that Prometheus reads it from.
//!
//! Never: takes a lock or memory for a command, or has a label whose values a peer chooses.

mod families;
mod gate;
mod page;
mod process;
mod responder;
mod samples;
mod tally;

pub use families::{FAMILIES, Family, Kind};
pub use gate::Gate;
pub use page::page;
pub use responder::respond;
pub use tally::{Tallies, Tally};
