//! Whom a client believes under TLS: the authorities of the operator or of the system, or anybody.
//!
//! Never: speaks anything older than TLS 1.2, or takes a certificate that is not good unless the protocol says
//! `unverified`.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{ClientConfig, Error, RootCertStore, crypto::ring, version};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::tls::Anybody;

/// Where systems keep the authorities that they believe, all in one PEM file.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// TLS from the client's side.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Certificates must be good for the host.
    pub(super) verified: Arc<ClientConfig>,
    /// Any certificate will do: nobody listens, but anybody may be at the other end.
    pub(super) unverified: Arc<ClientConfig>,
    /// How many authorities are believed.
    pub(super) authorities: usize,
}

/// Why there is no TLS for clients.
#[derive(Debug)]
pub enum TrustError {
    /// The file cannot be read.
    Unread(PathBuf, io::Error),
    /// The file holds no certificate.
    NoPem(PathBuf),
    /// It cannot be used.
    Unfit(String),
}

impl Trust {
    /// The authorities of that PEM file, and no others; without one those of the system, if it has any.
    ///
    /// # Errors
    /// The file that was named cannot be used.
    pub fn new(authorities: Option<&Path>) -> Result<Trust, TrustError> {
        let mut roots = RootCertStore::empty();
        let file = match authorities {
            Some(file) => Some(file.to_path_buf()),
            None => SYSTEM.iter().map(PathBuf::from).find(|path| path.exists()),
        };
        if let Some(file) = file {
            let pem = match std::fs::read(&file) {
                Ok(pem) => pem,
                Err(_) if authorities.is_none() => Vec::new(),
                Err(error) => return Err(TrustError::Unread(file, error)),
            };
            let found: Vec<CertificateDer<'static>> =
                CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
            let (added, _) = roots.add_parsable_certificates(found);
            if added == 0 && authorities.is_some() {
                return Err(TrustError::NoPem(file));
            }
        }
        let provider = Arc::new(ring::default_provider());
        let unfit = |error: Error| TrustError::Unfit(error.to_string());
        let builder = || {
            ClientConfig::builder_with_provider(provider.clone())
                .with_protocol_versions(&[&version::TLS13, &version::TLS12])
                .map_err(unfit)
        };
        let number = roots.len();
        let verified = builder()?.with_root_certificates(roots).with_no_client_auth();
        let anybody = Arc::new(Anybody(provider.clone()));
        let unverified = builder()?.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth();
        Ok(Trust { verified: Arc::new(verified), unverified: Arc::new(unverified), authorities: number })
    }
}

impl TrustError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            TrustError::Unread(..) => "mend its rights, or name another under `tls.authorities`",
            TrustError::NoPem(_) => "`tls.authorities` names a PEM file with the certificates of authorities",
            TrustError::Unfit(_) => "report this as a fault",
        }
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustError::Unread(path, error) => write!(f, "`{}` cannot be read: {error}", path.display()),
            TrustError::NoPem(path) => write!(f, "`{}` holds no certificate of an authority", path.display()),
            TrustError::Unfit(error) => write!(f, "TLS cannot be set up: {error}"),
        }
    }
}
