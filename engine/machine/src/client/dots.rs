//! Payloads as dotted blocks on their way out (RFC 5321 §4.5.2, RFC 3977 §3.1.1).
//!
//! Never: changes the text of a payload. A dot at the start of a line is doubled, a last line without its end gets
//! one, and what a sloppy reader could take for the end of the block is refused.

use std::fmt;

use memchr::memchr2;
use program::LineEnd;

/// Stuffs dots, over any cut of the payload.
#[derive(Debug)]
pub struct Dots {
    end: LineEnd,
    /// The next octet begins a line.
    at_start: bool,
    /// The last octet was a CR that belongs to a CR LF, or to nothing.
    after_cr: bool,
}

/// The payload has a CR or LF that belongs to no CR LF. Such a message must not be sent (RFC 5321 §2.3.8), and a reader
/// that takes it for a line end would read another message than this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BareLineEnd;

impl Dots {
    /// At the first octet of a payload.
    pub fn new(end: LineEnd) -> Dots {
        Dots { end, at_start: true, after_cr: false }
    }

    /// Appends what these octets of the payload are on the wire.
    ///
    /// # Errors
    /// [`BareLineEnd`], where lines end in CR LF.
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        let mut rest = octets;
        while let Some(&first) = rest.first() {
            if self.after_cr && first != b'\n' {
                return Err(BareLineEnd);
            }
            if self.at_start && first == b'.' {
                out.push(b'.');
            }
            self.at_start = false;
            let Some(at) = memchr2(b'\r', b'\n', rest) else {
                out.extend_from_slice(rest);
                return Ok(());
            };
            match (self.end, rest[at]) {
                (LineEnd::CrLf, b'\r') => self.after_cr = true,
                (LineEnd::CrLf, _) if !std::mem::take(&mut self.after_cr) || at > 0 => return Err(BareLineEnd),
                (LineEnd::Lf, b'\r') => {}
                _ => self.at_start = true,
            }
            out.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 1..];
        }
        Ok(())
    }

    /// Appends the end of the block.
    ///
    /// # Errors
    /// [`BareLineEnd`], where the payload ends in a CR.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), BareLineEnd> {
        if self.after_cr {
            return Err(BareLineEnd);
        }
        let end = self.end.octets();
        if !self.at_start {
            out.extend_from_slice(end);
        }
        out.push(b'.');
        out.extend_from_slice(end);
        Ok(())
    }
}

impl fmt::Display for BareLineEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message has a bare CR or LF in it, which must not be sent on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cut into two pieces gives the same.
    fn check(end: LineEnd, payload: &str, wanted: Result<&str, BareLineEnd>) {
        for cut in 0..=payload.len() {
            let (first, second) = payload.as_bytes().split_at(cut);
            let mut dots = Dots::new(end);
            let mut out = Vec::new();
            let done = dots
                .push(first, &mut out)
                .and_then(|()| dots.push(second, &mut out))
                .and_then(|()| dots.finish(&mut out));
            let got = done.map(|()| String::from_utf8_lossy(&out).into_owned());
            assert_eq!(got.as_deref().map_err(|error| *error), wanted, "{payload:?} cut at {cut}");
        }
    }

    #[test]
    fn dots_are_doubled_at_the_start_of_lines_alone() {
        check(LineEnd::CrLf, "", Ok(".\r\n"));
        check(LineEnd::CrLf, "a\r\n", Ok("a\r\n.\r\n"));
        check(LineEnd::CrLf, ".\r\n..\r\na.b\r\n", Ok("..\r\n...\r\na.b\r\n.\r\n"));
        check(LineEnd::CrLf, "\r\n.\r\n\r\n", Ok("\r\n..\r\n\r\n.\r\n"));
        check(LineEnd::Lf, ".\n\r.\n", Ok("..\n\r.\n.\n"));
    }

    #[test]
    fn a_last_line_without_its_end_gets_one() {
        check(LineEnd::CrLf, "a", Ok("a\r\n.\r\n"));
        check(LineEnd::CrLf, "a\r\n.", Ok("a\r\n..\r\n.\r\n"));
        check(LineEnd::Lf, "a", Ok("a\n.\n"));
    }

    #[test]
    fn what_a_sloppy_reader_could_take_for_an_end_is_refused() {
        for payload in ["a\n.\r\nb\r\n", "a\n", "\n", "a\rb\r\n", "a\r\n\r", "a\r\r\nb\r\n", "\r.\r\n"] {
            check(LineEnd::CrLf, payload, Err(BareLineEnd));
        }
    }
}
