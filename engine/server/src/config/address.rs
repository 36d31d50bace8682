//! The address forms of `listen`, and the sockets that each stands for.
//!
//! Never: resolves a name or binds.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    str::FromStr,
    sync::Arc,
};

use crate::endpoint::{Endpoint, UNIX};

/// What one `listen` says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A bare port: every IPv4 and every IPv6 address, as two sockets.
    Every(u16),
    /// One address and a port; with port 0 the system chooses one.
    One(SocketAddr),
    /// The file of a UNIX socket.
    Unix(Arc<Path>),
}

/// The forms, for messages.
pub const FORMS: &str =
    "\"2525\" for every address, \"127.0.0.1:2525\", \"::1/2525\", \"[::1]:2525\" or \"unix:/path\"";

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// The port is not a number from 0 to 65535.
    Port,
    /// The port is 0, and no address stands before it: each family would have another port.
    Chosen,
    /// The part before the port is a name.
    Name,
    /// The path of a UNIX socket is missing, or of a socket without a file.
    NoFile,
    /// The path of a UNIX socket is longer than the system takes.
    LongPath,
    /// It fits none of the forms.
    Form,
}

/// The most octets of the path of a UNIX socket (`unix(7)`), without the zero behind it.
const PATH_MOST: usize = 107;

impl Address {
    /// The sockets to bind.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        match self {
            Address::Every(port) => vec![
                SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), *port).into(),
                SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), *port).into(),
            ],
            Address::One(address) => vec![(*address).into()],
            Address::Unix(path) => vec![Endpoint::Unix(Arc::clone(path))],
        }
    }

    /// The file, where it is a UNIX socket.
    pub fn file(&self) -> Option<&Arc<Path>> {
        match self {
            Address::Every(_) | Address::One(_) => None,
            Address::Unix(path) => Some(path),
        }
    }

    /// With a path relative to that folder.
    ///
    /// # Errors
    /// The path is longer than the system takes then.
    pub fn within(self, folder: &Path) -> Result<Address, AddressError> {
        let Address::Unix(path) = self else { return Ok(self) };
        let path = folder.join(path);
        if path.as_os_str().len() > PATH_MOST { Err(AddressError::LongPath) } else { Ok(Address::Unix(path.into())) }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        if let Some(path) = text.strip_prefix(UNIX) {
            let is_file = !path.is_empty() && !path.starts_with('@') && !path.ends_with('/') && !path.contains('\0');
            return if is_file { Ok(Address::Unix(Path::new(path).into())) } else { Err(AddressError::NoFile) };
        }
        if text.bytes().all(|octet| octet.is_ascii_digit()) && !text.is_empty() {
            return port(text)
                .and_then(|port| if port > 0 { Ok(Address::Every(port)) } else { Err(AddressError::Chosen) });
        }
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
        let (host, number) = bracketed
            .or_else(|| text.split_once('/'))
            .or_else(|| text.split_once(':').filter(|(_, number)| !number.contains(':')))
            .ok_or(AddressError::Form)?;
        let v6 = bracketed.is_some() || text.contains('/');
        let ip = match v6 {
            true => host.parse().map(IpAddr::V6).map_err(|_| AddressError::Form)?,
            false => host.parse().map(IpAddr::V4).map_err(|_| unlike_address(host))?,
        };
        Ok(Address::One(SocketAddr::new(ip, port(number)?)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Every(port) => port.fmt(f),
            Address::One(address) => address.fmt(f),
            Address::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressError::Port => "its port is not a number from 0 to 65535",
            AddressError::Chosen => "port 0, which has the system choose one, needs an address before it",
            AddressError::NoFile => "`unix:` wants the path of a file, which says who may connect",
            AddressError::LongPath => "the path of a UNIX socket has 107 octets at the most",
            AddressError::Name => "a listener takes an address, not a name",
            AddressError::Form => "it is no address with a port",
        })
    }
}

fn port(text: &str) -> Result<u16, AddressError> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(AddressError::Port)
}

fn unlike_address(host: &str) -> AddressError {
    let name = host.bytes().any(|octet| octet.is_ascii_alphabetic());
    if name { AddressError::Name } else { AddressError::Form }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&str], AddressError>) {
        let sockets = text
            .parse::<Address>()
            .map(|address| address.endpoints().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        assert_eq!(sockets, expected.map(|sockets| sockets.join(" ")), "{text}");
    }

    #[test]
    fn the_three_forms_are_taken() {
        check("2525", Ok(&["0.0.0.0:2525", "[::]:2525"]));
        check("127.0.0.1:25", Ok(&["127.0.0.1:25"]));
        check("0.0.0.0:65535", Ok(&["0.0.0.0:65535"]));
        check("::1/2525", Ok(&["[::1]:2525"]));
        check("127.0.0.1:0", Ok(&["127.0.0.1:0"]));
        check("::/1", Ok(&["[::]:1"]));
        check("[2001:db8::1]:465", Ok(&["[2001:db8::1]:465"]));
    }

    #[test]
    fn a_path_is_relative_to_the_folder_of_the_configuration() {
        check("unix:/run/x.sock", Ok(&["unix:/run/x.sock"]));
        let within = |folder: &str| "unix:x.sock".parse::<Address>().unwrap().within(Path::new(folder));
        assert_eq!(within("/etc/saywhen").map(|address| address.to_string()), Ok("unix:/etc/saywhen/x.sock".into()));
        assert_eq!(within(&format!("/{}", "x".repeat(100))), Err(AddressError::LongPath));
        assert!(within(&format!("/{}", "x".repeat(99))).is_ok_and(|address| address.to_string().len() == 5 + 107));
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        check("localhost:2010", Err(AddressError::Name));
        check("70000", Err(AddressError::Port));
        check("0", Err(AddressError::Chosen));
        check("127.0.0.1:+25", Err(AddressError::Port));
        check("127.0.0.1:99999999999", Err(AddressError::Port));
        check("::1/", Err(AddressError::Port));
        check("::1:25", Err(AddressError::Form));
        check("127.0.0.1/25", Err(AddressError::Form));
        check("[127.0.0.1]:25", Err(AddressError::Form));
        check("1.2.3:25", Err(AddressError::Form));
        check("", Err(AddressError::Form));
        check("-1", Err(AddressError::Form));
        check("*:25", Err(AddressError::Form));
        check("unix:", Err(AddressError::NoFile));
        check("unix:/run/", Err(AddressError::NoFile));
        check("unix:@abstract", Err(AddressError::NoFile));
    }
}
