//! From values as `given` writes them to values of a protocol's types.
//!
//! Never: hashes; whoever answers look-ups does.

use std::{net::IpAddr, sync::Arc, time::Duration};

use program::{Address, Network, Secret, Shape, Type, Value, a_labels};

use crate::{
    parse::{moment, span_of_time},
    script::{Plain, Row},
};

/// Makes a hash of a password, as `crypt "…"` asks for.
pub type Hash<'a> = dyn FnMut(&str) -> String + 'a;

/// The value of that type.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn value(plain: &Plain, ty: &Type, hash: &mut Hash<'_>) -> Result<Value, String> {
    let text = match plain {
        Plain::Text(text) | Plain::Words(text) => text.clone(),
        Plain::Crypt(_) if !matches!(unwrapped(ty), Type::Secret(_) | Type::Text) => {
            return Err("a hash is a secret or a text".into());
        }
        Plain::Crypt(password) => hash(password),
    };
    match ty {
        Type::Optional(_) if *plain == Plain::Words("none".into()) => Ok(Value::Absent),
        _ => typed(&text, unwrapped(ty)).ok_or_else(|| format!("`{text}` is not {}", words(unwrapped(ty)))),
    }
}

/// The fields of a row with their values, in the order of the shape.
///
/// # Errors
/// Every field that is unknown, missing, doubled or of the wrong type, one line each.
pub fn row(row: &Row, shape: &Shape, hash: &mut Hash<'_>) -> Result<Vec<(Arc<str>, Value)>, Vec<String>> {
    let mut faults = Vec::new();
    for (index, (name, _)) in row.fields.iter().enumerate() {
        if shape.index(name).is_none() {
            let known = shape.fields.iter().map(|(field, _)| &**field);
            let known: Vec<&str> = known.collect();
            faults.push(format!("`{}` gives no `{name}`; it gives {}", shape.name, known.join(", ")));
        }
        if row.fields[..index].iter().any(|(other, _)| other == name) {
            faults.push(format!("`{name}` stands in the row twice"));
        }
    }
    let mut values = Vec::new();
    for (name, ty) in &shape.fields {
        match row.fields.iter().find(|(field, _)| **field == **name) {
            Some((_, plain)) => match value(plain, ty, hash) {
                Ok(value) => values.push((name.clone(), value)),
                Err(why) => faults.push(format!("`{name}`: {why}")),
            },
            None if matches!(ty, Type::Optional(_)) => values.push((name.clone(), Value::Absent)),
            None => faults.push(format!("`{name}` is missing in the row")),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

fn unwrapped(ty: &Type) -> &Type {
    if let Type::Optional(inner) = ty { inner } else { ty }
}

fn typed(text: &str, ty: &Type) -> Option<Value> {
    Some(match ty {
        Type::Text | Type::Base64 | Type::Sink | Type::Lexical(_) | Type::Written(_) => Value::Text(text.into()),
        Type::Domain | Type::HeloName => Value::Text((*a_labels(text)).into()),
        Type::Word => Value::Text((!text.is_empty() && !text.contains(char::is_whitespace)).then(|| text.into())?),
        Type::Number { least, most } => {
            Value::Number(text.parse().ok().filter(|number| least <= number && number <= most)?)
        }
        Type::Size => Value::Number(size(text)?),
        Type::Duration => Value::Duration(Duration::from_millis(span_of_time(text)?)),
        Type::Time => Value::Time(moment(text).or_else(|| text.parse().ok())?),
        Type::YesNo => Value::Yes(match text {
            "yes" => true,
            "no" => false,
            _ => return None,
        }),
        Type::Ip => Value::Ip(text.parse().ok()?),
        Type::Network => Value::Network(network(text)?),
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => {
            let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
            Value::Address(Address { at: text.rfind('@'), text: text.into() })
        }
        Type::Secret(inner) => match typed(text, unwrapped(inner))? {
            Value::Text(text) => Value::Secret(Secret::new(text.as_bytes())),
            _ => Value::Secret(Secret::new(text.as_bytes())),
        },
        Type::Octets | Type::Params(_) | Type::Record(_) | Type::List(_) | Type::Optional(_) => return None,
    })
}

fn size(text: &str) -> Option<i64> {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let unit = match unit {
        "" | "octets" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => return None,
    };
    number.parse::<i64>().ok().filter(|number| *number >= 0)?.checked_mul(unit)
}

fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse().ok()).filter(|prefix| *prefix <= bits)?;
    Some(Network { address, prefix })
}

/// The type as a person says it.
fn words(ty: &Type) -> &'static str {
    match ty {
        Type::Text | Type::Base64 | Type::Lexical(_) => "a text",
        Type::Word => "a word",
        Type::Number { .. } => "a number within its bounds",
        Type::Size => "a size such as `10 MB`",
        Type::Duration => "a span of time such as `5 minutes`",
        Type::Time => "a time such as `2026-11-22T17:13:00Z`",
        Type::YesNo => "`yes` or `no`",
        Type::Ip => "an IP address",
        Type::Network => "a network",
        Type::Domain | Type::HeloName => "a domain",
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => "an address",
        Type::Written(_) => "a text",
        Type::Sink => "a sink",
        Type::Secret(_) => "a secret text",
        Type::Octets | Type::Params(_) | Type::Record(_) | Type::List(_) | Type::Optional(_) => {
            "of a type that a database can give"
        }
    }
}
