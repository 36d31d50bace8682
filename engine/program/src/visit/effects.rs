//! What an instruction reads, what it changes, and what it says.
//!
//! Never: tells where a body goes on; that is `exits`.

use smallvec::{SmallVec, smallvec};

use super::Why;
use crate::{
    Ask, Branch, Each, Exchange, Expr, FactId, Op, Pc, Piece, Place, Prompt, Receive, ReplyId, Slot, StateId,
    Transition,
};

/// What an instruction says to the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The answer.
    pub reply: ReplyId,
    /// As what.
    pub how: Saying,
}

/// What an instruction does, beside what it sets and where it leads.
#[derive(Default)]
struct Effects<'p> {
    said: Option<Said>,
    waits: Option<Waits<'p>>,
    changes: Option<Change>,
    copies: Option<(Slot, &'p Expr)>,
}

/// What an instruction does to a value that stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// What.
    pub how: Changing,
}

/// How a value changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changing {
    /// Something is added to it.
    Grows,
    /// Something is taken out of it.
    Shrinks,
    /// A header is put in front of it; its fields stay.
    Headed,
    /// It is forgotten before the first octet comes, and another one comes in its place.
    Received,
}

/// How an instruction ends its body.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'p> {
    /// The session goes to a state.
    Goto(&'p Transition),
    /// It begins TLS, then enters that state.
    Secure(StateId),
    /// It stays in its state, with these facts.
    Stay(&'p [(FactId, Expr)]),
    /// It ends.
    Close,
    /// What had led to this `leave` is carried out.
    Left,
}

/// What an instruction makes the peer wait for.
#[derive(Debug, Clone, Copy)]
pub struct Waits<'p> {
    /// What.
    pub what: Waiting<'p>,
    /// For how long at the most.
    pub time: &'p Expr,
    /// Stands in a loop with a time of its own: the slot with that loop's end, which is not outlasted.
    pub until: Option<Slot>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy)]
pub enum Waiting<'p> {
    /// The answer to a call.
    Call(&'p Ask),
    /// All rounds of a loop that has a time.
    Loop,
    /// Nothing; it is a pause.
    Pause,
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

impl Receive {
    /// How reading a block may come out, in order.
    pub const OUTCOMES: [&str; 3] = ["complete", "too_big", "failed"];
    /// The one that tells why.
    const FAILED: usize = 2;
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

    /// What it asks of the world.
    pub fn asks(&self) -> Option<&Ask> {
        if let Op::Ask(ask) = self { Some(ask) } else { None }
    }

    /// What it asks the peer.
    pub fn prompts(&self) -> Option<&Prompt> {
        if let Op::Prompt(prompt) = self { Some(prompt) } else { None }
    }

    /// The loop that it begins.
    pub fn each(&self) -> Option<&Each> {
        if let Op::Each(each) = self { Some(each) } else { None }
    }

    /// The snapshot of a list whose next element it takes.
    pub fn takes_from(&self) -> Option<Slot> {
        if let Op::Next { snapshot, .. } = self { Some(*snapshot) } else { None }
    }

    /// How it ends its body.
    pub fn ends(&self) -> Option<Ending<'_>> {
        match self {
            Op::Goto(transition) => Some(Ending::Goto(transition)),
            Op::StartTls(state) => Some(Ending::Secure(*state)),
            Op::Stay(with) => Some(Ending::Stay(with)),
            Op::Close => Some(Ending::Close),
            Op::Left => Some(Ending::Left),
            _ => None,
        }
    }

    /// Whether time passes at it, in which the peer may be gone.
    pub fn is_waited_at(&self) -> bool {
        self.exits(Pc(0)).iter().any(|exit| exit.why == Why::Gone)
    }

    /// What it makes the peer wait for. What the peer takes to say something is its own time.
    pub fn waits(&self) -> Option<Waits<'_>> {
        self.effects().waits
    }

    /// The names of the outcomes of what it asks or receives, in order; none where it does neither.
    pub fn outcomes(&self) -> Vec<&str> {
        match self {
            Op::Ask(ask) => ask.target.outcomes(),
            Op::Receive(_) => Receive::OUTCOMES.to_vec(),
            _ => Vec::new(),
        }
    }

    /// What it says to the peer.
    pub fn said(&self) -> Option<Said> {
        self.effects().said
    }

    /// What it adds to, takes from, puts a header before or receives into.
    pub fn changes(&self) -> Option<Change> {
        self.effects().changes
    }

    /// The slot that takes the value of one of its expressions, and that expression.
    pub fn copies(&self) -> Option<(Slot, &Expr)> {
        self.effects().copies
    }

    fn effects(&self) -> Effects<'_> {
        let says = |how: Saying, reply: ReplyId| Effects { said: Some(Said { reply, how }), ..Effects::default() };
        let waits = |what, time, until| Effects { waits: Some(Waits { what, time, until }), ..Effects::default() };
        let changes = |place, how| Effects { changes: Some(Change { place, how }), ..Effects::default() };
        match self {
            Op::Say(reply) => says(Saying::Before, *reply),
            Op::Reply(reply) => says(Saying::Answer, *reply),
            Op::Prompt(prompt) => says(Saying::Question, prompt.reply),
            Op::Listed { lines, .. } => says(Saying::Listing, *lines),
            Op::Ask(ask) => waits(Waiting::Call(ask), &ask.within, ask.until),
            Op::Pause(time) => waits(Waiting::Pause, time, None),
            Op::Each(each) => {
                let copies = Some((each.snapshot, &each.list));
                match &each.within {
                    Some((time, _)) => Effects { copies, ..waits(Waiting::Loop, time, each.until) },
                    None => Effects { copies, ..Effects::default() },
                }
            }
            Op::Let { slot, value } => Effects { copies: Some((*slot, value)), ..Effects::default() },
            Op::Add { to, .. } => changes(*to, Changing::Grows),
            Op::Remove { from, .. } => changes(*from, Changing::Shrinks),
            Op::Prepend { to, .. } => changes(*to, Changing::Headed),
            Op::Receive(receive) => changes(receive.into, Changing::Received),
            Op::Unless { .. }
            | Op::Jump(_)
            | Op::Payload { .. }
            | Op::Count { .. }
            | Op::Log { .. }
            | Op::Next { .. }
            | Op::StartTls(_)
            | Op::Goto(_)
            | Op::Stay(_)
            | Op::Close
            | Op::Left
            // A client takes no longer than whoever asks it says, and what it says is for somebody else.
            | Op::Exchange(_) => Effects::default(),
        }
    }

    /// The slots that take another value where the body goes on for that reason, whatever they held. Facts that are set where
    /// a body ends are not among them.
    pub fn sets(&self, why: Why) -> SmallVec<[Slot; 4]> {
        let values = |branch: &Branch| branch.values.iter().flatten().copied().collect();
        match (self, why) {
            (Op::Let { slot, .. }, _) => smallvec![*slot],
            (Op::Prompt(prompt), Why::Told) => smallvec![prompt.slot],
            (Op::Ask(ask), Why::Outcome(place)) => ask.outcomes.get(place).map(values).unwrap_or_default(),
            (Op::Receive(receive), Why::Outcome(Receive::FAILED)) => values(&receive.failed),
            (Op::Each(each), _) => {
                let end = each.within.iter().map(|(_, slot)| *slot);
                [each.snapshot, each.index].into_iter().chain(end).collect()
            }
            (Op::Next { item, index, .. }, Why::Element(true)) => smallvec![*item, *index],
            (Op::Exchange(Exchange::Await(awaited)), Why::Arm(place)) => {
                let arm = awaited.arms.get(place);
                let holes = arm.and_then(|arm| arm.text.as_ref()).into_iter().flat_map(|form| &form.holes);
                let caught = arm.into_iter().flat_map(|arm| [arm.code, arm.lines]).flatten();
                holes.map(|(_, slot)| *slot).chain(caught).collect()
            }
            (Op::Exchange(Exchange::Await(awaited)), Why::Otherwise) => awaited.answer.into_iter().collect(),
            // Ways on which nothing is set.
            (Op::Prompt(_) | Op::Ask(_) | Op::Receive(_) | Op::Next { .. }, _) => SmallVec::new(),
            (
                Op::Unless { .. }
                | Op::Jump(_)
                | Op::Say(_)
                | Op::Reply(_)
                | Op::Add { .. }
                | Op::Remove { .. }
                | Op::Listed { .. }
                | Op::Payload { .. }
                | Op::Count { .. }
                | Op::Log { .. }
                | Op::Pause(_)
                | Op::Prepend { .. }
                | Op::StartTls(_)
                | Op::Goto(_)
                | Op::Stay(_)
                | Op::Close
                | Op::Left
                | Op::Exchange(_),
                _,
            ) => SmallVec::new(),
        }
    }

    /// Everything that it may change, on whichever way the body goes on: that place, and what it sets.
    pub fn writes(&self) -> SmallVec<[Place; 4]> {
        let set = self.exits(Pc(0)).into_iter().flat_map(|exit| self.sets(exit.why));
        self.changes()
            .map(|change| change.place)
            .into_iter()
            .chain(set.map(|slot| Place { slot, field: None }))
            .collect()
    }
}
