//! What kind of key a private key is, for those whose key cannot be used.
//!
//! Never: reads a number that is a secret.

use rustls_pki_types::PrivateKeyDer;

use super::der::{Der, INTEGER, OBJECT, OCTETS, SEQUENCE};

/// The kinds that the library signs with.
pub(super) const USABLE: &str = "RSA of 2048 to 4096 bits, ECDSA on P-256 or P-384, or Ed25519";

/// What is known by its object identifier: algorithms of keys, and curves.
const KNOWN: [(&[u8], &str); 14] = [
    // 1.2.840.10045.2.1; the curve says more.
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], EC),
    // 1.2.840.113549.1.1.1; its length says more.
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], RSA),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], "RSA-PSS"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], "DSA"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x2b, 0x65, 0x71], "Ed448"),
    (&[0x2b, 0x65, 0x6e], "X25519, which does not sign"),
    (&[0x2b, 0x65, 0x6f], "X448, which does not sign"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x0a], "secp256k1"),
    (&[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07], "brainpoolP256r1"),
    (&[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b], "brainpoolP384r1"),
];
const EC: &str = "ECDSA";
const RSA: &str = "RSA";
/// `[0]`, which the curve stands in.
const PARAMETERS: u8 = 0xa0;

/// The kind of a key: `ECDSA on P-521`, `RSA of 8192 bits`; none where the octets do not say.
pub(super) fn kind(key: &PrivateKeyDer<'_>) -> Option<String> {
    match key {
        PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => {
            // RFC 5915: version, key, curve.
            let mut inner = Der(Der(key.secret_sec1_der()).element(SEQUENCE)?);
            inner.element(INTEGER)?;
            inner.element(OCTETS)?;
            Some(on(Der(inner.element(PARAMETERS)?).element(OBJECT)))
        }
        PrivateKeyDer::Pkcs8(key) => {
            // RFC 5958: version, algorithm with its parameters, key.
            let mut inner = Der(Der(key.secret_pkcs8_der()).element(SEQUENCE)?);
            inner.element(INTEGER)?;
            let mut algorithm = Der(inner.element(SEQUENCE)?);
            match name(algorithm.element(OBJECT)?)? {
                EC => Some(on(algorithm.element(OBJECT))),
                RSA => rsa(inner.element(OCTETS)?),
                other => Some(other.to_string()),
            }
        }
        _ => None,
    }
}

/// Whether a kind is one of those that the library signs with.
pub(super) fn is_usable(kind: &str) -> bool {
    let bits = kind.strip_prefix("RSA of ").and_then(|rest| rest.strip_suffix(" bits"));
    match bits.and_then(|bits| bits.parse().ok()) {
        Some(bits) => (2048..=4096).contains(&bits),
        None => matches!(kind, "ECDSA on P-256" | "ECDSA on P-384" | "Ed25519"),
    }
}

fn on(curve: Option<&[u8]>) -> String {
    format!("{EC} on {}", curve.and_then(name).unwrap_or("a curve that is not known"))
}

fn name(object: &[u8]) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == object).map(|(_, name)| *name)
}

/// By the modulus, which is no secret (RFC 8017, appendix A.1.2).
fn rsa(key: &[u8]) -> Option<String> {
    let mut inner = Der(Der(key).element(SEQUENCE)?);
    inner.element(INTEGER)?;
    let modulus = inner.element(INTEGER)?;
    let modulus = &modulus[modulus.iter().take_while(|octet| **octet == 0).count()..];
    let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
    Some(format!("{RSA} of {bits} bits"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustls_pki_types::pem::PemObject;

    use super::*;

    /// A key that openssl makes.
    fn made(arguments: &[&str]) -> PrivateKeyDer<'static> {
        let output =
            Command::new("openssl").args(arguments).output().expect("openssl is there: apt-get install openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        PrivateKeyDer::from_pem_slice(&output.stdout).unwrap()
    }

    #[test]
    fn keys_are_named_by_their_kind_in_every_form() {
        let check = |arguments: &[&str], name: &str, usable: bool| {
            let key = made(arguments);
            assert_eq!(kind(&key).as_deref(), Some(name), "{arguments:?}");
            assert_eq!(is_usable(name), usable, "{name}");
            let taken = rustls::crypto::ring::default_provider().key_provider.load_private_key(key).is_ok();
            assert_eq!(taken, usable, "{name}");
        };
        let pkcs8 = |algorithm: &'static str, option: &'static str| {
            vec!["genpkey", "-algorithm", algorithm, "-pkeyopt", option]
        };
        check(&pkcs8("EC", "ec_paramgen_curve:P-256"), "ECDSA on P-256", true);
        check(&pkcs8("EC", "ec_paramgen_curve:P-384"), "ECDSA on P-384", true);
        check(&pkcs8("EC", "ec_paramgen_curve:P-521"), "ECDSA on P-521", false);
        check(&pkcs8("EC", "ec_paramgen_curve:secp256k1"), "ECDSA on secp256k1", false);
        check(&["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "ECDSA on P-256", true);
        check(&["ecparam", "-name", "secp521r1", "-genkey", "-noout"], "ECDSA on P-521", false);
        check(&["ecparam", "-name", "sect283k1", "-genkey", "-noout"], "ECDSA on a curve that is not known", false);
        check(&pkcs8("RSA", "rsa_keygen_bits:2048"), "RSA of 2048 bits", true);
        check(&pkcs8("RSA", "rsa_keygen_bits:1024"), "RSA of 1024 bits", false);
        check(&["genrsa", "-traditional", "1024"], "RSA of 1024 bits", false);
        check(&pkcs8("RSA-PSS", "rsa_keygen_bits:2048"), "RSA-PSS", false);
        check(&["genpkey", "-algorithm", "ED25519"], "Ed25519", true);
        check(&["genpkey", "-algorithm", "ED448"], "Ed448", false);
        check(&["genpkey", "-algorithm", "X25519"], "X25519, which does not sign", false);
    }

    #[test]
    fn what_is_cut_has_no_kind_and_breaks_nothing() {
        let key = made(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]);
        for length in 0..key.secret_der().len() {
            let cut = rustls_pki_types::PrivatePkcs8KeyDer::from(key.secret_der()[..length].to_vec());
            kind(&PrivateKeyDer::from(cut));
        }
    }
}
