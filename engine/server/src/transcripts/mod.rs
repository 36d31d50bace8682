//! Transcripts played by this program: the world that they are given, and the wires made of sockets.
//!
//! Never: reads a transcript or compares; the crate `transcript` does.

pub mod against;
pub mod answers;
mod caller;
pub mod clients;
pub mod files;
pub mod memory;
pub mod sockets;
mod watched;
pub mod world;
