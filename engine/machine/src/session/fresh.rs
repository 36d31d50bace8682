//! A session that has not begun.
//!
//! Never: looks at what a peer sent.

use std::time::Duration;

use program::{Program, SessionId};

use super::{
    Phase, Session,
    parts::{Body, Ends, Held, Here, Incoming, Seen},
};
use crate::{
    Peer,
    matcher::{Line, Scratch},
    pool::Pool,
};

impl Session {
    /// One with that peer.
    pub(crate) fn new(program: &Program, peer: Peer, id: SessionId) -> Session {
        Session {
            id,
            tls: peer.tls.clone(),
            peer,
            here: Here::start(program),
            phase: Phase::New,
            held: Held::nothing(program),
            body: Body::default(),
            incoming: Incoming::default(),
            ends: Ends::default(),
            line: Line::default(),
            pool: Pool::default(),
            scratch: Scratch::default(),
            out: String::new(),
            next_payload: 0,
            next_call: 0,
            opened: Duration::ZERO,
            lasts_until: None,
            deadline: None,
            secret_due: false,
            seen: Seen::default(),
        }
    }
}
