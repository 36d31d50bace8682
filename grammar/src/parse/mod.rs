//! Text becomes a tree: `scan` sees words, `cut` sees items, the grammar reads each item, and the other files build
//! the tree from what it read.
//!
//! Never: resolves a name or checks a type; gives up at the first fault.

mod answer;
mod cut;
mod expression;
mod handler;
mod item;
mod node;
mod number;
mod read;
mod scan;
mod statement;
mod syntax;
mod text;
mod types;
mod wire;

pub use read::parse;
