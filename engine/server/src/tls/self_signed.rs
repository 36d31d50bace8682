//! A certificate that nobody vouches for, made when none is there.
//!
//! Never: overwrites a file, or lets anybody but the owner read a key.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

use super::PairError;

/// How long a certificate lasts: clients refuse longer ones.
const DAYS: u64 = 825;
const DAY: Duration = Duration::from_secs(86_400);

/// Makes a certificate for that name and for this machine (`localhost`, 127.0.0.1, ::1): ECDSA on P-256, valid for
/// 825 days from yesterday. Gives both as PEM, the certificate first.
///
/// # Errors
/// The name is no host name, or there is no entropy.
pub fn self_signed(name: &str) -> Result<(String, String), PairError> {
    let unmade = |error: rcgen::Error| PairError::Unmade(error.to_string());
    let mut names = vec!["localhost".to_string(), "127.0.0.1".to_string(), "::1".to_string()];
    if !names.iter().any(|known| known == name) {
        names.insert(0, name.to_string());
    }
    let mut params = CertificateParams::new(names).map_err(unmade)?;
    let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    params.not_before = date_time_ymd(1970, 1, 1) + today.saturating_sub(DAY);
    params.not_after = params.not_before + DAY * DAYS as u32;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(unmade)?;
    let certificate = params.self_signed(&key).map_err(unmade)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Writes both into new files, the key first and readable for the owner alone.
///
/// # Errors
/// A file is there already, or cannot be written; then neither is left.
pub fn write_pair(certificate: (&Path, &str), key: (&Path, &str)) -> Result<(), PairError> {
    write(key, 0o600)?;
    write(certificate, 0o644).inspect_err(|_| {
        // Half a pair would stop the next attempt.
        let _ = fs::remove_file(key.0);
    })
}

fn write((path, text): (&Path, &str), mode: u32) -> Result<(), PairError> {
    let unwritten = |error| PairError::Unwritten(path.into(), error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(unwritten)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(unwritten)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritten)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::tls::Pair;

    #[test]
    fn a_pair_is_made_once_and_its_key_is_the_owners_alone() {
        let folder = std::env::temp_dir().join(format!("saywhen-pair-{}", std::process::id()));
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let pems = self_signed("mail.example.com").unwrap();
        write_pair((&certificate, &pems.0), (&key, &pems.1)).unwrap();
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        Pair::load(&certificate, &key).unwrap();
        let again = write_pair((&certificate, &pems.0), (&key, &pems.1)).unwrap_err();
        assert!(again.to_string().contains("cannot be written"), "{again}");
        fs::remove_file(&key).unwrap();
        assert!(write_pair((&certificate, &pems.0), (&key, &pems.1)).is_err());
        assert!(!key.exists(), "half a pair is left");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_no_pair_is_said() {
        let (a, b) = (self_signed("a.example").unwrap(), self_signed("b.example").unwrap());
        let check = |certificate: &str, key: &str, expected: &str| {
            let (cert_path, key_path) = (Path::new("c.pem"), Path::new("k.pem"));
            let error = Pair::from_pem((cert_path, certificate.as_bytes()), (key_path, key.as_bytes())).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        };
        check(&a.0, &b.1, "the certificate and its key cannot be used");
        check("", &a.1, "`c.pem` holds no certificate");
        check(&a.0, &a.0, "`k.pem` holds no private key");
        let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        check(&a.0, locked, "the key `k.pem` is locked behind a passphrase");
        assert!(Pair::load(Path::new("/none/c.pem"), Path::new("/none/k.pem")).is_err());
    }
}
