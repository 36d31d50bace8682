//! What came in and could not be carried out yet.
//!
//! Never: grows beyond one input and one line, as long as input is given only while it is wanted. Never keeps memory
//! for more than a few short lines while nothing is unread.

/// Octets that wait for their turn.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    octets: Vec<u8>,
    read: usize,
}

impl Unread {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.read == self.octets.len()
    }

    /// What waits.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.octets[self.read..]
    }

    /// Puts more behind what waits.
    pub(crate) fn append(&mut self, octets: &[u8]) {
        if self.read > 0 {
            self.octets.drain(..self.read);
            self.read = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// Keeps the last `left` octets; when there are none, it keeps no more memory than for a few short lines.
    pub(crate) fn keep(&mut self, left: usize) {
        if left == 0 {
            self.octets.clear();
            self.octets.shrink_to(128);
            self.read = 0;
        } else {
            self.read = self.octets.len().saturating_sub(left);
        }
    }
}
