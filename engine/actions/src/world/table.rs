//! What databases take and give.
//!
//! Never: `Debug`. A cell may be a secret.

use std::sync::Arc;

use super::{NO_ROOM, Room};

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
#[derive(Default)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<Arc<str>>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows were changed.
    pub changed: u64,
    /// The memory that is counted for the rows.
    pub room: Option<Room>,
}

impl Table {
    /// Takes one more row, once it is counted.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(super) fn push(&mut self, row: Vec<Cell>) -> Result<(), &'static str> {
        let octets: u64 = row.iter().map(Cell::octets).sum();
        // Twice: the values that are made of it are there before it is gone.
        if self.room.as_mut().is_some_and(|room| !room.grow(2 * octets)) {
            return Err(NO_ROOM);
        }
        self.rows.push(row);
        Ok(())
    }
}

impl Cell {
    /// How many octets it takes.
    fn octets(&self) -> u64 {
        let beside = match self {
            Cell::Null | Cell::Integer(_) | Cell::Real(_) => 0,
            Cell::Text(text) => text.capacity(),
            Cell::Blob(octets) => octets.capacity(),
        };
        (size_of::<Cell>() + beside) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Ceiling, *};

    #[test]
    fn rows_are_counted_before_they_are_kept() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let mut table = Table { room: Some(ceiling.room()), ..Table::default() };
        let row = || vec![Cell::Text("x".repeat(1 << 20))];
        while table.push(row()).is_ok() {}
        assert_eq!(table.rows.len(), 15, "twice 16 MiB and a little are more than half of 64 MiB");
        drop(table);
        assert_eq!(ceiling.taken(), 0);
    }
}
