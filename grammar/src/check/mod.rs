//! What is checked of a file as a whole: names, types, wire, states, overlaps, unused things.
//!
//! Never: writes an instruction. What belongs to one statement is checked where `compile` lowers it.

pub(crate) mod findings;
pub(crate) mod guards;
pub(crate) mod languages;
pub(crate) mod lexemes;
pub(crate) mod model;
pub(crate) mod overlap;
pub(crate) mod reach;
pub(crate) mod request;
pub(crate) mod statements;
pub(crate) mod types;
pub(crate) mod unheld;
pub(crate) mod unused;
pub(crate) mod wire;
pub(crate) mod work;
