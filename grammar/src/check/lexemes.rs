//! What is told when a type, a template or a set of claims cannot become an automaton.
//!
//! Never: builds one.

use diagnostic::{Diagnostic, Span};

use crate::{lexical::LexicalError, rules};

/// The finding for an error of the automata, at the place of the type, hole or state at fault.
pub(crate) fn finding(error: &LexicalError, place: Span) -> Diagnostic {
    let at = match error {
        LexicalError::NotAnOctet { span, .. } | LexicalError::UnknownRule { span, .. } => *span,
        LexicalError::Backwards { span } => span.unwrap_or(place),
        _ => place,
    };
    let help = match error {
        LexicalError::TooLarge => "bound it more narrowly",
        LexicalError::NotOnePass { .. } => "put a literal behind this hole, or give it a narrower type",
        LexicalError::UncertainOption => "begin the optional part with a character that cannot stand before it",
        LexicalError::TooManyHoles { .. } => "read the rest of the line with one hole of type `text`",
        LexicalError::NotAnOctet { .. } => "write values up to %xFF",
        LexicalError::Backwards { .. } => "write the least first",
        LexicalError::UnknownRule { .. } => "declare it with  type NAME = …,  or use a core rule of RFC 5234",
    };
    Diagnostic::new(&rules::types::NOT_REGULAR, at, error.to_string()).help(help)
}

/// The hole at fault, if it is one.
pub(crate) fn hole(error: &LexicalError) -> Option<usize> {
    match error {
        LexicalError::NotOnePass { hole } => Some(*hole),
        _ => None,
    }
}
