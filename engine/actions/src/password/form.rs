//! What clients send: logins, passwords, base64.
//!
//! Never: mends what is malformed.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use program::{Secret, Value};

use crate::action::text;

/// A login name as it may be asked for: not empty, no control character.
pub(crate) fn login(octets: &[u8]) -> Option<&str> {
    std::str::from_utf8(octets).ok().filter(|login| !login.is_empty() && !login.chars().any(char::is_control))
}

/// Whether it can be a password at all: not empty, and nothing behind a NUL, which `crypt(3)` would not see.
pub(crate) fn is_password(secret: &Secret) -> bool {
    !secret.expose().is_empty() && !secret.expose().contains(&0)
}

/// The octets behind a base64 text, secret or not. `=` alone is an empty text; padding is indifferent.
pub(crate) fn decoded(value: &Value) -> Option<Secret> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let encoded = secret(value)?;
    let encoded = if encoded.expose() == b"=" { &[][..] } else { encoded.expose() };
    LENIENT.decode(encoded).ok().map(|octets| Secret::new(&octets))
}

/// The octets of a value that is a secret or a text.
pub(crate) fn secret(value: &Value) -> Option<Secret> {
    match value {
        Value::Secret(secret) => Some(secret.clone()),
        other => text(other).map(|text| Secret::new(text.as_bytes())),
    }
}
