//! Functions that make a text, or a list, out of another.
//!
//! Never: takes longer than the length of what it is given, sorting aside.

use std::fmt::Write;

use program::{Value, absent};

use super::{Fault, Kind, bounded, print::civil, print_bounded};
use crate::pool::Pool;

/// A text in double quotes, a backslash before quotes and backslashes in it.
pub(super) fn quoted(value: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    let mut plain = pool.blank();
    print_bounded(value, plain.edit())?;
    let mut quoted = pool.blank();
    let text = quoted.edit();
    text.push('"');
    for character in plain.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    pool.forget(Value::Text(plain));
    bounded(&quoted)?;
    Ok(Value::Text(quoted))
}

/// The elements of a list as one text, `before` in front of each.
pub(super) fn joined(list: Kind<'_>, before: Kind<'_>, between: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    let (list, before, between) = match (list, before, between) {
        (Kind::List(list), Kind::Text(before), Kind::Text(between)) => (list, before, between),
        (Kind::Absent, ..) => return Ok(pool.text_value("")),
        _ => return Err(Fault(&"`joined` takes a list and two texts")),
    };
    let mut joined = pool.blank();
    let text = joined.edit();
    for (index, element) in list.iter().enumerate() {
        if index > 0 {
            text.push_str(between);
        }
        text.push_str(before);
        print_bounded(element.into(), text)?;
        bounded(text)?;
    }
    Ok(Value::Text(joined))
}

/// Whether a text is like a pattern, in which `*` stands for anything and `%` for anything without a `/`. ASCII case
/// does not count.
pub(super) fn matches(text: Kind<'_>, pattern: Kind<'_>) -> Result<bool, Fault> {
    let (text, pattern) = match (text, pattern) {
        (Kind::Text(text), Kind::Text(pattern)) => (text, pattern),
        (Kind::Absent, _) | (_, Kind::Absent) => return Ok(absent::IS_YES),
        _ => return Err(Fault(&"`matches` takes two texts")),
    };
    // The places of the pattern that the text so far may have come to.
    let pattern = pattern.as_bytes();
    let mut places = vec![false; pattern.len() + 1];
    places[0] = true;
    pass_stars(pattern, &mut places);
    for octet in text.bytes() {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| places[*at]) {
            match pattern[at] {
                b'*' => next[at] = true,
                b'%' => next[at] |= octet != b'/',
                other => next[at + 1] |= other.eq_ignore_ascii_case(&octet),
            }
        }
        pass_stars(pattern, &mut next);
        places = next;
    }
    Ok(places[pattern.len()])
}

/// A text up to the first mark in it; all of it where there is none, or where the mark is empty.
pub(super) fn until(text: Kind<'_>, mark: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    match (text, mark) {
        (Kind::Text(text), Kind::Text(mark)) => {
            let end = if mark.is_empty() { None } else { text.find(mark) };
            Ok(pool.text_value(&text[..end.unwrap_or(text.len())]))
        }
        (Kind::Absent, _) | (_, Kind::Absent) => Ok(Value::Absent),
        _ => Err(Fault(&"`until` takes two texts")),
    }
}

/// A star may stand for nothing.
fn pass_stars(pattern: &[u8], places: &mut [bool]) {
    for (at, octet) in pattern.iter().enumerate() {
        if places[at] && matches!(octet, b'*' | b'%') {
            places[at + 1] = true;
        }
    }
}

/// The records of a list whose number in that field is in the ranges: `2,4:7,9:*`, where `*` is the greatest number of
/// the list. In the order of the list.
pub(super) fn chosen(list: Kind<'_>, field: Kind<'_>, ranges: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    const FOREIGN: Fault = Fault(&"`chosen` takes a list of records with a number, and ranges");
    let (list, field, ranges) = match (list, field, ranges) {
        (Kind::List(list), Kind::Number(field), Kind::Text(ranges)) => (list, field, ranges),
        (Kind::Absent, ..) => return Ok(Value::List(Vec::new())),
        _ => return Err(FOREIGN),
    };
    let number = |value: &Value| match value {
        Value::Record(record) => match record.fields.get(usize::try_from(field).unwrap_or(usize::MAX)) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        },
        _ => None,
    };
    let greatest = list.iter().filter_map(number).max().unwrap_or_default();
    let ranges = united(ranges, greatest);
    let within = |wanted: i64| {
        let at = ranges.partition_point(|(first, _)| *first <= wanted);
        at > 0 && ranges[at - 1].1 >= wanted
    };
    let mut chosen = pool.list();
    chosen.extend(list.iter().filter(|value| number(value).is_some_and(within)).map(|value| pool.copy(value)));
    Ok(Value::List(chosen))
}

/// Ranges in order, none touching the next.
fn united(text: &str, greatest: i64) -> Vec<(i64, i64)> {
    let number = |text: &str| if text == "*" { Some(greatest) } else { text.parse::<i64>().ok() };
    let mut ranges: Vec<(i64, i64)> = text
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let (first, last) = (number(first)?, number(last)?);
            Some((first.min(last), first.max(last)))
        })
        .collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, before| {
        let touch = next.0 <= before.1.saturating_add(1);
        if touch {
            before.1 = before.1.max(next.1);
        }
        touch
    });
    ranges
}

/// A moment in UTC, its parts put into a form.
pub(super) fn date(time: Kind<'_>, form: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (unix, form) = match (time, form) {
        (Kind::Time(unix), Kind::Text(form)) => (unix, form),
        (Kind::Absent, _) | (_, Kind::Absent) => return Ok(Value::Absent),
        _ => return Err(Fault(&"`date` takes a moment and a form")),
    };
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    // How each part is written: a name, or a number with so many digits.
    let parts = [
        ("YYYY", None, year, 4),
        ("Mon", Some(name), 0, 0),
        ("MM", None, month, 2),
        ("DD", None, day, 2),
        ("HH", None, second / 3600, 2),
        ("mm", None, second / 60 % 60, 2),
        ("SS", None, second % 60, 2),
    ];
    let mut made = pool.blank();
    let text = made.edit();
    let mut rest = form;
    while let Some(next) = rest.chars().next() {
        match parts.iter().find(|(mark, ..)| rest.starts_with(mark)) {
            Some((mark, word, number, digits)) => {
                // Writing into a text cannot fail.
                let _ = match word {
                    Some(word) => text.write_str(word),
                    None => write!(text, "{number:0digits$}"),
                };
                rest = &rest[mark.len()..];
            }
            None => {
                text.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    Ok(Value::Text(made))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use program::{Record, Shape};

    use super::*;

    #[test]
    fn quotes_and_backslashes_stand_behind_a_backslash() {
        assert_eq!(quoted(Kind::Text(r#"a "b" \ c"#), &Pool::default()), Ok(Value::Text(r#""a \"b\" \\ c""#.into())));
        assert_eq!(quoted(Kind::Text("a\tb"), &Pool::default()), Ok(Value::Text("\"a\tb\"".into())));
    }

    #[test]
    fn a_text_ends_before_the_first_mark() {
        for (text, mark, wanted) in [
            ("bob+shop+x", "+", "bob"),
            ("bob", "+", "bob"),
            ("+shop", "+", ""),
            ("bob+shop", "", "bob+shop"),
            ("bob--shop-", "--", "bob"),
            ("", "+", ""),
        ] {
            let made = until(Kind::Text(text), Kind::Text(mark), &Pool::default());
            assert_eq!(made, Ok(Value::Text(wanted.into())), "{text} {mark}");
        }
        assert_eq!(until(Kind::Absent, Kind::Text("+"), &Pool::default()), Ok(Value::Absent));
    }

    #[test]
    fn elements_are_joined_with_what_stands_before_and_between() {
        let list = [Value::Text("a".into()), Value::Number(2)];
        let joined = joined(Kind::List(&list), Kind::Text("-"), Kind::Text(" "), &Pool::default()).unwrap();
        assert_eq!(joined, Value::Text("-a -2".into()));
    }

    #[test]
    fn patterns_have_two_kinds_of_stars() {
        for (text, pattern, wanted) in [
            ("INBOX", "*", true),
            ("inbox", "INBOX", true),
            ("a/b", "%", false),
            ("a/b", "a/%", true),
            ("a/b", "*b", true),
            ("a/b/c", "a/%/c", true),
            ("a/b/c", "%c", false),
            ("", "*%", true),
            ("abc", "ab", false),
            ("ab", "abc", false),
            ("a/b", "a*%b*", true),
        ] {
            assert_eq!(matches(Kind::Text(text), Kind::Text(pattern)).unwrap(), wanted, "{text} {pattern}");
        }
        let long = "a".repeat(2000);
        assert!(!matches(Kind::Text(&long), Kind::Text(&format!("{}b", "*a".repeat(500)))).unwrap());
    }

    #[test]
    fn ranges_choose_records_by_their_number() {
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let record = |n| Value::from(Record::new(shape.clone(), [Value::Number(n)]));
        let list: Vec<Value> = [2, 3, 5, 7, 11].map(record).to_vec();
        for (ranges, wanted) in [
            ("2", &[2][..]),
            ("*", &[11]),
            ("1:*", &[2, 3, 5, 7, 11]),
            ("*:6", &[7, 11]),
            ("99:*", &[11]),
            ("7,2:3,3:5", &[2, 3, 5, 7]),
            ("4,6", &[]),
        ] {
            let found = chosen(Kind::List(&list), Kind::Number(0), Kind::Text(ranges), &Pool::default()).unwrap();
            assert_eq!(found, Value::List(wanted.iter().copied().map(record).collect()), "{ranges}");
        }
        assert_eq!(
            chosen(Kind::List(&[]), Kind::Number(0), Kind::Text("1:*"), &Pool::default()).unwrap(),
            Value::List(vec![])
        );
    }

    #[test]
    fn the_parts_of_a_moment_go_into_a_form() {
        let made =
            date(Kind::Time(1_795_367_580), Kind::Text("DD-Mon-YYYY HH:mm:SS +0000, ä MM"), &Pool::default()).unwrap();
        assert_eq!(made, Value::Text("22-Nov-2026 17:13:00 +0000, ä 11".into()));
    }
}
