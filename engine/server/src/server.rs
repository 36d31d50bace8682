//! What all connections share, and the life of a server: open, serve, end.
//!
//! Never: reads a configuration or a protocol; both come in as what they mean.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actions::Actions;
use machine::Service;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::{
    admission::Admission,
    client::Caller,
    clock::{Clock, Names},
    listener,
    rehearsal::Rehearsal,
    spool::SpoolPlace,
    tls::Pair,
};

/// What all connections share.
pub struct Site {
    /// Answers calls.
    pub actions: Arc<Actions>,
    /// Runs clients.
    pub caller: Arc<dyn Caller>,
    /// Where payloads wait.
    pub spool: Arc<SpoolPlace>,
    /// Who may come in.
    pub admission: Arc<Admission>,
    /// The time.
    pub clock: Clock,
    /// Names of sessions.
    pub names: Names,
    /// What happened so far.
    pub counters: Counters,
}

/// One listener: a protocol bound to its settings, and how it begins TLS.
pub struct Door {
    /// What is spoken.
    pub service: Arc<Service>,
    /// The certificate, where there is TLS at all.
    pub pair: Option<Pair>,
    /// Whether TLS stands before the first octet.
    pub tls_first: bool,
    /// What transcripts play on; absent where peers are real.
    pub rehearsal: Option<Rehearsal>,
}

/// What happened so far.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that were accepted.
    pub accepted: AtomicU64,
    /// Connections that found no place.
    pub refused: AtomicU64,
    /// Sessions that a fault of ours ended.
    pub panics: AtomicU64,
    /// Handshakes that failed.
    pub handshakes_failed: AtomicU64,
    /// Octets sent in the clear behind an upgrade.
    pub cleartext_dropped: AtomicU64,
}

/// Where a server is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It takes connections.
    Serving,
    /// It takes none, and sessions end as their protocol says.
    Ending,
}

/// A server that serves.
pub struct Running {
    site: Arc<Site>,
    addresses: Vec<SocketAddr>,
    phase: watch::Sender<Phase>,
    listeners: Vec<JoinHandle<()>>,
}

impl Door {
    /// The certificate, when TLS stands before the first octet.
    pub(crate) fn implicit(&self) -> Option<&Pair> {
        self.pair.as_ref().filter(|_| self.tls_first)
    }
}

impl Running {
    /// Serves on bound sockets, each with its listener. Must be called within a runtime.
    ///
    /// # Errors
    /// The runtime cannot take a socket.
    pub fn serve(site: Arc<Site>, sockets: Vec<(TcpListener, Arc<Door>)>) -> io::Result<Running> {
        let (phase, _) = watch::channel(Phase::Serving);
        let mut running = Running { site, addresses: Vec::new(), phase, listeners: Vec::new() };
        for (socket, door) in sockets {
            running.addresses.push(socket.local_addr()?);
            socket.set_nonblocking(true)?;
            let socket = tokio::net::TcpListener::from_std(socket)?;
            let accepting = listener::accept(running.site.clone(), door, socket, running.phase.subscribe());
            running.listeners.push(tokio::spawn(accepting));
        }
        Ok(running)
    }

    /// The addresses that it listens on, in the order of the sockets.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What all connections share.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Stops accepting, lets every session say its protocol's farewell, and waits for them at most that long. Gives
    /// how many sessions were broken off after that.
    pub async fn end(self, grace: Duration) -> usize {
        self.phase.send_replace(Phase::Ending);
        let mut listeners = self.listeners;
        let all = async {
            for listener in &mut listeners {
                // A listener that panicked has no sessions left.
                let _ = listener.await;
            }
        };
        if timeout(grace, all).await.is_ok() {
            return 0;
        }
        let left = self.site.admission.open();
        // Each listener owns its sessions: they go with it.
        listeners.iter().for_each(JoinHandle::abort);
        left
    }
}

impl Counters {
    /// One line for the log.
    pub fn summary(&self) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} connections accepted, {} refused, {} handshakes failed, {} faults",
            read(&self.accepted),
            read(&self.refused),
            read(&self.handshakes_failed),
            read(&self.panics),
        )
    }
}

/// An address and a port as people write them; an IPv4 address that came through an IPv6 socket is shown as such.
pub(crate) fn socket(ip: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(ip.to_canonical(), port)
}
