//! The address forms of `listen`, and the sockets that each stands for.
//!
//! Never: resolves a name or binds.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// What one `listen` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address {
    /// A bare port: every IPv4 and every IPv6 address, as two sockets.
    Every(u16),
    /// One address and a port; with port 0 the system chooses one.
    One(SocketAddr),
}

/// The forms, for messages.
pub const FORMS: &str = "\"2525\" for every address, \"127.0.0.1:2525\", \"::1/2525\" or \"[::1]:2525\"";

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// The port is not a number from 0 to 65535.
    Port,
    /// The port is 0, and no address stands before it: each family would have another port.
    Chosen,
    /// The part before the port is a name.
    Name,
    /// It fits none of the forms.
    Form,
}

impl Address {
    /// The sockets to bind.
    pub fn sockets(self) -> Vec<SocketAddr> {
        match self {
            Address::Every(port) => vec![
                SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
                SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port),
            ],
            Address::One(address) => vec![address],
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
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
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressError::Port => "its port is not a number from 0 to 65535",
            AddressError::Chosen => "port 0, which has the system choose one, needs an address before it",
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
            .map(|address| address.sockets().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
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
    }
}
