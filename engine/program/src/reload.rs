//! What becomes of sessions of an old version.
//!
//! Never: compares versions.

use std::{sync::Arc, time::Duration};

/// `reload { finish old sessions TIME  move at STATE, STATE }`: the rule of the version that is let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reload {
    /// How long sessions of an old version may go on, from the reload on; absent: until they end by themselves.
    pub finish: Option<Duration>,
    /// The names of the states where sessions of an old version go on with this one.
    pub moves: Vec<Arc<str>>,
}
