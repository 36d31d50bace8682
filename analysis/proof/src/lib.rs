//! What a protocol can come to: a walk over every state, with TLS and without, with every fact that may be there or
//! not, and with every outcome of every look-up.
//!
//! Values are not calculated. A condition is an atom that holds or does not; what excludes what is known of the same
//! thing compared with constants, of presence and of emptiness, as `program` says what they mean. So what is found impossible is impossible, and what is
//! found possible may hang on values; then that is said.
//!
//! Never: runs a protocol, performs I/O, or takes longer than its bounds allow.

mod arrive;
mod budget;
mod ground;
mod here;
mod lead;
mod live;
mod logic;
mod meaning;
mod path;
mod promise;
mod reach;
mod way;

pub use budget::{Budget, Wait, budget, budget_with};
pub use lead::{Goal, lead};
pub use logic::{Known, possible};
pub use promise::{Proof, Verdict, prove};
pub use way::{Choice, Event, Step, Way};
