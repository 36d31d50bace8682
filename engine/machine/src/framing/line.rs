//! Lines: strict about their ends, bounded, linear however the octets are cut.
//!
//! Never: takes a bare CR or LF for a line end where the wire says CR LF; keeps more of a line than its bound.

use memchr::memchr;
use program::LineEnd;

/// Cuts lines; remembers how far an unfinished one was searched.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// So many octets of what is unread hold no line end.
    searched: usize,
    /// The rest of a line that was too long is being thrown away.
    discarding: Option<Discarding>,
}

#[derive(Debug)]
struct Discarding {
    /// Whether the last octet that was thrown away was a CR.
    after_cr: bool,
}

/// What was cut.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Took<'a> {
    /// A whole line, without its end.
    Line(&'a [u8]),
    /// The beginning of a line that is longer than its bound. The rest of it goes unseen.
    TooLong(&'a [u8]),
    /// There is no whole line yet.
    Nothing,
}

impl Lines {
    /// Takes the next line off `unread`. `most` counts octets with the line end.
    pub(crate) fn take<'a>(&mut self, unread: &mut &'a [u8], end: LineEnd, most: usize) -> Took<'a> {
        if !self.skip_discarded(unread, end) {
            return Took::Nothing;
        }
        let whole = *unread;
        let most = most.max(end.octets().len());
        match find_end(whole, self.searched, end) {
            Some(length) => {
                self.searched = 0;
                *unread = &whole[length..];
                if length > most {
                    return Took::TooLong(&whole[..most]);
                }
                Took::Line(&whole[..length - end.octets().len()])
            }
            None if whole.len() >= most => {
                self.searched = 0;
                self.discarding = Some(Discarding { after_cr: whole.ends_with(b"\r") });
                *unread = &[];
                Took::TooLong(&whole[..most])
            }
            None => {
                self.searched = whole.len();
                Took::Nothing
            }
        }
    }

    /// Whether the rest of a line that was too long is still to come.
    pub(crate) fn within_one(&self) -> bool {
        self.discarding.is_some()
    }

    /// Something else than lines is read next: what was searched has no meaning behind it.
    pub(crate) fn suspend(&mut self) {
        self.searched = 0;
    }

    /// What was unread is gone: the next octet begins a line.
    pub(crate) fn restart(&mut self) {
        *self = Lines::default();
    }

    /// Throws away the rest of a line that was too long; false when its end has not come yet.
    fn skip_discarded(&mut self, unread: &mut &[u8], end: LineEnd) -> bool {
        let Some(discarding) = &mut self.discarding else { return true };
        let whole = *unread;
        let length = match end {
            LineEnd::CrLf if discarding.after_cr && whole.first() == Some(&b'\n') => Some(1),
            _ => find_end(whole, 0, end),
        };
        match length {
            Some(length) => {
                *unread = &whole[length..];
                self.discarding = None;
                true
            }
            None => {
                if let Some(last) = whole.last() {
                    discarding.after_cr = *last == b'\r';
                }
                *unread = &[];
                false
            }
        }
    }
}

/// The length of the first line with its end; no line end ends before `from`.
fn find_end(octets: &[u8], from: usize, end: LineEnd) -> Option<usize> {
    let mut at = from;
    while let Some(found) = memchr(b'\n', octets.get(at..)?) {
        let feed = at + found;
        if end == LineEnd::Lf || (feed > 0 && octets[feed - 1] == b'\r') {
            return Some(feed + 1);
        }
        at = feed + 1;
    }
    None
}
