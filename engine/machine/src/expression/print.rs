//! How values look in answers, texts and the log.
//!
//! Never: prints a secret, or a control character but the tab that came with a value.

use std::{fmt::Write, net::IpAddr, time::Duration};

use program::Value;

use super::{FULL, Fault, Kind, MADE};

/// Appends a value as it is shown to people and peers. What is absent is nothing.
#[inline(never)]
pub(crate) fn print_value<W: Write>(kind: Kind<'_>, out: &mut W) {
    match kind {
        Kind::Absent => {}
        Kind::Yes(yes) => put(if yes { "yes" } else { "no" }, out),
        Kind::Number(number) => {
            if number < 0 {
                put("-", out);
            }
            put_number(number.unsigned_abs(), out);
        }
        Kind::Duration(duration) => print_duration(duration, out),
        Kind::Time(unix) => print_time(unix, out),
        Kind::Text(text) => put_clean(text, out),
        Kind::Address(address) => put_clean(&address.written(), out),
        Kind::Ip(ip) => print_ip(ip, out),
        Kind::Network(network) => {
            print_ip(network.address, out);
            put("/", out);
            put_number(network.prefix.into(), out);
        }
        Kind::Octets(octets) => put_number(octets.length, out),
        Kind::List(list) => {
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    put(", ", out);
                }
                print_value(item.into(), out);
            }
        }
        Kind::Record(record) => {
            for (index, field) in record.fields.iter().enumerate() {
                if index > 0 {
                    put(", ", out);
                }
                print_value(field.into(), out);
            }
        }
        Kind::Secret(_) => put("***", out),
    }
}

/// Appends a value as it is shown, unless it is longer than a text may be: elements of a list may share what they hold,
/// and take more room when they are shown than when they are kept.
///
/// # Errors
/// It is too long.
pub(crate) fn print_bounded<W: Write>(kind: Kind<'_>, out: &mut W) -> Result<(), Fault> {
    if matches!(kind, Kind::List(_) | Kind::Record(_)) && length(kind) > MADE {
        return Err(FULL);
    }
    print_value(kind, out);
    Ok(())
}

/// About how long the texts are that a value shows.
#[cold]
fn length(kind: Kind<'_>) -> usize {
    let all = |values: &[Value]| values.iter().map(|value| length(value.into()).saturating_add(2)).sum();
    match kind {
        Kind::Text(text) => text.len(),
        Kind::Address(address) => address.text.len(),
        Kind::List(list) => all(list),
        Kind::Record(record) => all(&record.fields),
        _ => 0,
    }
}

/// A short text of numbers and signs, which is put together here and appended at once: without the ways round that
/// formatting goes for types of all kinds.
struct Row {
    octets: [u8; Row::MOST],
    length: usize,
}

impl Row {
    /// Enough for a date and for a number.
    const MOST: usize = 40;

    fn new() -> Row {
        Row { octets: [0; Row::MOST], length: 0 }
    }

    fn text(&mut self, text: &str) {
        self.octets[self.length..][..text.len()].copy_from_slice(text.as_bytes());
        self.length += text.len();
    }

    /// A number of at least so many digits.
    fn number(&mut self, mut number: u64, least: usize) {
        let digits = least.max(number.checked_ilog10().unwrap_or(0) as usize + 1);
        for place in self.octets[self.length..][..digits].iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.length += digits;
    }

    fn put<W: Write>(&self, out: &mut W) {
        put(std::str::from_utf8(&self.octets[..self.length]).unwrap_or_default(), out);
    }
}

/// Appends a number.
fn put_number<W: Write>(number: u64, out: &mut W) {
    let mut row = Row::new();
    row.number(number, 1);
    row.put(out);
}

/// Appends an address as an address literal without its brackets (RFC 5321 §4.1.3).
pub(crate) fn print_literal<W: Write>(ip: IpAddr, out: &mut W) {
    if ip.is_ipv6() {
        put("IPv6:", out);
    }
    print_ip(ip, out);
}

/// Appends an address.
pub(crate) fn print_ip<W: Write>(ip: IpAddr, out: &mut W) {
    match ip {
        IpAddr::V4(ip) => {
            let mut row = Row::new();
            for (place, octet) in ip.octets().into_iter().enumerate() {
                if place > 0 {
                    row.text(".");
                }
                row.number(octet.into(), 1);
            }
            row.put(out);
        }
        // Writing into a text cannot fail.
        IpAddr::V6(ip) => drop(write!(out, "{ip}")),
    }
}

/// Whether no text may hold it: a control character but the tab.
fn is_foreign(character: char) -> bool {
    character.is_control() && character != '\t'
}

/// Whether a text is as it is printed.
pub(crate) fn is_clean(text: &str) -> bool {
    !text.chars().any(is_foreign)
}

/// Appends a text; control characters but the tab become `?`. The texts of a protocol hold none: they are refused where
/// they come in, so that what was counted is what is sent.
pub(crate) fn put_clean<W: Write>(text: &str, out: &mut W) {
    if is_plain(text.as_bytes()) {
        return put(text, out);
    }
    for character in text.chars() {
        let _ = out.write_char(if is_foreign(character) { '?' } else { character });
    }
}

/// Whether all octets are ASCII that is no control character; eight are looked at in one go.
fn is_plain(octets: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let (words, rest) = octets.as_chunks::<8>();
    let plain = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        // Beyond ASCII, below a blank, DEL: as if each octet were alone, a borrow needs one that is found anyway.
        (word | word.wrapping_sub(0x20 * EACH) | (word ^ (0x7f * EACH)).wrapping_sub(EACH)) & HIGH == 0
    };
    match octets.last_chunk() {
        Some(last) if !rest.is_empty() => words.iter().all(plain) && plain(last),
        _ => words.iter().all(plain) && rest.iter().all(|octet| matches!(octet, b' '..=b'~')),
    }
}

/// Appends a text as it stands. Writing into a text cannot fail.
pub(crate) fn put<W: Write>(text: &str, out: &mut W) {
    let _ = out.write_str(text);
}

/// Appends a span of time in the largest unit that fits it whole: `5 minutes`, `90 seconds`.
pub(crate) fn print_duration<W: Write>(duration: Duration, out: &mut W) {
    const UNITS: [(u128, &str); 4] = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second")];
    let milliseconds = duration.as_millis();
    let whole = |(unit, _): &(u128, &str)| milliseconds.is_multiple_of(*unit);
    let (unit, name) = match UNITS.into_iter().find(whole) {
        _ if milliseconds == 0 => (1_000, "second"),
        Some(unit) => unit,
        None => (1, "millisecond"),
    };
    let count = milliseconds / unit;
    let _ = write!(out, "{count} {name}{}", if count == 1 { "" } else { "s" });
}

/// Appends an RFC 5322 §3.3 date-time in UTC.
fn print_time<W: Write>(unix: i64, out: &mut W) {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let name = DAYS[days.rem_euclid(7) as usize];
    let month = MONTHS[month as usize - 1];
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut row = Row::new();
    row.text(name);
    row.text(", ");
    row.number(day.unsigned_abs(), 2);
    row.text(" ");
    row.text(month);
    for (before, number, least) in [(" ", year, 4), (" ", hour, 2), (":", minute, 2), (":", second, 2)] {
        row.text(before);
        row.number(number.unsigned_abs(), least);
    }
    row.text(" +0000");
    row.put(out);
}

/// Year, month and day of a day since 1970-01-01 in the Gregorian calendar, reckoned in eras of 400 years that begin
/// on 1 March, so that the leap day is the last of its year.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use program::{Secret, Value};

    use super::*;

    #[test]
    fn a_plain_text_is_told_whatever_stands_where() {
        for length in 0..20 {
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    let mut octets = vec![b'~'; length];
                    octets[at] = octet;
                    assert_eq!(is_plain(&octets), matches!(octet, b' '..=b'~'), "{octet} at {at} of {length}");
                }
            }
        }
    }

    fn check(value: Value, wanted: &str) {
        let mut out = String::new();
        print_value(Kind::from(&value), &mut out);
        assert_eq!(out, wanted);
    }

    #[test]
    fn values_print_as_people_write_them() {
        check(Value::Absent, "");
        check(Value::Number(36_700_160), "36700160");
        check(Value::Duration(Duration::from_secs(300)), "5 minutes");
        check(Value::Duration(Duration::from_secs(90)), "90 seconds");
        check(Value::Duration(Duration::from_secs(3600)), "1 hour");
        check(Value::Duration(Duration::ZERO), "0 seconds");
        check(Value::Duration(Duration::from_millis(1500)), "1500 milliseconds");
        check(Value::List(vec![Value::Text("a".into()), Value::Number(2)]), "a, 2");
        check(Value::Text("a\r\nb\0c\u{85}ä\td".into()), "a??b?c?ä\td");
        check(Value::Secret(Secret::new(b"geheim")), "***");
    }

    #[test]
    fn moments_print_as_rfc_5322_dates() {
        check(Value::Time(1_795_367_580), "Sun, 22 Nov 2026 17:13:00 +0000");
        check(Value::Time(0), "Thu, 01 Jan 1970 00:00:00 +0000");
        check(Value::Time(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000");
        check(Value::Time(-1), "Wed, 31 Dec 1969 23:59:59 +0000");
        check(Value::Time(4_107_542_399), "Sun, 28 Feb 2100 23:59:59 +0000");
    }
}
