//! Transcripts played by this program: the world that they are given, and the wires made of sockets.
//!
//! Never: reads a transcript or compares; the crate `transcript` does.

pub mod against;
mod caller;
pub mod files;
pub mod memory;
pub mod sockets;
mod watched;
