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
    queue::{Item, Outlet, Shared},
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

    /// Writes until nobody is left who could say anything.
    pub(super) fn run(mut self, outlet: &Outlet) {
        while let Ok(item) = outlet.next(self.patience(&outlet.shared)) {
            if outlet.shared.takes_reopening() {
                self.reopen(&outlet.shared);
            }
            match item {
                Some(Item::Line(line)) => self.line(&line, &outlet.shared),
                Some(Item::Flush(done)) => {
                    self.told_at = None;
                    self.tell(&outlet.shared);
                    // Whoever wanted to know may have gone.
                    let _ = done.try_send(());
                }
                Some(Item::Wake) => {}
                None => self.turn_if_full(0, &outlet.shared),
            }
            self.tell(&outlet.shared);
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

    fn line(&mut self, line: &str, shared: &Shared) {
        self.turn_if_full(line.len(), shared);
        self.write(line, shared);
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
        if self.put(&own).is_ok() {
            self.told = dropped;
        }
    }

    fn write(&mut self, line: &str, shared: &Shared) {
        if self.put(line).is_err() {
            shared.lost();
        }
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        let Place::File(book) = &mut self.place else { return io::stderr().write_all(line.as_bytes()) };
        if self.torn {
            book.write(b"\n")?;
            self.torn = false;
        }
        let written = book.write(line.as_bytes());
        self.torn = written.is_err();
        written
    }
}
