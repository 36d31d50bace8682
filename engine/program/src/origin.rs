//! Where an instruction stands in the author's text.
//!
//! Never: holds spans for diagnostics; those live in the crate `diagnostic`.

use std::sync::Arc;

/// A place in a protocol file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// Index into [`Program::sources`](crate::Program::sources).
    pub file: u16,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One protocol file as it was compiled.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the operator gave it.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Whether it belongs to a protocol that this one takes over.
    pub taken: bool,
}
