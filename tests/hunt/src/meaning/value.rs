//! Values, owned and plain.
//!
//! Never: shares, borrows or pools anything.

use std::{net::IpAddr, time::Duration};

use program::PayloadId;

use super::words;

/// What an expression yields.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Absent,
    /// `yes` or `no`.
    Yes(bool),
    /// A number or a size.
    Number(i64),
    /// A span of time.
    Duration(Duration),
    /// Seconds since 1970-01-01 UTC.
    Time(i64),
    /// A text, of any type but a domain.
    Text(String),
    /// A `domain` or a `helo_name`: a text that is compared without regard to ASCII case.
    Domain(String),
    /// A path: the address without brackets and route, and the octet where its `@` is.
    Path(String, Option<usize>),
    /// An address of the network.
    Ip(IpAddr),
    /// A network: its address, and how many bits count.
    Network(IpAddr, u8),
    /// A payload, with its octets.
    Octets(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A record, a row, a set of parameters.
    Record(Record),
    /// What must not be shown.
    Secret(Vec<u8>),
}

/// A record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// The name of its type.
    pub name: String,
    /// Names and values, in the order of the declaration.
    pub fields: Vec<(String, Value)>,
    /// What `prepend header` put in front, the latest first.
    pub headers: Vec<String>,
}

impl Value {
    /// What a value of the program is, of that type where it is known. `content` gives the octets of a payload.
    pub fn of(value: &program::Value, ty: Option<&program::Type>, content: &dyn Fn(PayloadId) -> Vec<u8>) -> Value {
        use program::Type;
        let ty = match ty {
            Some(Type::Optional(inner) | Type::Secret(inner)) => Some(&**inner),
            other => other,
        };
        match value {
            program::Value::Absent => Value::Absent,
            program::Value::Yes(yes) => Value::Yes(*yes),
            program::Value::Number(number) => Value::Number(*number),
            program::Value::Duration(time) => Value::Duration(*time),
            program::Value::Time(unix) => Value::Time(*unix),
            program::Value::Text(text) if matches!(ty, Some(Type::Domain | Type::HeloName)) => {
                Value::Domain(text.to_string())
            }
            program::Value::Text(text) => Value::Text(text.to_string()),
            program::Value::Address(path) => Value::Path(path.text.to_string(), path.at),
            program::Value::Ip(ip) => Value::Ip(*ip),
            program::Value::Network(network) => Value::Network(network.address, network.prefix),
            program::Value::Octets(octets) => Value::Octets(octets.id.map(content).unwrap_or_default()),
            program::Value::List(list) => {
                let ty = if let Some(Type::List(inner)) = ty { Some(&**inner) } else { None };
                Value::List(list.iter().map(|value| Value::of(value, ty, content)).collect())
            }
            program::Value::Record(record) => Value::Record(Record {
                name: record.shape.name.to_string(),
                fields: record
                    .shape
                    .fields
                    .iter()
                    .zip(&record.fields)
                    .map(|((name, ty), value)| (name.to_string(), Value::of(value, Some(ty), content)))
                    .collect(),
                headers: record.headers.iter().map(ToString::to_string).collect(),
            }),
            program::Value::Secret(secret) => Value::Secret(secret.expose().to_vec()),
        }
    }

    /// The same without what only tells how it is compared: a domain is a text, and a record has no name. For those who
    /// hold it against a value of the program.
    pub fn plain(self) -> Value {
        match self {
            Value::Domain(text) => Value::Text(text),
            Value::List(list) => Value::List(list.into_iter().map(Value::plain).collect()),
            Value::Record(record) => Value::Record(Record {
                name: String::new(),
                fields: record.fields.into_iter().map(|(name, value)| (name, value.plain())).collect(),
                headers: record.headers,
            }),
            other => other,
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    /// The text of what is compared and looked at as text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Domain(text) | Value::Path(text, _) => Some(text),
            _ => None,
        }
    }

    /// A domain as it is kept: in A-labels.
    pub(super) fn domain(text: &str) -> Value {
        Value::Domain(program::a_labels(text).into_owned())
    }

    /// A part of it.
    pub(super) fn part(&self, name: &str) -> Result<Value, Fault> {
        match (self, name) {
            (Value::Absent, _) => Ok(Value::Absent),
            (Value::Record(record), _) => match record.fields.iter().find(|(field, _)| field == name) {
                Some((_, value)) => Ok(value.clone()),
                None => Err(Fault(format!("a record has no part `{name}`"))),
            },
            (Value::Path(text, None), "address") => Ok(Value::Text(text.clone())),
            (Value::Path(text, Some(at)), "address") => {
                Ok(Value::Text(format!("{}@{}", &text[..*at], program::a_labels(&text[at + 1..]))))
            }
            (Value::Path(text, at), "local") => Ok(Value::Text(text[..at.unwrap_or(text.len())].to_owned())),
            (Value::Path(text, at), "domain") => Ok(match at.map(|at| &text[at + 1..]) {
                Some(domain) if !domain.starts_with('[') => Value::domain(domain),
                _ => Value::Absent,
            }),
            _ => Err(Fault(format!("a value has no part `{name}`"))),
        }
    }

    /// As it is shown to people and clients. What is absent is nothing; a secret is stars.
    pub fn shown(&self) -> String {
        let joined = |values: &mut dyn Iterator<Item = &Value>| values.map(Value::shown).collect::<Vec<_>>().join(", ");
        match self {
            Value::Absent => String::new(),
            Value::Yes(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Duration(time) => shown_time(*time),
            Value::Time(unix) => shown_moment(*unix),
            Value::Text(text) | Value::Domain(text) => clean(text),
            Value::Path(text, at) => clean(&words::written(text, *at)),
            Value::Ip(ip) => ip.to_string(),
            Value::Network(address, bits) => format!("{address}/{bits}"),
            Value::Octets(octets) => octets.len().to_string(),
            Value::List(list) => joined(&mut list.iter()),
            Value::Record(record) => joined(&mut record.fields.iter().map(|(_, value)| value)),
            Value::Secret(_) => "***".to_owned(),
        }
    }

    /// Every secret in it.
    pub(super) fn secrets(&self, into: &mut Vec<Vec<u8>>) {
        match self {
            Value::Secret(octets) => into.push(octets.clone()),
            Value::List(list) => list.iter().for_each(|value| value.secrets(into)),
            Value::Record(record) => record.fields.iter().for_each(|(_, value)| value.secrets(into)),
            _ => {}
        }
    }
}

/// A text in which every control character is a question mark.
pub(super) fn clean(text: &str) -> String {
    let shown = |character: char| if character.is_control() && character != '\t' { '?' } else { character };
    text.chars().map(shown).collect()
}

/// Octets as a text: what is no text is a question mark.
pub(super) fn readable(octets: &[u8]) -> String {
    let mut text = String::new();
    for chunk in octets.utf8_chunks() {
        text.push_str(&clean(chunk.valid()));
        if !chunk.invalid().is_empty() {
            text.push('?');
        }
    }
    text
}

fn shown_time(time: Duration) -> String {
    let milliseconds = time.as_millis();
    let units = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"), (1, "millisecond")];
    let (unit, name) = match milliseconds {
        0 => (1000, "second"),
        _ => units.into_iter().find(|(unit, _)| milliseconds.is_multiple_of(*unit)).unwrap_or((1, "millisecond")),
    };
    let count = milliseconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// The names of the months.
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Day of the week from Sunday, year, month, day, hour, minute and second of a moment in UTC.
pub(super) fn calendar(unix: i64) -> (usize, i64, usize, i64, i64, i64, i64) {
    let (mut day, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let weekday = (day + 4).rem_euclid(7) as usize;
    // 400 years are 146097 days: the rest is counted off year by year, and month by month.
    let mut year = 1970 + 400 * day.div_euclid(146_097);
    day = day.rem_euclid(146_097);
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    while day >= if leap(year) { 366 } else { 365 } {
        day -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let days = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= days[month] {
        day -= days[month];
        month += 1;
    }
    (weekday, year, month, day + 1, second / 3600, second / 60 % 60, second % 60)
}

/// An RFC 5322 date-time in UTC.
fn shown_moment(unix: i64) -> String {
    let (weekday, year, month, day, hour, minute, second) = calendar(unix);
    let weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][weekday];
    let year = year.unsigned_abs();
    format!("{weekday}, {day:02} {} {year:04} {hour:02}:{minute:02}:{second:02} +0000", MONTHS[month])
}

/// Something that an accepted file cannot do: why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault(pub(super) String);

impl Fault {
    pub(super) fn new(why: &str) -> Fault {
        Fault(why.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_people_write_them() {
        for (value, wanted) in [
            (Value::Duration(Duration::from_secs(300)), "5 minutes"),
            (Value::Duration(Duration::ZERO), "0 seconds"),
            (Value::Duration(Duration::from_millis(1500)), "1500 milliseconds"),
            (Value::Time(1_795_367_580), "Sun, 22 Nov 2026 17:13:00 +0000"),
            (Value::Time(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000"),
            (Value::Time(-1), "Wed, 31 Dec 1969 23:59:59 +0000"),
            (Value::Time(4_107_542_399), "Sun, 28 Feb 2100 23:59:59 +0000"),
            (Value::Text("a\r\nb".into()), "a??b"),
            (Value::List(vec![Value::Number(1), Value::Secret(b"x".to_vec())]), "1, ***"),
        ] {
            assert_eq!(value.shown(), wanted);
        }
    }
}
