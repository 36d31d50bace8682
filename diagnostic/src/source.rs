//! The texts that findings point into.
//!
//! Never: reads a file.

use std::sync::Arc;

/// One text of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u16);

/// A run of octets in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Which text.
    pub file: FileId,
    /// The first octet.
    pub start: u32,
    /// Behind the last octet.
    pub end: u32,
}

/// All texts of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<(Arc<str>, Arc<str>)>,
}

impl Span {
    /// The least span that holds both; they are of one text.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl Sources {
    /// Adds a text under the name that the operator knows it by.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push((name.into(), text.into()));
        FileId((self.files.len() - 1) as u16)
    }

    /// The name of a text.
    pub fn name(&self, file: FileId) -> &Arc<str> {
        &self.files[usize::from(file.0)].0
    }

    /// A text.
    pub fn text(&self, file: FileId) -> &Arc<str> {
        &self.files[usize::from(file.0)].1
    }

    /// Line and column of a span's first octet, both from 1; the column counts characters.
    pub fn position(&self, span: Span) -> (u32, u32) {
        let before = &self.text(span.file)[..span.start as usize];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line as u32, column as u32)
    }
}
