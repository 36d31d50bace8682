//! What can be seen of a session, by its expressions and from without.
//!
//! Never: changes it.

use super::{Session, Turn};
use crate::{
    Peer,
    expression::{Scope, Sight},
};

impl Session {
    /// Who is at the other end, and what TLS has agreed on by now.
    pub(crate) fn peer(&self) -> Peer {
        Peer { tls: self.tls.clone(), ..self.peer.clone() }
    }

    /// How many octets jumped the queue and were thrown away.
    pub(crate) fn jumped(&self) -> u64 {
        self.incoming.jumped
    }

    /// Facts, locals, the line, the peer, the settings.
    pub(super) fn scope<'s, 't: 's>(&'s self, turn: &Turn<'t>) -> Scope<'s> {
        let sight = Sight {
            program: turn.service.program(),
            slots: &self.held.slots,
            secrets: turn.service.secrets(),
            line: &self.line,
            peer: &self.peer,
            tls: self.tls.as_ref(),
            id: &self.id,
            state: self.here.state,
            unix: turn.now.unix,
        };
        Scope { settings: turn.service.settings(), name: turn.service.name(), pool: &self.pool, session: Some(sight) }
    }
}
