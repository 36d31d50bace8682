//! One version of what is served: what its connections share, and what is behind each endpoint.
//!
//! Never: changes once it is in service; a reload makes another one.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actions::Actions;
use machine::{Move, Pace, Service};
use program::{Network, Program};

use crate::{
    admission::Admission,
    client::Caller,
    clock::{Clock, Names},
    endpoint::{Endpoint, LocalPeers},
    metrics::Tallies,
    serving::{registry::Registry, rehearsal::Rehearsal, remote::Remote},
    spool::SpoolPlace,
    tls::Pair,
};

/// What all connections of one version share. A reload makes another one, with what it does not change in it.
#[derive(Clone)]
pub struct Shared {
    /// Answers calls.
    pub actions: Arc<Actions>,
    /// Runs clients.
    pub caller: Arc<dyn Caller>,
    /// Where payloads wait.
    pub spool: Arc<SpoolPlace>,
    /// How long peers may take to read what they are sent.
    pub patience: Patience,
    /// Who may come in.
    pub admission: Arc<Admission>,
    /// The time.
    pub clock: Clock,
    /// Names of sessions.
    pub names: Arc<Names>,
    /// The sessions that there are.
    pub sessions: Arc<Registry>,
    /// What happened so far.
    pub counters: Arc<Counters>,
}

/// All that sessions begin with: what is spoken on each endpoint, over which world. It never changes; a reload puts
/// another one in its place, in one step.
pub struct Version {
    /// Counts from 1.
    pub number: u64,
    /// What its sessions share.
    pub shared: Arc<Shared>,
    /// What is behind each endpoint.
    pub listeners: BTreeMap<Endpoint, Arc<ListenerSettings>>,
    /// Where sessions of earlier versions may go on with this one.
    pub moves: Moves,
}

/// What is proved of moves between programs, each pair once.
#[derive(Default)]
pub struct Moves(Mutex<Vec<Proved>>);

/// A move from one program to another.
type Proved = (Arc<Program>, Arc<Program>, Arc<Move>);

impl Moves {
    /// What is proved of a move from the one to the other.
    pub fn between(&self, old: &Arc<Program>, new: &Arc<Program>) -> Arc<Move> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(from, to, _)| Arc::ptr_eq(from, old) && Arc::ptr_eq(to, new));
        if let Some((.., moving)) = found {
            return moving.clone();
        }
        let moving = Arc::new(Move::between(old, new).0);
        known.push((old.clone(), new.clone(), moving.clone()));
        moving
    }
}

/// How long a peer may take to read what it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long it may read nothing at all.
    pub stalled: Duration,
    /// How fast it must read on the average, once that time has passed.
    pub slowest: Pace,
}

/// One listener: a protocol bound to its settings, and how it begins TLS.
pub struct ListenerSettings {
    /// What is spoken.
    pub service: Arc<Service>,
    /// The certificate, where there is TLS at all.
    pub pair: Option<Pair>,
    /// Whether TLS stands before the first octet.
    pub tls_first: bool,
    /// Whose connections begin with a PROXY header.
    pub proxies: Vec<Network>,
    /// What holds for peers that come through a UNIX socket.
    pub local: LocalPeers,
    /// The most octets of a payload that anyone behind here reads; no more is kept.
    pub most_read: u64,
    /// What transcripts play on; absent where peers are real.
    pub rehearsal: Option<Rehearsal>,
}

/// What happened so far.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that were accepted.
    pub accepted: AtomicU64,
    /// Connections of proxies whose header could not be taken.
    pub headers_refused: AtomicU64,
    /// Connections that found no place.
    pub refused: AtomicU64,
    /// Registry that a fault of ours ended.
    pub panics: AtomicU64,
    /// Handshakes that failed.
    pub handshakes_failed: AtomicU64,
    /// Octets sent in the clear behind an upgrade.
    pub cleartext_dropped: AtomicU64,
    /// Octets that came before the answer that they had to wait for.
    pub jumped_queue: AtomicU64,
    /// What happened per protocol.
    pub tallies: Tallies,
}

/// Where a server is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It takes connections.
    Serving,
    /// It takes none, and sessions end as their protocol says.
    Ending,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { stalled: Duration::from_secs(60), slowest: Pace::default() }
    }
}

impl ListenerSettings {
    /// Whether a connection of that peer begins with a PROXY header.
    pub(crate) fn is_proxy(&self, remote: &Remote) -> bool {
        let is_local = matches!(remote.from, Endpoint::Unix(_));
        is_local && self.local.proxies || self.proxies.iter().any(|network| network.contains(remote.peer.ip))
    }

    /// The certificate, when TLS stands before the first octet.
    pub(crate) fn implicit(&self) -> Option<&Pair> {
        self.pair.as_ref().filter(|_| self.tls_first)
    }

    /// The most octets of a payload that sessions of a service read, where these sinks keep nothing.
    pub(crate) fn most_read(service: &Service, discards: impl Fn(&str) -> bool) -> u64 {
        if service.sends_payloads() {
            return u64::MAX;
        }
        service.asks().map(|(target, arguments)| actions::most_read(target, &arguments, &discards)).max().unwrap_or(0)
    }

    /// `off`, `starttls` or `implicit`.
    pub(crate) fn tls_word(&self) -> &'static str {
        match (&self.pair, self.tls_first) {
            (None, _) => "off",
            (Some(_), false) => "starttls",
            (Some(_), true) => "implicit",
        }
    }
}

impl Counters {
    /// One line for the log.
    pub fn summary(&self) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} connections accepted, {} refused, {} handshakes failed, {} octets too early, {} faults",
            read(&self.accepted),
            read(&self.refused) + read(&self.headers_refused),
            read(&self.handshakes_failed),
            read(&self.cleartext_dropped) + read(&self.jumped_queue),
            read(&self.panics),
        )
    }
}
