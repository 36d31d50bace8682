//! Sockets that listen, of either kind.
//!
//! Never: accepts before it is told to.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::Path,
    sync::Arc,
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{
    Endpoint, FileRights, Transport,
    file::{self, BACKLOG, SocketFile},
};

/// A socket that is bound and not served yet.
#[derive(Debug)]
pub struct ListeningSocket {
    endpoint: Endpoint,
    socket: Bound,
}

#[derive(Debug)]
enum Bound {
    Inet(TcpListener),
    /// With its file, where that goes with the socket.
    Unix(UnixListener, Option<SocketFile>),
}

/// A socket that is served.
#[derive(Debug)]
pub struct Acceptor(Serving);

#[derive(Debug)]
enum Serving {
    Inet(tokio::net::TcpListener),
    Unix {
        socket: tokio::net::UnixListener,
        /// Held until nothing is accepted any more.
        _file: Option<SocketFile>,
    },
}

/// Binds an address. An IPv6 socket takes IPv6 only, so that both families can have one port.
///
/// # Errors
/// The address is taken, not ours, or needs a right that is missing.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl ListeningSocket {
    /// Binds an address.
    ///
    /// # Errors
    /// The address is taken, not ours, or needs a right that is missing.
    pub fn bind(address: SocketAddr) -> io::Result<ListeningSocket> {
        bind(address).and_then(ListeningSocket::inet)
    }

    /// Binds the file of a UNIX socket, in the place of one that a dead server left; it is removed with the socket.
    ///
    /// # Errors
    /// A living server listens there (`AddrInUse`), another file is there (`AlreadyExists`), or the folder is not ours
    /// to write.
    pub fn bind_file(path: &Arc<Path>, rights: &FileRights) -> io::Result<ListeningSocket> {
        let (socket, file) = file::bind(path, rights)?;
        Ok(ListeningSocket { endpoint: Endpoint::Unix(Arc::clone(path)), socket: Bound::Unix(socket, Some(file)) })
    }

    /// A socket that listens already.
    ///
    /// # Errors
    /// It has no address.
    pub fn inet(socket: TcpListener) -> io::Result<ListeningSocket> {
        Ok(ListeningSocket { endpoint: socket.local_addr()?.into(), socket: Bound::Inet(socket) })
    }

    /// A UNIX socket that somebody else made and will remove, known by that file.
    pub fn lent(path: Arc<Path>, socket: UnixListener) -> ListeningSocket {
        ListeningSocket { endpoint: Endpoint::Unix(path), socket: Bound::Unix(socket, None) }
    }

    /// Where it listens, with the port that the system chose.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Serves it. Must be called within a runtime.
    ///
    /// # Errors
    /// The runtime cannot take it.
    pub fn serve(self) -> io::Result<Acceptor> {
        Ok(Acceptor(match self.socket {
            Bound::Inet(socket) => {
                socket.set_nonblocking(true)?;
                // Answers leave at once: each is one write. Connections inherit it.
                SockRef::from(&socket).set_tcp_nodelay(true)?;
                Serving::Inet(tokio::net::TcpListener::from_std(socket)?)
            }
            Bound::Unix(socket, file) => {
                socket.set_nonblocking(true)?;
                Serving::Unix { socket: tokio::net::UnixListener::from_std(socket)?, _file: file }
            }
        }))
    }
}

impl Acceptor {
    /// The next connection, and the addresses of its peer and of our end, where it has addresses.
    ///
    /// # Errors
    /// The connection was gone before it was accepted, or there are no descriptors.
    pub async fn accept(&self) -> io::Result<(Transport, Option<(SocketAddr, SocketAddr)>)> {
        match &self.0 {
            Serving::Inet(socket) => {
                let (stream, peer) = socket.accept().await?;
                let local = stream.local_addr()?;
                Ok((Transport::Inet(stream), Some((peer, local))))
            }
            Serving::Unix { socket, .. } => Ok((Transport::Unix(socket.accept().await?.0), None)),
        }
    }
}
