//! The rights of the process, given up before anything is served.
//!
//! Never: takes one back.

pub mod privileges;
pub mod sandbox;
