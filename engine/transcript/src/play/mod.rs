//! Playing a transcript: over any wire, or over machines in memory.
//!
//! Never: words what it found.

mod claims;
mod failure;
mod marks;
mod memory;
mod player;
mod session;
mod wire;

pub use failure::{Failure, Spoken, What};
pub use memory::Memory;
pub use player::{Answer, Played, play};
pub use wire::{Aftermath, Answers, Heard, Line, Payloads, Refusal, Stored, Wire};
