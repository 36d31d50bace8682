//! How many sessions there may be, in all and of one address.
//!
//! Never: decides what a refused peer is told; that is the protocol's.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts sessions.
#[derive(Debug)]
pub struct Admission {
    connections: usize,
    per_address: usize,
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
    address: IpAddr,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// All places are taken.
    Full,
    /// The address has all that it may have.
    Address,
}

impl NoPlace {
    /// All of them, in the order of their numbers.
    pub const ALL: [NoPlace; 2] = [NoPlace::Full, NoPlace::Address];

    /// The key below `limits` that says how many there may be.
    pub fn word(self) -> &'static str {
        match self {
            NoPlace::Full => "connections",
            NoPlace::Address => "per_address",
        }
    }
}

impl Admission {
    /// At most that many, each at least 1.
    pub fn new(connections: usize, per_address: usize) -> Admission {
        Admission { connections, per_address, open: Mutex::default() }
    }

    /// Takes a place. An IPv6 peer counts by its /64, which one host has to itself.
    ///
    /// # Errors
    /// Why there is none.
    pub fn enter(self: &Arc<Self>, ip: IpAddr) -> Result<Place, NoPlace> {
        let address = counted(ip);
        let mut open = self.lock();
        if open.total >= self.connections {
            return Err(NoPlace::Full);
        }
        let here = open.by_address.entry(address).or_default();
        if *here >= self.per_address {
            return Err(NoPlace::Address);
        }
        *here += 1;
        open.total += 1;
        Ok(Place { admission: Arc::clone(self), address })
    }

    /// How many places are taken.
    pub fn open(&self) -> usize {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.total -= 1;
        if let Some(here) = open.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoPlace::Full => "limits.connections is reached",
            NoPlace::Address => "limits.per_address is reached",
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

    #[test]
    fn places_are_counted_and_given_back() {
        let admission = Arc::new(Admission::new(3, 2));
        let enter = |ip: &str| admission.enter(ip.parse().unwrap());
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
}
