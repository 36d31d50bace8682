//! The two ways into TLS: before the first octet, and in the middle of a session.
//!
//! Never: begins in the middle of a session without the proof that no octet of cleartext is left.

use std::{fmt, io, time::Duration};

use machine::{Drained, Tls};
use rustls::{ConnectionCommon, ProtocolVersion};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::Pair;
use crate::endpoint::Transport;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// A connection under TLS, and what was agreed on.
pub type Secured = (Box<TlsStream<Transport>>, Tls);

/// Why there is no TLS.
#[derive(Debug)]
pub enum HandshakeError {
    /// The peer took too long.
    Slow,
    /// The server ends.
    Ending,
    /// The peer and we do not agree, or it broke off.
    Failed(io::Error),
}

/// TLS before the first octet.
///
/// # Errors
/// The handshake failed; the connection is gone.
pub async fn accept(stream: Transport, pair: &Pair) -> Result<Secured, HandshakeError> {
    let accepting = TlsAcceptor::from(pair.config()).accept(stream);
    let stream = timeout(HANDSHAKE, accepting).await.map_err(|_| HandshakeError::Slow)?;
    let stream = stream.map_err(HandshakeError::Failed)?;
    let tls = agreed(stream.get_ref().1);
    Ok((Box::new(stream), tls))
}

/// TLS in the middle of a session. Taking `drained` is what makes it safe: nothing that came in the clear can come
/// out of the machine any more.
///
/// # Errors
/// The handshake failed; the connection is gone.
pub async fn upgrade(drained: Drained, stream: Transport, pair: &Pair) -> Result<Secured, HandshakeError> {
    if drained.dropped() > 0 {
        tracing::warn!(octets = drained.dropped(), "octets sent in the clear behind the upgrade were thrown away");
    }
    accept(stream, pair).await
}

/// What both sides agreed on.
pub(crate) fn agreed<T>(connection: &ConnectionCommon<T>) -> Tls {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLS",
    };
    let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    Tls { version, cipher: suite.unwrap_or("unknown").to_string() }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandshakeError::Slow => write!(f, "it was not done within {} seconds", HANDSHAKE.as_secs()),
            HandshakeError::Ending => f.write_str("the server ends"),
            HandshakeError::Failed(error) => error.fmt(f),
        }
    }
}
