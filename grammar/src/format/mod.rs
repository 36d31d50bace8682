//! `saywhen fmt`: one layout for every file.
//!
//! The author decides where lines end; all else follows: how far a line is indented, what stands below what, and where
//! blanks are. Not one word, mark or comment is added, left out or moved past another.
//!
//! Never: touches a file that has a fault of form, or changes what a file says.

mod align;
mod lines;
mod words;

use crate::parse;

/// The text in the one layout; none where its form has a fault, which [`parse`](crate::parse) tells.
///
/// A formatted text is its own format.
pub fn format(text: &str) -> Option<String> {
    let shape = parse::shape(text)?;
    let mut lines = lines::lines(text, &shape);
    align::align(&mut lines);
    let formatted: String = lines.iter().map(lines::Line::print).collect();
    // Whatever else may go wrong here, a file must not.
    words::same(text, &formatted).then_some(formatted)
}
