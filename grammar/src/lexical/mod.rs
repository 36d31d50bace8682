//! Lexical types, templates and claims: languages over octets, as automata.
//!
//! A [`Language`] is the set of texts that a type has. A [`Form`] is a template with languages for holes; from it come
//! the automaton that captures, the claim that the matcher sorts by, and the verdict on overlap.
//!
//! Never: decodes a value, which is the machine's work; reads the tree, save for ABNF.

mod abnf;
mod automaton;
mod builtin;
mod claims;
mod error;
mod graph;
mod language;
mod minimal;
mod nondeterministic;
mod onepass;
mod regular;
mod template;

pub use builtin::{Builtin, builtin, builtins, names};
pub use claims::claims;
pub use error::LexicalError;
pub use language::Language;
pub use template::{Begins, Form, Part, overlap};
