//! The value of a setting, as an operator writes it in the configuration.
//!
//! Never: guesses. A size or a time has its unit, and a list is given as a list.

use std::time::Duration;

use program::{Program, Secret, Type, Value};

use super::{decode, path, text::is_word};
use crate::pool::Pool;

/// The value of a setting, or nothing if the text is not of its type.
///
/// What is more than on the wire: `35 MB` and `5 minutes`, negative numbers, `true` and `false`, mailboxes without angle
/// brackets, names of sinks. Lists are given element by element.
pub fn setting(program: &Program, ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::Number { least, most } => number(text).filter(|n| least <= n && n <= most).map(Value::Number),
        Type::Size => quantity(text, &SIZES).map(|octets| Value::Number(i64::try_from(octets).unwrap_or(i64::MAX))),
        Type::Duration => {
            quantity(text, &TIMES).map(|milliseconds| Value::Duration(Duration::from_millis(milliseconds)))
        }
        Type::YesNo => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" => Some(Value::Yes(true)),
            "no" | "false" => Some(Value::Yes(false)),
            _ => None,
        },
        Type::ReversePath => path::reverse(&bracketed(text), false, &Pool::default()).map(Value::Address),
        Type::ForwardPath => path::forward(&bracketed(text), false, &Pool::default()).map(Value::Address),
        Type::LenientReversePath => path::reverse(&bracketed(text), true, &Pool::default()).map(Value::Address),
        Type::LenientForwardPath => path::forward(&bracketed(text), true, &Pool::default()).map(Value::Address),
        Type::Sink => is_word(text).then(|| Value::Text(text.into())),
        Type::Optional(inner) => setting(program, inner, text),
        Type::Secret(inner) => setting(program, inner, text).map(|value| match value {
            Value::Text(text) => Value::Secret(Secret::new(text.as_bytes())),
            _ => Value::Secret(Secret::new(text.as_bytes())),
        }),
        _ => decode(program, ty, text),
    }
}

/// A unit: its names in lower case, and how many of the smallest unit it has.
type Unit = (&'static [&'static str], u64);

/// In octets; KB is 1024.
const SIZES: [Unit; 4] =
    [(&["", "octets", "octet"], 1), (&["kb", "kib"], 1 << 10), (&["mb", "mib"], 1 << 20), (&["gb", "gib"], 1 << 30)];

/// In milliseconds.
const TIMES: [Unit; 5] = [
    (&["ms", "milliseconds", "millisecond"], 1),
    (&["s", "seconds", "second"], 1000),
    (&["m", "minutes", "minute"], 60 * 1000),
    (&["h", "hours", "hour"], 60 * 60 * 1000),
    (&["d", "days", "day"], 24 * 60 * 60 * 1000),
];

fn number(text: &str) -> Option<i64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// A number with its unit, a blank between them or not.
fn quantity(text: &str, units: &[Unit]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let name = text[digits..].trim_start_matches(' ').to_ascii_lowercase();
    let (_, factor) = units.iter().find(|(names, _)| names.contains(&name.as_str()))?;
    text[..digits].parse::<u64>().ok()?.checked_mul(*factor)
}

/// A mailbox in the angle brackets that it has on the wire.
fn bracketed(text: &str) -> String {
    if text.starts_with('<') { text.to_owned() } else { format!("<{text}>") }
}
