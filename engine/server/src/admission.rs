//! How many sessions there may be, in all and of one address, how fast they may come, and whether there is memory.
//!
//! Never: decides what a refused peer is told; that is the protocol's.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actions::world::{Ceiling, Limiter, Room, SESSION};

use crate::endpoint::Endpoint;

/// Counts sessions.
#[derive(Debug)]
pub struct Admission {
    connections: usize,
    per_address: usize,
    rate: Option<Limiter>,
    ceiling: Arc<Ceiling>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_origin: HashMap<Origin, usize>,
}

/// Whose connections count together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Those of one address; for IPv6 of one /64, which one host has to itself.
    Address(IpAddr),
    /// Those that come in there, where peers have no address.
    Listener(Endpoint),
}

/// The place of one session; giving it up is leaving.
#[derive(Debug)]
pub struct Place {
    admission: Arc<Admission>,
    /// Whose it is, once that is known.
    origin: Option<Origin>,
    /// The memory that is counted for it.
    _room: Room,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// All places are taken.
    Full,
    /// The address has all that it may have.
    Address,
    /// The address comes too often.
    Rate,
    /// There is no memory for one more.
    Memory,
}

impl NoPlace {
    /// All of them, in the order of their numbers.
    pub const ALL: [NoPlace; 4] = [NoPlace::Full, NoPlace::Address, NoPlace::Rate, NoPlace::Memory];

    /// The key below `limits` that says how many there may be.
    pub fn word(self) -> &'static str {
        match self {
            NoPlace::Full => "connections",
            NoPlace::Address => "per_address",
            NoPlace::Rate => "connections_per_minute",
            NoPlace::Memory => "memory",
        }
    }
}

impl Admission {
    /// At most that many, each at least 1; they may come as fast as they like, and there is memory for them.
    pub fn new(connections: usize, per_address: usize) -> Admission {
        let ceiling = Arc::new(Ceiling::none());
        Admission { connections, per_address, rate: None, ceiling, open: Mutex::default() }
    }

    /// Lets so many of one address come in a minute, and as many at once.
    #[must_use]
    pub fn per_minute(mut self, connections: Option<u32>) -> Admission {
        self.rate = connections.map(Limiter::new);
        self
    }

    /// Counts memory under this ceiling.
    #[must_use]
    pub fn under(mut self, ceiling: Arc<Ceiling>) -> Admission {
        self.ceiling = ceiling;
        self
    }

    /// Takes a place at that time.
    ///
    /// # Errors
    /// Why there is none.
    pub fn enter(self: &Arc<Self>, origin: Origin, now: Duration) -> Result<Place, NoPlace> {
        let mut place = self.enter_unknown()?;
        place.belongs(origin, now)?;
        Ok(place)
    }

    /// Takes a place for a peer whose address is not known yet: whoever brings it has not said so.
    ///
    /// # Errors
    /// Why there is none.
    pub fn enter_unknown(self: &Arc<Self>) -> Result<Place, NoPlace> {
        let mut room = self.ceiling.room();
        if !room.resize(SESSION) {
            return Err(NoPlace::Memory);
        }
        let mut open = self.lock();
        if open.total >= self.connections {
            return Err(NoPlace::Full);
        }
        open.total += 1;
        Ok(Place { admission: Arc::clone(self), origin: None, _room: room })
    }

    /// How many places are taken.
    pub fn open(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Says whose it is.
    ///
    /// # Errors
    /// Why that origin gets none.
    pub fn belongs(&mut self, origin: Origin, now: Duration) -> Result<(), NoPlace> {
        if !self.admission.rate.as_ref().is_none_or(|rate| match &origin {
            Origin::Address(ip) => rate.admits(*ip, now),
            Origin::Listener(endpoint) => rate.admits_name(endpoint, now),
        }) {
            return Err(NoPlace::Rate);
        }
        let origin = counted(origin);
        let mut open = self.admission.lock();
        let here = open.by_origin.entry(origin.clone()).or_default();
        if *here >= self.admission.per_address {
            return Err(NoPlace::Address);
        }
        *here += 1;
        self.origin = Some(origin);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.total -= 1;
        let Some(origin) = &self.origin else { return };
        if let Some(here) = open.by_origin.get_mut(origin) {
            *here -= 1;
            if *here == 0 {
                open.by_origin.remove(origin);
            }
        }
    }
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoPlace::Full => "limits.connections is reached",
            NoPlace::Address => "limits.per_address is reached",
            NoPlace::Rate => "limits.connections_per_minute is reached",
            NoPlace::Memory => "limits.memory is reached",
        })
    }
}

fn counted(origin: Origin) -> Origin {
    let Origin::Address(ip) = origin else { return origin };
    Origin::Address(match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn from(ip: &str) -> Origin {
        Origin::Address(ip.parse().unwrap())
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let admission = Arc::new(Admission::new(3, 2));
        let enter = |ip: &str| admission.enter(from(ip), NOW);
        let first = enter("192.0.2.1").unwrap();
        let _second = enter("::ffff:192.0.2.1").unwrap();
        assert_eq!(enter("192.0.2.1").unwrap_err(), NoPlace::Address);
        let third = enter("2001:db8::1").unwrap();
        assert_eq!(enter("192.0.2.2").unwrap_err(), NoPlace::Full);
        drop(first);
        let _fourth = enter("2001:db8::2:0:0:1").unwrap();
        drop(third);
        assert_eq!(admission.open(), 2);
        assert!(enter("192.0.2.1").is_ok());
    }

    #[test]
    fn who_comes_too_often_takes_no_place() {
        let admission = Arc::new(Admission::new(100, 100).per_minute(Some(2)));
        let enter = |second| admission.enter(from("192.0.2.1"), Duration::from_secs(second));
        assert!(enter(0).is_ok() && enter(0).is_ok());
        assert_eq!(enter(0).unwrap_err(), NoPlace::Rate);
        assert_eq!(admission.open(), 0);
        assert!(enter(30).is_ok());
    }

    #[test]
    fn who_has_no_address_counts_by_the_listener() {
        let admission = Arc::new(Admission::new(100, 1).per_minute(Some(3)));
        let at = |path: &str| Origin::Listener(format!("unix:{path}").parse().unwrap());
        let first = admission.enter(at("/run/one"), NOW).unwrap();
        assert_eq!(admission.enter(at("/run/one"), NOW).unwrap_err(), NoPlace::Address);
        let _other = admission.enter(at("/run/two"), NOW).unwrap();
        let _nobody = admission.enter(from("0.0.0.0"), NOW).unwrap();
        drop(first);
        drop(admission.enter(at("/run/one"), NOW).unwrap());
        assert_eq!(admission.enter(at("/run/one"), NOW).unwrap_err(), NoPlace::Rate);
    }

    #[test]
    fn without_memory_there_is_no_place() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let admission = Arc::new(Admission::new(10_000, 10_000).under(ceiling.clone()));
        let enter = || admission.enter(from("192.0.2.1"), NOW);
        let places: Vec<Place> = (0..512).map(|_| enter().unwrap()).collect();
        assert_eq!(enter().unwrap_err(), NoPlace::Memory);
        drop(places);
        assert_eq!((admission.open(), ceiling.taken()), (0, 0));
    }
}
