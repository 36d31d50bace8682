//! What was seen, as it is shown.
//!
//! Never: leaves out what a client could see.

use hunt::meaning::Seen;

/// For who reads a difference.
pub(super) fn shown(seen: &[Seen]) -> String {
    let one = |seen: &Seen| match seen {
        Seen::Sent(octets) => format!("sent {:?}", String::from_utf8_lossy(octets)),
        Seen::Keep(octets) => format!("keep {:?}", String::from_utf8_lossy(octets)),
        other => format!("{other:?}"),
    };
    seen.iter().map(one).collect::<Vec<_>>().join("\n              ")
}
