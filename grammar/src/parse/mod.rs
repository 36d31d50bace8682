//! Text becomes a tree: `scan` sees words, `cut` sees items, the grammar reads each item, and the other files build
//! the tree from what it read.
//!
//! Never: resolves a name or checks a type; gives up at the first fault.

mod answer;
mod cause;
mod cut;
mod expression;
mod handler;
mod item;
mod mend;
mod message;
mod node;
mod number;
mod read;
mod recover;
mod scan;
mod shape;
mod statement;
mod syntax;
mod text;
mod types;
mod wire;

pub use read::{parse, parse_part};
pub(crate) use shape::{Column, Element, Shape, Word, shape};

/// What the reader of a file looks for, by code.
pub(crate) static SYNTAX_RULES: &[&diagnostic::Rule] = &[
    &message::FORM,
    &mend::UNTERMINATED,
    &mend::BRACES,
    &read::ITEM,
    &number::NUMBER,
    &cause::TEXT,
    &number::BOUND,
    &mend::CHARACTER,
    &read::HEADER,
    &cause::STATUS,
    &cause::RESERVED,
];
