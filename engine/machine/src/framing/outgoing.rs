//! Payloads on their way to the peer: as they are, in lines, or as a dotted block (RFC 1939 §3).
//!
//! Never: holds an octet of a payload, or lets a line of it be taken for the end of the block.

use memchr::memchr;
use program::{LineEnd, PayloadForm};

/// Gives a payload its form, over any cut of it.
#[derive(Debug)]
pub struct Outgoing {
    form: PayloadForm,
    end: LineEnd,
    /// The next octet begins a line.
    at_start: bool,
    /// The last octet was a CR.
    after_cr: bool,
}

impl Outgoing {
    /// At the first octet of a payload.
    pub fn new(form: PayloadForm, end: LineEnd) -> Outgoing {
        Outgoing { form, end, at_start: true, after_cr: false }
    }

    /// Appends what these octets of the payload are on the wire. Where lines are told apart, a bare LF ends one, too: a
    /// stored text may have been written with either.
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        if self.form == PayloadForm::Counted {
            return out.extend_from_slice(octets);
        }
        let mut rest = octets;
        while let Some(&first) = rest.first() {
            if self.at_start && first == b'.' && self.form == PayloadForm::Dotted {
                out.push(b'.');
            }
            let Some(at) = memchr(b'\n', rest) else {
                out.extend_from_slice(rest);
                self.at_start = false;
                self.after_cr = rest.last() == Some(&b'\r');
                return;
            };
            out.extend_from_slice(&rest[..at]);
            let cr = if at > 0 { rest[at - 1] == b'\r' } else { self.after_cr };
            match (self.end, cr) {
                (LineEnd::CrLf, false) => out.extend_from_slice(b"\r\n"),
                (LineEnd::CrLf, true) | (LineEnd::Lf, _) => out.push(b'\n'),
            }
            self.at_start = true;
            self.after_cr = false;
            rest = &rest[at + 1..];
        }
    }

    /// Appends the end: that of a last line without one, and the dot.
    pub fn finish(self, out: &mut Vec<u8>) {
        let end = self.end.octets();
        if self.form != PayloadForm::Counted && !self.at_start {
            out.extend_from_slice(end);
        }
        if self.form == PayloadForm::Dotted {
            out.push(b'.');
            out.extend_from_slice(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cut into two pieces gives the same.
    fn check(form: PayloadForm, payload: &str, wanted: &str) {
        for cut in 0..=payload.len() {
            let (first, second) = payload.as_bytes().split_at(cut);
            let mut outgoing = Outgoing::new(form, LineEnd::CrLf);
            let mut out = Vec::new();
            outgoing.push(first, &mut out);
            outgoing.push(second, &mut out);
            outgoing.finish(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), wanted, "{payload:?} cut at {cut}");
        }
    }

    #[test]
    fn a_dotted_block_doubles_dots_and_ends_with_one() {
        check(PayloadForm::Dotted, "", ".\r\n");
        check(PayloadForm::Dotted, "a\r\n", "a\r\n.\r\n");
        check(PayloadForm::Dotted, ".\r\n..\r\na.b\r\n", "..\r\n...\r\na.b\r\n.\r\n");
        check(PayloadForm::Dotted, "a\n.\n\nb", "a\r\n..\r\n\r\nb\r\n.\r\n");
        check(PayloadForm::Dotted, "a\rb\r", "a\rb\r\r\n.\r\n");
    }

    #[test]
    fn lines_get_the_end_of_the_wire_and_counted_octets_stay_as_they_are() {
        check(PayloadForm::Lines, "a\n.\r\nb", "a\r\n.\r\nb\r\n");
        check(PayloadForm::Lines, "", "");
        check(PayloadForm::Counted, "a\n.\r\n", "a\n.\r\n");
    }
}
