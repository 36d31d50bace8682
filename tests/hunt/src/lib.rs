//! Holds the product against its own promises: what a protocol file means in the plainest Rust, beside what the
//! compiler and the machine make of it.
//!
//! Never: is part of the product.

pub mod chance;
pub mod check;
pub mod compare;
pub mod converse;
pub mod drive;
pub mod generate;
pub mod hunt;
pub mod meaning;
pub mod parts;
pub mod shrink;
pub mod supervise;
pub mod work;
