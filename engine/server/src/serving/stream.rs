//! The octets of one connection, in the clear or under TLS.
//!
//! Never: keeps a buffer of its own while it waits.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::server::TlsStream;

use crate::{config::Period, endpoint::Transport, serving::version::Patience};

/// How long the end of a connection waits for the peer's own end, so that the last answer is not lost by a reset.
const LINGER: Duration = Duration::from_secs(2);
/// The most octets that are thrown away meanwhile.
const LINGER_MOST: usize = 256 * 1024;

/// Octets per read while a payload streams in.
const WIDE: usize = 32 * 1024;
/// Octets per read otherwise: as much as may be answered in one go.
const NARROW: usize = 4 * 1024;

/// One connection.
pub(crate) enum Stream {
    /// In the clear.
    Clear(Transport),
    /// Under TLS.
    Secure(Box<TlsStream<Transport>>),
}

impl Stream {
    /// The connection below.
    fn transport(&self) -> &Transport {
        match self {
            Stream::Clear(stream) => stream,
            Stream::Secure(stream) => stream.get_ref().0,
        }
    }

    /// Waits for octets and shows them; not one of them is kept. No octets: the peer will send no more.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) fn poll_heard<T>(
        &mut self,
        cx: &mut Context<'_>,
        wide: bool,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        if wide { self.poll_read::<T, WIDE>(cx, take) } else { self.poll_read::<T, NARROW>(cx, take) }
    }

    /// The buffer lives on the stack for the length of one poll.
    fn poll_read<T, const N: usize>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let mut buffer = [MaybeUninit::uninit(); N];
        let mut octets = ReadBuf::uninit(&mut buffer);
        let read = match self {
            Stream::Clear(stream) => Pin::new(stream).poll_read(cx, &mut octets),
            Stream::Secure(stream) => Pin::new(stream).poll_read(cx, &mut octets),
        };
        match ready!(read) {
            Ok(()) => {}
            // TLS without its own farewell: the peer has closed all the same, and what it said before is whole lines.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => octets.clear(),
            Err(error) => return Poll::Ready(Err(error)),
        }
        Poll::Ready(Ok(take(octets.filled())))
    }

    /// What is said from here on leaves in one packet with the end of our side, where it fits.
    pub(crate) fn hold(&self) {
        // Where that fails, as on a UNIX socket, it leaves in two.
        let _ = SockRef::from(self.transport()).set_tcp_cork(true);
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// The connection broke, or the peer does not read, or so slowly that it would never end.
    pub(crate) async fn say(&mut self, octets: &[u8], patience: Patience) -> io::Result<()> {
        // Most of what is said leaves at once: nobody waits, and no time is looked at.
        let at_once = poll_fn(|cx| {
            Poll::Ready(match self.poll_write(cx, octets) {
                Poll::Ready(Ok(sent)) if sent == octets.len() => (sent, self.poll_flush(cx)),
                Poll::Ready(Ok(sent)) => (sent, Poll::Pending),
                Poll::Ready(Err(error)) => (0, Poll::Ready(Err(error))),
                Poll::Pending => (0, Poll::Pending),
            })
        });
        match at_once.await {
            (_, Poll::Ready(done)) => done,
            (sent, Poll::Pending) => Box::pin(self.say_on(octets.get(sent..).unwrap_or_default(), patience)).await,
        }
    }

    /// Sends what did not leave at once.
    async fn say_on(&mut self, mut octets: &[u8], patience: Patience) -> io::Result<()> {
        let Patience { stalled, slowest } = patience;
        let end = Instant::now() + stalled + slowest.time_for(octets.len() as u64);
        while !octets.is_empty() {
            let next = end.min(Instant::now() + stalled);
            let sent =
                timeout_at(next, poll_fn(|cx| self.poll_write(cx, octets))).await.map_err(|_| unread(patience))??;
            octets = octets.get(sent..).unwrap_or_default();
            if sent == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        timeout(stalled, poll_fn(|cx| self.poll_flush(cx))).await.map_err(|_| unread(patience))?
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Clear(stream) => Pin::new(stream).poll_write(cx, octets),
            Stream::Secure(stream) => Pin::new(stream).poll_write(cx, octets),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Clear(_) => Poll::Ready(Ok(())),
            Stream::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    /// Waits until the peer resets the connection; a mere end of its octets does not count.
    pub(crate) async fn reset(&self) {
        self.transport().reset().await;
    }

    /// Ends our side, then waits a little for the peer's: closing with octets unread would make the system send a
    /// reset, and a reset can destroy the last answer before the peer has read it.
    pub(crate) async fn end(mut self) {
        let ended = async {
            match &mut self {
                Stream::Clear(stream) => stream.shutdown().await,
                Stream::Secure(stream) => stream.shutdown().await,
            }?;
            let mut left = LINGER_MOST;
            let mut transport = match self {
                Stream::Clear(stream) => stream,
                Stream::Secure(stream) => stream.into_inner().0,
            };
            while left > 0 {
                let read = poll_fn(|cx| {
                    let mut buffer = [MaybeUninit::uninit(); NARROW];
                    let mut octets = ReadBuf::uninit(&mut buffer);
                    Pin::new(&mut transport).poll_read(cx, &mut octets).map_ok(|()| octets.filled().len())
                });
                match read.await? {
                    0 => break,
                    read => left = left.saturating_sub(read),
                }
            }
            io::Result::Ok(())
        };
        // Whether the peer says goodbye is its own affair.
        let _ = timeout(LINGER, ended).await;
    }
}

fn unread(patience: Patience) -> io::Error {
    let span = Period(patience.stalled);
    io::Error::new(io::ErrorKind::TimedOut, format!("the peer read nothing, or next to nothing, for {span}"))
}
