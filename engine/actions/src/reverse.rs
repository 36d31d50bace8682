//! Addresses as names of the DNS.
//!
//! Never: asks.

use std::{fmt::Write, net::IpAddr};

/// The address with its parts in reverse, a dot behind each: octets of IPv4, nibbles of IPv6 (RFC 5782 §2.1, §2.4).
/// An IPv4-mapped IPv6 address is the IPv4 address that it maps.
pub(crate) fn labels(ip: IpAddr) -> String {
    let mut name = String::with_capacity(64);
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            for octet in ip.octets().iter().rev() {
                let _ = write!(name, "{octet}.");
            }
        }
        IpAddr::V6(ip) => {
            for octet in ip.octets().iter().rev() {
                let _ = write!(name, "{:x}.{:x}.", octet & 15, octet >> 4);
            }
        }
    }
    name
}

/// The name under which the name of an address stands (RFC 1035 §3.5, RFC 3596 §2.5).
pub(crate) fn pointer(ip: IpAddr) -> String {
    let tree = if ip.to_canonical().is_ipv4() { "in-addr.arpa" } else { "ip6.arpa" };
    labels(ip) + tree
}
