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
    if let Some(found) = ascii_labels(text.as_bytes(), |octet| extra(char::from(octet))) {
        return found;
    }
    let inner = |character: char| {
        character.is_ascii_alphanumeric() || character == '-' || is_international(character) || extra(character)
    };
    text.split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(inner))
}

/// What an octet is in a label.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Foreign,
    Beyond,
    Letter,
    Hyphen,
    Dot,
}

/// By octet.
static SORTS: [Sort; 256] = {
    let mut table = [Sort::Foreign; 256];
    let mut octet = 0;
    while octet < 128 {
        if (octet as u8).is_ascii_alphanumeric() {
            table[octet] = Sort::Letter;
        }
        octet += 1;
    }
    while octet < 256 {
        table[octet] = Sort::Beyond;
        octet += 1;
    }
    table[b'-' as usize] = Sort::Hyphen;
    table[b'.' as usize] = Sort::Dot;
    table
};

/// The same in one go, for what nearly all names are; none where one is not of ASCII alone.
fn ascii_labels(text: &[u8], extra: impl Fn(u8) -> bool) -> Option<bool> {
    let mut before = Sort::Dot;
    for &octet in text {
        let sort = SORTS[usize::from(octet)];
        before = match sort {
            Sort::Letter => sort,
            Sort::Dot if before == Sort::Letter => sort,
            Sort::Hyphen if before != Sort::Dot => sort,
            Sort::Beyond => return None,
            Sort::Foreign if extra(octet) => Sort::Letter,
            _ => return text.is_ascii().then_some(false),
        };
    }
    Some(before == Sort::Letter)
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
