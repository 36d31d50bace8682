//! Why a lexical form cannot be used.
//!
//! Never: says where; the checker knows the place of each type and each hole.

use std::{fmt, sync::Arc};

use diagnostic::Span;

/// Why a type, a template or a set of claims cannot become an automaton.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LexicalError {
    /// Its automaton would have too many states.
    TooLarge,
    /// Where this hole ends, or whether it is there, cannot be told from the next octet. Holes are counted from 0, in
    /// the order they are written, those in optional parts included.
    NotOnePass {
        /// Which hole.
        hole: usize,
    },
    /// Whether an optional part without holes is there cannot be told from the next octet.
    UncertainOption,
    /// A template has more holes than `most`.
    TooManyHoles {
        /// How many it may have.
        most: usize,
    },
    /// An ABNF value is no octet.
    NotAnOctet {
        /// The value.
        value: u32,
        /// Its place.
        span: Span,
    },
    /// An ABNF range or repetition whose least is greater than its most.
    Backwards {
        /// Its place, where one is known.
        span: Option<Span>,
    },
    /// An ABNF rule that is neither declared nor a core rule.
    UnknownRule {
        /// Its name.
        name: Arc<str>,
        /// Its place.
        span: Span,
    },
}

impl fmt::Display for LexicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LexicalError::TooLarge => f.write_str("its automaton is too large"),
            LexicalError::NotOnePass { hole } => {
                write!(f, "where hole {} ends cannot be told from the next character", hole + 1)
            }
            LexicalError::UncertainOption => {
                f.write_str("whether an optional part is there cannot be told from the next character")
            }
            LexicalError::TooManyHoles { most } => write!(f, "a template has at most {most} holes"),
            LexicalError::NotAnOctet { value, .. } => write!(f, "`%x{value:X}` is greater than an octet"),
            LexicalError::Backwards { .. } => f.write_str("the least is greater than the most"),
            LexicalError::UnknownRule { name, .. } => {
                write!(f, "`{name}` is neither a declared type nor a core rule of RFC 5234")
            }
        }
    }
}

impl std::error::Error for LexicalError {}
