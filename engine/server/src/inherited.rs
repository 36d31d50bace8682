//! Listening sockets that a service manager hands over (`sd_listen_fds(3)`): listeners take them by their addresses.
//!
//! Never: takes a socket that does not listen, or keeps one that no listener asked for.

use std::{
    env,
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener},
    process,
};

use listenfd::ListenFd;
use socket2::SockRef;

use crate::exit::{Exit, Fault};

/// What was handed over and is not taken yet.
#[derive(Debug, Default)]
pub struct Inherited(Vec<(SocketAddr, TcpListener)>);

impl Inherited {
    /// Takes over what the environment names, once: the variables are gone behind it. Must be called while there is
    /// only one thread.
    ///
    /// # Errors
    /// What was handed over is not a TCP socket that listens.
    pub fn from_environment() -> Result<Inherited, Fault> {
        let ours = env::var("LISTEN_PID").is_ok_and(|pid| pid == process::id().to_string());
        // Without this check a stray variable would make other descriptors of ours into sockets.
        if !ours {
            return Ok(Inherited::default());
        }
        let mut given = ListenFd::from_env();
        let mut inherited = Inherited::default();
        for place in 0..given.len() {
            let socket = given.take_tcp_listener(place).map_err(|error| unfit(place, &error.to_string()))?;
            let Some(socket) = socket else { continue };
            if !SockRef::from(&socket).is_listener().unwrap_or(false) {
                return Err(unfit(place, "it does not listen"));
            }
            let address = socket.local_addr().map_err(|error| unfit(place, &error.to_string()))?;
            if answers_both(address, &socket) {
                return Err(unfit(place, "it answers IPv6 and IPv4, and a listener has one of them"));
            }
            inherited.0.push((address, socket));
        }
        Ok(inherited)
    }

    /// The socket of that address, if it was handed over.
    pub fn take(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let place = self.0.iter().position(|(local, _)| same(*local, address))?;
        Some(self.0.remove(place).1)
    }

    /// The addresses of what nobody took; the sockets are closed.
    pub fn left(self) -> Vec<SocketAddr> {
        self.0.into_iter().map(|(address, _)| address).collect()
    }
}

/// IPv6 addresses may carry a scope and a flow that a configuration does not name.
fn same(a: SocketAddr, b: SocketAddr) -> bool {
    a.ip() == b.ip() && a.port() == b.port()
}

fn answers_both(address: SocketAddr, socket: &TcpListener) -> bool {
    let every = address.ip() == IpAddr::from(Ipv6Addr::UNSPECIFIED);
    every && SockRef::from(socket).only_v6().is_ok_and(|only| !only)
}

fn unfit(place: usize, why: &str) -> Fault {
    Fault::new(
        Exit::Config,
        format!("descriptor {} was handed over and cannot be served: {why}", place + 3),
        "hand over TCP sockets that listen: `ListenStream=` with an address and a port, `Accept=no`, and \
         `BindIPv6Only=ipv6-only`",
    )
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    fn given(socket: TcpListener) -> Inherited {
        Inherited(vec![(socket.local_addr().unwrap(), socket)])
    }

    #[test]
    fn a_socket_is_taken_once_by_its_address() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let other = SocketAddr::new([127, 0, 0, 2].into(), address.port());
        let mut inherited = given(socket);
        assert!(inherited.take(other).is_none());
        assert!(inherited.take(address).is_some());
        assert!(inherited.take(address).is_none());
        assert!(inherited.left().is_empty());
    }

    #[test]
    fn what_nobody_takes_is_left() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        assert_eq!(given(socket).left(), [address]);
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
