//! What databases take and give.
//!
//! Never: `Debug`. A cell may be a secret.

use std::sync::Arc;

/// A value as databases have them. Not `Debug`: it may be a secret.
#[derive(Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
    /// Octets.
    Blob(Vec<u8>),
}

/// What a statement gave.
#[derive(Clone, PartialEq, Default)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<Arc<str>>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows were changed.
    pub changed: u64,
}
