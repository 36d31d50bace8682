//! What becomes of sessions of an old version.
//!
//! Never: compares versions.

use std::{sync::Arc, time::Duration};

use crate::{Expr, StateId};

/// `reload { finish old sessions TIME  move at STATE, STATE }`: the rule of the version that is let in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reload {
    /// How long sessions of an old version may go on, from the reload on; absent: until they end by themselves.
    pub finish: Option<Duration>,
    /// The names of the states where sessions of an old version go on with this one.
    pub moves: Vec<Arc<str>>,
    /// Which of them the proof of this version's promises speaks of.
    pub covers: Covers,
}

/// The sessions that a proof speaks of. Others could break what was proved: they did not come the way that was walked.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Covers {
    /// All: nothing was proved.
    #[default]
    All,
    /// Those for which each cover of their state holds; and there is one.
    These(Vec<Cover>),
    /// None: the proof gave up.
    Nothing,
}

/// What one proof knew of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    /// The state.
    pub state: StateId,
    /// It speaks of a session in that state for which all conditions of one of these are as it is said.
    pub known: Vec<Vec<(Expr, bool)>>,
}
