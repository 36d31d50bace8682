//! Promises, as they stand at each place where they could be broken.
//!
//! Never: holds or is broken by itself; `proof` looks ahead, and the player of conversations watches.

use std::sync::Arc;

use crate::{Expr, Origin, Pc, StateId};

/// `promise "…" { never EVENT unless CONDITION }`.
#[derive(Debug, Clone)]
pub struct Promise {
    /// What it says, in the author's words.
    pub text: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
    /// Every place where its event can happen.
    pub sites: Vec<Site>,
}

/// One place where the event of a promise can happen.
#[derive(Debug, Clone)]
pub struct Site {
    /// The place.
    pub moment: Moment,
    /// It is kept when one of these holds; none of them holds by itself.
    pub unless: Vec<Unless>,
}

/// When an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// This instruction is about to be executed.
    Before(Pc),
    /// The session has come into this state, its facts supplied.
    In(StateId),
}

/// What keeps a promise.
#[derive(Debug, Clone, PartialEq)]
pub enum Unless {
    /// A condition that holds, as it is seen from the site.
    Holds(Expr),
    /// A call that was answered so, earlier in the same body.
    Answered {
        /// The name of what was asked.
        name: Arc<str>,
        /// The index of the outcome.
        outcome: usize,
    },
}
