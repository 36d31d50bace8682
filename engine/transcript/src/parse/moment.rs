//! Moments and spans of time as transcripts write them.
//!
//! Never: reads a clock.

/// Seconds since 1970-01-01 UTC of `2026-11-22T17:13:00Z` (RFC 3339, UTC, no fractions); years 1970 to 9999.
pub(crate) fn read(text: &str) -> Option<i64> {
    let octets = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if octets.len() != 20 || marks.iter().any(|(at, mark)| octets[*at] != *mark) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = lengths.get(usize::try_from(month - 1).ok()?)?;
    if year < 1970 || !(1..=*length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let before = year - 1;
    let leaps = |years: i64| years / 4 - years / 100 + years / 400;
    let months: i64 = lengths.iter().take(month as usize - 1).sum();
    let days = (year - 1970) * 365 + leaps(before) - leaps(1969) + months + day - 1;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Milliseconds of `6 minutes` or `4 minutes 59 seconds`; at most ten years.
pub(crate) fn span(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 5] =
        [("millisecond", 1), ("second", 1000), ("minute", 60_000), ("hour", 3_600_000), ("day", 86_400_000)];
    const MOST: u64 = 3650 * 86_400_000;
    let mut words = text.split_whitespace();
    let mut sum: Option<u64> = None;
    while let Some(number) = words.next() {
        let number: u64 = number.parse().ok()?;
        let word = words.next()?;
        let (_, unit) = UNITS.iter().find(|(unit, _)| word.strip_suffix('s').unwrap_or(word) == *unit)?;
        sum = Some(sum.unwrap_or(0).checked_add(number.checked_mul(*unit)?)?);
    }
    sum.filter(|sum| *sum <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_seconds_since_1970() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-01-01T00:00:00Z", Some(1_767_225_600)),
            ("2024-02-29T12:00:01Z", Some(1_709_208_001)),
            ("2023-02-29T12:00:01Z", None),
            ("2026-11-22", None),
            ("2026-11-22T24:00:00Z", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(read(text), seconds, "{text}");
        }
    }

    #[test]
    fn spans_add_up() {
        let cases = [
            ("6 minutes", Some(360_000)),
            ("1 second", Some(1000)),
            ("4 minutes 59 seconds", Some(299_000)),
            ("6", None),
            ("", None),
            ("6 fortnights", None),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(span(text), milliseconds, "{text}");
        }
    }
}
