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
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one session; giving it up is leaving.
#[derive(Debug)]
pub struct Place {
    admission: Arc<Admission>,
    /// Whose it is, once that is known.
    address: Option<IpAddr>,
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

    /// Takes a place at that time. An IPv6 peer counts by its /64, which one host has to itself.
    ///
    /// # Errors
    /// Why there is none.
    pub fn enter(self: &Arc<Self>, ip: IpAddr, now: Duration) -> Result<Place, NoPlace> {
        let mut place = self.enter_unknown()?;
        place.belongs(ip, now)?;
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
        Ok(Place { admission: Arc::clone(self), address: None, _room: room })
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
    /// Why that address gets none.
    pub fn belongs(&mut self, ip: IpAddr, now: Duration) -> Result<(), NoPlace> {
        if !self.admission.rate.as_ref().is_none_or(|rate| rate.admits(ip, now)) {
            return Err(NoPlace::Rate);
        }
        let address = counted(ip);
        let mut open = self.admission.lock();
        let here = open.by_address.entry(address).or_default();
        if *here >= self.admission.per_address {
            return Err(NoPlace::Address);
        }
        *here += 1;
        self.address = Some(address);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.total -= 1;
        let Some(address) = self.address else { return };
        if let Some(here) = open.by_address.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                open.by_address.remove(&address);
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

fn counted(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn places_are_counted_and_given_back() {
        let admission = Arc::new(Admission::new(3, 2));
        let enter = |ip: &str| admission.enter(ip.parse().unwrap(), NOW);
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
        let enter = |second| admission.enter("192.0.2.1".parse().unwrap(), Duration::from_secs(second));
        assert!(enter(0).is_ok() && enter(0).is_ok());
        assert_eq!(enter(0).unwrap_err(), NoPlace::Rate);
        assert_eq!(admission.open(), 0);
        assert!(enter(30).is_ok());
    }

    #[test]
    fn without_memory_there_is_no_place() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let admission = Arc::new(Admission::new(10_000, 10_000).under(ceiling.clone()));
        let enter = || admission.enter("192.0.2.1".parse().unwrap(), NOW);
        let places: Vec<Place> = (0..512).map(|_| enter().unwrap()).collect();
        assert_eq!(enter().unwrap_err(), NoPlace::Memory);
        drop(places);
        assert_eq!((admission.open(), ceiling.taken()), (0, 0));
    }
}
