//! The schemes of `crypt(3)` whose salts may hold any character: SHA-crypt and MD5-crypt.
//!
//! Never: decides what a hash may cost; its caller has.

use md5::{Digest, Md5};
use sha_crypt::{Params, sha256_crypt, sha512_crypt};

/// The characters of `crypt(3)`, by their value.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The rounds of SHA-crypt where a hash does not say.
const ROUNDS: u32 = 5000;

/// The hash of a password with the salt and the rounds of a stored hash: `$1$`, `$5$` or `$6$`.
///
/// # Errors
/// The stored hash is of no such form.
pub(super) fn again(password: &[u8], stored: &str) -> Result<String, &'static str> {
    // These functions take texts that end at the first NUL.
    let password = password.split(|octet| *octet == 0).next().unwrap_or_default();
    let mut parts = stored.split('$').skip(1);
    let (scheme, mut next) = (parts.next().unwrap_or_default(), parts.next().ok_or("it has no salt")?);
    let mut rounds = None;
    if let (Some(given), "5" | "6") = (next.strip_prefix("rounds="), scheme) {
        rounds = Some(given.parse().map_err(|_| "its rounds are no number")?);
        next = parts.next().ok_or("it has no salt")?;
    }
    if parts.next().is_none() || parts.next().is_some() {
        return Err("it does not have the parts that it should have");
    }
    let said = rounds.map_or_else(String::new, |rounds| format!("rounds={rounds}$"));
    let parameters = Params::new(rounds.unwrap_or(ROUNDS)).map_err(|_| "its rounds are out of bounds")?;
    let salt = &next.as_bytes()[..next.len().min(if scheme == "1" { 8 } else { 16 })];
    let digest = match scheme {
        "1" => {
            encoded(&md5_crypt(password, salt), [0, 6, 12], |[a, b, c]| [a + 1, b + 1, if c == 15 { 5 } else { c + 1 }])
        }
        "5" => encoded(&sha256_crypt(password, salt, parameters), [0, 10, 20], |[a, b, c]| [c + 1, a + 1, b + 1]),
        "6" => encoded(&sha512_crypt(password, salt, parameters), [0, 21, 42], |[a, b, c]| [b + 1, c + 1, a + 1]),
        _ => return Err("it is of another scheme"),
    };
    // A longer salt than the scheme takes is one that it cuts, so the hash differs from the stored one.
    Ok(format!("${scheme}${said}{}${digest}", String::from_utf8_lossy(salt)))
}

/// A digest in the characters of `crypt(3)`: three octets, the least significant last, make four characters, the lowest
/// first. The octets are taken in an order of the scheme's own; `next` is its step.
fn encoded(digest: &[u8], first: [usize; 3], next: fn([usize; 3]) -> [usize; 3]) -> String {
    let octet = |at: usize| u32::from(digest.get(at).copied().unwrap_or(0));
    let mut text = String::new();
    let mut push = |mut bits: u32, characters: usize| {
        for _ in 0..characters {
            text.push(char::from(ALPHABET[(bits & 63) as usize]));
            bits >>= 6;
        }
    };
    let mut places = first;
    for _ in 0..digest.len() / 3 {
        let [high, middle, low] = places.map(octet);
        push(high << 16 | middle << 8 | low, 4);
        places = next(places);
    }
    match digest.len() {
        16 => push(octet(11), 2),
        32 => push(octet(31) << 8 | octet(30), 3),
        _ => push(octet(63), 2),
    }
    text
}

/// MD5-crypt as FreeBSD made it (`crypt-md5.c`, 1994).
fn md5_crypt(password: &[u8], salt: &[u8]) -> [u8; 16] {
    let inner = Md5::new().chain(password).chain(salt).chain(password).finalize();
    let mut outer = Md5::new().chain(password).chain(b"$1$").chain(salt);
    for start in (0..password.len()).step_by(16) {
        outer.update(&inner[..(password.len() - start).min(16)]);
    }
    let mut length = password.len();
    while length > 0 {
        outer.update(if length & 1 == 1 { &[0] } else { &password[..1] });
        length >>= 1;
    }
    let mut digest = outer.finalize();
    for round in 0..1000 {
        let mut next = Md5::new();
        next.update(if round & 1 == 1 { password } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if round & 1 == 1 { &digest } else { password });
        digest = next.finalize();
    }
    digest.into()
}
