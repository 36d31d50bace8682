//! From text to value: what stands in a hole, and what an operator writes for a setting.
//!
//! Each decoder takes exactly the texts that the automaton of its type takes; a property test holds the two together.
//!
//! Never: trusts that a text has fitted before.

mod address;
mod attributes;
mod name;
mod number;
mod params;
mod path;
mod setting;
mod text;
mod wire;
mod written;

pub use address::network;
pub(crate) use attributes::{attributes, hidden};
pub(crate) use path::is_strict;
pub use setting::setting;
pub(crate) use text::is_text;
pub use wire::decode;
pub(crate) use wire::decode_into;
pub(crate) use written::written_text;
