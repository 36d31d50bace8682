//! The connection of a client, in the clear or under TLS.
//!
//! Never: reads more than it is asked for.

use std::{io, time::Duration};

use machine::Tls;
use program::a_labels;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::trust::Trust;
use crate::tls::agreed;

/// How long a write may make no progress: then the other side does not read.
const STALLED: Duration = Duration::from_secs(60);
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// How long the end of a connection waits for the other side's own end.
const FAREWELL: Duration = Duration::from_secs(2);
/// The most octets that are thrown away meanwhile.
const FAREWELL_MOST: usize = 64 * 1024;

/// One connection.
pub(super) enum Link {
    /// In the clear.
    Clear(TcpStream),
    /// Under TLS.
    Secure(Box<TlsStream<TcpStream>>),
}

impl Link {
    /// Begins TLS on it.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn secure(self, trust: &Trust, name: &str, verified: bool) -> Result<(Link, Tls), String> {
        let Link::Clear(stream) = self else { return Err("TLS is up already".into()) };
        let config = if verified { &trust.verified } else { &trust.unverified };
        let host = a_labels(name.strip_suffix('.').unwrap_or(name)).into_owned();
        let host = ServerName::try_from(host).map_err(|_| format!("`{name}` is no name for a certificate"))?;
        let shaking = TlsConnector::from(config.clone()).connect(host, stream);
        let stream = match timeout(HANDSHAKE, shaking).await {
            Err(_) => return Err(format!("TLS was not up within {} seconds", HANDSHAKE.as_secs())),
            Ok(Err(error)) if verified && trust.authorities == 0 => {
                return Err(format!("TLS: {error}; no authority is known: name a file under `tls.authorities`"));
            }
            Ok(Err(error)) => return Err(format!("TLS: {error}")),
            Ok(Ok(stream)) => stream,
        };
        let tls = agreed(stream.get_ref().1);
        Ok((Link::Secure(Box::new(stream)), tls))
    }

    /// Waits for octets; none: the other side will send no more.
    ///
    /// # Errors
    /// The connection broke.
    pub(super) async fn hear(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Link::Clear(stream) => stream.read(buffer).await,
            Link::Secure(stream) => match stream.read(buffer).await {
                // TLS without its own farewell: the other side has closed all the same.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                read => read,
            },
        }
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// The connection broke, or the other side does not read.
    pub(super) async fn say(&mut self, mut octets: &[u8]) -> io::Result<()> {
        let stalled = || io::Error::new(io::ErrorKind::TimedOut, "the other server does not read");
        while !octets.is_empty() {
            let sent = match self {
                Link::Clear(stream) => timeout(STALLED, stream.write(octets)).await,
                Link::Secure(stream) => timeout(STALLED, stream.write(octets)).await,
            };
            let sent = sent.map_err(|_| stalled())??;
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            octets = &octets[sent..];
        }
        match self {
            Link::Clear(_) => Ok(()),
            Link::Secure(stream) => timeout(STALLED, stream.flush()).await.map_err(|_| stalled())?,
        }
    }

    /// Ends our side, then waits a little for the other one, so that what was said last is not lost by a reset.
    pub(super) async fn end(mut self) {
        let ended = async {
            match &mut self {
                Link::Clear(stream) => stream.shutdown().await?,
                Link::Secure(stream) => stream.shutdown().await?,
            }
            let mut buffer = [0; 1024];
            let mut left = FAREWELL_MOST;
            while left > 0 {
                match self.hear(&mut buffer).await? {
                    0 => break,
                    octets => left = left.saturating_sub(octets),
                }
            }
            io::Result::Ok(())
        };
        // Whether the other side says goodbye is its own affair.
        let _ = timeout(FAREWELL, ended).await;
    }
}
