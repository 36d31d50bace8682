//! How often one address may have something dear done for it.
//!
//! The table has a fixed size: addresses share sets of four places, and a new one takes the place that has the least
//! to remember. So a flood of addresses costs no memory, and an address that is at its limit is the last to be forgotten.
//!
//! Never: grows, or looks at a clock.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hash},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Counts by address; by /64 for IPv6, of which one customer has at least one.
pub struct Limiter {
    sets: Box<[Mutex<[Place; WAYS]>]>,
    hashing: RandomState,
    /// What one admission costs: a minute through how many there are in it.
    cost: Duration,
}

/// What is remembered of one address.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The address; that of nobody at first.
    key: u128,
    /// When all that was admitted is paid off: then the address has its whole minute again.
    paid: Duration,
}

/// How many addresses share a set.
const WAYS: usize = 4;

/// How many sets there are: 16,384 addresses.
const SETS: usize = 4096;

/// What an address may run ahead.
const AHEAD: Duration = Duration::from_secs(60);

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl Limiter {
    /// So many in a minute for each address, at least 1, and as many at once.
    pub fn new(per_minute: u32) -> Limiter {
        let sets = (0..SETS).map(|_| Mutex::default()).collect();
        Limiter { sets, hashing: RandomState::new(), cost: AHEAD / per_minute.max(1) }
    }

    /// Whether one more is admitted at that time of a clock that never goes back; it is then counted.
    pub fn admits(&self, peer: IpAddr, now: Duration) -> bool {
        self.admits_key(key(peer), now)
    }

    /// The same for whoever has no address, and a name in its place.
    pub fn admits_name(&self, name: impl Hash, now: Duration) -> bool {
        self.admits_key(u128::from(self.hashing.hash_one(name)) << 64 | 2, now)
    }

    fn admits_key(&self, key: u128, now: Duration) -> bool {
        let set = &self.sets[self.hashing.hash_one(key) as usize % SETS];
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let found = set.iter().position(|place| place.key == key);
        let place = found.or_else(|| (0..WAYS).min_by_key(|place| set[*place].paid)).unwrap_or_default();
        let place = &mut set[place];
        if place.key != key {
            *place = Place { key, paid: Duration::ZERO };
        }
        let paid = place.paid.max(now) + self.cost;
        let admitted = paid <= now + AHEAD;
        if admitted {
            place.paid = paid;
        }
        admitted
    }
}

/// An IPv4 address, mapped or not, or a /64; never zero, which is nobody's.
fn key(peer: IpAddr) -> u128 {
    match peer.to_canonical() {
        IpAddr::V4(ip) => 1 << 32 | u128::from(ip.to_bits()),
        IpAddr::V6(ip) => (ip.to_bits() >> 64) << 64 | 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(limiter: &Limiter, peer: &str, second: u64, times: usize) -> usize {
        let peer = peer.parse().unwrap();
        (0..times).filter(|_| limiter.admits(peer, Duration::from_secs(second))).count()
    }

    #[test]
    fn an_address_has_its_number_at_once_and_then_one_by_one() {
        let limiter = Limiter::new(6);
        assert_eq!(admitted(&limiter, "192.0.2.1", 0, 20), 6);
        assert_eq!(admitted(&limiter, "192.0.2.2", 0, 20), 6, "another has its own");
        assert_eq!(admitted(&limiter, "192.0.2.1", 9, 20), 0);
        assert_eq!(admitted(&limiter, "192.0.2.1", 10, 20), 1);
        assert_eq!(admitted(&limiter, "192.0.2.1", 600, 20), 6, "and saves up no more than that");
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let limiter = Limiter::new(3);
        assert_eq!(admitted(&limiter, "2001:db8::1", 0, 2), 2);
        assert_eq!(admitted(&limiter, "2001:db8::ffff:2", 0, 20), 1);
        assert_eq!(admitted(&limiter, "2001:db8:0:1::1", 0, 20), 3);
        assert_eq!(admitted(&limiter, "192.0.2.1", 0, 2) + admitted(&limiter, "::ffff:192.0.2.1", 0, 2), 3);
    }

    #[test]
    fn a_name_is_counted_like_an_address() {
        let limiter = Limiter::new(2);
        let admitted = |name: &str| (0..5).filter(|_| limiter.admits_name(name, Duration::ZERO)).count();
        assert_eq!((admitted("one"), admitted("two"), admitted("one")), (2, 2, 0));
    }

    #[test]
    fn a_flood_of_addresses_frees_nobody_who_is_at_the_limit() {
        let limiter = Limiter::new(10);
        assert_eq!(admitted(&limiter, "192.0.2.1", 0, 20), 10);
        for number in 0..40_000_u32 {
            limiter.admits(IpAddr::from((0x0a00_0000 + number).to_be_bytes()), Duration::ZERO);
        }
        assert_eq!(admitted(&limiter, "192.0.2.1", 0, 20), 0);
    }
}
