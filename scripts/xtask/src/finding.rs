//! What a check found, and how it is shown.
//!
//! Never: decides what is a fault.

use std::{fmt, path::Path};

/// One fault, at a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// `path:line`, or a path.
    place: String,
    /// What is.
    message: String,
    /// What to do.
    help: String,
}

impl Finding {
    /// A fault of a whole file, or of no file.
    pub(crate) fn new(path: impl AsRef<Path>, message: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding { place: path.as_ref().display().to_string(), message: message.into(), help: help.into() }
    }

    /// Narrows it to a line, counted from 1.
    pub(crate) fn at(mut self, line: usize) -> Finding {
        self.place = format!("{}:{line}", self.place);
        self
    }

    /// What is, for tests.
    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Where, for tests.
    #[cfg(test)]
    pub(crate) fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}: {}\n    help: {}", self.place, self.message, self.help)
    }
}
