//! What was seen, in the one form that is compared and shown.
//!
//! Never: leaves out what a client could see.

use hunt::meaning::{Seen, Value};

/// What is sent in one go, as one; and faults of ours alike, whatever their words.
pub(super) fn joined(seen: Vec<Seen>) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for seen in seen {
        let seen = match seen {
            Seen::Asked { name, arguments, using, within } => {
                Seen::Asked { name, arguments: arguments.into_iter().map(Value::plain).collect(), using, within }
            }
            Seen::Logged(level, line) if line.starts_with("a fault of ours") => Seen::Logged(level, "a fault".into()),
            other => other,
        };
        match (all.last_mut(), seen) {
            (Some(Seen::Sent(before)), Seen::Sent(octets)) => before.extend(octets),
            (_, Seen::Sent(octets)) if octets.is_empty() => {}
            (_, seen) => all.push(seen),
        }
    }
    all
}

/// For who reads a difference.
pub(super) fn shown(seen: &[Seen]) -> String {
    let one = |seen: &Seen| match seen {
        Seen::Sent(octets) => format!("sent {:?}", String::from_utf8_lossy(octets)),
        Seen::Keep(octets) => format!("keep {:?}", String::from_utf8_lossy(octets)),
        other => format!("{other:?}"),
    };
    seen.iter().map(one).collect::<Vec<_>>().join("\n              ")
}
