//! The rows of one run of a statement, taken as they come.
//!
//! A statement that writes has succeeded only at its end: it is there that databases check deferred constraints and
//! commit. So it is read to its end even when its first row is all that is wanted.
//!
//! Never: reads a column that the file does not declare, or takes a row under the names of another run.

use std::sync::Arc;

use program::Gives;

use super::{
    super::{Cell, Room, Table},
    SURPLUS,
};

/// The rows taken so far.
pub(super) struct Rows<'a> {
    gives: &'a Gives,
    /// Whether the statement only reads, so that nothing is lost with the rows that are left.
    reads: bool,
    table: Table,
    /// For each column of the table, its index in the rows of the database.
    places: Vec<usize>,
    /// The first fault; no row is taken after it.
    fault: Option<Arc<str>>,
    /// How many rows were left since none could change the answer any more.
    surplus: usize,
    seen: u64,
}

/// Whether to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The next row must be read.
    More,
    /// The answer is certain, and many rows are left: the connection is of no more use.
    Enough,
}

impl<'a> Rows<'a> {
    /// No rows yet. They are counted in that room.
    pub(super) fn new(gives: &'a Gives, reads: bool, room: Room) -> Rows<'a> {
        let table = Table { room: Some(room), ..Table::default() };
        Rows { gives, reads, table, places: Vec::new(), fault: None, surplus: 0, seen: 0 }
    }

    /// Finds the declared columns among those of this run. Must be called before the first row is taken, or at the end of a
    /// run without rows.
    pub(super) fn columns<N: AsRef<str>>(&mut self, names: impl IntoIterator<Item = N>) {
        let (Gives::Row(shape) | Gives::Rows(shape, _)) = self.gives else { return };
        for (place, name) in names.into_iter().enumerate() {
            let Some((declared, _)) = shape.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name.as_ref()))
            else {
                continue;
            };
            if !self.table.columns.contains(declared) {
                self.table.columns.push(declared.clone());
                self.places.push(place);
            }
        }
    }

    /// There was no row, and the database does not say which columns it would have had: they are taken for the declared ones.
    pub(super) fn columns_unknown(&mut self) {
        let (Gives::Row(shape) | Gives::Rows(shape, _)) = self.gives else { return };
        self.table.columns = shape.fields.iter().map(|(name, _)| name.clone()).collect();
    }

    /// Takes a row if it is wanted; `cell` reads one of its columns.
    pub(super) fn take(&mut self, mut cell: impl FnMut(usize) -> Result<Cell, String>) -> Next {
        self.seen += 1;
        if !self.is_full() && self.fault.is_none() {
            let cells: Result<Vec<Cell>, String> = self.places.iter().map(|place| cell(*place)).collect();
            let taken = cells.and_then(|cells| self.table.push(cells).map_err(str::to_owned));
            self.fault = taken.err().map(Arc::from);
            return Next::More;
        }
        self.surplus += 1;
        let is_failed = self.fault.is_some() || matches!(self.gives, Gives::Rows(..));
        let may_end = is_failed || self.reads && *self.gives != Gives::Nothing;
        if may_end && self.surplus > SURPLUS { Next::Enough } else { Next::More }
    }

    /// Whether every row is there that the answer has room for.
    pub(super) fn is_full(&self) -> bool {
        let most = match self.gives {
            // One more than the list may have, so that too many are noticed.
            Gives::Rows(_, most) => *most as usize + 1,
            Gives::Row(_) => 1,
            Gives::Nothing => 0,
        };
        self.table.rows.len() >= most
    }

    /// How many rows there were, taken or not.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The rows of a statement that changed that many.
    ///
    /// # Errors
    /// A row could not be read, or there was no memory for it.
    pub(super) fn end(mut self, changed: u64) -> Result<Table, Arc<str>> {
        self.table.changed = changed;
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.table),
        }
    }
}
