//! The sink that keeps nothing.
//!
//! Never: says `stored` of a message that could not even be read.

use crate::{Payload, world::Message};

/// Reads the message to its end, or what was kept of it: the rest was left out because this is where it goes.
///
/// # Errors
/// It cannot be read.
pub(crate) fn swallow(message: &Message) -> Result<(), String> {
    match &message.body {
        None => Ok(()),
        Some(Payload::Head(there, _)) => there.read(u64::MAX, |_| Ok(())),
        Some(body) => body.read(u64::MAX, |_| Ok(())),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, sync::Arc};

    use super::*;

    fn check(body: Option<Payload>, swallowed: bool) {
        let message = Message { body, ..Message::default() };
        assert_eq!(swallow(&message).is_ok(), swallowed);
    }

    #[test]
    fn what_can_be_read_is_swallowed_and_a_head_is_enough() {
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(file.path(), "head").expect("it can be written");
        let there = Payload::File { file: Arc::new(File::open(file.path()).expect("it is there")), length: 4 };
        check(None, true);
        check(Some(there.clone()), true);
        check(Some(Payload::Head(Box::new(there), 1000)), true);
        check(Some(Payload::Head(Box::new(Payload::Broken("lost".into())), 1000)), false);
        check(Some(Payload::Broken("lost".into())), false);
    }
}
