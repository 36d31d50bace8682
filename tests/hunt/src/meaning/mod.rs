//! What a protocol file means: a naive evaluator of the typed tree, `docs/language.md` in executable form.
//!
//! It is the oracle that the compiler and the machine are held against. It shares nothing with them but the tree that
//! the author's text is read into: lines are matched by a plain backtracking matcher, values are owned, names are looked
//! up by scope, innermost first, and nothing is worked out beforehand.
//!
//! It takes the same inputs as `machine::Machine::feed`, with the time of each, and says what it does as [`Seen`]:
//!
//! - octets of several answers of one input are one [`Seen::Sent`] after another; who compares joins neighbours;
//! - a payload is [`Seen::Keep`] with all its octets when its end has come; answer [`Event::Kept`] or [`Event::NotKept`];
//! - payloads that go to the client are [`Seen::Sent`], in the form that they have on the wire;
//! - a call is [`Seen::Asked`]; answer it with [`Event::Answered`], or give [`Event::Time`] once
//!   [`Session::deadline`] has come;
//! - [`Seen::Secure`] wants [`Event::Secured`].
//!
//! While [`Session::wants_octets`] is false, octets may still be given: they wait.
//!
//! Never: compiles, specialises or simplifies; looks at a `Program`.

mod answer;
mod body;
mod command;
mod ending;
mod expression;
mod functions;
mod literal;
mod payload;
mod protocol;
mod session;
mod template;
mod told;
mod types;
mod value;
mod watch;
mod words;

use std::sync::{Arc, OnceLock};

use protocol::Commands;
pub use session::Session;
pub use told::{Event, Seen, Start, Violation, answered};
pub use value::{Record, Value};

/// A protocol: the gathered tree, and what the actions that it asks may answer.
#[derive(Debug)]
pub struct Protocol {
    /// The tree, with no import and no edit left in it.
    pub tree: grammar::tree::File,
    /// The actions that the file may ask.
    pub actions: Vec<Arc<program::Signature>>,
    /// Its commands: all, and those of each state.
    commands: OnceLock<Commands>,
}

impl Protocol {
    /// A protocol. `tree` is what [`grammar::gather`] gives, or [`grammar::parse`] where a file names no other.
    pub fn new(tree: grammar::tree::File, actions: Vec<Arc<program::Signature>>) -> Protocol {
        Protocol { tree, actions, commands: OnceLock::new() }
    }
}
