//! The world that a transcript is given: answers of actions, and servers that clients talk to.
//!
//! Never: asks a network, a database or the clock.

pub mod answers;
pub mod clients;
pub mod world;
