//! Reverse and forward paths (RFC 5321 §4.1.2, RFC 6531 §3.3).
//!
//! Never: changes an address. Its quotes and its case stay as they are; only a source route is dropped.

use program::Address;

use super::{
    name::{is_address_literal, is_domain, is_host},
    text::is_international,
};
use crate::pool::Pool;

/// `<>`, or a mailbox in angle brackets; with `lenient`, also one of [`is_lenient_local`] and a host with underscores.
pub(super) fn reverse(text: &str, lenient: bool, pool: &Pool) -> Option<Address> {
    let path = Path::parse(text, lenient)?;
    match path {
        Path { route: false, address: "", .. } => path.accept(pool),
        Path { at: Some(_), .. } => path.accept(pool),
        _ => None,
    }
}

/// Whether an address is one of RFC 5321 §4.1.2; the null path and a local part alone are.
pub(crate) fn is_strict(address: &Address) -> bool {
    let (local, host) = address.text.split_at(address.at.unwrap_or(address.text.len()));
    (address.text.is_empty() || is_local(local)) && (host.is_empty() || is_at_host(host))
}

/// A mailbox in angle brackets, or a local part alone; with `lenient` as [`reverse`].
pub(super) fn forward(text: &str, lenient: bool, pool: &Pool) -> Option<Address> {
    let path = Path::parse(text, lenient)?;
    match path {
        Path { address: "", .. } | Path { route: true, at: None, .. } => None,
        _ => path.accept(pool),
    }
}

/// What stands between angle brackets.
struct Path<'a> {
    /// Whether there was a source route.
    route: bool,
    /// What stands behind it.
    address: &'a str,
    /// Where the `@` of the address stands.
    at: Option<usize>,
}

impl<'a> Path<'a> {
    /// Parts the text; none if any part of it is ill-formed. An empty address is left to the caller.
    fn parse(text: &'a str, lenient: bool) -> Option<Path<'a>> {
        let inside = text.strip_prefix('<')?.strip_suffix('>')?;
        let (route, address) = match inside.starts_with('@') {
            true => {
                let (route, address) = inside.split_once(':')?;
                (is_route(route).then_some(true)?, address)
            }
            false => (false, inside),
        };
        let local = local_length(address);
        let at = (local < address.len()).then_some(local);
        let local_fits =
            address.is_empty() || is_local(&address[..local]) || (lenient && is_lenient_local(&address[..local]));
        let host_fits = at.is_none_or(|at| {
            is_at_host(&address[at..]) || (lenient && address[at..].strip_prefix('@').is_some_and(is_host))
        });
        (local_fits && host_fits).then_some(Path { route, address, at })
    }

    fn accept(&self, pool: &Pool) -> Option<Address> {
        Some(Address { text: pool.text(self.address), at: self.at })
    }
}

/// `"@" ( Domain / address-literal )`
fn is_at_host(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(|host| is_domain(host) || is_address_literal(host))
}

/// `At-domain *( "," At-domain )`
fn is_route(text: &str) -> bool {
    text.split(',').all(|hop| hop.strip_prefix('@').is_some_and(is_domain))
}

/// The length of the local part: up to its closing quote if it is quoted, else up to the first `@`.
fn local_length(address: &str) -> usize {
    let octets = address.as_bytes();
    if octets.first() != Some(&b'"') {
        return memchr::memchr(b'@', octets).unwrap_or(octets.len());
    }
    let mut place = 1;
    while place < octets.len() {
        match octets[place] {
            b'"' => return place + 1,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    octets.len()
}

/// `Dot-string / Quoted-string`
fn is_local(local: &str) -> bool {
    match local.strip_prefix('"') {
        Some(quoted) => is_quoted(quoted),
        None => is_dot_string(local),
    }
}

/// `Atom *(1*"." Atom) *"."`: dots one behind the other, and at the end.
fn is_lenient_local(text: &str) -> bool {
    text.split('.').next().is_some_and(is_dot_string)
        && text.split('.').all(|atom| atom.is_empty() || is_dot_string(atom))
}

/// `Atom *("." Atom)`
fn is_dot_string(text: &str) -> bool {
    let (mut before, mut all) = (b'.', 0);
    for octet in text.bytes() {
        if !ATEXT[usize::from(octet)] && (octet != b'.' || before == b'.') {
            return false;
        }
        before = octet;
        all |= octet;
    }
    before != b'.' && (all < 0x80 || text.chars().all(|character| is_international(character) || character.is_ascii()))
}

/// By octet. Those beyond ASCII (RFC 6531 §3.3) are looked at as characters afterwards.
static ATEXT: [bool; 256] = {
    let mut table = [true; 256];
    let mut octet = 0;
    while octet < 128 {
        table[octet] = is_atext(octet as u8);
        octet += 1;
    }
    table
};

/// The content of a quoted string and its closing quote.
fn is_quoted(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty(),
            '\\' if characters.next().is_some_and(|escaped| matches!(escaped, ' '..='~')) => {}
            '\\' => return false,
            ' '..='~' => {}
            _ if is_international(character) => {}
            _ => return false,
        }
    }
    false
}

/// `atext` (RFC 5322 §3.2.3)
const fn is_atext(octet: u8) -> bool {
    matches!(octet, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?')
        || matches!(octet, b'^'..=b'`' | b'{'..=b'~')
}
