//! Texts, words and base64.
//!
//! Never: lets a control character through, save for the tab in a text.

/// UTF-8 without control characters; tabs are allowed.
pub(crate) fn is_text(text: &str) -> bool {
    text.chars().all(|character| character == '\t' || !character.is_control())
}

/// At least one character, no blank and no control character among them.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character != ' ' && !character.is_control())
}

/// Whether a character lies beyond ASCII and can be shown.
pub(super) fn is_international(character: char) -> bool {
    !character.is_ascii() && !character.is_control()
}

/// Base64 text as it stands; `=` alone is the empty text. Padding is whole or not there, and bits that no octet uses
/// are zero (RFC 4648 §3.5), so whoever decodes it cannot fail.
pub(super) fn base64(text: &str) -> Option<&str> {
    if text == "=" {
        return Some("");
    }
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let last = digits.bytes().last().map_or(Some(0), sextet)?;
    let whole = match digits.len() % 4 {
        0 => padding == 0,
        2 => (padding == 0 || padding == 2) && last & 0b1111 == 0,
        3 => (padding == 0 || padding == 1) && last & 0b11 == 0,
        _ => false,
    };
    (whole && digits.bytes().all(|octet| sextet(octet).is_some())).then_some(text)
}

/// The six bits of a digit (RFC 4648 §4).
fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
