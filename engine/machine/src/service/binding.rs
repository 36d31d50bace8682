//! What a listener says of itself, and who is at both ends of a connection.
//!
//! Never: decodes a setting.

use std::{net::IpAddr, time::Duration};

use crate::Tls;

/// What a listener says of itself and of its protocol.
#[derive(Debug, Clone, Default)]
pub struct Binding {
    /// Our name: `local.name`.
    pub name: String,
    /// Settings by name, as text or as a list of texts; each is decoded as its type says.
    pub settings: Vec<(String, Given)>,
    /// Whether the conversation is shown as effects.
    pub converse: bool,
    /// How slowly a payload may come.
    pub slowest: Pace,
}

/// Octets per second, at least 1, that a payload must have made on the average once it has lasted longer than
/// `limits { idle }`. An octet just before each idle limit would hold a session for ever otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(pub u64);

impl Pace {
    /// How long so many octets may take at the slowest.
    pub fn time_for(self, octets: u64) -> Duration {
        Duration::from_millis(octets.saturating_mul(1000) / self.0.max(1))
    }
}

impl Default for Pace {
    /// What the slowest of real lines makes.
    fn default() -> Pace {
        Pace(500)
    }
}

/// A setting as the operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text: `35 MB`, `example.com`, `yes`.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// Both ends of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The peer's address.
    pub ip: IpAddr,
    /// The peer's port.
    pub port: u16,
    /// Our address.
    pub local_ip: IpAddr,
    /// Our port.
    pub local_port: u16,
    /// TLS, when it stands before the first octet (implicit TLS).
    pub tls: Option<Tls>,
}
