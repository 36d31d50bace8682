//! The octets of a connection as they come, through either kind of socket.
//!
//! Never: keeps any.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll},
};

use nix::sys::socket::{MsgFlags, recv};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::{TcpStream, UnixStream},
};

/// One connection.
#[derive(Debug)]
pub enum Transport {
    /// By an address.
    Inet(TcpStream),
    /// By a file.
    Unix(UnixStream),
}

impl Transport {
    /// Waits until the peer resets the connection; a mere end of its octets does not count.
    pub async fn reset(&self) {
        // Readiness itself can only fail when the runtime ends.
        let _ = match self {
            Transport::Inet(stream) => stream.ready(Interest::ERROR).await,
            Transport::Unix(stream) => stream.ready(Interest::ERROR).await,
        };
    }

    /// Waits for octets and copies them; they stay where they are.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Transport::Inet(stream) => stream.peek(buffer).await,
            Transport::Unix(stream) => {
                let seen = || Ok(recv(stream.as_raw_fd(), buffer, MsgFlags::MSG_PEEK)?);
                stream.async_io(Interest::READABLE, seen).await
            }
        }
    }
}

impl AsFd for Transport {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Transport::Inet(stream) => stream.as_fd(),
            Transport::Unix(stream) => stream.as_fd(),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Inet(stream) => Pin::new(stream).poll_read(cx, buffer),
            Transport::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Transport::Inet(stream) => Pin::new(stream).poll_write(cx, octets),
            Transport::Unix(stream) => Pin::new(stream).poll_write(cx, octets),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Transport::Inet(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Transport::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Transport::Inet(stream) => stream.is_write_vectored(),
            Transport::Unix(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Inet(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Transport::Inet(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
