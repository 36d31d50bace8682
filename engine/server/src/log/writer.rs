//! The one thread that writes.
//!
//! Never: gives up. A line that cannot be written is counted, and the next one is tried.

use std::{
    io::{self, Write},
    time::{Duration, Instant, SystemTime},
};

use super::{
    book::Book,
    line::Form,
    queue::{Batch, Outlet, Shared},
};

/// How often the log says that lines are missing, while more and more are.
const TELLING: Duration = Duration::from_secs(1);
/// How long to wait for a line when there is nothing else to do.
const IDLE: Duration = Duration::from_secs(600);

/// Where lines go.
pub(super) enum Place {
    /// The standard error.
    StandardError,
    /// A file.
    File(Box<Book>),
}

/// Writes lines.
pub(super) struct Writer {
    place: Place,
    form: Form,
    /// So many lost lines were told of.
    told: u64,
    /// When that was.
    told_at: Option<Instant>,
    /// A part of a line may stand where the next one begins.
    torn: bool,
}

impl Writer {
    /// A writer to that place.
    pub(super) fn new(place: Place, form: Form) -> Writer {
        Writer { place, form, told: 0, told_at: None, torn: false }
    }

    /// Writes for as long as there is this process.
    pub(super) fn run(mut self, outlet: &Outlet) {
        let mut batch = Batch::default();
        loop {
            batch = outlet.next(batch, self.patience(&outlet.shared));
            if batch.reopen {
                self.reopen(&outlet.shared);
            }
            self.lines(&batch.lines, &outlet.shared);
            if !batch.flushed.is_empty() {
                self.told_at = None;
            }
            self.tell(&outlet.shared);
            for done in batch.flushed.drain(..) {
                // Whoever wanted to know may have gone.
                let _ = done.try_send(());
            }
        }
    }

    /// How long it may wait for a line.
    fn patience(&self, shared: &Shared) -> Duration {
        if shared.dropped() > self.told {
            return TELLING;
        }
        match &self.place {
            Place::StandardError => IDLE,
            Place::File(book) => book.patience(SystemTime::now()),
        }
    }

    /// Writes lines, as many at once as the file has room for.
    fn lines(&mut self, mut lines: &str, shared: &Shared) {
        self.turn_if_full(lines.find('\n').map_or(0, |end| end + 1), shared);
        while !lines.is_empty() {
            let room = match &self.place {
                Place::StandardError => usize::MAX,
                Place::File(book) => book.room(),
            };
            let (now, rest) = lines.split_at(whole_lines(lines, room));
            self.write(now, shared);
            lines = rest;
            if let Some(end) = lines.find('\n') {
                self.turn_if_full(end + 1, shared);
            }
        }
    }

    fn turn_if_full(&mut self, next: usize, shared: &Shared) {
        let Place::File(book) = &mut self.place else { return };
        if let Err(error) = book.turn_if_full(next, SystemTime::now()) {
            self.write(&self.form.own("error", format!("the log cannot be turned over: {error}")), shared);
        }
    }

    fn reopen(&mut self, shared: &Shared) {
        let Place::File(book) = &mut self.place else { return };
        let own = match book.reopen() {
            Ok(()) => {
                self.torn = false;
                self.form.own("info", "the log was opened anew".into())
            }
            Err(error) => self.form.own("error", format!("the log cannot be opened anew: {error}")),
        };
        self.write(&own, shared);
    }

    /// Says how many lines are missing, at most once in a while.
    fn tell(&mut self, shared: &Shared) {
        let dropped = shared.dropped();
        let missing = dropped - self.told;
        if missing == 0 || self.told_at.is_some_and(|at| at.elapsed() < TELLING) {
            return;
        }
        self.told_at = Some(Instant::now());
        let own = self.form.own("warning", format!("{missing} lines before this one could not be written"));
        if self.put(&own) == own.len() {
            self.told = dropped;
        }
    }

    fn write(&mut self, lines: &str, shared: &Shared) {
        let written = self.put(lines);
        let whole = lines.as_bytes()[..written].iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
        lines[whole..].lines().for_each(|_| shared.lost());
    }

    /// Writes lines; gives how many octets of them were written.
    fn put(&mut self, lines: &str) -> usize {
        let Place::File(book) = &mut self.place else {
            return io::stderr().write_all(lines.as_bytes()).map_or(0, |()| lines.len());
        };
        if self.torn {
            if book.write(b"\n").1.is_err() {
                return 0;
            }
            self.torn = false;
        }
        let (written, _) = book.write(lines.as_bytes());
        self.torn = !matches!(lines.as_bytes()[..written].last(), None | Some(b'\n'));
        written
    }
}

/// The length of the whole lines that fit into so many octets; that of the first one where none does.
fn whole_lines(lines: &str, room: usize) -> usize {
    let fits =
        lines.as_bytes().get(..room).map_or(Some(lines.len()), |fit| memchr::memrchr(b'\n', fit).map(|end| end + 1));
    fits.unwrap_or_else(|| lines.find('\n').map_or(lines.len(), |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_parted_between_lines() {
        let check = |room: usize, length: usize| assert_eq!(whole_lines("ab\ncd\nef\n", room), length, "{room}");
        check(0, 3);
        check(2, 3);
        check(3, 3);
        check(5, 3);
        check(6, 6);
        check(9, 9);
        check(usize::MAX, 9);
    }
}
