//! Texts and secrets in base64.
//!
//! Never: turns a secret into something that can be shown.

use std::fmt::Write;

use program::{Secret, Value};

use super::{Fault, Kind, MADE, print_value};
use crate::{pool::Pool, session::FULL};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A text or a secret in base64, padded (RFC 4648 §4). A secret stays one.
pub(super) fn base64(value: Kind<'_>, pool: &Pool) -> Result<Value, Fault> {
    let octets = octets(value).ok_or(Fault(&"`base64` takes a text"))?;
    if octets.len() / 3 * 4 > MADE {
        return Err(FULL);
    }
    Ok(match value {
        Kind::Secret(_) => Value::Secret(Secret::new(encode(octets).as_bytes())),
        _ => {
            let mut text = pool.blank();
            put_encoded(octets, text.edit());
            Value::Text(text)
        }
    })
}

/// A value as a secret.
pub(super) fn hidden(value: Kind<'_>) -> Value {
    match octets(value) {
        Some(octets) => Value::Secret(Secret::new(octets)),
        None => {
            let mut text = String::new();
            print_value(value, &mut text);
            Value::Secret(Secret::new(text.as_bytes()))
        }
    }
}

/// The initial response of the mechanism PLAIN, without an authorisation identity (RFC 4616 §2), in base64.
pub(super) fn plain(login: Kind<'_>, password: Kind<'_>) -> Result<Value, Fault> {
    const FOREIGN: Fault = Fault(&"`plain` takes two texts");
    let (login, password) = (octets(login).ok_or(FOREIGN)?, octets(password).ok_or(FOREIGN)?);
    if (login.len() + password.len()) / 3 * 4 > MADE {
        return Err(FULL);
    }
    let mut message = Vec::with_capacity(login.len() + password.len() + 2);
    for part in [login, password] {
        message.push(0);
        message.extend_from_slice(part);
    }
    Ok(Value::Secret(Secret::new(encode(&message).as_bytes())))
}

fn octets<'a>(value: Kind<'a>) -> Option<&'a [u8]> {
    match value {
        Kind::Text(text) => Some(text.as_bytes()),
        Kind::Address(address) => Some(address.text.as_bytes()),
        Kind::Secret(secret) => Some(secret.expose()),
        Kind::Absent => Some(&[]),
        _ => None,
    }
}

fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    put_encoded(octets, &mut text);
    text
}

fn put_encoded<W: Write>(octets: &[u8], text: &mut W) {
    for three in octets.chunks(3) {
        let bits = three.iter().fold(0, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            // Writing into a text cannot fail.
            let _ = text.write_char(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_hold() {
        for (octets, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(octets.as_bytes()), text);
        }
    }

    #[test]
    fn the_example_of_rfc_4616_holds() {
        let Ok(Value::Secret(secret)) = plain(Kind::Text("tim"), Kind::Text("tanstaaftanstaaf")) else {
            panic!("no secret");
        };
        assert_eq!(secret.expose(), b"AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
    }

    #[test]
    fn what_was_a_secret_stays_one() {
        let secret = Secret::new(b"foo");
        assert!(base64(Kind::Secret(&secret), &Pool::default()).unwrap() == Value::Secret(Secret::new(b"Zm9v")));
        assert!(base64(Kind::Text("foo"), &Pool::default()).unwrap() == Value::Text("Zm9v".into()));
    }
}
