//! What the functions and the operators of the language yield.
//!
//! Never: looks a name up.

use std::{cmp::Ordering, net::IpAddr, time::Duration};

use super::{
    value::{Fault, MONTHS, Value, calendar},
    words,
};

/// The value of `name(values)`.
pub(super) fn call(name: &str, values: &[Value]) -> Result<Value, Fault> {
    Ok(match (name, values) {
        ("size", [value]) => Value::Number(size(value)?),
        ("ascii", [value]) => Value::Yes(ascii(value)?),
        ("strict", [value]) => Value::Yes(strict(value)?),
        ("base64", [Value::Secret(octets)]) => Value::Secret(base64(octets).into_bytes()),
        ("base64", [value]) => Value::Text(base64(&octets(value)?)),
        ("plain", [login, password]) => {
            let message = [&b"\0"[..], &octets(login)?, b"\0", &octets(password)?].concat();
            Value::Secret(base64(&message).into_bytes())
        }
        ("offered", [Value::List(lines), words]) => {
            let wanted = words.text().unwrap_or_default().to_ascii_uppercase();
            let wanted: Vec<&str> = wanted.split_ascii_whitespace().collect();
            let offers = |line: &Value| {
                let line = line.text().unwrap_or_default().to_ascii_uppercase();
                let has: Vec<&str> = line.split_ascii_whitespace().collect();
                !wanted.is_empty() && has.first() == wanted.first() && wanted[1..].iter().all(|w| has[1..].contains(w))
            };
            Value::Yes(lines.iter().any(offers))
        }
        ("network_of", [Value::Ip(ip), Value::Number(bits), Value::Number(bits6)]) => match ip.to_canonical() {
            ip @ IpAddr::V4(_) => words::within(ip, (*bits).clamp(0, 32) as u8),
            ip @ IpAddr::V6(_) => words::within(ip, (*bits6).clamp(0, 128) as u8),
        },
        ("quoted", [value]) => {
            let shown = value.shown().replace('\\', "\\\\").replace('"', "\\\"");
            Value::Text(format!("\"{shown}\""))
        }
        ("joined", [Value::Absent, _, _]) => Value::Text(String::new()),
        ("joined", [Value::List(list), before, between]) => {
            let before = before.text().unwrap_or_default();
            let shown: Vec<String> = list.iter().map(|value| format!("{before}{}", value.shown())).collect();
            Value::Text(shown.join(between.text().unwrap_or_default()))
        }
        ("matches" | "offered", [Value::Absent, _] | [_, Value::Absent]) => Value::Yes(false),
        ("network_of" | "date", [Value::Absent, ..]) => Value::Absent,
        ("matches", [text, pattern]) => match (text.text(), pattern.text()) {
            (Some(text), Some(pattern)) => Value::Yes(matches(text.as_bytes(), pattern.as_bytes())),
            _ => return Err(Fault::new("`matches` takes two texts")),
        },
        ("until", [Value::Absent, _] | [_, Value::Absent]) => Value::Absent,
        ("until", [text, mark]) => {
            let (text, mark) = (text.text().unwrap_or_default(), mark.text().unwrap_or_default());
            let parts = if mark.is_empty() { None } else { text.split_once(mark) };
            Value::Text(parts.map_or(text, |(before, _)| before).to_owned())
        }
        ("chosen", [Value::Absent, ..]) => Value::List(Vec::new()),
        ("chosen", [Value::List(list), field, ranges]) => chosen(list, field, ranges)?,
        ("date", [Value::Time(unix), form]) => Value::Text(date(*unix, form.text().unwrap_or_default())),
        _ => return Err(Fault(format!("`{name}` does not take {values:?}"))),
    })
}

/// The elements of a list, or the octets of anything else; nothing has none.
pub(super) fn size(value: &Value) -> Result<i64, Fault> {
    let size = match value {
        Value::Absent => 0,
        Value::List(list) => list.len(),
        Value::Octets(octets) | Value::Secret(octets) => octets.len(),
        other => other.text().ok_or_else(|| Fault(format!("{other:?} has no size")))?.len(),
    };
    Ok(size as i64)
}

fn ascii(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Absent => Ok(false),
        Value::List(list) => Ok(list.iter().map(ascii).collect::<Result<Vec<_>, _>>()?.into_iter().all(|is| is)),
        other => other.text().map(str::is_ascii).ok_or_else(|| Fault(format!("`ascii` does not take {other:?}"))),
    }
}

fn strict(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Absent => Ok(false),
        Value::Path(text, _) => Ok(words::is_strict(text)),
        Value::List(list) => Ok(list.iter().map(strict).collect::<Result<Vec<_>, _>>()?.into_iter().all(|is| is)),
        other => Err(Fault(format!("`strict` does not take {other:?}"))),
    }
}

fn octets(value: &Value) -> Result<Vec<u8>, Fault> {
    match value {
        Value::Absent => Ok(Vec::new()),
        Value::Secret(octets) => Ok(octets.clone()),
        other => other.text().map(|text| text.as_bytes().to_vec()).ok_or_else(|| Fault::new("a text is wanted")),
    }
}

fn base64(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: Vec<bool> =
        octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect();
    while !bits.len().is_multiple_of(6) {
        bits.push(false);
    }
    let digit = |six: &[bool]| DIGITS[six.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit))] as char;
    let mut text: String = bits.chunks(6).map(digit).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Whether a text is like a pattern: `*` is anything, `%` anything without a `/`. ASCII case does not count.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let mut fits = vec![vec![false; pattern.len() + 1]; text.len() + 1];
    for at in (0..=text.len()).rev() {
        for place in (0..=pattern.len()).rev() {
            fits[at][place] = match pattern.get(place) {
                None => at == text.len(),
                Some(star @ (b'*' | b'%')) => {
                    let more = at < text.len() && (*star == b'*' || text[at] != b'/') && fits[at + 1][place];
                    fits[at][place + 1] || more
                }
                Some(octet) => at < text.len() && text[at].eq_ignore_ascii_case(octet) && fits[at + 1][place + 1],
            };
        }
    }
    fits[0][0]
}

/// The records whose number in that field is in one of the ranges.
fn chosen(list: &[Value], field: &Value, ranges: &Value) -> Result<Value, Fault> {
    let (Some(field), Some(ranges)) = (field.text(), ranges.text()) else {
        return Err(Fault::new("`chosen` takes the name of a field, and ranges"));
    };
    let number = |value: &Value| match value.part(field) {
        Ok(Value::Number(number)) => Some(number),
        _ => None,
    };
    let greatest = list.iter().filter_map(number).max().unwrap_or(0);
    let end = |text: &str| if text == "*" { Some(greatest) } else { text.parse::<i64>().ok() };
    let within = |wanted: i64| {
        ranges.split(',').any(|range| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            match (end(first), end(last)) {
                (Some(first), Some(last)) => (first.min(last)..=first.max(last)).contains(&wanted),
                _ => false,
            }
        })
    };
    let found = list.iter().filter(|value| number(value).is_some_and(within));
    Ok(Value::List(found.cloned().collect()))
}

fn date(unix: i64, form: &str) -> String {
    let (_, year, month, day, hour, minute, second) = calendar(unix);
    let marks = [
        ("YYYY", format!("{year:04}")),
        ("Mon", MONTHS[month].to_owned()),
        ("MM", format!("{:02}", month + 1)),
        ("DD", format!("{day:02}")),
        ("HH", format!("{hour:02}")),
        ("mm", format!("{minute:02}")),
        ("SS", format!("{second:02}")),
    ];
    let mut made = String::new();
    let mut rest = form;
    while let Some(next) = rest.chars().next() {
        match marks.iter().find(|(mark, _)| rest.starts_with(mark)) {
            Some((mark, text)) => {
                made.push_str(text);
                rest = &rest[mark.len()..];
            }
            None => {
                made.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    made
}

/// The order of two values.
pub(super) fn order(left: &Value, right: &Value, fold: bool) -> Result<Ordering, Fault> {
    let is_domain = |value: &Value| matches!(value, Value::Domain(_));
    match (left, right) {
        (Value::Number(a), Value::Number(b)) | (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Ok(a.cmp(b)),
        _ => match (left.text(), right.text()) {
            (Some(a), Some(b)) if fold || is_domain(left) || is_domain(right) => {
                Ok(a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()))
            }
            (Some(a), Some(b)) => Ok(a.cmp(b)),
            _ => Err(Fault(format!("{left:?} is compared with {right:?}"))),
        },
    }
}

/// The sum; with nothing it is nothing.
pub(super) fn plus(left: Value, right: Value) -> Result<Value, Fault> {
    Ok(match (left, right) {
        (Value::Absent, _) | (_, Value::Absent) => Value::Absent,
        (Value::Number(a), Value::Number(b)) => Value::Number(a.saturating_add(b)),
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.saturating_add(b)),
        (Value::Time(a), Value::Duration(b)) => Value::Time(a.saturating_add(seconds(b))),
        (a, b) => return Err(Fault(format!("{a:?} and {b:?} have no sum"))),
    })
}

/// The difference; with nothing it is nothing.
pub(super) fn minus(left: Value, right: Value) -> Result<Value, Fault> {
    Ok(match (left, right) {
        (Value::Absent, _) | (_, Value::Absent) => Value::Absent,
        (Value::Number(a), Value::Number(b)) => Value::Number(a.saturating_sub(b)),
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.saturating_sub(b)),
        (Value::Time(a), Value::Duration(b)) => Value::Time(a.saturating_sub(seconds(b))),
        (a, b) => return Err(Fault(format!("{a:?} and {b:?} have no difference"))),
    })
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// Whether an address lies in a network; an IPv4 address that is mapped into IPv6 counts as what it is.
pub(super) fn lies_in(ip: IpAddr, address: IpAddr, bits: u8) -> bool {
    let ip = ip.to_canonical();
    ip.is_ipv4() == address.is_ipv4() && words::within(ip, bits) == words::within(address, bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_yield_what_the_book_says() {
        let text = |text: &str| Value::Text(text.into());
        let check =
            |name: &str, values: &[Value], wanted: Value| assert_eq!(call(name, values).unwrap(), wanted, "{name}");
        check("base64", &[text("foob")], text("Zm9vYg=="));
        check("quoted", &[text("a \"b\" \\")], text("\"a \\\"b\\\" \\\\\""));
        check("joined", &[Value::List(vec![text("a"), Value::Number(2)]), text("-"), text(" ")], text("-a -2"));
        for (subject, pattern, wanted) in
            [("a/b", "%", false), ("a/b", "*B", true), ("a/b/c", "a/%/c", true), ("", "*%", true)]
        {
            check("matches", &[text(subject), text(pattern)], Value::Yes(wanted));
        }
        check("date", &[Value::Time(1_795_367_580), text("DD-Mon-YYYY HH:mm:SS")], text("22-Nov-2026 17:13:00"));
        check(
            "network_of",
            &[Value::Ip("::ffff:192.0.2.77".parse().unwrap()), Value::Number(24), Value::Number(64)],
            words::network("192.0.2.0/24").unwrap(),
        );
        assert!(lies_in("10.1.2.3".parse().unwrap(), "10.0.0.0".parse().unwrap(), 8));
    }
}
