//! Dotted blocks (RFC 5321 §4.5.2, RFC 3977 §3.1.1): ended by a line with a dot alone, dots at line starts doubled.
//!
//! Never: takes anything but the wire's own line end for one; copies or holds octets of the block.

use memchr::memmem;
use program::LineEnd;

/// Reads one block; keeps its place over any cut of the input.
#[derive(Debug)]
pub(crate) struct Dotted {
    end: LineEnd,
    place: Place,
}

/// Where in the block the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a line.
    Start,
    /// Behind a dot at the start of a line; the dot has not been given out.
    Dot,
    /// Behind a dot and a CR; neither has been given out.
    DotCr,
    /// Within a line.
    Within,
    /// Behind a CR that has been given out.
    Cr,
}

impl Dotted {
    /// At the first octet of a block.
    pub(crate) fn new(end: LineEnd) -> Dotted {
        Dotted { end, place: Place::Start }
    }

    /// Reads on, hands out runs of the unstuffed block, and takes what was read off `unread`. True at the block's end.
    pub(crate) fn read<'a>(&mut self, unread: &mut &'a [u8], out: &mut dyn FnMut(&'a [u8])) -> bool {
        while let Some(&octet) = unread.first() {
            match self.place {
                Place::Start if octet == b'.' => {
                    *unread = &unread[1..];
                    self.place = Place::Dot;
                }
                Place::Start => self.place = Place::Within,
                Place::Dot if self.end == LineEnd::CrLf && octet == b'\r' => {
                    *unread = &unread[1..];
                    self.place = Place::DotCr;
                }
                Place::Dot if self.end == LineEnd::Lf && octet == b'\n' => {
                    *unread = &unread[1..];
                    return true;
                }
                Place::Dot => self.place = Place::Within,
                Place::DotCr if octet == b'\n' => {
                    *unread = &unread[1..];
                    return true;
                }
                Place::DotCr => {
                    out(b"\r");
                    self.place = Place::Cr;
                }
                Place::Cr if octet == b'\n' => {
                    out(&unread[..1]);
                    *unread = &unread[1..];
                    self.place = Place::Start;
                }
                Place::Cr => self.place = Place::Within,
                Place::Within => self.run(unread, out),
            }
        }
        false
    }

    /// Hands out all up to the next line that begins with a dot, in one run.
    fn run<'a>(&mut self, unread: &mut &'a [u8], out: &mut dyn FnMut(&'a [u8])) {
        let whole = *unread;
        let mark: &[u8] = match self.end {
            LineEnd::CrLf => b"\r\n.",
            LineEnd::Lf => b"\n.",
        };
        let (length, place) = match memmem::find(whole, mark) {
            Some(at) => (at + mark.len() - 1, Place::Start),
            None if whole.ends_with(self.end.octets()) => (whole.len(), Place::Start),
            None if self.end == LineEnd::CrLf && whole.ends_with(b"\r") => (whole.len(), Place::Cr),
            None => (whole.len(), Place::Within),
        };
        out(&whole[..length]);
        *unread = &whole[length..];
        self.place = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(end: LineEnd, wire: &str, body: Option<&str>, behind: &str) {
        for cut in 0..=wire.len() {
            let mut block = Dotted::new(end);
            let mut got = Vec::new();
            let (mut first, mut second) = wire.as_bytes().split_at(cut);
            let mut ended = block.read(&mut first, &mut |run| got.extend_from_slice(run));
            let mut rest = first.to_vec();
            if !ended {
                ended = block.read(&mut second, &mut |run| got.extend_from_slice(run));
            }
            rest.extend_from_slice(second);
            assert_eq!(ended, body.is_some(), "{wire:?} cut at {cut}");
            if let Some(body) = body {
                assert_eq!(String::from_utf8_lossy(&got), body, "{wire:?} cut at {cut}");
                assert_eq!(String::from_utf8_lossy(&rest), behind, "{wire:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn only_a_dot_alone_between_strict_line_ends_ends_a_block() {
        check(LineEnd::CrLf, ".\r\n", Some(""), "");
        check(LineEnd::CrLf, "a\r\n.\r\nQUIT\r\n", Some("a\r\n"), "QUIT\r\n");
        check(LineEnd::CrLf, "..a\r\n...\r\n.\r\n", Some(".a\r\n..\r\n"), "");
        check(LineEnd::CrLf, ".a\r\n.\r.\r\n.\r\r\n.\r\nx", Some("a\r\n\r.\r\n\r\r\n"), "x");
        check(LineEnd::CrLf, "a\n.\nb\n.\r\nc\r.\rd\r.\r\ne\r\n.\n\r\n.\re\r\n", None, "");
        check(LineEnd::CrLf, "a\n.\r\n\r\n.\r\n", Some("a\n.\r\n\r\n"), "");
        check(LineEnd::CrLf, "\r\n\r\n.\r\n", Some("\r\n\r\n"), "");
        check(LineEnd::CrLf, "\r\r\n.\r\n", Some("\r\r\n"), "");
        check(LineEnd::Lf, "a\r\n..\n.\r\n.\nx", Some("a\r\n.\n\r\n"), "x");
        check(LineEnd::Lf, ".\n", Some(""), "");
    }
}
