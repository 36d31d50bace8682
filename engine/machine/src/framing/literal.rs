//! Counted octets within a line (RFC 9051 §4.3, RFC 7888, RFC 5804 §4): how they are announced, and those of one line.
//!
//! Never: decides whether they are wanted.

/// The octets that came behind pieces of one line, and where each belongs. Most lines have none, and hold nothing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Literals(Option<Box<Kept>>);

#[derive(Debug, Default, Clone)]
struct Kept {
    octets: Vec<u8>,
    /// The place of the placeholder in the line, and where the octets begin and end.
    places: Vec<(usize, usize, usize)>,
}

/// The end of a piece of a line that announces octets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// How many octets of the piece stand before the announcement.
    pub(crate) before: usize,
    /// How many octets are to come; absent when there are more digits than anybody needs.
    pub(crate) count: Option<u64>,
    /// Whether the peer waits to be asked for them.
    pub(crate) waits: bool,
}

/// The most digits of a count.
const DIGITS: usize = 18;

impl Announced {
    /// Looks at a piece of a line, without its end: `{5}` or `{5+}` must be the last of it.
    pub(crate) fn of(piece: &[u8]) -> Option<Announced> {
        let inside = piece.strip_suffix(b"}")?;
        let (digits, waits) = match inside.strip_suffix(b"+") {
            Some(digits) => (digits, false),
            None => (inside, true),
        };
        let length = digits.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
        let before = digits[..digits.len() - length].strip_suffix(b"{")?.len();
        if length == 0 {
            return None;
        }
        let digits = std::str::from_utf8(&digits[digits.len() - length..]).ok()?;
        let count = (length <= DIGITS).then(|| digits.parse().ok()).flatten();
        Some(Announced { before, count, waits })
    }
}

impl Literals {
    /// How many octets there are.
    pub(crate) fn length(&self) -> usize {
        self.0.as_ref().map_or(0, |kept| kept.octets.len())
    }

    /// More of the octets of the literal that comes.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        self.0.get_or_insert_default().octets.extend_from_slice(octets);
    }

    /// The literal that came is whole; its placeholder stands there.
    pub(crate) fn end(&mut self, place: usize) {
        let kept = self.0.get_or_insert_default();
        let begin = kept.places.last().map_or(0, |(.., end)| *end);
        kept.places.push((place, begin, kept.octets.len()));
    }

    /// Places count from so many octets later.
    pub(crate) fn behind(mut self, octets: usize) -> Literals {
        if let Some(kept) = &mut self.0 {
            kept.places.retain_mut(|(place, ..)| match place.checked_sub(octets) {
                Some(shifted) => {
                    *place = shifted;
                    true
                }
                None => false,
            });
        }
        self
    }

    /// The literal whose placeholder stands there.
    pub(crate) fn at(&self, place: usize) -> Option<&[u8]> {
        let kept = self.0.as_ref()?;
        let (_, begin, end) = kept.places.iter().find(|(other, ..)| *other == place)?;
        kept.octets.get(*begin..*end)
    }

    /// Whether a placeholder stands in that part of the line.
    pub(crate) fn within(&self, start: usize, end: usize) -> bool {
        self.places().any(|(place, _)| (start..end).contains(&place))
    }

    /// Where placeholders stand, and how many octets each stands for.
    pub(crate) fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let places = self.0.iter().flat_map(|kept| &kept.places);
        places.map(|(place, begin, end)| (*place, end - begin))
    }

    /// Forgets them, and gives the memory back.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(piece: &str, wanted: Option<(usize, Option<u64>, bool)>) {
        let found = Announced::of(piece.as_bytes()).map(|found| (found.before, found.count, found.waits));
        assert_eq!(found, wanted, "{piece}");
    }

    #[test]
    fn a_count_in_braces_at_the_very_end_announces_octets() {
        check("LOGIN {3}", Some((6, Some(3), true)));
        check("LOGIN {3+}", Some((6, Some(3), false)));
        check("{0}", Some((0, Some(0), true)));
        check("{007+}", Some((0, Some(7), false)));
        check("a{b{12}", Some((3, Some(12), true)));
        check("{999999999999999999}", Some((0, Some(999_999_999_999_999_999), true)));
        check("{1000000000000000000+}", Some((0, None, false)));
        for piece in ["", "}", "{}", "{+}", "3}", "{3", "{3} ", "{-3}", "{3-}", "{3++}", "{3+}x", "{a3}", "+}"] {
            check(piece, None);
        }
    }

    #[test]
    fn each_literal_is_found_at_its_placeholder() {
        let mut literals = Literals::default();
        for (place, octets) in [(4, "one"), (6, ""), (9, "three")] {
            literals.push(octets.as_bytes());
            literals.end(place);
        }
        assert_eq!(literals.length(), 8);
        let literals = literals.behind(4);
        assert_eq!(literals.at(0), Some(&b"one"[..]));
        assert_eq!(literals.at(2), Some(&b""[..]));
        assert_eq!(literals.at(5), Some(&b"three"[..]));
        assert_eq!(literals.at(1), None);
        assert!(literals.within(1, 3) && !literals.within(3, 5));
        assert_eq!(literals.behind(1).places().collect::<Vec<_>>(), [(1, 0), (4, 5)]);
    }
}
