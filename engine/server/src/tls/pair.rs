//! A certificate chain and its key, ready to serve.
//!
//! Never: shows the key.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use rustls::{ServerConfig, crypto::ring, version};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};

use super::{
    doubt::{Doubt, doubts},
    expiry::validity,
    kind::{USABLE, is_usable, kind},
};

/// A certificate chain with its key, as rustls wants it. What is renewed in one is renewed in all its clones.
#[derive(Clone)]
pub struct Pair {
    present: Arc<ArcSwap<Present>>,
}

#[derive(Clone)]
struct Present {
    config: Arc<ServerConfig>,
    own: CertificateDer<'static>,
    /// From when to when it is valid.
    valid: Option<(Duration, Duration)>,
    /// The name that peers know the host by.
    host: Option<Arc<str>>,
}

/// Why there is no pair.
#[derive(Debug)]
pub enum PairError {
    /// A file cannot be read.
    Unread(PathBuf, io::Error),
    /// A file has no PEM block of that kind, or a broken one.
    NoPem(PathBuf, &'static str, String),
    /// The chain and the key do not go together, or cannot be used.
    Unfit(String),
    /// Nobody here signs with a key of that kind.
    OtherKind(String),
    /// The key is locked behind a passphrase.
    Locked(PathBuf),
    /// A pair cannot be made.
    Unmade(String),
    /// A file cannot be written.
    Unwritten(PathBuf, io::Error),
    /// One half is there and the other is not.
    Half {
        /// The half that is there.
        there: PathBuf,
        /// The half that is not.
        missing: PathBuf,
    },
}

impl Pair {
    /// Reads both files: the chain with our own certificate first; an ECDSA, RSA or Ed25519 key in PKCS #8, SEC 1 or
    /// PKCS #1.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn load(certificate: &Path, key: &Path) -> Result<Pair, PairError> {
        Pair::from_pem((certificate, &octets(certificate)?), (key, &octets(key)?))
    }

    /// The same from texts; the paths are for messages.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn from_pem(certificate: (&Path, &[u8]), key: (&Path, &[u8])) -> Result<Pair, PairError> {
        let no_pem = |path: &Path, kind, error: pem::Error| PairError::NoPem(path.into(), kind, error.to_string());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate.1)
            .collect::<Result<_, _>>()
            .map_err(|error| no_pem(certificate.0, "certificate", error))?;
        if chain.is_empty() {
            return Err(no_pem(certificate.0, "certificate", pem::Error::NoItemsFound));
        }
        if is_locked(key.1) {
            return Err(PairError::Locked(key.0.into()));
        }
        let key = PrivateKeyDer::from_pem_slice(key.1).map_err(|error| no_pem(key.0, "private key", error))?;
        Pair::new(chain, key)
    }

    /// What a handshake that begins now uses.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.present.load().config.clone()
    }

    /// When our own certificate ends, as the time since 1970-01-01 UTC; none where it does not say so.
    pub fn ends(&self) -> Option<Duration> {
        self.present.load().valid.map(|(_, ends)| ends)
    }

    /// The same for a host whose peers know it by that name.
    #[must_use]
    pub fn of_host(self, name: &str) -> Pair {
        let present = Present { host: Some(name.into()), ..(**self.present.load()).clone() };
        Pair { present: Arc::new(ArcSwap::from_pointee(present)) }
    }

    /// Why clients that verify would refuse it at a moment, given as the time since 1970-01-01 UTC. Empty where nobody
    /// said whose it is.
    pub fn doubts(&self, now: Duration) -> Vec<Doubt> {
        let present = self.present.load();
        present.host.as_ref().map_or(Vec::new(), |host| doubts(&present.own, present.valid, host, now))
    }

    /// The same for now.
    pub fn doubts_now(&self) -> Vec<Doubt> {
        self.doubts(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// Takes the chain and the key of another one: every handshake from now on uses them, in sessions that began
    /// earlier, too.
    pub fn renew(&self, other: &Pair) {
        self.present.store(other.present.load_full());
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Pair, PairError> {
        let provider = ring::default_provider();
        if let Err(error) = provider.key_provider.load_private_key(key.clone_key()) {
            let other = kind(&key).filter(|kind| !is_usable(kind));
            return Err(other.map_or_else(|| PairError::Unfit(error.to_string()), PairError::OtherKind));
        }
        let own = chain.first().cloned().ok_or_else(|| PairError::Unfit("there is no certificate".into()))?;
        let valid = validity(&own);
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| PairError::Unfit(error.to_string()))?;
        Ok(Pair {
            present: Arc::new(ArcSwap::from_pointee(Present { config: Arc::new(config), own, valid, host: None })),
        })
    }
}

/// Whether a key is encrypted: as a whole (RFC 5958), or in the older form that says so in a header.
fn is_locked(key: &[u8]) -> bool {
    let text = String::from_utf8_lossy(key);
    text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")
}

fn octets(path: &Path) -> Result<Vec<u8>, PairError> {
    fs::read(path).map_err(|error| PairError::Unread(path.into(), error))
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pair")
    }
}

impl PairError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            PairError::Unread(_, error) if error.kind() == io::ErrorKind::NotFound => {
                "say `self_signed: when_missing` under `tls`, or make a pair with `saywhen cert`".into()
            }
            PairError::Unread(..) | PairError::Unwritten(..) => "mend its rights or its folder's".into(),
            PairError::NoPem(..) => {
                "it must be a PEM file; convert a DER file with `openssl x509` or `openssl pkey`".into()
            }
            PairError::Unfit(_) => "give the key that the first certificate of the chain was made for".into(),
            PairError::OtherKind(_) => format!("make another key, and have a certificate for it: {USABLE}"),
            PairError::Locked(path) => {
                format!(
                    "write it without a passphrase, readable for the server alone: `openssl pkey -in {}`",
                    path.display()
                )
            }
            PairError::Unmade(_) => "make a pair with another tool, and name its files under `tls`".into(),
            PairError::Half { there, .. } => {
                format!("bring it back, or move `{}` away to have both made", there.display())
            }
        }
    }

    /// Whether a right is missing.
    pub fn denied(&self) -> bool {
        let (PairError::Unread(_, error) | PairError::Unwritten(_, error)) = self else { return false };
        error.kind() == io::ErrorKind::PermissionDenied
    }
}

impl fmt::Display for PairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PairError::Unread(path, error) => write!(f, "`{}` cannot be read: {error}", path.display()),
            PairError::NoPem(path, kind, error) => write!(f, "`{}` holds no {kind}: {error}", path.display()),
            PairError::Unfit(error) => write!(f, "the certificate and its key cannot be used: {error}"),
            PairError::OtherKind(kind) => write!(f, "the key is of a kind that cannot be used: {kind}"),
            PairError::Locked(path) => write!(f, "the key `{}` is locked behind a passphrase", path.display()),
            PairError::Unmade(error) => write!(f, "a certificate cannot be made: {error}"),
            PairError::Unwritten(path, error) => write!(f, "`{}` cannot be written: {error}", path.display()),
            PairError::Half { there, missing } => {
                write!(f, "`{}` is there and `{}` is not", there.display(), missing.display())
            }
        }
    }
}
