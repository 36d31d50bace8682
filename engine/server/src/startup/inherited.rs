//! Listening sockets that a service manager hands over (`sd_listen_fds(3)`): listeners take them by their
//! addresses or files.
//!
//! Never: takes a socket that does not listen, or keeps one that no listener asked for.

use std::{
    env,
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process,
};

use listenfd::ListenFd;
use socket2::SockRef;

use crate::{
    endpoint::{Endpoint, ListeningSocket},
    exit::{Exit, Fault},
};

/// What was handed over and is not taken yet.
#[derive(Debug, Default)]
pub struct Inherited(Vec<ListeningSocket>);

impl Inherited {
    /// Takes over what the environment names, once: the variables are gone behind it. Must be called while there is
    /// only one thread. Files below `root`, what this process takes for the root of the file system, are known by
    /// their names there.
    ///
    /// # Errors
    /// What was handed over is not a TCP or UNIX socket that listens.
    pub fn from_environment(root: Option<&Path>) -> Result<Inherited, Fault> {
        let ours = env::var("LISTEN_PID").is_ok_and(|pid| pid == process::id().to_string());
        // Without this check a stray variable would make other descriptors of ours into sockets.
        if !ours {
            return Ok(Inherited::default());
        }
        let mut given = ListenFd::from_env();
        let mut inherited = Inherited::default();
        for place in 0..given.len() {
            // What is not of the one kind stays where it is, for the other.
            let socket = match given.take_unix_listener(place) {
                Ok(Some(socket)) => unix(place, socket, root)?,
                Ok(None) => continue,
                Err(_) => match given.take_tcp_listener(place) {
                    Ok(Some(socket)) => inet(place, socket)?,
                    Ok(None) => continue,
                    Err(error) => return Err(unfit(place, &error.to_string())),
                },
            };
            inherited.0.push(socket);
        }
        Ok(inherited)
    }

    /// The socket of that endpoint, if it was handed over.
    pub fn take(&mut self, endpoint: &Endpoint) -> Option<ListeningSocket> {
        let place = self.0.iter().position(|socket| same(socket.endpoint(), endpoint))?;
        Some(self.0.remove(place))
    }

    /// The endpoints of what nobody took; the sockets are closed.
    pub fn left(self) -> Vec<Endpoint> {
        self.0.into_iter().map(|socket| socket.endpoint().clone()).collect()
    }

    /// The endpoints of what was handed over and is not taken yet.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.0.iter().map(|socket| socket.endpoint().clone()).collect()
    }
}

fn inet(place: usize, socket: TcpListener) -> Result<ListeningSocket, Fault> {
    listens(place, &SockRef::from(&socket))?;
    let address = socket.local_addr().map_err(|error| unfit(place, &error.to_string()))?;
    if answers_both(address, &socket) {
        return Err(unfit(place, "it answers IPv6 and IPv4, and a listener has one of them"));
    }
    ListeningSocket::inet(socket).map_err(|error| unfit(place, &error.to_string()))
}

fn unix(place: usize, socket: UnixListener, root: Option<&Path>) -> Result<ListeningSocket, Fault> {
    listens(place, &SockRef::from(&socket))?;
    let address = socket.local_addr().map_err(|error| unfit(place, &error.to_string()))?;
    let path = address.as_pathname().ok_or_else(|| unfit(place, "it is a UNIX socket without a file"))?;
    let below = root.and_then(|root| path.strip_prefix(root).ok()).map(|below| Path::new("/").join(below));
    let path: PathBuf = below.unwrap_or_else(|| path.to_path_buf());
    Ok(ListeningSocket::lent(path.into(), socket))
}

fn listens(place: usize, socket: &SockRef<'_>) -> Result<(), Fault> {
    if socket.is_listener().unwrap_or(false) { Ok(()) } else { Err(unfit(place, "it does not listen")) }
}

/// IPv6 addresses may carry a scope and a flow that a configuration does not name.
fn same(a: &Endpoint, b: &Endpoint) -> bool {
    match (a, b) {
        (Endpoint::Inet(a), Endpoint::Inet(b)) => a.ip() == b.ip() && a.port() == b.port(),
        _ => a == b,
    }
}

fn answers_both(address: SocketAddr, socket: &TcpListener) -> bool {
    let every = address.ip() == IpAddr::from(Ipv6Addr::UNSPECIFIED);
    every && SockRef::from(socket).only_v6().is_ok_and(|only| !only)
}

fn unfit(place: usize, why: &str) -> Fault {
    Fault::new(
        Exit::Config,
        format!("descriptor {} was handed over and cannot be served: {why}", place + 3),
        "hand over TCP or UNIX sockets that listen: `ListenStream=` with an address and a port, or with a path, `Accept=no`, and \
         `BindIPv6Only=ipv6-only`",
    )
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    fn given(socket: TcpListener) -> Inherited {
        Inherited(vec![ListeningSocket::inet(socket).unwrap()])
    }

    #[test]
    fn a_socket_is_taken_once_by_its_address() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let other = SocketAddr::new([127, 0, 0, 2].into(), address.port()).into();
        let address = address.into();
        let mut inherited = given(socket);
        assert!(inherited.take(&other).is_none());
        assert!(inherited.take(&address).is_some());
        assert!(inherited.take(&address).is_none());
        assert!(inherited.left().is_empty());
    }

    #[test]
    fn what_nobody_takes_is_left() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        assert_eq!(given(socket).left(), [Endpoint::Inet(address)]);
    }

    #[test]
    fn a_socket_with_a_file_is_taken_by_its_path_below_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/s");
        std::fs::create_dir(folder.path().join("run")).unwrap();
        let socket = || UnixListener::bind(&path).unwrap();
        let whole = Inherited(vec![unix(0, socket(), None).unwrap()]);
        assert_eq!(whole.left(), [Endpoint::Unix(path.as_path().into())]);
        assert!(path.exists(), "whoever made it removes it");
        std::fs::remove_file(&path).unwrap();
        let below = Inherited(vec![unix(0, socket(), Some(folder.path())).unwrap()]);
        assert_eq!(below.left(), ["unix:/run/s".parse().unwrap()]);
    }

    #[test]
    fn a_socket_of_both_families_is_told() {
        for only_v6 in [true, false] {
            let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
            socket.set_only_v6(only_v6).unwrap();
            socket.bind(&SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0).into()).unwrap();
            socket.listen(1).unwrap();
            let socket = TcpListener::from(socket);
            assert_eq!(answers_both(socket.local_addr().unwrap(), &socket), !only_v6);
        }
    }
}
