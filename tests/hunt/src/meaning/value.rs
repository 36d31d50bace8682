//! Values, owned and plain.
//!
//! Never: shares, borrows or pools anything.

use std::{net::IpAddr, time::Duration};

/// What an expression yields.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Absent,
    /// `yes` or `no`.
    Yes(bool),
    /// A number or a size.
    Number(i64),
    /// A span of time.
    Duration(Duration),
    /// Seconds since 1970-01-01 UTC.
    Time(i64),
    /// A text, of any type but a domain.
    Text(String),
    /// A `domain` or a `helo_name`: a text that is compared without regard to ASCII case.
    Domain(String),
    /// A path: the address without brackets and route, and the octet where its `@` is.
    Path(String, Option<usize>),
    /// An address of the network.
    Ip(IpAddr),
    /// A network: its address, and how many bits count.
    Network(IpAddr, u8),
    /// A payload, with its octets.
    Octets(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A record, a row, a set of parameters.
    Record(Record),
    /// What must not be shown.
    Secret(Vec<u8>),
}

/// A record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// The name of its type.
    pub name: String,
    /// Names and values, in the order of the declaration.
    pub fields: Vec<(String, Value)>,
    /// What `prepend header` put in front, the latest first.
    pub headers: Vec<String>,
}
