//! The ledger of the memory that sessions make the process keep.
//!
//! Whoever keeps something that grows with the load has a [`Room`], makes it larger before it keeps more, and makes it
//! smaller when it forgets. A part of the whole is set aside for what does not grow: the program, its threads, what the
//! allocator keeps.
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

/// What one session may have, as long as that is no more than half of it all.
const SHARE_LEAST: u64 = 32 << 20;

/// Why something is not kept that there is no memory for.
pub(crate) const NO_ROOM: &str = "there is no memory for it: `limits.memory` is reached";

/// The memory that is there for sessions and all that they keep, and how much of it is taken.
#[derive(Debug)]
pub struct Ceiling {
    most: u64,
    taken: AtomicU64,
}

/// The memory that is counted for one thing; giving it up is giving it back.
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

    /// The most that one session may have of it: a quarter, or 32 MiB if that is more, but never more than half.
    pub fn share(&self) -> u64 {
        (self.most / 4).max(SHARE_LEAST).min(self.most / 2)
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

    /// Makes it larger by so many octets; false when there are not so many, and then it is what it was.
    pub fn grow(&mut self, more: u64) -> bool {
        self.resize(self.octets.saturating_add(more))
    }

    /// How many octets it is.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// The ledger that it is a part of.
    pub fn ceiling(&self) -> &Arc<Ceiling> {
        &self.ceiling
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
    fn no_session_may_take_all() {
        for (memory, share) in [(64, 16), (128, 32), (1024, 224)] {
            assert_eq!(Ceiling::new(memory << 20).share(), share << 20, "of {memory} MiB");
        }
    }

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
