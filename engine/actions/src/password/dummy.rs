//! What the password of an unknown user is checked against, so that it takes as long as any other.
//!
//! Never: decides anything. Whatever fits a dummy is rejected.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use program::Secret;

/// What an unknown user's password is checked against before a statement has given a first hash: yescrypt with the
/// parameters that Debian gives new users.
pub(super) const FIRST_DUMMY: &[u8] = b"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$mHCFQVViyQv2MueGRqv16ZVnM127lPWbcj06Tx/BEf6";

/// The latest hash that each statement gave, by the statement's name: how much work a password is there.
#[derive(Default)]
pub(crate) struct Dummies {
    latest: Mutex<HashMap<Arc<str>, Secret>>,
}

impl Dummies {
    pub(super) fn latest(&self, statement: &str) -> Secret {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.get(statement).cloned().unwrap_or_else(|| Secret::new(FIRST_DUMMY))
    }

    pub(super) fn keep(&self, statement: &Arc<str>, hash: &Secret) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.insert(statement.clone(), hash.clone());
    }
}
