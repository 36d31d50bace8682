//! Whether a delivery is still wanted: the one thing that a session and a writing thread share.
//!
//! Never: lets a message be published for a call that nobody waits for any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The writing thread's view.
#[derive(Clone, Default)]
pub(crate) struct Validity(Arc<AtomicBool>);

/// The session's view: when it is dropped, the delivery is no longer wanted.
pub(crate) struct Guard(Arc<AtomicBool>);

impl Validity {
    /// A delivery that is wanted as long as the guard lives.
    pub(crate) fn guarded() -> (Validity, Guard) {
        let flag = Arc::new(AtomicBool::new(false));
        (Validity(flag.clone()), Guard(flag))
    }

    /// Fails when nobody waits any more.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.0.load(Ordering::Acquire) {
            false => Ok(()),
            true => Err("nobody waits for it any more".to_owned()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
