//! Regular expressions over octets, as values: what built-in types, ABNF and templates are written in.
//!
//! Never: matches; a [`Regular`] becomes a [`Language`] first.

use super::{
    automaton::Automaton, error::LexicalError, language::Language, minimal::minimal, nondeterministic::determinise,
};

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) enum Regular {
    /// One octet of these ranges, both ends included.
    Octet(Vec<(u8, u8)>),
    /// All of them in order; none of them is the empty text.
    Sequence(Vec<Regular>),
    /// Any of them; none of them is no text at all.
    Choice(Vec<Regular>),
    /// So many of it, at least and at most.
    Repeat(Box<Regular>, u32, Option<u32>),
    /// What the language has.
    Of(Language),
}

impl Regular {
    /// Its language.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub(super) fn language(&self) -> Result<Language, LexicalError> {
        let automaton: Automaton = determinise(self)?;
        Ok(Language::from_minimal(minimal(&automaton)))
    }
}

/// One octet of these ranges.
pub(super) fn octet(ranges: &[(u8, u8)]) -> Regular {
    Regular::Octet(ranges.to_vec())
}

/// One of these ASCII characters.
pub(super) fn one_of(characters: &str) -> Regular {
    Regular::Octet(characters.bytes().map(|octet| (octet, octet)).collect())
}

/// A text, to the letter.
pub(super) fn exactly(text: &str) -> Regular {
    Regular::Sequence(text.bytes().map(|octet| Regular::Octet(vec![(octet, octet)])).collect())
}

/// A text, without regard to ASCII case.
pub(super) fn folded(text: &str) -> Regular {
    Regular::Sequence(text.bytes().map(folded_octet).collect())
}

/// An octet, without regard to ASCII case.
fn folded_octet(octet: u8) -> Regular {
    let (upper, lower) = (octet.to_ascii_uppercase(), octet.to_ascii_lowercase());
    Regular::Octet(if upper == lower { vec![(octet, octet)] } else { vec![(upper, upper), (lower, lower)] })
}

/// All of them in order.
pub(super) fn sequence<const N: usize>(parts: [Regular; N]) -> Regular {
    Regular::Sequence(parts.into())
}

/// Any of them.
pub(super) fn choice<const N: usize>(parts: [Regular; N]) -> Regular {
    Regular::Choice(parts.into())
}

/// Any number of it, or none.
pub(super) fn any_number(part: Regular) -> Regular {
    Regular::Repeat(Box::new(part), 0, None)
}

/// One of it, or more.
pub(super) fn some(part: Regular) -> Regular {
    Regular::Repeat(Box::new(part), 1, None)
}

/// So many of it.
pub(super) fn times(least: u32, most: u32, part: Regular) -> Regular {
    Regular::Repeat(Box::new(part), least, Some(most))
}

/// One of it, or none.
pub(super) fn maybe(part: Regular) -> Regular {
    times(0, 1, part)
}

/// One of it, or more with `separator` between them.
pub(super) fn list(part: Regular, separator: &str) -> Regular {
    sequence([part.clone(), any_number(sequence([exactly(separator), part]))])
}
