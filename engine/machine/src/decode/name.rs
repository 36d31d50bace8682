//! Names of hosts (RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3).
//!
//! Never: looks a name up, and never bounds its length.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::text::is_international;

/// Labels with dots between them.
pub(super) fn is_domain(text: &str) -> bool {
    labels(text, |_| false)
}

/// A domain in which underscores count as letters, or an address literal.
pub(super) fn is_host(text: &str) -> bool {
    labels(text, |character| character == '_') || is_address_literal(text)
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[tag:content]`.
pub(super) fn is_address_literal(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else { return false };
    match inside.split_once(':') {
        None => inside.parse::<Ipv4Addr>().is_ok(),
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6") => address.parse::<Ipv6Addr>().is_ok(),
        Some((tag, content)) => is_tag(tag) && is_content(content),
    }
}

/// Each label has letters, digits and inner hyphens.
fn labels(text: &str, extra: impl Fn(char) -> bool) -> bool {
    if text.is_ascii() {
        return ascii_labels(text.as_bytes(), |octet| extra(char::from(octet)));
    }
    let inner = |character: char| {
        character.is_ascii_alphanumeric() || character == '-' || is_international(character) || extra(character)
    };
    text.split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(inner))
}

/// By octet.
static LETTERS_AND_DIGITS: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 128 {
        table[octet] = (octet as u8).is_ascii_alphanumeric();
        octet += 1;
    }
    table
};

/// The same in one go, for what nearly all names are.
fn ascii_labels(text: &[u8], extra: impl Fn(u8) -> bool) -> bool {
    let mut before = b'.';
    for &octet in text {
        let fits = match octet {
            b'.' => before != b'.' && before != b'-',
            b'-' => before != b'.',
            _ => LETTERS_AND_DIGITS[usize::from(octet)] || extra(octet),
        };
        if !fits {
            return false;
        }
        before = octet;
    }
    before != b'.' && before != b'-'
}

/// `Standardized-tag`: letters, digits and hyphens, no hyphen at the end.
fn is_tag(tag: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    !tag.is_empty() && !tag.ends_with('-') && tag.bytes().all(inner)
}

/// `1*dcontent`
fn is_content(content: &str) -> bool {
    !content.is_empty() && content.bytes().all(|octet| matches!(octet, b'!'..=b'Z' | b'^'..=b'~'))
}
