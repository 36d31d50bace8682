//! Playing a transcript: over any wire, or over machines in memory.
//!
//! Never: words what it found.

mod claims;
mod failure;
mod marks;
mod memory;
mod played;
mod player;
mod session;
mod wire;

pub use failure::{Failure, Spoken, What};
pub use memory::Memory;
pub use played::{Answer, Played};
pub use player::play;
pub use wire::{Aftermath, Answers, Heard, Line, Payloads, Refusal, Stored, Wire};
