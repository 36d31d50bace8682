//! Sessions of small protocols made by hand, played against the machine.
//!
//! Never: opens a socket, reads a clock, or compiles a protocol file.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answers;
mod calls;
mod cuts;
mod leaving;
mod limits;
mod lines;
mod mail;
mod payloads;
mod player;
mod protocol;
mod secrets;
mod service;
mod snapshots;
mod states;
mod upgrade;
