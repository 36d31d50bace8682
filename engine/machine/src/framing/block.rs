//! Blocks of lines that an empty line ends: gathered line by line, bounded in lines and in octets.
//!
//! Never: keeps more of a block than its bounds; the rest of one that is too long goes unseen.

use super::Took;

/// Gathers one block at a time.
#[derive(Debug, Default)]
pub(crate) struct Block {
    text: Vec<u8>,
    lines: usize,
    /// The rest of a block that was too long is being thrown away.
    discarding: bool,
}

/// What bounds a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Lines, the empty one not counted.
    pub(crate) lines: usize,
    /// Octets of the lines, each with one octet for its end.
    pub(crate) octets: usize,
}

/// What came of reading on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gathered {
    /// The whole block; it is fetched with [`Block::release`].
    Whole,
    /// More than the bounds allow. The rest of it goes unseen, up to its empty line.
    TooLong,
    /// Its end has not come yet.
    Nothing,
}

impl Block {
    /// Takes lines until the block is whole. `next` cuts a line off what is unread.
    pub(crate) fn gather<'a>(&mut self, bounds: Bounds, mut next: impl FnMut() -> Took<'a>) -> Gathered {
        loop {
            match next() {
                Took::Nothing => return Gathered::Nothing,
                Took::Line(b"") if self.discarding => self.discarding = false,
                Took::Line(b"") => return Gathered::Whole,
                Took::Line(_) | Took::TooLong(_) if self.discarding => {}
                Took::Line(line) if self.fits(line, bounds) => {
                    self.text.extend_from_slice(line);
                    self.text.push(b'\n');
                    self.lines += 1;
                }
                Took::Line(_) | Took::TooLong(_) => {
                    self.restart();
                    self.discarding = true;
                    return Gathered::TooLong;
                }
            }
        }
    }

    /// Whether a block has begun and its end is still to come.
    pub(crate) fn within_one(&self) -> bool {
        self.lines > 0 || self.discarding
    }

    /// How many octets it holds.
    pub(crate) fn held(&self) -> usize {
        self.text.len()
    }

    /// The lines of a whole block, each ended by LF; the next block begins.
    pub(crate) fn release(&mut self) -> Vec<u8> {
        self.lines = 0;
        std::mem::take(&mut self.text)
    }

    /// What was gathered is gone: the next line begins a block.
    pub(crate) fn restart(&mut self) {
        *self = Block::default();
    }

    fn fits(&self, line: &[u8], bounds: Bounds) -> bool {
        self.lines < bounds.lines && self.text.len() + line.len() < bounds.octets
    }
}

/// The lines of a block.
pub(crate) fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    block.strip_suffix(b"\n").into_iter().flat_map(|block| block.split(|octet| *octet == b'\n'))
}

#[cfg(test)]
mod tests {
    use program::LineEnd;

    use super::{Block, Bounds, Gathered, lines};
    use crate::framing::Lines;

    const BOUNDS: Bounds = Bounds { lines: 3, octets: 20 };

    /// Feeds a text in pieces of that many octets, and gives what came of it.
    fn gathered(text: &str, piece: usize) -> Vec<String> {
        let (mut block, mut cut, mut found) = (Block::default(), Lines::default(), Vec::new());
        let mut held: Vec<u8> = Vec::new();
        for piece in text.as_bytes().chunks(piece) {
            held.extend_from_slice(piece);
            let mut unread = &held[..];
            loop {
                match block.gather(BOUNDS, || cut.take(&mut unread, LineEnd::Lf, 16)) {
                    Gathered::Whole => {
                        let text = block.release();
                        let joined = lines(&text).map(String::from_utf8_lossy).collect::<Vec<_>>().join("|");
                        found.push(joined);
                    }
                    Gathered::TooLong => found.push("too long".into()),
                    Gathered::Nothing => break,
                }
                assert!(block.held() <= BOUNDS.octets);
            }
            let rest = unread.to_vec();
            held = rest;
        }
        found
    }

    #[test]
    fn a_block_is_what_stands_before_an_empty_line_however_it_is_cut() {
        for (text, expected) in [
            ("a=1\nb=2\n\n", &["a=1|b=2"][..]),
            ("a=1\n\nb=2\n\n", &["a=1", "b=2"]),
            ("\n", &[""]),
            ("a=1\n", &[]),
            ("1\n2\n3\n\n", &["1|2|3"]),
            ("1\n2\n3\n4\n5\n\na\n\n", &["too long", "a"]),
            ("1234567890\n12345678\n\n", &["1234567890|12345678"]),
            ("1234567890\n123456789\n\na\n\n", &["too long", "a"]),
            ("1234567890123456789\nb\n\na\n\n", &["too long", "a"]),
        ] {
            for piece in [1, 2, 3, 7, 100] {
                assert_eq!(gathered(text, piece), expected, "{text:?} in pieces of {piece}");
            }
        }
    }
}
