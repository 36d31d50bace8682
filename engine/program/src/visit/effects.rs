//! What an instruction reads, what it changes, and what it says.
//!
//! Never: tells where a body goes on; that is `exits`.

use smallvec::{SmallVec, smallvec};

use crate::{Arm, Exchange, Expr, Op, Piece, Place, ReplyId, Slot};

/// What an instruction says to the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The answer.
    pub reply: ReplyId,
    /// As what.
    pub how: Saying,
}

/// As what something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// A line before the final answer.
    Before,
    /// The final answer.
    Answer,
    /// A question, which the peer answers.
    Question,
    /// Lines of a listing.
    Listing,
}

/// All expressions of an instruction: to be read (`iter`, `expr`), or to be changed (`iter_mut`, `expr_mut`, `mut`).
macro_rules! expressions {
    ($op:expr, $iter:ident, $expr:ident $(, $mut:tt)?) => {{
        let mut found = Vec::new();
        match $op {
            Op::Let { value, .. } | Op::Remove { value, .. } | Op::Payload { value, .. } | Op::Pause(value) => {
                found.push(value);
            }
            Op::Unless { condition, .. } => found.push(condition),
            Op::Add { value, most, .. } => {
                found.push(value);
                found.extend(most);
            }
            Op::Ask(ask) => {
                found.extend(ask.arguments.$iter());
                found.push(&$($mut)? ask.within);
            }
            Op::Prompt(prompt) => found.extend(&$($mut)? prompt.most),
            Op::Receive(receive) => found.push(&$($mut)? receive.most),
            Op::Log { text, .. } => found.extend(text.$iter().filter_map(Piece::$expr)),
            Op::Prepend { lines, .. } => found.extend(lines.$iter().flatten().filter_map(Piece::$expr)),
            Op::Each(each) => {
                let each = &$($mut)? **each;
                found.push(&$($mut)? each.list);
                found.extend(each.within.$iter().map(|(within, _)| within));
            }
            Op::Goto(transition) => found.extend(transition.with.$iter().map(|(_, value)| value)),
            Op::Stay(with) => found.extend(with.$iter().map(|(_, value)| value)),
            Op::Exchange(exchange) => match exchange {
                Exchange::Connect { host, port, within } => found.extend([host, port, within]),
                Exchange::Send(parts) => {
                    for part in parts {
                        found.extend(&$($mut)? part.when);
                        found.extend(part.text.$iter().filter_map(Piece::$expr));
                    }
                }
                Exchange::SendLines(value) => found.push(value),
                Exchange::Await(awaited) => found.push(&$($mut)? awaited.within),
                Exchange::Give { values, .. } => found.extend(values),
                Exchange::StartTls { .. } => {}
            },
            Op::Jump(_)
            | Op::Say(_)
            | Op::Reply(_)
            | Op::Listed { .. }
            | Op::Count { .. }
            | Op::Next { .. }
            | Op::StartTls(_)
            | Op::Close
            | Op::Left => {}
        }
        found
    }};
}

impl Op {
    /// All expressions that it evaluates, in order; those of the answers that it says are not its own.
    pub fn expressions(&self) -> Vec<&Expr> {
        expressions!(self, iter, expr)
    }

    /// The same, to be changed.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        expressions!(self, iter_mut, expr_mut, mut)
    }

    /// The condition that it goes on by.
    pub fn condition(&self) -> Option<&Expr> {
        if let Op::Unless { condition, .. } = self { Some(condition) } else { None }
    }

    /// The names of the outcomes of what it asks or receives, in order; none where it does neither.
    pub fn outcomes(&self) -> Vec<&str> {
        match self {
            Op::Ask(ask) => ask.target.outcomes(),
            Op::Receive(_) => vec!["complete", "too_big", "failed"],
            _ => Vec::new(),
        }
    }

    /// What it says to the peer.
    pub fn said(&self) -> Option<Said> {
        let (reply, how) = match self {
            Op::Say(reply) => (*reply, Saying::Before),
            Op::Reply(reply) => (*reply, Saying::Answer),
            Op::Prompt(prompt) => (prompt.reply, Saying::Question),
            Op::Listed { lines, .. } => (*lines, Saying::Listing),
            Op::Let { .. }
            | Op::Unless { .. }
            | Op::Jump(_)
            | Op::Ask(_)
            | Op::Receive(_)
            | Op::Add { .. }
            | Op::Remove { .. }
            | Op::Payload { .. }
            | Op::Count { .. }
            | Op::Log { .. }
            | Op::Pause(_)
            | Op::Prepend { .. }
            | Op::Each(_)
            | Op::Next { .. }
            | Op::StartTls(_)
            | Op::Goto(_)
            | Op::Stay(_)
            | Op::Close
            | Op::Left
            | Op::Exchange(_) => return None,
        };
        Some(Said { reply, how })
    }

    /// The slot that takes the value of one of its expressions, and that expression.
    pub fn copies(&self) -> Option<(Slot, &Expr)> {
        match self {
            Op::Let { slot, value } => Some((*slot, value)),
            Op::Each(each) => Some((each.snapshot, &each.list)),
            _ => None,
        }
    }

    /// Everything that it may change before the body goes on, on whichever way. Facts that are set where a body ends are
    /// not among it.
    pub fn writes(&self) -> SmallVec<[Place; 4]> {
        let whole = |slot: Slot| Place { slot, field: None };
        match self {
            Op::Let { slot, .. } => smallvec![whole(*slot)],
            Op::Add { to, .. } | Op::Remove { from: to, .. } | Op::Prepend { to, .. } => smallvec![*to],
            Op::Prompt(prompt) => smallvec![whole(prompt.slot)],
            Op::Ask(ask) => {
                ask.outcomes.iter().flat_map(|branch| &branch.values).flatten().copied().map(whole).collect()
            }
            Op::Receive(receive) => {
                let why = receive.failed.values.iter().flatten().copied().map(whole);
                std::iter::once(receive.into).chain(why).collect()
            }
            Op::Each(each) => {
                let end = each.within.iter().map(|(_, slot)| *slot);
                [each.snapshot, each.index].into_iter().chain(end).map(whole).collect()
            }
            Op::Next { item, index, .. } => smallvec![whole(*item), whole(*index)],
            Op::Exchange(Exchange::Await(awaited)) => {
                let holes = |arm: &Arm| {
                    let holes: Vec<Slot> =
                        arm.text.iter().flat_map(|form| &form.holes).map(|(_, slot)| *slot).collect();
                    holes.into_iter().chain(arm.code).chain(arm.lines)
                };
                awaited.arms.iter().flat_map(holes).chain(awaited.answer).map(whole).collect()
            }
            Op::Unless { .. }
            | Op::Jump(_)
            | Op::Say(_)
            | Op::Reply(_)
            | Op::Listed { .. }
            | Op::Payload { .. }
            | Op::Count { .. }
            | Op::Log { .. }
            | Op::Pause(_)
            | Op::StartTls(_)
            | Op::Goto(_)
            | Op::Stay(_)
            | Op::Close
            | Op::Left
            | Op::Exchange(
                Exchange::Connect { .. }
                | Exchange::Send(_)
                | Exchange::SendLines(_)
                | Exchange::StartTls { .. }
                | Exchange::Give { .. },
            ) => SmallVec::new(),
        }
    }
}
