//! How much memory payloads and sessions may have together.
//!
//! What is counted is what grows with the load: the octets of payloads that wait in memory, and a sum for each session.
//! A part of the whole is set aside for what does not grow with it: the program, its threads, what the allocator keeps.
//!
//! Never: allocates, or decides what happens when there is no more.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What one session is counted with: its task, its machine, its line buffer, its kernel handles, TLS.
pub const SESSION: u64 = 64 << 10;

/// What is set aside at least.
const ASIDE_LEAST: u64 = 32 << 20;

/// The memory that is there for payloads and sessions, and how much of it is taken.
#[derive(Debug)]
pub struct Ceiling {
    most: u64,
    taken: AtomicU64,
}

/// The memory of one session; giving it up is giving it back.
#[derive(Debug)]
pub struct Room {
    ceiling: Arc<Ceiling>,
    octets: u64,
}

impl Ceiling {
    /// A ceiling for a process that may have so many octets in all. An eighth is set aside, and at least 32 MiB.
    pub fn new(memory: u64) -> Ceiling {
        let aside = (memory / 8).max(ASIDE_LEAST);
        Ceiling { most: memory.saturating_sub(aside), taken: AtomicU64::new(0) }
    }

    /// No ceiling.
    pub fn none() -> Ceiling {
        Ceiling { most: u64::MAX, taken: AtomicU64::new(0) }
    }

    /// How many octets are taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// No octets yet.
    pub fn room(self: &Arc<Self>) -> Room {
        Room { ceiling: Arc::clone(self), octets: 0 }
    }

    fn take(&self, octets: u64) -> bool {
        let add = |taken: u64| taken.checked_add(octets).filter(|sum| *sum <= self.most);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}

impl Room {
    /// Makes it so many octets; false when there are not so many more, and then it is what it was.
    pub fn resize(&mut self, octets: u64) -> bool {
        let fits = match octets.checked_sub(self.octets) {
            Some(more) => self.ceiling.take(more),
            None => {
                self.ceiling.taken.fetch_sub(self.octets - octets, Ordering::Relaxed);
                true
            }
        };
        if fits {
            self.octets = octets;
        }
        fits
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.ceiling.taken.fetch_sub(self.octets, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back_and_never_more_than_there_is() {
        let ceiling = Arc::new(Ceiling::new(64 << 20));
        let (mut first, mut second) = (ceiling.room(), ceiling.room());
        assert!(first.resize(30 << 20));
        assert!(!second.resize(3 << 20));
        assert!(second.resize(2 << 20));
        assert!(first.resize(10 << 20) && second.resize(20 << 20));
        assert_eq!(ceiling.taken(), 30 << 20);
        drop((first, second));
        assert_eq!(ceiling.taken(), 0);
    }
}
