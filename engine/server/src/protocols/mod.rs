//! Protocol files: found, read, compiled, compared.
//!
//! Never: serves what it compiles.

pub mod counterexamples;
pub mod differences;
mod files;
pub mod parts;

pub use files::{ENDING, Protocols, name_of, starts_tls};
