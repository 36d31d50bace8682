//! Holds the product against its own promises: what a protocol file means in the plainest Rust, beside what the
//! compiler and the machine make of it.
//!
//! Never: is part of the product.

pub mod meaning;
