//! From a host to a connection: names are looked up in `/etc/hosts`, then through the world; addresses are tried one
//! after the other.
//!
//! Never: connects without a word in the log, uses a search list, or tries more addresses than the bound here.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use actions::world::{HostsFile, Kind, Record, World};
use program::a_labels;
use tokio::{net::TcpStream, task::JoinSet, time::sleep};

use super::trust::Trust;

/// The most addresses of one name that are tried.
const ADDRESSES_MOST: usize = 8;
/// What the operator has written down for names goes before the DNS.
const HOSTS: &str = "/etc/hosts";
/// How long one address has before the next one is tried beside it (RFC 8305 §5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Runs clients over real connections.
pub struct Dialer {
    trust: Trust,
    hosts: Arc<HostsFile>,
    /// The world, which may hold sinks that hold this dialer.
    world: OnceLock<Weak<dyn World>>,
}

impl Dialer {
    /// A dialer that knows no names yet.
    pub fn new(trust: Trust) -> Dialer {
        Dialer { trust, hosts: Arc::new(HostsFile::new(Path::new(HOSTS))), world: OnceLock::new() }
    }

    /// The same with another file in the place of `/etc/hosts`.
    #[must_use]
    pub fn with_hosts(self, file: &Path) -> Dialer {
        Dialer { hosts: Arc::new(HostsFile::new(file)), ..self }
    }

    /// Names are looked up through this world from now on. Only the first one counts.
    pub fn knows(&self, world: &Arc<dyn World>) {
        let _ = self.world.set(Arc::downgrade(world));
    }

    /// TLS from the client's side.
    pub(super) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// A connection to that host.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let addresses = self.addresses(&a_labels(host)).await?;
        tracing::debug!("connecting to {host} port {port}");
        let stream = fastest(addresses, port).await.map_err(|error| format!("{host} port {port}: {error}"))?;
        // It only makes lines leave sooner.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// The addresses of a host, IPv6 and IPv4 by turns.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let name = host.strip_suffix('.').unwrap_or(host);
        if name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost") {
            // RFC 6761 §6.3: it never leaves this machine, nor is it asked for.
            return Ok(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]);
        }
        if !is_name(name) {
            return Err(format!("`{host}` is neither a name nor an address"));
        }
        let (hosts, written) = (self.hosts.clone(), name.to_owned());
        let known = tokio::task::spawn_blocking(move || hosts.addresses(&written)).await.unwrap_or_default();
        let known = mixed(&known.0, &known.1);
        if !known.is_empty() {
            return Ok(known);
        }
        let Some(world) = self.world.get().and_then(Weak::upgrade) else {
            return Err("names cannot be looked up".into());
        };
        let (six, four) = tokio::join!(world.dns(name, Kind::Aaaa), world.dns(name, Kind::A));
        let found = |records: &Result<Vec<Record>, Arc<str>>| -> Vec<IpAddr> {
            let addresses = records.iter().flatten();
            addresses.filter_map(|record| if let Record::Address(ip) = record { Some(*ip) } else { None }).collect()
        };
        let mixed = mixed(&found(&six), &found(&four));
        match (mixed.is_empty(), six.err().or(four.err())) {
            (false, _) => Ok(mixed),
            (true, Some(why)) => Err(format!("{host} cannot be looked up: {why}")),
            (true, None) => Err(format!("{host} has no address")),
        }
    }
}

/// IPv6 and IPv4 addresses by turns, no more than are tried.
fn mixed(sixes: &[IpAddr], fours: &[IpAddr]) -> Vec<IpAddr> {
    let by_turns =
        (0..sixes.len().max(fours.len())).flat_map(|place| sixes.get(place).into_iter().chain(fours.get(place)));
    by_turns.copied().take(ADDRESSES_MOST).collect()
}

/// Whether a text can be a name of the DNS at all.
fn is_name(name: &str) -> bool {
    let legal = |c: char| !c.is_control() && !c.is_whitespace() && !"[]:\\@/".contains(c);
    (1..=253).contains(&name.len())
        && name.chars().all(legal)
        && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// The first connection that comes about. Each address gets a head start, and a failure starts the next one at once.
async fn fastest(addresses: Vec<IpAddr>, port: u16) -> io::Result<TcpStream> {
    let mut tries = JoinSet::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut rest = addresses.into_iter();
    let mut next = rest.next();
    while next.is_some() || !tries.is_empty() {
        if let Some(ip) = next.take() {
            tries.spawn(TcpStream::connect(SocketAddr::new(ip, port)));
        }
        tokio::select! {
            Some(tried) = tries.join_next() => match tried {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => {
                    last = error;
                    next = rest.next();
                }
                Err(error) => last = io::Error::other(error),
            },
            () = sleep(HEAD_START), if rest.len() > 0 => next = rest.next(),
        }
    }
    Err(last)
}
