//! Addresses of the network: exactly the texts that the standard library reads.
//!
//! Never: takes a zone, a port or a leading zero in an IPv4 address.

use super::number;
use crate::lexical::regular::{Regular, choice, exactly, maybe, octet, sequence, times};

/// An IPv4 or IPv6 address.
pub(super) fn ip() -> Regular {
    choice([ipv4(), ipv6()])
}

/// An address, alone or with a prefix length.
pub(super) fn network() -> Regular {
    let with_prefix = |address, most| sequence([address, maybe(sequence([exactly("/"), plain(most)]))]);
    choice([with_prefix(ipv4(), 32), with_prefix(ipv6(), 128)])
}

/// Four numbers of one octet each.
pub(super) fn ipv4() -> Regular {
    let dot = || exactly(".");
    sequence([plain(255), dot(), plain(255), dot(), plain(255), dot(), plain(255)])
}

/// Eight groups (RFC 4291 §2.2). `::` stands for at least one; an IPv4 address may stand for the last two.
pub(super) fn ipv6() -> Regular {
    let full = groups(8);
    let shortened = (0..=7).map(|before| {
        let ahead = if before == 0 { empty() } else { plain_groups(before) };
        let behind = (0..=7 - before).map(|after| if after == 0 { empty() } else { groups(after) }).collect();
        sequence([ahead, exactly("::"), Regular::Choice(behind)])
    });
    choice([full, Regular::Choice(shortened.collect())])
}

/// So many groups, the last two of them perhaps as an IPv4 address.
fn groups(count: u32) -> Regular {
    match count {
        0 | 1 => plain_groups(count),
        2 => choice([plain_groups(2), ipv4()]),
        _ => choice([plain_groups(count), sequence([plain_groups(count - 2), exactly(":"), ipv4()])]),
    }
}

/// So many groups of hexadecimal digits, at least one.
fn plain_groups(count: u32) -> Regular {
    let group = || times(1, 4, octet(&[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]));
    let more = times(count - 1, count - 1, sequence([exactly(":"), group()]));
    sequence([group(), more])
}

/// A number without leading zeros.
fn plain(most: u64) -> Regular {
    let lengths = [(0, 9, 1), (10, 99, 2), (100, 999, 3)];
    let fitting = lengths.into_iter().filter(|(least, ..)| *least <= most);
    Regular::Choice(fitting.map(|(least, top, digits)| number::of_length(least, most.min(top), digits)).collect())
}

fn empty() -> Regular {
    Regular::Sequence(Vec::new())
}
