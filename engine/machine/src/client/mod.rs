//! The client role: one [`Client`] runs one client of a program against another server.
//!
//! Inputs in, effects out, as for a session; the same service, client, arguments and inputs give the same effects.
//!
//! Never: performs I/O, reads a clock, holds a payload, or keeps more of an answer than the bounds below.

mod answer;
mod dots;
mod effect;
mod run;
mod step;

pub use dots::{BareLineEnd, Dots};
pub use effect::{Effect, Effects, Input};
use run::Phase;
pub use run::{ArgumentError, Client};
