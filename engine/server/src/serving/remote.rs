//! Who is at the other end of a connection.
//!
//! Never: takes a word of the peer for it.

use machine::Peer;

use crate::{admission::Origin, endpoint::Endpoint};

/// Who is at the other end.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// As protocols see it.
    pub(crate) peer: Peer,
    /// As the log has it: its address; of a peer without one the socket that it came through.
    pub(crate) from: Endpoint,
}

impl Remote {
    /// Whose connections it counts with.
    pub(crate) fn origin(&self) -> Origin {
        match &self.from {
            Endpoint::Inet(_) => Origin::Address(self.peer.ip),
            Endpoint::Unix(_) => Origin::Listener(self.from.clone()),
        }
    }
}
