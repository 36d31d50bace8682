//! A listener that transcripts play on: it pretends where a connection is from, and lets sessions be watched.
//!
//! Never: changes what a session does.

use std::{net::IpAddr, sync::Arc, time::Duration};

use machine::Effect;

/// What a listener pretends, and who watches.
pub struct Rehearsal {
    /// Whom every peer is taken for.
    pub peer: (IpAddr, u16),
    /// What our own end is taken for.
    pub local: (IpAddr, u16),
    /// Why no payload can be kept, if none can.
    pub spool: Option<Arc<str>>,
    /// Sees what its sessions do.
    pub watcher: Arc<dyn Watcher>,
}

/// Sees what the sessions of one listener do. Calls come from the sessions' own tasks, and must not block for long.
pub trait Watcher: Send + Sync {
    /// A session did this, before it is done.
    fn effect(&self, effect: &Effect<'_>);

    /// A session has done all there was to do, and waits.
    fn rests(&self, rest: Rest);

    /// A session is over, and its connection ended.
    fn ended(&self);
}

/// A session that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// The name of its state.
    pub state: String,
    /// When it wants to be woken, of [`machine::Now::elapsed`].
    pub deadline: Option<Duration>,
    /// Whether time alone makes it go on.
    pub waits_for_time: bool,
    /// Whether it takes octets.
    pub listens: bool,
    /// How many octets it has taken, those of TLS not counted.
    pub received: u64,
    /// How many octets it has sent, those of TLS not counted.
    pub sent: u64,
    /// Whether it has taken the end of the peer's octets.
    pub deaf: bool,
}
