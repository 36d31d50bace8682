//! From a way through a protocol to a conversation that goes it: lines, settings and answers of the world are tried out
//! in memory until the machine itself went that way.
//!
//! Never: gives a conversation that was not played; opens a file, a socket or the clock.

mod aim;
mod bodies;
mod compare;
mod draw;
mod event;
mod fact;
mod line;
mod request;
mod sample;
mod script;
mod search;
mod vary;

pub use aim::show;
pub use compare::{Bounds, Comparison, Difference, Version, compare};
pub use draw::draw_up;
pub use search::Stage;
