//! Answers, with the wire's form already worked in.
//!
//! Never: renders. Which lines are constant for a listener is found when a program is bound to it.

use std::sync::Arc;

use crate::{Expr, Piece};

/// Index into [`Program::replies`](crate::Program::replies).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyId(pub u32);

/// One answer, or one line before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The code or word that it begins with, if it has one: `200`, `OK`.
    pub status: Option<Arc<str>>,
    /// Whether the wire calls it a refusal.
    pub refusal: bool,
    /// The most octets of each of its lines, the line end included: a longer one loses the end of its text.
    pub most: Option<usize>,
    /// Its lines; at least one has no condition.
    pub lines: Vec<ReplyLine>,
}

/// One line of an answer, without its line end.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplyLine {
    /// When it is there; absent: always.
    pub when: Option<Expr>,
    /// How it looks when it is the last line that is there.
    pub last: Vec<Piece>,
    /// How it looks when another line follows.
    pub continued: Vec<Piece>,
}
