//! Comparisons.
//!
//! Never: compares secrets; an action does that, in constant time.

use std::cmp::Ordering;

use program::{Comparison, Value};

use super::{Fault, Kind};

/// Whether the comparison holds. What is absent equals only what is absent, and is neither less nor greater.
pub(super) fn compares(left: Kind<'_>, how: Comparison, right: Kind<'_>, fold: bool) -> Result<bool, Fault> {
    match how {
        Comparison::Equal => equal(left, right, fold),
        Comparison::Unequal => Ok(!equal(left, right, fold)?),
        _ if matches!(left, Kind::Absent) || matches!(right, Kind::Absent) => Ok(false),
        Comparison::Less => Ok(order(left, right, fold)? == Ordering::Less),
        Comparison::AtMost => Ok(order(left, right, fold)? != Ordering::Greater),
        Comparison::Greater => Ok(order(left, right, fold)? == Ordering::Greater),
        Comparison::AtLeast => Ok(order(left, right, fold)? != Ordering::Less),
    }
}

/// Whether the element is in the list; an address is in a network that contains it, a text in a text that has it.
pub(super) fn contains(list: Kind<'_>, element: Kind<'_>, fold: bool) -> Result<bool, Fault> {
    let list = match list {
        Kind::List(list) => list,
        Kind::Absent => return Ok(false),
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

/// Whether two values are equal; what is absent equals only what is absent.
pub(crate) fn equal(left: Kind<'_>, right: Kind<'_>, fold: bool) -> Result<bool, Fault> {
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
