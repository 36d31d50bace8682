//! The client's end of a socket: octets out, lines in, in the clear or under TLS.
//!
//! Never: verifies a certificate. What is tested is the conversation, and test servers sign for themselves.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use program::LineEnd;
use rustls::{ClientConfig, ClientConnection, StreamOwned, crypto::ring};
use rustls_pki_types::ServerName;

use crate::tls::Anybody;

/// The most octets without a line end that are kept: a server that never ends a line is at fault.
const MOST: usize = 16 << 20;

/// One connection as its client has it.
pub(super) struct Caller {
    stream: Raw,
    line_end: LineEnd,
    unread: Vec<u8>,
    ended: bool,
    said: u64,
    heard: u64,
}

enum Raw {
    Clear(TcpStream),
    Secure(Box<StreamOwned<ClientConnection, TcpStream>>),
    /// Broken off, or lost in a handshake.
    Gone,
}

/// What came of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// A line, without its end.
    Line(Vec<u8>),
    /// Nothing in the time that there was.
    Nothing,
    /// The end of the connection, and every line before it was read.
    End,
}

impl Caller {
    /// A connection that is there, in the clear.
    ///
    /// # Errors
    /// The system does not take an option.
    pub(super) fn new(stream: TcpStream, line_end: LineEnd) -> io::Result<Caller> {
        stream.set_nodelay(true)?;
        Ok(Caller { stream: Raw::Clear(stream), line_end, unread: Vec::new(), ended: false, said: 0, heard: 0 })
    }

    /// How many octets were sent, TLS's own not counted.
    pub(super) fn said(&self) -> u64 {
        self.said
    }

    /// How many octets came, TLS's own not counted.
    pub(super) fn heard(&self) -> u64 {
        self.heard
    }

    /// Sends octets. When the server does not read them all in that time, the rest is lost.
    ///
    /// # Errors
    /// The connection broke, or the server does not read.
    pub(super) fn say(&mut self, octets: &[u8], within: Duration) -> io::Result<()> {
        let sent = match &mut self.stream {
            Raw::Clear(stream) => {
                stream.set_write_timeout(Some(within))?;
                stream.write_all(octets)
            }
            Raw::Secure(stream) => {
                stream.sock.set_write_timeout(Some(within))?;
                stream.write_all(octets).and_then(|()| stream.flush())
            }
            Raw::Gone => Err(io::ErrorKind::NotConnected.into()),
        };
        self.said += octets.len() as u64;
        sent
    }

    /// The next line, if one comes in that time; no time: if one was read already.
    pub(super) fn line(&mut self, within: Duration) -> Got {
        let until = Instant::now() + within;
        loop {
            if let Some(line) = self.buffered() {
                return Got::Line(line);
            }
            if self.ended || matches!(self.stream, Raw::Gone) || self.unread.len() > MOST {
                // An unfinished last line is shown, too.
                let rest = std::mem::take(&mut self.unread);
                return if rest.is_empty() { Got::End } else { Got::Line(rest) };
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || (!self.read(left) && Instant::now() >= until) {
                return Got::Nothing;
            }
        }
    }

    /// Reads what comes in that time, for later.
    pub(super) fn look(&mut self, within: Duration) {
        if matches!(self.stream, Raw::Gone) {
            std::thread::sleep(within);
        } else {
            self.read(within);
        }
    }

    fn buffered(&mut self) -> Option<Vec<u8>> {
        let end = self.line_end.octets();
        let at = memchr::memmem::find(&self.unread, end)?;
        let line = self.unread[..at].to_vec();
        self.unread.drain(..at + end.len());
        Some(line)
    }

    /// Reads what is there; false when nothing came.
    fn read(&mut self, within: Duration) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = match &mut self.stream {
            Raw::Clear(stream) => stream.set_read_timeout(Some(within)).and_then(|()| stream.read(&mut buffer)),
            Raw::Secure(stream) => stream.sock.set_read_timeout(Some(within)).and_then(|()| stream.read(&mut buffer)),
            Raw::Gone => Ok(0),
        };
        match read {
            Ok(0) => self.end(),
            Ok(length) => {
                self.heard += length as u64;
                self.unread.extend_from_slice(&buffer[..length]);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => return false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return false,
            // A reset, or TLS without a farewell: the end in any case.
            Err(_) => self.end(),
        }
        true
    }

    /// The server has ended: so do we, as clients do.
    fn end(&mut self) {
        self.ended = true;
        self.stream = Raw::Gone;
    }

    /// The handshake.
    ///
    /// # Errors
    /// It failed, or lasted longer than that.
    pub(super) fn secure(&mut self, host: &str, within: Duration) -> Result<(), String> {
        if !self.unread.is_empty() {
            return Err("lines in the clear came behind the answer that begins TLS".into());
        }
        let Raw::Clear(mut stream) = std::mem::replace(&mut self.stream, Raw::Gone) else {
            return Err("TLS is on already, or the connection has ended".into());
        };
        let name = ServerName::try_from(host.to_owned()).or_else(|_| ServerName::try_from("localhost"));
        let name = name.map_err(|error| error.to_string())?;
        let mut tls = ClientConnection::new(config()?, name).map_err(|error| error.to_string())?;
        let until = Instant::now() + within;
        let begun = stream.set_read_timeout(Some(within)).and_then(|()| stream.set_write_timeout(Some(within)));
        begun.map_err(|error| error.to_string())?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).map_err(|error| format!("the handshake failed: {error}"))?;
            if Instant::now() > until {
                return Err("the handshake takes too long".into());
            }
        }
        self.stream = Raw::Secure(Box::new(StreamOwned::new(tls, stream)));
        Ok(())
    }

    /// Sends no more; TLS says so first.
    ///
    /// # Errors
    /// The connection is gone.
    pub(super) fn half_close(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Raw::Clear(stream) => stream.shutdown(Shutdown::Write),
            Raw::Secure(stream) => {
                stream.conn.send_close_notify();
                while stream.conn.wants_write() {
                    stream.conn.write_tls(&mut stream.sock)?;
                }
                stream.sock.shutdown(Shutdown::Write)
            }
            Raw::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Breaks off: the system sends a reset.
    ///
    /// # Errors
    /// The system does not take the option.
    pub(super) fn reset(&mut self) -> io::Result<()> {
        let stream = match std::mem::replace(&mut self.stream, Raw::Gone) {
            Raw::Clear(stream) => stream,
            Raw::Secure(stream) => stream.into_parts().1,
            Raw::Gone => return Ok(()),
        };
        self.unread.clear();
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))
    }
}

fn config() -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(ring::default_provider());
    let anybody = Arc::new(Anybody(provider.clone()));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth()))
}
