//! The texts that findings point into.
//!
//! Never: reads a file.

use std::{ops::Range, sync::Arc};

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
    files: Vec<Text>,
}

/// A text under its name, with the table of its lines.
#[derive(Debug, Clone)]
struct Text {
    name: Arc<str>,
    text: Arc<str>,
    /// The first octet of each line; the first is 0.
    lines: Arc<[u32]>,
}

impl Span {
    /// The least span that holds both; they are of one text.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl Sources {
    /// Adds a text under the name that the operator knows it by. A text has less than 4 GiB.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let starts = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, behind)| behind);
        let lines = std::iter::once(0).chain(starts).collect();
        self.files.push(Text { name: name.into(), text, lines });
        FileId((self.files.len() - 1) as u16)
    }

    /// The text of that name if it is here already, else adds it: a file that several others name is one text.
    pub fn shared(&mut self, name: &str, text: &str) -> FileId {
        match self.files.iter().position(|file| *file.name == *name && *file.text == *text) {
            Some(place) => FileId(place as u16),
            None => self.add(name, text),
        }
    }

    /// The name of a text.
    pub fn name(&self, file: FileId) -> &Arc<str> {
        &self.files[usize::from(file.0)].name
    }

    /// A text.
    pub fn text(&self, file: FileId) -> &Arc<str> {
        &self.files[usize::from(file.0)].text
    }

    /// Line and column of a span's first octet, both from 1; the column counts characters. Takes the time of a search
    /// in the table of lines, and of the line.
    pub fn position(&self, span: Span) -> (u32, u32) {
        self.place(span.file, span.start)
    }

    /// Line and column behind a span's last octet, as [`Sources::position`] counts them.
    pub fn end(&self, span: Span) -> (u32, u32) {
        self.place(span.file, span.end.max(span.start))
    }

    /// From a place to the end of its line, blanks at the end left out, in the last text of that name; lines and columns
    /// count from 1, columns in characters.
    pub fn rest_of_line(&self, name: &str, line: u32, column: u32) -> Option<Span> {
        let file = FileId(self.files.iter().rposition(|file| *file.name == *name)? as u16);
        let text = &self.files[usize::from(file.0)].text;
        let octets = self.lines(file, line..line.checked_add(1)?);
        let rest = text[octets.clone()].chars().skip(column.checked_sub(1)? as usize).collect::<String>();
        let start = octets.end - rest.len();
        Some(Span { file, start: start as u32, end: (start + rest.trim_end().len()) as u32 })
    }

    /// The octets of some lines, counted from 1, their line ends included.
    pub(crate) fn lines(&self, file: FileId, lines: Range<u32>) -> Range<usize> {
        let Text { text, lines: table, .. } = &self.files[usize::from(file.0)];
        let start = |line: u32| table.get(line.saturating_sub(1) as usize).map_or(text.len(), |start| *start as usize);
        start(lines.start)..start(lines.end)
    }

    fn place(&self, file: FileId, at: u32) -> (u32, u32) {
        let Text { text, lines, .. } = &self.files[usize::from(file.0)];
        let at = text.floor_char_boundary(at as usize);
        let line = lines.partition_point(|start| *start as usize <= at);
        let start = lines[line - 1] as usize;
        (line as u32, text[start..at].chars().count() as u32 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Sources, Span};

    fn check(text: &str, start: u32, expected: (u32, u32)) {
        let mut sources = Sources::default();
        let file = sources.add("x", text);
        assert_eq!(sources.position(Span { file, start, end: start }), expected, "{text:?} at {start}");
    }

    #[test]
    fn the_rest_of_a_line_is_found_by_the_name_of_its_text() {
        let mut sources = Sources::default();
        let file = sources.add("x", "ab\näb cd \n");
        assert_eq!(sources.rest_of_line("x", 2, 2), Some(Span { file, start: 5, end: 9 }));
        assert_eq!(sources.rest_of_line("x", 2, 99), Some(Span { file, start: 11, end: 11 }));
        assert_eq!(sources.rest_of_line("y", 1, 1), None);
    }

    #[test]
    fn lines_and_columns_count_from_one_and_characters_count_once() {
        check("", 0, (1, 1));
        check("ab\ncd", 1, (1, 2));
        check("ab\ncd", 2, (1, 3));
        check("ab\ncd", 3, (2, 1));
        check("ab\ncd", 5, (2, 3));
        check("äb\n", 2, (1, 2));
        check("ab\n", 3, (2, 1));
        check("ab", 99, (1, 3));
    }
}
