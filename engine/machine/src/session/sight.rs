//! What the expressions of a session can see.
//!
//! Never: changes it.

use super::{Session, Turn};
use crate::expression::{Scope, Sight};

impl Session {
    /// Facts, locals, the line, the peer, the settings.
    pub(super) fn scope<'s, 't: 's>(&'s self, turn: &Turn<'t>) -> Scope<'s> {
        let sight = Sight {
            program: turn.service.program(),
            slots: &self.slots,
            line: &self.line,
            peer: &self.peer,
            tls: self.tls.as_ref(),
            id: &self.id,
            state: self.state,
            unix: turn.now.unix,
        };
        Scope { settings: turn.service.settings(), name: turn.service.name(), pool: &self.pool, session: Some(sight) }
    }
}
