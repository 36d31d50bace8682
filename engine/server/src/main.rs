//! The program `saywhen`.
//!
//! Never: does anything itself; the library does.

fn main() {}
