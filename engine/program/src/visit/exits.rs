//! Where a body goes on behind an instruction, and why.
//!
//! Not among the ways on is a fault of ours, which may come at any instruction and runs [`Entry::Broken`]; nor the end of
//! the session's time or of the server, which waits for the end of the command.
//!
//! Never: asks what holds; every way that there is is one, whether a session can go it or not.

use smallvec::{SmallVec, smallvec};

use super::Entry;
use crate::{CounterId, Exchange, Op, Pc, Program, StateId};

/// One way on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Why the body goes on so.
    pub why: Why,
    /// Where.
    pub to: To,
}

/// All ways on behind an instruction; one at least.
pub type Exits = SmallVec<[Exit; 4]>;

/// Why a body goes on in a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// What the instruction does is done.
    Done,
    /// It is a jump.
    Jump,
    /// The condition holds, or does not.
    Condition(bool),
    /// What was asked, or the block that was received, comes out so: index into [`Op::outcomes`].
    Outcome(usize),
    /// The loop has a further element, or none.
    Element(bool),
    /// The peer says what was asked for.
    Told,
    /// The peer cancels what it was asked for. Only a wire with a word for it has this way.
    Cancelled,
    /// The peer says something else.
    BadAnswer,
    /// The peer says too much in one line.
    TooLong,
    /// The peer says nothing for too long.
    Silent,
    /// The peer is gone.
    Gone,
    /// The count reaches its limit.
    Counted(CounterId),
    /// There is no room for what is added.
    Full,
    /// The other server's answer fits this arm of an `await`, by its number.
    Arm(usize),
    /// The other server's answer fits no arm.
    Otherwise,
    /// Not one octet of the answer to a client came in time.
    Unanswered,
    /// The other server cannot be reached, hangs up, or takes too long.
    Failed,
    /// The body ends here.
    End,
}

/// Where a body goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// At this instruction of the same body.
    Here(Pc),
    /// Another body takes its place.
    Body(Entry),
    /// Into this state, behind the `leave` of the present one if that is another.
    State(StateId),
    /// Under TLS into this state, behind the `leave` of the present one.
    Secure(StateId),
    /// Nowhere: the session is in its state, and reads the next command.
    Stay,
    /// Nowhere: the session ends, behind the `leave` of its state.
    Close,
    /// Where what had led to this `leave` was to go.
    Left,
    /// Nowhere: a client gives this outcome, by its number; none: `failed`.
    Given(Option<usize>),
}

const fn exit(why: Why, to: To) -> Exit {
    Exit { why, to }
}

const fn here(why: Why, at: Pc) -> Exit {
    exit(why, To::Here(at))
}

const fn body(why: Why, entry: Entry) -> Exit {
    exit(why, To::Body(entry))
}

/// The peer hangs up while the body waits.
const GONE: Exit = exit(Why::Gone, To::Close);
const SILENT: Exit = body(Why::Silent, Entry::Idle);
const FAILED: Exit = exit(Why::Failed, To::Given(None));

impl Op {
    /// Where a body goes on behind this instruction, which stands at `at`: every way, the plainest first.
    pub fn exits(&self, at: Pc) -> Exits {
        // What leads nowhere yet, in a draft, stands behind all instructions.
        let next = Pc(at.0.saturating_add(1));
        match self {
            Op::Let { .. }
            | Op::Say(_)
            | Op::Reply(_)
            | Op::Remove { .. }
            | Op::Listed { .. }
            | Op::Payload { .. }
            | Op::Log { .. }
            | Op::Prepend { .. }
            | Op::Each(_)
            | Op::Add { full: false, .. } => smallvec![here(Why::Done, next)],
            Op::Add { full: true, .. } => smallvec![here(Why::Done, next), body(Why::Full, Entry::Full)],
            Op::Count { counter, .. } => {
                smallvec![here(Why::Done, next), body(Why::Counted(*counter), Entry::Counter(*counter))]
            }
            Op::Pause(_) => smallvec![here(Why::Done, next), GONE],
            Op::Unless { target, .. } => {
                smallvec![here(Why::Condition(true), next), here(Why::Condition(false), *target)]
            }
            Op::Jump(target) => smallvec![here(Why::Jump, *target)],
            Op::Ask(ask) => {
                let outcomes = ask.outcomes.iter().enumerate();
                outcomes.map(|(place, branch)| here(Why::Outcome(place), branch.at)).chain([GONE]).collect()
            }
            Op::Receive(receive) => {
                let outcomes = [receive.complete, receive.too_big, receive.failed.at].into_iter().enumerate();
                outcomes.map(|(place, at)| here(Why::Outcome(place), at)).chain([SILENT, GONE]).collect()
            }
            Op::Prompt(_) => smallvec![
                here(Why::Told, next),
                body(Why::Cancelled, Entry::Cancelled),
                body(Why::BadAnswer, Entry::BadAnswer),
                body(Why::TooLong, Entry::Line),
                SILENT,
                GONE,
            ],
            Op::Next { end, .. } => smallvec![here(Why::Element(true), next), here(Why::Element(false), *end)],
            Op::StartTls(state) => smallvec![exit(Why::End, To::Secure(*state))],
            Op::Goto(transition) => smallvec![exit(Why::End, To::State(transition.state))],
            Op::Stay(_) => smallvec![exit(Why::End, To::Stay)],
            Op::Close => smallvec![exit(Why::End, To::Close)],
            Op::Left => smallvec![exit(Why::End, To::Left)],
            Op::Exchange(exchange) => exchange.exits(next),
        }
    }

    /// Where the same body goes on behind this instruction, which stands at `at`.
    pub fn onward(&self, at: Pc) -> impl Iterator<Item = Pc> + use<> {
        self.exits(at).into_iter().filter_map(|exit| exit.to.here())
    }
}

impl Exchange {
    fn exits(&self, next: Pc) -> Exits {
        match self {
            Exchange::Connect { .. } | Exchange::Send(_) | Exchange::SendLines(_) | Exchange::StartTls { .. } => {
                smallvec![here(Why::Done, next), FAILED]
            }
            Exchange::Await(awaited) => {
                let arms = awaited.arms.iter().enumerate().map(|(place, arm)| here(Why::Arm(place), arm.at));
                let silent = awaited.silent.map(|at| here(Why::Unanswered, at));
                arms.chain([here(Why::Otherwise, awaited.otherwise)]).chain(silent).chain([FAILED]).collect()
            }
            Exchange::Give { outcome, .. } => smallvec![exit(Why::End, To::Given(Some(*outcome)))],
        }
    }
}

impl To {
    /// An instruction of the same body.
    pub fn here(self) -> Option<Pc> {
        if let To::Here(at) = self { Some(at) } else { None }
    }

    /// The state that is entered.
    pub fn state(self) -> Option<StateId> {
        match self {
            To::State(state) | To::Secure(state) => Some(state),
            To::Here(_) | To::Body(_) | To::Stay | To::Close | To::Left | To::Given(_) => None,
        }
    }
}

impl Program {
    /// Where a session may go on behind an instruction without waiting for its next command: in the same body, in one that
    /// takes its place, in the `enter` of the state that it goes to. The `leave` of a state, which ends where it began,
    /// is not among them.
    pub fn behind(&self, at: Pc) -> impl Iterator<Item = Pc> {
        let exits = self.code.get(at.0 as usize).map(|op| op.exits(at)).unwrap_or_default();
        exits.into_iter().filter_map(|exit| match exit.to {
            To::Here(at) => Some(at),
            To::Body(entry) => self.entry(entry),
            To::State(state) | To::Secure(state) => self.entry(Entry::Enter(state)),
            To::Stay | To::Close | To::Left | To::Given(_) => None,
        })
    }
}
