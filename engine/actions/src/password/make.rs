//! Makes hashes for storing.
//!
//! Never: draws a salt; whoever asks brings it.

use argon2::{
    Argon2,
    password_hash::{CustomizedPasswordHasher, PasswordHasher},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use program::Secret;
use pwhash::{
    bcrypt::{self, BcryptSetup, BcryptVariant},
    sha512_crypt,
};
use yescrypt::Yescrypt;

use super::{form::is_password, scheme::MOST};

/// A scheme that hashes are made in. All of them are checked, too, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// `$y$` with the parameters that Debian gives new users: 16 MiB.
    #[default]
    Yescrypt,
    /// `$argon2id$` with 19 MiB and two passes.
    Argon2id,
    /// `$2b$` with cost 12. Only the first 72 octets of a password count.
    Bcrypt,
    /// `$6$` with 100,000 rounds.
    Sha512Crypt,
}

/// The most octets of a password that bcrypt looks at.
const BCRYPT_MOST: usize = 72;

/// The hash of a password, with a salt that nobody else has.
///
/// # Errors
/// The password is empty, has a NUL in it, or is longer than the scheme can take; none of them could ever log in.
pub fn make(scheme: Scheme, password: &Secret, salt: [u8; 16]) -> Result<String, String> {
    let most = if scheme == Scheme::Bcrypt { BCRYPT_MOST } else { MOST };
    if !is_password(password) {
        return Err("a password has at least one octet, and no NUL".to_owned());
    }
    if password.expose().len() > most {
        return Err(format!("a password of this scheme has no more than {most} octets"));
    }
    let password = password.expose();
    // The alphabet of crypt(3), for 16 octets 22 characters.
    let text = STANDARD_NO_PAD.encode(salt).replace('+', ".");
    let made = match scheme {
        Scheme::Yescrypt => yescrypt::Params::new(yescrypt::Mode::default(), 4096, 32, 1)
            .map_err(|error| error.to_string())
            .and_then(|parameters| {
                let made = Yescrypt::default().hash_password_with_params(password, &salt, parameters);
                made.map(|hash| hash.to_string()).map_err(|error| error.to_string())
            }),
        Scheme::Argon2id => {
            let made = Argon2::default().hash_password_with_salt(password, &salt);
            made.map(|hash| hash.to_string()).map_err(|error| error.to_string())
        }
        Scheme::Bcrypt => {
            // The last character holds two bits of the salt, and only these four say so.
            let last = [".", "O", "e", "u"][usize::from(salt[15] & 3)];
            let salt = format!("{}{last}", &text[..21]);
            let setup = BcryptSetup { salt: Some(&salt), cost: Some(12), variant: Some(BcryptVariant::V2b) };
            bcrypt::hash_with(setup, password).map_err(|error| error.to_string())
        }
        Scheme::Sha512Crypt => {
            let setting = format!("$6$rounds=100000${}", &text[..16]);
            sha512_crypt::hash_with(&*setting, password).map_err(|error| error.to_string())
        }
    };
    made.map_err(|why| format!("no hash can be made: {why}"))
}

#[cfg(test)]
mod tests {
    use super::{super::scheme::verify, *};

    const SALT: [u8; 16] = [0xfb, 0xef, 0xbe, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    #[test]
    fn what_is_made_fits() {
        for (scheme, begins) in [
            (Scheme::Yescrypt, "$y$j9T$"),
            (Scheme::Argon2id, "$argon2id$v=19$m=19456,t=2,p=1$"),
            (Scheme::Bcrypt, "$2b$12$"),
            (Scheme::Sha512Crypt, "$6$rounds=100000$"),
        ] {
            let password = Secret::new("passé wörd".as_bytes());
            let hash = make(scheme, &password, SALT).unwrap_or_else(|why| panic!("{scheme:?}: {why}"));
            assert!(hash.starts_with(begins), "{hash}");
            assert_eq!(verify(password.expose(), hash.as_bytes()), Ok(true), "{hash}");
            assert_eq!(verify(b"password", hash.as_bytes()), Ok(false), "{hash}");
            assert_ne!(make(scheme, &password, [7; 16]), Ok(hash));
        }
    }

    #[test]
    fn a_password_that_could_never_log_in_is_refused() {
        for password in [&b""[..], b"a\0b", &[b'a'; 513]] {
            assert!(make(Scheme::Yescrypt, &Secret::new(password), SALT).is_err());
        }
        assert!(make(Scheme::Bcrypt, &Secret::new(&[b'a'; 73]), SALT).is_err());
        assert!(make(Scheme::Bcrypt, &Secret::new(&[b'a'; 72]), SALT).is_ok());
    }
}
