//! Where a listener listens, an address with a port or the file of a UNIX socket, and sockets of either kind.
//!
//! Never: reads a configuration, or decides who may come in.

mod file;
mod socket;
mod transport;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    str::FromStr,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

pub use file::FileRights;
pub use socket::{Acceptor, ListeningSocket, bind};
pub use transport::Transport;

/// What stands before the path of a UNIX socket.
pub const UNIX: &str = "unix:";

/// Where a listener listens. It also says where a peer is in the log: one that comes through a UNIX socket has no
/// address, and is known by the file of that socket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Endpoint {
    /// An address and a port.
    Inet(SocketAddr),
    /// The file of a UNIX socket.
    Unix(Arc<Path>),
}

/// What a listener says of peers without an address: those of a UNIX socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalPeers {
    /// The address that protocols see. Without another word it is nobody's, so that no list of networks that names this
    /// machine holds for them.
    pub ip: IpAddr,
    /// Whether their connections begin with a PROXY header.
    pub proxies: bool,
}

impl Default for LocalPeers {
    fn default() -> LocalPeers {
        LocalPeers { ip: Ipv4Addr::UNSPECIFIED.into(), proxies: false }
    }
}

impl Endpoint {
    /// The address and the port, where it has them.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Endpoint::Inet(address) => Some(*address),
            Endpoint::Unix(_) => None,
        }
    }

    /// The file, where it is a UNIX socket.
    pub fn file(&self) -> Option<&Arc<Path>> {
        match self {
            Endpoint::Inet(_) => None,
            Endpoint::Unix(path) => Some(path),
        }
    }

    /// Whether the system chooses the port.
    pub fn is_chosen(&self) -> bool {
        self.inet().is_some_and(|address| address.port() == 0)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        Endpoint::Inet(address)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Inet(address) => address.fmt(f),
            Endpoint::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl FromStr for Endpoint {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Endpoint, Self::Err> {
        match text.strip_prefix(UNIX) {
            Some(path) => Ok(Endpoint::Unix(Path::new(path).into())),
            None => text.parse().map(Endpoint::Inet),
        }
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> String {
        endpoint.to_string()
    }
}

impl TryFrom<String> for Endpoint {
    type Error = std::net::AddrParseError;

    fn try_from(text: String) -> Result<Endpoint, Self::Error> {
        text.parse()
    }
}

/// An address and a port as people write them; an IPv4 address that came through an IPv6 socket is shown as such.
pub(crate) fn socket_address(ip: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(ip.to_canonical(), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_as_it_is_written() {
        for text in ["127.0.0.1:25", "[::1]:465", "unix:/run/saywhen/lmtp.sock"] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), text);
            let json = serde_json::to_string(&endpoint).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Endpoint>(&json).unwrap(), endpoint);
        }
        assert!("25".parse::<Endpoint>().is_err());
    }
}
