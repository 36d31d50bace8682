//! One connection of the load: octets out, whole answers in.
//!
//! Never: goes on behind an answer that it did not expect.

use std::{io, net::SocketAddr};

use memchr::memchr;
use rustls::HandshakeKind;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::workload::Step;

/// Where a server is.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The port that begins in the clear.
    pub clear: SocketAddr,
    /// The port that begins with TLS.
    pub tls: Option<SocketAddr>,
}

pub(crate) struct Connection {
    stream: Stream,
    buffer: Vec<u8>,
    at: usize,
    /// Whether TLS took up a former session.
    pub(crate) resumed: bool,
}

enum Stream {
    Clear(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
    Gone,
}

impl Connection {
    /// Connects, from one of our own addresses if that is said, and reads the greeting.
    pub(crate) async fn open(
        address: SocketAddr,
        from: Option<SocketAddr>,
        tls: Option<&TlsConnector>,
    ) -> io::Result<Connection> {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(from)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let mut connection = Connection { stream: Stream::Clear(stream), buffer: Vec::new(), at: 0, resumed: false };
        if let Some(connector) = tls {
            connection.secure(connector).await?;
        }
        connection.answer(220).await?;
        Ok(connection)
    }

    /// Takes a step.
    pub(crate) async fn step(&mut self, step: &Step, connector: &TlsConnector) -> io::Result<()> {
        match step {
            Step::Secure => self.secure(connector).await,
            Step::Say(octets, codes) => {
                match &mut self.stream {
                    Stream::Clear(stream) => stream.write_all(octets).await?,
                    Stream::Secure(stream) => {
                        stream.write_all(octets).await?;
                        stream.flush().await?;
                    }
                    Stream::Gone => return Err(io::ErrorKind::NotConnected.into()),
                }
                for code in codes.iter() {
                    self.answer(*code).await?;
                }
                Ok(())
            }
        }
    }

    /// Waits for the server's end of the connection.
    pub(crate) async fn ended(mut self) -> io::Result<()> {
        match self.fill().await {
            Ok(0) => Ok(()),
            Ok(_) => Err(io::Error::other("more is said behind the farewell")),
            // TLS without its own farewell.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Gives back what an idle connection does not need.
    pub(crate) fn rest(&mut self) {
        self.buffer = Vec::new();
        self.at = 0;
    }

    async fn secure(&mut self, connector: &TlsConnector) -> io::Result<()> {
        let Stream::Clear(stream) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let name = ServerName::try_from("mail.example.com").map_err(io::Error::other)?;
        let stream = connector.connect(name, stream).await?;
        self.resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        self.stream = Stream::Secure(Box::new(stream));
        Ok(())
    }

    /// Reads one whole answer, which must have that code.
    async fn answer(&mut self, code: u16) -> io::Result<()> {
        loop {
            while let Some(end) = memchr(b'\n', &self.buffer[self.at..]) {
                let line = &self.buffer[self.at..self.at + end];
                self.at += end + 1;
                if line.get(3) == Some(&b'-') {
                    continue;
                }
                let said =
                    line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|d| d.parse().ok());
                if said != Some(code) {
                    return Err(io::Error::other(format!("{code} expected: {}", String::from_utf8_lossy(line))));
                }
                return Ok(());
            }
            if self.fill().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        }
        self.buffer.reserve(4096);
        match &mut self.stream {
            Stream::Clear(stream) => stream.read_buf(&mut self.buffer).await,
            Stream::Secure(stream) => stream.read_buf(&mut self.buffer).await,
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}
