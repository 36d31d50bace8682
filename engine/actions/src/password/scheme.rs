//! Stored password hashes: which scheme one is of, what it costs, and whether a password fits it.
//!
//! Never: takes an unknown scheme for a wrong password, or lets a stored hash ask for more work than the bounds here.

use argon2::{
    Argon2,
    password_hash::{Error as HashError, PasswordVerifier, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use pwhash::{sha512_crypt, unix};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use yescrypt::Yescrypt;

use super::crypt::again;

/// The most octets of a password; `crypt(3)` takes no more, so no hash of a longer one exists.
pub(super) const MOST: usize = 512;
/// The most memory that one check may take, in octets.
const MEMORY: u64 = 256 * 1024 * 1024;
/// The most rounds of SHA-crypt, SHA-1-crypt and BSDi's crypt: a few seconds.
const ROUNDS: u32 = 5_000_000;
/// The greatest cost of bcrypt: about five seconds.
const BCRYPT_COST: u32 = 16;
/// The most passes of argon2 over its memory.
const PASSES: u32 = 64;

/// Whether the password fits the stored hash.
///
/// # Errors
/// The hash is of no known scheme, is damaged, or would cost more than the bounds allow. It is never shown.
pub(crate) fn verify(password: &[u8], stored: &[u8]) -> Result<bool, String> {
    let stored = std::str::from_utf8(stored).map_err(|_| "it is not UTF-8".to_owned())?.trim_end_matches(['\r', '\n']);
    let Some((name, hash)) = stored.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return crypted(password, stored);
    };
    match name.to_ascii_uppercase().as_str() {
        "CRYPT" | "DES-CRYPT" | "MD5-CRYPT" | "SHA256-CRYPT" | "SHA512-CRYPT" | "BLF-CRYPT" | "ARGON2I"
        | "ARGON2ID" => crypted(password, hash),
        "PLAIN" => Ok(equal(&Sha512::digest(password), &Sha512::digest(hash.as_bytes()))),
        "SSHA" => salted::<Sha1>(password, hash),
        "SSHA256" => salted::<Sha256>(password, hash),
        "SSHA512" => salted::<Sha512>(password, hash),
        _ => Err(format!("the scheme `{{{name}}}` is not known")),
    }
}

/// How many octets of memory a check against the stored hash takes, about; those of a hash that is refused are none.
pub(crate) fn memory(stored: &[u8]) -> u64 {
    /// What the schemes take that are not made to take much.
    const LITTLE: u64 = 64 << 10;
    let Ok(stored) = std::str::from_utf8(stored) else { return 0 };
    let hash = stored.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or(stored, |(_, hash)| hash);
    let scheme = hash.strip_prefix('$').and_then(|rest| rest.split('$').next()).unwrap_or_default();
    let wanted = match scheme {
        "y" => {
            let parameters = hash.split('$').nth(2).and_then(|text| text.parse::<yescrypt::Params>().ok());
            parameters.map_or(0, |given| given.n().saturating_mul(u64::from(given.r())).saturating_mul(128))
        }
        "argon2id" | "argon2i" => {
            let hash = PasswordHash::new(hash).ok();
            hash.map_or(0, |hash| u64::from(hash.params.get_decimal("m").unwrap_or_default()) * 1024)
        }
        _ => 0,
    };
    wanted.min(MEMORY) + LITTLE
}

/// Whether the hash says that nobody may log in: empty, or locked as `passwd -l` does it.
pub(crate) fn is_locked(stored: &[u8]) -> bool {
    let stored = stored.strip_prefix(b"{CRYPT}").unwrap_or(stored);
    matches!(stored.first(), None | Some(b'!' | b'*'))
}

/// A hash of the password for a world of facts: SHA-512 crypt with few rounds and always the same salt, so that it is
/// quick and the same every time. Not for storing.
pub fn crypt(password: &str) -> String {
    // The salt and the rounds are constants that the function takes, so it cannot fail; a hash that fits nothing is
    // the safe answer all the same.
    #[allow(deprecated)]
    sha512_crypt::hash_with("$6$rounds=1000$madeoffacts", password).unwrap_or_else(|_| "*".to_owned())
}

/// The schemes of `crypt(3)` and argon2, told apart by their prefix.
fn crypted(password: &[u8], hash: &str) -> Result<bool, String> {
    let scheme = match hash.strip_prefix('$') {
        Some(rest) => rest.split('$').next().unwrap_or_default(),
        None => "",
    };
    match scheme {
        "y" => yescrypted(password, hash),
        "argon2id" | "argon2i" => argon(password, hash),
        "1" => salted_anyhow(password, hash),
        "5" | "6" => {
            let rounds = hash.split('$').nth(2).and_then(|part| part.strip_prefix("rounds="));
            bounded(rounds.map_or(Ok(0), str::parse), ROUNDS, "rounds")?;
            salted_anyhow(password, hash)
        }
        "sha1" => {
            bounded(hash.split('$').nth(2).unwrap_or_default().parse(), ROUNDS, "rounds")?;
            unixed(password, hash)
        }
        "2a" | "2b" | "2y" => {
            bounded(hash.split('$').nth(2).unwrap_or_default().parse(), BCRYPT_COST, "cost")?;
            unixed(password, hash)
        }
        "" if hash.len() == 13 && hash.bytes().all(is_salt) => unixed(password, hash),
        "" if hash.len() == 20 && hash.starts_with('_') && hash.bytes().skip(1).all(is_salt) => {
            bounded(Ok(bsdi_rounds(hash)), ROUNDS, "rounds")?;
            unixed(password, hash)
        }
        "" => Err("it is of no known scheme".to_owned()),
        other => Err(format!("the scheme `${other}$` is not known")),
    }
}

fn unixed(password: &[u8], hash: &str) -> Result<bool, String> {
    same(&unix::crypt(password, hash).map_err(|error| format!("it is damaged: {error}"))?, hash)
}

fn salted_anyhow(password: &[u8], hash: &str) -> Result<bool, String> {
    same(&again(password, hash).map_err(|why| format!("it is damaged: {why}"))?, hash)
}

/// Whether the hash of a password is the stored one.
fn same(made: &str, hash: &str) -> Result<bool, String> {
    if made.len() != hash.len() {
        return Err("it is damaged: its length is wrong".to_owned());
    }
    Ok(equal(made.as_bytes(), hash.as_bytes()))
}

fn yescrypted(password: &[u8], hash: &str) -> Result<bool, String> {
    let mut parts = hash.split('$').skip(2);
    let (parameters, _salt, digest) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    // A shorter digest would be compared only as far as it goes; an empty one would fit every password.
    if digest.len() != 43 {
        return Err("it is damaged: its length is wrong".to_owned());
    }
    let parameters: yescrypt::Params =
        parameters.unwrap_or_default().parse().map_err(|_| "it is damaged: its parameters are wrong".to_owned())?;
    // The usual flavour, and no extra time: with them the work is bounded by the memory.
    if yescrypt::Params::new(yescrypt::Mode::default(), parameters.n(), parameters.r(), 1) != Ok(parameters) {
        return Err("its parameters are not those of crypt(3)".to_owned());
    }
    if parameters.n().saturating_mul(u64::from(parameters.r())).saturating_mul(128) > MEMORY {
        return Err(format!("it asks for more than {MEMORY} octets of memory"));
    }
    matched(Yescrypt::default().verify_password(password, hash))
}

fn argon(password: &[u8], hash: &str) -> Result<bool, String> {
    let mut hash = PasswordHash::new(hash).map_err(|error| format!("it is damaged: {error}"))?;
    // Versions are said since 1.3: so the reference implementation reads a hash without one.
    hash.version.get_or_insert(argon2::Version::V0x10.into());
    let parameter = |name| hash.params.get_decimal(name).unwrap_or_default();
    if u64::from(parameter("m")) * 1024 > MEMORY {
        return Err(format!("it asks for more than {MEMORY} octets of memory"));
    }
    bounded(Ok(parameter("t")), PASSES, "passes")?;
    if hash.hash.is_none() || hash.salt.is_none() {
        return Err("it is damaged: a part is missing".to_owned());
    }
    matched(Argon2::default().verify_password(password, &hash))
}

fn matched(answer: Result<(), HashError>) -> Result<bool, String> {
    match answer {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(format!("it is damaged: {error}")),
    }
}

/// The base64 of a digest with its salt behind it (RFC 3112 §3.3 and what LDAP servers made of it).
fn salted<D: Digest>(password: &[u8], hash: &str) -> Result<bool, String> {
    let octets = STANDARD.decode(hash).map_err(|_| "it is damaged: it is not base64".to_owned())?;
    if octets.len() <= D::output_size() {
        return Err("it is damaged: it has no salt".to_owned());
    }
    let (digest, salt) = octets.split_at(D::output_size());
    Ok(equal(&D::new().chain(password).chain(salt).finalize(), digest))
}

fn bounded(given: Result<u32, std::num::ParseIntError>, most: u32, what: &str) -> Result<(), String> {
    match given {
        Ok(given) if given <= most => Ok(()),
        Ok(_) => Err(format!("its {what} are more than {most}")),
        Err(_) => Err(format!("it is damaged: its {what} are no number")),
    }
}

/// The number of rounds of BSDi's crypt: four characters of six bits, the lowest first.
fn bsdi_rounds(hash: &str) -> u32 {
    hash.bytes().skip(1).take(4).enumerate().fold(0, |rounds, (place, octet)| {
        let six = match octet {
            b'.' | b'/' => u32::from(octet - b'.'),
            b'0'..=b'9' => u32::from(octet - b'0') + 2,
            b'A'..=b'Z' => u32::from(octet - b'A') + 12,
            _ => u32::from(octet.saturating_sub(b'a')) + 38,
        };
        rounds | six << (6 * place)
    })
}

fn is_salt(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'.' || octet == b'/'
}

/// Takes the same time wherever the two differ.
fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of `passé wörd`, made by this system's libxcrypt and, the salted ones, by Python's hashlib.
    const GOOD: &[&str] = &[
        "abgJZA9Dx3Ekc",
        "{CRYPT}abgJZA9Dx3Ekc",
        "{crypt}abgJZA9Dx3Ekc",
        "_J9..rasmNYEhjn64Hr2",
        "$1$saltsalt$ij/OX8PZA/fsP9aVmLCNY0",
        "$5$saltstring$tLCuLAiOb9mXMMJV6JCF/ei5mNOzQAaYiU9wAQodt75",
        "$5$rounds=5000$saltstring$tLCuLAiOb9mXMMJV6JCF/ei5mNOzQAaYiU9wAQodt75",
        "$6$saltstring$yjlpo9B176uQuk0uIoNsJ2iiw5WOOToIdUyxCPsa0A8ShC66Dyk8qMD4HwXW5yw.vSBVSnwjRiDnc5TFWCGDd/",
        "$1$a_b#c$y51ZdxQKDKtXYbpHEiXL71",
        "$5$a,b=c@d$HBK2hsehEYcPak9DPbmCgxKjs1OWith038uaCUjoev1",
        "$6$rounds=1234$a-b$.vodlDrOGTSKSV9rxxOIW10O1JEoMWH6rPGqKa1t3j4IKPkAyH50vrzVkycaM6PjOwd3jVsw7iz2aICQ7Iyhu1",
        "$6$$bdnyOLP864DsL3zNEFEkWvWNcbUYN6TElcLaKAb3jr0Y8tWnBnGBSOHBAGTEoA8PVyCR8yk6YgMKt6TMrEb3h1",
        "$6$rounds=1400$anotherlongsalts$D.reNsv77/rkqke9YGtEKpbWiMu7rD/dGNQKBt3kURI/VtMNkZmJwMQVf..q8RRuntFotmWyj9VwjGGAawlly.",
        "$2a$05$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju",
        "$2b$05$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju",
        "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$7giPyectikASWEMn.gqbbNiKY69SYSP.VGvLzbg6bN2",
        "{CRYPT}$y$j75$saltsalt$qIZ5oy4w67pfxJ6i8.Echb7RIdXzUhJ.hb8eWKnyrR.",
        "$sha1$1000$saltsalt$GgLy0v0CXReQcHoL/HF3LEpEtb3N",
        "{SSHA}Rjf76NmtZjiO8ZwngeileVcxKTYBAnNhbHQ=",
        "{SSHA256}XARn9UIikChf3n/ySwyBRtzhwOWtFAdzqvxsKExjE7ABAnNhbHQ=",
        "{SSHA512}q2HYWR3egbMT0d2Jq64uK04mjmrm3qIlEPcHgg0qpw/UxFj8osCVazpjORvmWOxBlGhS+HM6fbloBgBLZLL30AECc2FsdA==",
        "{PLAIN}passé wörd",
    ];

    /// Hashes that no password may be checked against: unknown, damaged, or too dear.
    const BAD: &[&str] = &[
        "plain text",
        "abgJZA9Dx3Ek!",
        "abgJZA9Dx3Ekcc",
        "$7$CU..../....salt$V0BSggzMKE7VgGPF6HU3Q3ULFjffvud7sh3PsruaGTA",
        "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$svHpJFdeMIbHOyZipb.DJsXb.z40105rKNEEvVMOXqA",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1",
        "$y$",
        "$y$j95.0$F5Jx5fExrKuPp53xLKQ..1$7giPyectikASWEMn.gqbbNiKY69SYSP.VGvLzbg6bN2",
        "$y$jKT$F5Jx5fExrKuPp53xLKQ..1$7giPyectikASWEMn.gqbbNiKY69SYSP.VGvLzbg6bN2",
        "$1$saltsalt$",
        "$5$saltstring$tLCuLAiOb9mXMMJV6JCF",
        "$6$rounds=999999999$saltstring$yjlpo9B176uQuk0uIoNsJ2",
        "$6$rounds=10$saltstring$yjlpo9B176uQuk0uIoNsJ2iiw5WOOToIdUyxCPsa0A8ShC66Dyk8qMD4HwXW5yw.vSBVSnwjRiDnc5TFWCGDd/",
        "$6$rounds=05000$saltstring$yjlpo9B176uQuk0uIoNsJ2iiw5WOOToIdUyxCPsa0A8ShC66Dyk8qMD4HwXW5yw.vSBVSnwjRiDnc5TFWCGDd/",
        "$6$salt$more$yjlpo9B176uQuk0uIoNsJ2",
        "$sha1$999999999$saltsalt$GgLy0v0CXReQcHoL/HF3LEpEtb3N",
        "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$msgg5vux8PGtcsJCiRY4y9Osll92IngtpdQXd0nOgNk",
        "$6$rounds=many$saltstring$yjlpo9B176uQuk0uIoNsJ2",
        "$2b$31$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju",
        "$2x$05$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju",
        "$2b$05$abcdefghij",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$",
        "{SSHA}Rjf76NmtZjiO8ZwngeileVcxKTY=",
        "{SSHA}!",
        "{SSHA512}",
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{",
        "$",
        "$$",
    ];

    #[test]
    fn hashes_made_elsewhere_fit_their_password_and_no_other() {
        for hash in GOOD {
            assert_eq!(verify("passé wörd".as_bytes(), hash.as_bytes()), Ok(true), "{hash}");
            assert_eq!(verify(b"Passw", hash.as_bytes()), Ok(false), "{hash}");
            assert_eq!(verify(b"", hash.as_bytes()), Ok(false), "{hash}");
        }
        // From the test vectors of argon2's reference implementation.
        let argon = b"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        assert_eq!(verify(b"password", argon), Ok(true));
        assert_eq!(verify(b"passwort", argon), Ok(false));
        // Made by it as version 1.0, with `v=16$` and, as older ones of it wrote, without.
        for version in ["v=16$", ""] {
            let argon =
                format!("$argon2id${version}m=256,t=2,p=1$c29tZXNhbHQ$msgg5vux8PGtcsJCiRY4y9Osll92IngtpdQXd0nOgNk");
            assert_eq!(verify(b"sesame", argon.as_bytes()), Ok(true), "{argon}");
            assert_eq!(verify(b"simsim", argon.as_bytes()), Ok(false), "{argon}");
        }
    }

    #[test]
    fn a_hash_that_cannot_be_used_is_never_a_wrong_password() {
        for hash in BAD {
            let verdict = verify(b"password", hash.as_bytes());
            assert!(verdict.is_err(), "{hash}: {verdict:?}");
        }
        assert!(verify(b"password", b"\xff").is_err());
    }

    #[test]
    fn the_hash_for_facts_fits() {
        assert_eq!(verify(b"s3cret", crypt("s3cret").as_bytes()), Ok(true));
        assert_eq!(verify(b"secret", crypt("s3cret").as_bytes()), Ok(false));
    }

    #[test]
    fn the_dummy_is_a_hash_like_others() {
        assert_eq!(verify(b"password", super::super::dummy::FIRST_DUMMY), Ok(false));
    }
}
