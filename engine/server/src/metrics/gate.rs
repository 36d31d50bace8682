//! What is counted of one endpoint, whatever is spoken there.
//!
//! Never: knows a peer.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    families::{ACCEPTED, HANDSHAKES_FAILED, REFUSED},
    samples::Samples,
};
use crate::{admission::NoPlace, endpoint::Endpoint};

/// What is counted of one endpoint.
#[derive(Debug, Default)]
pub struct Gate {
    accepted: AtomicU64,
    /// By the place of the reason among all.
    refused: [AtomicU64; NoPlace::ALL.len()],
    handshakes_failed: AtomicU64,
}

impl Gate {
    /// A connection was accepted.
    pub fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// It found no place.
    pub fn refused(&self, why: NoPlace) {
        self.refused[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// A handshake was not done.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds its numbers to others.
    pub(super) fn put(&self, endpoint: &Endpoint, samples: &mut Samples) {
        let listener = ("listener", &*endpoint.to_string());
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        samples.add(ACCEPTED, &[listener], read(&self.accepted));
        for (why, counter) in NoPlace::ALL.iter().zip(&self.refused) {
            samples.add(REFUSED, &[listener, ("reason", why.word())], read(counter));
        }
        samples.add(HANDSHAKES_FAILED, &[listener], read(&self.handshakes_failed));
    }
}
