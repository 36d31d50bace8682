//! The PROXY protocol, versions 1 and 2: what stands in front of a connection that a proxy brings, and who it is for.
//!
//! Never: reads an octet behind the header, waits longer than [`PATIENCE`], or keeps what it does not understand.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{io::AsyncReadExt, time::timeout};

use crate::endpoint::Transport;

/// How long a proxy may take to say whom it brings.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The longest line of version 1, its end included.
const LINE_MOST: usize = 107;
/// The most octets of version 2 behind its first 16: addresses, and extensions that are not looked at.
const REST_MOST: usize = 4096;

/// Whom a proxy brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// A peer, and the address that it connected to.
    Peer(SocketAddr, SocketAddr),
    /// Itself, to see whether we are alive, or somebody that it does not name: its own addresses count.
    Itself,
}

/// Why a header cannot be taken.
#[derive(Debug)]
pub enum HeaderError {
    /// It did not come in time.
    Slow,
    /// The connection ended or broke.
    Broken(io::Error),
    /// It is no header of either version.
    Missing,
    /// It begins like a header and is none.
    Malformed,
    /// It is longer than any that is taken.
    TooLong,
}

/// Reads the header, and not an octet more.
///
/// # Errors
/// Why there is none.
pub async fn header(stream: &mut Transport) -> Result<Brought, HeaderError> {
    timeout(PATIENCE, read(stream)).await.map_err(|_| HeaderError::Slow)?
}

async fn read(stream: &mut Transport) -> Result<Brought, HeaderError> {
    // No header is shorter than these.
    let mut start = [0; 12];
    stream.read_exact(&mut start).await?;
    if start == *SIGNATURE {
        return second(stream).await;
    }
    if !start.starts_with(b"PROXY ") {
        return Err(HeaderError::Missing);
    }
    let mut line = start.to_vec();
    while !line.ends_with(b"\n") {
        if line.len() >= LINE_MOST {
            return Err(HeaderError::TooLong);
        }
        // What is looked at first is taken only as far as the line goes.
        let mut ahead = [0; LINE_MOST];
        let room = LINE_MOST - line.len();
        let seen = stream.peek(&mut ahead[..room]).await?;
        if seen == 0 {
            return Err(HeaderError::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
        let wanted = ahead[..seen].iter().position(|octet| *octet == b'\n').map_or(seen, |feed| feed + 1);
        stream.read_exact(&mut ahead[..wanted]).await?;
        line.extend_from_slice(&ahead[..wanted]);
    }
    first(&line).ok_or(HeaderError::Malformed)
}

/// A line of version 1, its end included.
fn first(line: &[u8]) -> Option<Brought> {
    let line = std::str::from_utf8(line.strip_suffix(b"\r\n")?).ok()?;
    let mut words = line.split(' ');
    if words.next() != Some("PROXY") {
        return None;
    }
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(Brought::Itself);
    }
    let mut address = || -> Option<IpAddr> {
        let text = words.next()?;
        match family {
            "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let (from, to) = (address()?, address()?);
    let mut port = || -> Option<u16> {
        let text = words.next()?;
        let plain = text.bytes().all(|octet| octet.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        text.parse().ok().filter(|_| plain)
    };
    let (from_port, to_port) = (port()?, port()?);
    let brought = Brought::Peer(SocketAddr::new(from, from_port), SocketAddr::new(to, to_port));
    words.next().is_none().then_some(brought)
}

/// What is behind the signature of version 2.
async fn second(stream: &mut Transport) -> Result<Brought, HeaderError> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [version_and_command, family, high, low] = head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > REST_MOST {
        return Err(HeaderError::TooLong);
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    binary(version_and_command, family, &rest).ok_or(HeaderError::Malformed)
}

fn binary(version_and_command: u8, family: u8, rest: &[u8]) -> Option<Brought> {
    match version_and_command {
        // LOCAL: the proxy speaks for itself, whatever stands behind.
        0x20 => return Some(Brought::Itself),
        0x21 => {}
        _ => return None,
    }
    match family {
        // TCP over IPv4 and over IPv6.
        0x11 => ends::<4>(rest),
        0x21 => ends::<16>(rest),
        // Unspecified, and unix sockets: nobody with an address. Datagrams are none of ours.
        0x00 | 0x31 => Some(Brought::Itself),
        _ => None,
    }
}

/// Two addresses of so many octets, then two ports.
fn ends<const N: usize>(rest: &[u8]) -> Option<Brought>
where
    IpAddr: From<[u8; N]>,
{
    let (from, rest) = rest.split_first_chunk::<N>()?;
    let (to, rest) = rest.split_first_chunk::<N>()?;
    let (from_port, rest) = rest.split_first_chunk::<2>()?;
    let (to_port, _) = rest.split_first_chunk::<2>()?;
    let end = |address: &[u8; N], port: &[u8; 2]| SocketAddr::new(IpAddr::from(*address), u16::from_be_bytes(*port));
    Some(Brought::Peer(end(from, from_port), end(to, to_port)))
}

impl From<io::Error> for HeaderError {
    fn from(error: io::Error) -> HeaderError {
        HeaderError::Broken(error)
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderError::Slow => write!(f, "it did not come within {} seconds", PATIENCE.as_secs()),
            HeaderError::Broken(error) => write!(f, "the connection broke off: {error}"),
            HeaderError::Missing => f.write_str("there is none"),
            HeaderError::Malformed => f.write_str("it is malformed"),
            HeaderError::TooLong => f.write_str("it is too long"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(brought: Option<Brought>) -> String {
        match brought {
            None => "none".into(),
            Some(Brought::Itself) => "itself".into(),
            Some(Brought::Peer(from, to)) => format!("{from} to {to}"),
        }
    }

    #[test]
    fn lines_of_version_1_are_taken_as_they_are_written_and_not_otherwise() {
        for (line, expected) in [
            ("PROXY TCP4 192.0.2.1 192.0.2.9 56324 25\r\n", "192.0.2.1:56324 to 192.0.2.9:25"),
            ("PROXY TCP6 2001:db8::1 2001:db8::9 1 65535\r\n", "[2001:db8::1]:1 to [2001:db8::9]:65535"),
            ("PROXY UNKNOWN\r\n", "itself"),
            ("PROXY UNKNOWN ffff:f::f ffff:f::f 65535 65535\r\n", "itself"),
            ("PROXY TCP4 192.0.2.1 192.0.2.9 56324 25\n", "none"),
            ("PROXY TCP4 192.0.2.1 192.0.2.9 56324\r\n", "none"),
            ("PROXY TCP4 192.0.2.1 192.0.2.9 56324 25 x\r\n", "none"),
            ("PROXY TCP4 192.0.2.1  192.0.2.9 56324 25\r\n", "none"),
            ("PROXY TCP4 192.0.2.1 192.0.2.9 056324 25\r\n", "none"),
            ("PROXY TCP4 192.0.2.1 192.0.2.9 65536 25\r\n", "none"),
            ("PROXY TCP4 2001:db8::1 192.0.2.9 1 25\r\n", "none"),
            ("PROXY TCP6 192.0.2.1 192.0.2.9 1 25\r\n", "none"),
            ("PROXY UDP4 192.0.2.1 192.0.2.9 1 25\r\n", "none"),
            ("PROXYTCP4 192.0.2.1 192.0.2.9 1 25\r\n", "none"),
        ] {
            assert_eq!(shown(first(line.as_bytes())), expected, "{line:?}");
        }
    }

    #[test]
    fn version_2_names_a_peer_or_the_proxy_itself() {
        let v4 = [192, 0, 2, 1, 192, 0, 2, 9, 0, 80, 0, 25];
        let with_more = [&v4[..], b"\x03\x00\x04abcd"].concat();
        for (command, family, rest, expected) in [
            (0x21, 0x11, &v4[..], "192.0.2.1:80 to 192.0.2.9:25"),
            (0x21, 0x11, &with_more, "192.0.2.1:80 to 192.0.2.9:25"),
            (0x21, 0x11, &v4[..11], "none"),
            (0x21, 0x21, &v4, "none"),
            (0x20, 0x11, &v4, "itself"),
            (0x20, 0x00, &[], "itself"),
            (0x21, 0x00, &[], "itself"),
            (0x21, 0x12, &v4, "none"),
            (0x22, 0x11, &v4, "none"),
            (0x11, 0x11, &v4, "none"),
        ] {
            assert_eq!(shown(binary(command, family, rest)), expected, "{command:x} {family:x} {rest:?}");
        }
    }
}
