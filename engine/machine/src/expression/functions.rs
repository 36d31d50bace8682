//! What the functions of the language do.
//!
//! Never: waits; looks at anything but its arguments.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use program::{Expr, Network, Pure, Value, absent};

use super::{Fault, Kind, Scope, View, coded, made};
use crate::decode::is_strict;

impl<'a> Scope<'a> {
    /// What a function gives.
    pub(super) fn pure(&self, pure: Pure, arguments: &'a [Expr]) -> Result<View<'a>, Fault> {
        Ok(match pure {
            Pure::Size => View::New(Value::Number(size(self.argument(arguments, 0)?.kind())?)),
            Pure::Ascii => View::New(Value::Yes(ascii(self.argument(arguments, 0)?.kind())?)),
            Pure::Strict => View::New(Value::Yes(strict(self.argument(arguments, 0)?.kind())?)),
            Pure::Base64 => View::New(coded::base64(self.argument(arguments, 0)?.kind(), self.pool)?),
            Pure::Hidden => View::New(coded::hidden(self.argument(arguments, 0)?.kind())),
            Pure::Plain => {
                let [login, password] = arguments else { return Err(Fault(&"`plain` lacks an argument")) };
                View::New(coded::plain(self.evaluate(login)?.kind(), self.evaluate(password)?.kind())?)
            }
            Pure::Offered => {
                let [lines, words] = arguments else { return Err(Fault(&"`offered` lacks an argument")) };
                View::New(Value::Yes(offered(self.evaluate(lines)?.kind(), self.evaluate(words)?.kind())?))
            }
            Pure::NetworkOf => {
                let [address, bits, bits6] = arguments else {
                    return Err(Fault(&"`network_of` lacks an argument"));
                };
                let (bits, bits6) = (self.number(bits)?, self.number(bits6)?);
                View::New(network_of(self.evaluate(address)?.kind(), bits, bits6)?)
            }
            Pure::Quoted => View::New(made::quoted(self.argument(arguments, 0)?.kind(), self.pool)?),
            Pure::Joined => {
                let [list, before, between] = self.three(arguments)?;
                View::New(made::joined(list.kind(), before.kind(), between.kind(), self.pool)?)
            }
            Pure::Matches => {
                let (text, pattern) = (self.argument(arguments, 0)?, self.argument(arguments, 1)?);
                View::New(Value::Yes(made::matches(text.kind(), pattern.kind())?))
            }
            Pure::Until => {
                let (text, mark) = (self.argument(arguments, 0)?, self.argument(arguments, 1)?);
                View::New(made::until(text.kind(), mark.kind(), self.pool)?)
            }
            Pure::Chosen => {
                let [list, field, ranges] = self.three(arguments)?;
                View::New(made::chosen(list.kind(), field.kind(), ranges.kind(), self.pool)?)
            }
            Pure::Date => {
                let (time, form) = (self.argument(arguments, 0)?, self.argument(arguments, 1)?);
                View::New(made::date(time.kind(), form.kind(), self.pool)?)
            }
        })
    }

    fn argument(&self, arguments: &'a [Expr], place: usize) -> Result<View<'a>, Fault> {
        self.evaluate(arguments.get(place).ok_or(Fault(&"a function lacks an argument"))?)
    }

    fn three(&self, arguments: &'a [Expr]) -> Result<[View<'a>; 3], Fault> {
        Ok([self.argument(arguments, 0)?, self.argument(arguments, 1)?, self.argument(arguments, 2)?])
    }
}

pub(crate) fn ascii(kind: Kind<'_>) -> Result<bool, Fault> {
    match kind {
        Kind::Absent => Ok(absent::IS_YES),
        Kind::Text(text) => Ok(text.is_ascii()),
        Kind::Address(address) => Ok(address.text.is_ascii()),
        Kind::List(list) => {
            for item in list {
                if !ascii(item.into())? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Err(Fault(&"`ascii` takes a text or a path")),
    }
}

fn strict(kind: Kind<'_>) -> Result<bool, Fault> {
    match kind {
        Kind::Absent => Ok(absent::IS_YES),
        Kind::Address(address) => Ok(is_strict(address)),
        Kind::List(list) => list.iter().try_fold(true, |all, item| Ok(all && strict(item.into())?)),
        _ => Err(Fault(&"`strict` takes a path")),
    }
}

/// Whether one of the lines begins with the first word and has each of the others behind it.
fn offered(lines: Kind<'_>, words: Kind<'_>) -> Result<bool, Fault> {
    let (lines, words) = match (lines, words) {
        (Kind::List(lines), Kind::Text(words)) => (lines, words),
        (Kind::Absent, _) | (_, Kind::Absent) => return Ok(absent::IS_YES),
        _ => return Err(Fault(&"`offered` takes a list of texts, and words")),
    };
    let mut words = words.split_ascii_whitespace();
    let Some(first) = words.next() else { return Ok(false) };
    let offers = |line: &Value| {
        let Value::Text(line) = line else { return false };
        let mut has = line.split_ascii_whitespace();
        has.next().is_some_and(|verb| verb.eq_ignore_ascii_case(first))
            && words.clone().all(|word| has.clone().any(|other| other.eq_ignore_ascii_case(word)))
    };
    Ok(lines.iter().any(offers))
}

/// The network that an address lies in. More bits than an address has are all of them; an IPv4 address that is mapped
/// into IPv6 counts as what it is.
fn network_of(kind: Kind<'_>, bits: u64, bits6: u64) -> Result<Value, Fault> {
    let ip = match kind {
        Kind::Ip(ip) => ip,
        Kind::Absent => return Ok(Value::Absent),
        _ => return Err(Fault(&"`network_of` takes an address")),
    };
    let held = |bits: u64, most: u8| u8::try_from(bits).unwrap_or(most).min(most);
    let network = match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let prefix = held(bits, 32);
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Network { address: Ipv4Addr::from(u32::from(ip) & mask).into(), prefix }
        }
        IpAddr::V6(ip) => {
            let prefix = held(bits6, 128);
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Network { address: Ipv6Addr::from(u128::from(ip) & mask).into(), prefix }
        }
    };
    Ok(Value::Network(network))
}

pub(crate) fn size(kind: Kind<'_>) -> Result<i64, Fault> {
    let size = match kind {
        Kind::Absent => return Ok(absent::SIZE),
        Kind::List(list) => list.len() as u64,
        Kind::Text(text) => text.len() as u64,
        Kind::Address(address) => address.text.len() as u64,
        Kind::Octets(octets) => octets.length,
        Kind::Secret(secret) => secret.expose().len() as u64,
        _ => return Err(Fault(&"the value has no size")),
    };
    Ok(i64::try_from(size).unwrap_or(i64::MAX))
}
