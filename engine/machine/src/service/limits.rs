//! What a listener sets bounds to, in time.
//!
//! Never: measures it.

use std::time::Duration;

use super::{Pace, Service};

impl Service {
    /// How long a peer may be silent, where that is the same for all sessions.
    pub(crate) fn idle(&self) -> Option<Duration> {
        self.idle
    }

    /// How long a session may last, where that is the same for all.
    pub(crate) fn session(&self) -> Option<Duration> {
        self.session
    }

    /// How slowly a payload may come.
    pub(crate) fn slowest(&self) -> Pace {
        self.slowest
    }
}
