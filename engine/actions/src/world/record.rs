//! What the DNS has: types of records, and records.
//!
//! Never: asks.

use std::{fmt, net::IpAddr, str::FromStr};

/// A type of DNS record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// A mail exchanger.
    Mx,
    /// Text.
    Txt,
    /// The name of an address.
    Ptr,
}

/// One DNS record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Of [`Kind::A`] and [`Kind::Aaaa`].
    Address(IpAddr),
    /// Of [`Kind::Mx`]: preference, and the host without a final dot; `.` is the root.
    Exchanger(u16, String),
    /// Of [`Kind::Txt`]: its strings, joined without a blank.
    Text(Vec<u8>),
    /// Of [`Kind::Ptr`]: the name without a final dot.
    Name(String),
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::A, Kind::Aaaa, Kind::Mx, Kind::Txt, Kind::Ptr];

    /// Its name in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
            Kind::Mx => "MX",
            Kind::Txt => "TXT",
            Kind::Ptr => "PTR",
        }
    }
}

impl Record {
    /// A record from its text: `192.0.2.1`, `10 mx.example.net`, `v=spf1 -all`, `host.example.net`. A text that is
    /// no record of that type gives nothing.
    pub fn parse(kind: Kind, text: &str) -> Option<Record> {
        match kind {
            Kind::A => text.parse().ok().map(|ip| Record::Address(IpAddr::V4(ip))),
            Kind::Aaaa => text.parse().ok().map(|ip| Record::Address(IpAddr::V6(ip))),
            Kind::Mx => {
                let (preference, host) = text.trim().split_once(' ')?;
                Some(Record::Exchanger(preference.parse().ok()?, dotless(host.trim())))
            }
            Kind::Txt => Some(Record::Text(text.as_bytes().to_vec())),
            Kind::Ptr => Some(Record::Name(dotless(text.trim()))),
        }
    }
}

/// The name without its final dot; the root stays `.`.
pub(crate) fn dotless(name: &str) -> String {
    match name.strip_suffix('.') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => name.to_owned(),
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Kind, ()> {
        Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
