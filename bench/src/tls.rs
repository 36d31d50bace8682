//! TLS for both sides: the floor's certificate, and a client that believes any.
//!
//! Never: used by anything but measurements.

use std::{io, path::Path, sync::Arc};

use rustls::{ClientConfig, client::Resumption, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use server::tls::Anybody;
use tokio_rustls::TlsConnector;

/// The chain of a PEM file, and the key of another.
///
/// # Errors
/// A file cannot be read, or does not hold that.
pub fn credentials(
    certificate: &Path,
    key: &Path,
) -> io::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<_, _>>)
        .map_err(io::Error::other)?;
    Ok((chain, PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?))
}

/// A client that takes up former sessions, or makes a whole handshake each time.
pub(crate) fn connector(resumes: bool) -> io::Result<TlsConnector> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    config.resumption = if resumes { Resumption::in_memory_sessions(1024) } else { Resumption::disabled() };
    Ok(TlsConnector::from(Arc::new(config)))
}
