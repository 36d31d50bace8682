//! Forms of texts that are built in: each a plain reader of one text (RFC 5321, RFC 6531, RFC 4648).
//!
//! Never: matches a line; reads a type that a file declares.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::value::Value;

/// Valid text without control characters, save for tabs.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || !c.is_control())
}

/// A text without blanks.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c != ' ' && !c.is_control())
}

fn international(c: char) -> bool {
    !c.is_ascii() && !c.is_control()
}

/// A whole number of so many digits at most.
pub(super) fn number(text: &str, digits: usize) -> Option<i64> {
    if text.is_empty() || text.len() > digits || !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let number = text.bytes().fold(0_u128, |sum, c| sum * 10 + u128::from(c - b'0'));
    Some(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A domain name.
pub(super) fn is_domain(text: &str) -> bool {
    is_name(text, |c| c.is_ascii_alphanumeric() || international(c))
}

fn is_name(text: &str, letter: impl Fn(char) -> bool) -> bool {
    text.split('.').all(|label| {
        let ends = |c: Option<char>| c.is_some_and(&letter);
        ends(label.chars().next()) && ends(label.chars().last()) && label.chars().all(|c| letter(c) || c == '-')
    })
}

/// A domain name in which underscores count as letters, or an address literal.
pub(super) fn is_helo_name(text: &str) -> bool {
    is_name(text, |c| c.is_ascii_alphanumeric() || c == '_' || international(c)) || is_address_literal(text)
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:content]`.
fn is_address_literal(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    let Some((tag, content)) = inside.split_once(':') else { return inside.parse::<Ipv4Addr>().is_ok() };
    if tag.eq_ignore_ascii_case("ipv6") {
        return content.parse::<Ipv6Addr>().is_ok();
    }
    let tag_fits = tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !tag.is_empty() && !tag.ends_with('-');
    tag_fits && !content.is_empty() && content.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '[' | '\\' | ']'))
}

/// `<local@domain>`, and `<>` or `<local>` where they may be; a source route is taken and ignored. A lenient one may have
/// dots one behind the other and at the end of its local part, and underscores in its domain.
pub(super) fn path(text: &str, (may_be_empty, may_be_local): (bool, bool), lenient: bool) -> Option<Value> {
    let inside = text.strip_prefix('<')?.strip_suffix('>')?;
    if inside.is_empty() {
        return may_be_empty.then(|| Value::Path(String::new(), None));
    }
    let (route, address) = match inside.strip_prefix('@') {
        Some(_) => inside.split_once(':').map(|(route, address)| (Some(route), address))?,
        None => (None, inside),
    };
    if let Some(route) = route
        && !route.split(',').all(|hop| hop.strip_prefix('@').is_some_and(is_domain))
    {
        return None;
    }
    // A domain has no `@`, an address literal may have one, and so may a quoted local part: every place is tried.
    let places = address.match_indices('@').map(|(at, _)| at);
    for at in places {
        let (local, host) = (&address[..at], &address[at + 1..]);
        let is_host = if lenient { is_helo_name(host) } else { is_domain(host) || is_address_literal(host) };
        if is_local(local, lenient) && is_host {
            return Some(Value::Path(address.to_owned(), Some(at)));
        }
    }
    let local_alone = may_be_local && route.is_none() && is_local(address, lenient);
    local_alone.then(|| Value::Path(address.to_owned(), None))
}

/// Whether a path is as RFC 5321 has it.
pub(super) fn is_strict(text: &str) -> bool {
    path(&format!("<{text}>"), (true, true), false).is_some()
}

/// A path as RFC 5321 has it: a local part with too many dots in quotes.
pub(super) fn written(text: &str, at: Option<usize>) -> String {
    let (local, host) = text.split_at(at.unwrap_or(text.len()));
    let is_right = text.is_empty() || is_local(local, false);
    if is_right { text.to_owned() } else { format!("\"{local}\"{host}") }
}

/// `Dot-string / Quoted-string`
fn is_local(text: &str, lenient: bool) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || international(c);
    match text.strip_prefix('"') {
        None => {
            let first = text.split('.').next().is_some_and(|atom| !atom.is_empty());
            first && text.split('.').all(|atom| (lenient || !atom.is_empty()) && atom.chars().all(atext))
        }
        Some(rest) => {
            let mut left = rest.chars();
            loop {
                match left.next() {
                    Some('"') => return left.as_str().is_empty(),
                    Some('\\') if matches!(left.next(), Some(' '..='~')) => {}
                    Some('\\') | None => return false,
                    Some(' '..='~') => {}
                    Some(c) if international(c) => {}
                    Some(_) => return false,
                }
            }
        }
    }
}

/// Base64, padded or not; unused bits are zero. `=` alone is the empty text.
pub(super) fn base64(text: &str) -> Option<String> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if text == "=" {
        return Some(String::new());
    }
    let digits = text.trim_end_matches('=');
    let values: Vec<usize> = digits.chars().map(|c| DIGITS.find(c)).collect::<Option<_>>()?;
    let padding = text.len() - digits.len();
    let last = values.last().copied().unwrap_or(0);
    let fits = match values.len() % 4 {
        0 => padding == 0,
        2 => (padding == 0 || padding == 2) && last % 16 == 0,
        3 => (padding == 0 || padding == 1) && last % 4 == 0,
        _ => false,
    };
    fits.then(|| text.to_owned())
}

/// An address, or an address and a prefix length; the bits behind the prefix are zero.
pub(super) fn network(text: &str) -> Option<Value> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => whole,
        Some(bits) => {
            let plain = bits == "0" || !bits.starts_with('0');
            number(bits, 3)
                .filter(|bits| plain && *bits <= i64::from(whole))
                .and_then(|bits| u8::try_from(bits).ok())?
        }
    };
    Some(within(address, bits))
}

/// The network of so many bits that an address lies in.
pub(super) fn within(address: IpAddr, bits: u8) -> Value {
    let cut = |octets: &mut [u8]| {
        for (place, octet) in octets.iter_mut().enumerate() {
            for bit in 0..8 {
                if place * 8 + bit >= usize::from(bits) {
                    *octet &= !(0x80 >> bit);
                }
            }
        }
    };
    let address = match address {
        IpAddr::V4(ip) => {
            let mut octets = ip.octets();
            cut(&mut octets);
            IpAddr::from(octets)
        }
        IpAddr::V6(ip) => {
            let mut octets = ip.octets();
            cut(&mut octets);
            IpAddr::from(octets)
        }
    };
    Value::Network(address, bits)
}

/// A text in double quotes; only a quote or a backslash is behind a backslash.
pub(super) fn quoted(text: &str) -> Option<String> {
    let mut left = text.strip_prefix('"')?.chars();
    let mut plain = String::new();
    loop {
        match left.next()? {
            '"' => return left.as_str().is_empty().then_some(plain).filter(|plain| is_text(plain)),
            '\\' => plain.push(left.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => plain.push(c),
        }
    }
}

/// A text that is neither quoted nor counted, and could not be taken for either.
pub(super) fn is_atom(text: &str) -> bool {
    let fits = |c: char| (c.is_ascii_graphic() && !"\"\\(){".contains(c)) || international(c);
    !text.is_empty() && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_with_their_parts() {
        let read = |text: &str| path(text, (true, true), false);
        for text in
            ["<a@b.c>", "<\"a b\"@c.d>", "<a@[192.0.2.1]>", "<a@[IPv6:::1]>", "<@x,@y:a@b>", "<>", "<postmaster>"]
        {
            assert!(read(text).is_some(), "{text}");
        }
        for text in ["a@b", "<a@b", "<a@b..c>", "<.a@b>", "<@x:a>", "<a b@c>", "<a@-b>", "<\"a@b>"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert_eq!(path("<>", (false, true), false), None);
        assert_eq!(path("<a>", (true, false), false), None);
        assert_eq!(read("<@x:a@b>"), Some(Value::Path("a@b".into(), Some(1))));
    }

    #[test]
    fn networks_lose_the_bits_behind_their_prefix() {
        assert_eq!(network("10.1.2.3/8"), Some(Value::Network("10.0.0.0".parse().unwrap(), 8)));
        assert_eq!(network("10.1.2.3"), Some(Value::Network("10.1.2.3".parse().unwrap(), 32)));
        for text in ["10.0.0.0/33", "10.0.0.0/08", "10.0.0/8", "::/129"] {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
