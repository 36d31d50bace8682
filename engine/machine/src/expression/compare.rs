//! Comparisons.
//!
//! Never: compares secrets; an action does that, in constant time.

use std::cmp::Ordering;

use program::{Comparison, Relation, Value, absent};

use super::{Fault, Kind};

/// Whether the comparison holds.
pub(super) fn compares(left: Kind<'_>, how: Comparison, right: Kind<'_>, fold: bool) -> Result<bool, Fault> {
    let relation = match (left, right) {
        (Kind::Absent, Kind::Absent) => Relation::BothAbsent,
        (Kind::Absent, _) | (_, Kind::Absent) => Relation::OneAbsent,
        _ => match how {
            Comparison::Equal | Comparison::Unequal if equal(left, right, fold)? => Relation::Equal,
            Comparison::Equal | Comparison::Unequal => Relation::Unlike,
            _ => order(left, right, fold)?.into(),
        },
    };
    Ok(how.holds(relation))
}

/// Whether the element is in the list; an address is in a network that contains it, a text in a text that has it.
pub(super) fn contains(list: Kind<'_>, element: Kind<'_>, fold: bool) -> Result<bool, Fault> {
    let list = match list {
        _ if matches!(element, Kind::Absent) => return Ok(absent::IS_IN),
        Kind::List(list) => list,
        Kind::Absent => return Ok(absent::IS_IN),
        Kind::Network(network) => {
            return match element {
                Kind::Ip(ip) => Ok(network.contains(ip)),
                _ => Err(Fault(&"only an address can be in a network")),
            };
        }
        Kind::Text(text) => {
            let part = words(element).ok_or(Fault(&"only a text can be in a text"))?;
            return Ok(has(text.as_bytes(), part.as_bytes(), fold));
        }
        _ => return Err(Fault(&"`in` looks into something that is no list")),
    };
    for item in list {
        let found = match (element, item) {
            (Kind::Ip(ip), Value::Network(network)) => network.contains(ip),
            _ => equal(element, Kind::from(item), fold)?,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the text has the part in it. The part is short: the file has written it down.
fn has(text: &[u8], part: &[u8], fold: bool) -> bool {
    let same = |window: &[u8]| if fold { window.eq_ignore_ascii_case(part) } else { window == part };
    part.is_empty() || text.windows(part.len()).any(same)
}

fn equal(left: Kind<'_>, right: Kind<'_>, fold: bool) -> Result<bool, Fault> {
    Ok(match (left, right) {
        (Kind::Absent, Kind::Absent) => true,
        (Kind::Absent, _) | (_, Kind::Absent) => false,
        (Kind::Yes(a), Kind::Yes(b)) => a == b,
        (Kind::Ip(a), Kind::Ip(b)) => a.to_canonical() == b.to_canonical(),
        (Kind::Network(a), Kind::Network(b)) => a == b,
        (Kind::Octets(a), Kind::Octets(b)) => a == b,
        (Kind::Record(a), Kind::Record(b)) => a == b,
        (Kind::List(a), Kind::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b) {
                if !equal(a.into(), b.into(), fold)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => match (words(left), words(right)) {
            (Some(a), Some(b)) if fold => a.eq_ignore_ascii_case(b),
            (Some(a), Some(b)) => a == b,
            _ => order(left, right, fold)? == Ordering::Equal,
        },
    })
}

fn order(left: Kind<'_>, right: Kind<'_>, fold: bool) -> Result<Ordering, Fault> {
    match (left, right) {
        (Kind::Number(a), Kind::Number(b)) | (Kind::Time(a), Kind::Time(b)) => Ok(a.cmp(&b)),
        (Kind::Duration(a), Kind::Duration(b)) => Ok(a.cmp(&b)),
        _ => match (words(left), words(right)) {
            (Some(a), Some(b)) if fold => {
                let lower = |octet: u8| octet.to_ascii_lowercase();
                Ok(a.bytes().map(lower).cmp(b.bytes().map(lower)))
            }
            (Some(a), Some(b)) => Ok(a.cmp(b)),
            _ => Err(Fault(&"values of different types are compared")),
        },
    }
}

/// The text of what is compared as text.
fn words(kind: Kind<'_>) -> Option<&str> {
    match kind {
        Kind::Text(text) => Some(text),
        Kind::Address(address) => Some(&address.text),
        _ => None,
    }
}
