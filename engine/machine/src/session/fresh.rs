//! A session that has not begun.
//!
//! Never: looks at what a peer sent.

use std::time::Duration;

use program::{Program, SessionId, Value};

use super::{Assembly, Ledger, Payloads, Phase, Session};
use crate::{
    Peer,
    framing::{Block, Lines, Unread},
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
            state: program.start,
            phase: Phase::New,
            slots: vec![Value::Absent; program.slots.max(program.facts.len())].into(),
            ledger: Ledger::new(program.slots.max(program.facts.len())),
            touched: 0,
            counters: vec![0; program.counters.len()].into(),
            heard: 0,
            unheeding: None,
            limited: Vec::new(),
            checked: None,
            line: Line::default(),
            pool: Pool::default(),
            scratch: Scratch::default(),
            unread: Unread::default(),
            lines: Lines::default(),
            block: Block::default(),
            assembly: Assembly::default(),
            out: String::new(),
            staged: Vec::new(),
            live: Payloads::new(),
            next_payload: 0,
            next_call: 0,
            opened: Duration::ZERO,
            quiet_since: Duration::ZERO,
            deadline: None,
            ending: None,
            closing: false,
            breaking: false,
            expired: false,
            eof: false,
            entered: false,
            leaving: None,
            jumped: 0,
            secret_due: false,
            lean: false,
            observed: false,
            rounds: 0,
            executed: Vec::new(),
            answered_at: None,
            claimed: None,
            watch: None,
        }
    }
}
