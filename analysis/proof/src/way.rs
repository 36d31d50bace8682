//! A way through a protocol: what happens, step by step.
//!
//! Never: holds a value; what stands in a line is left open.

use std::sync::Arc;

use program::{CounterId, Entry, Expr, HandlerId, Pc, ReplyId, StateId};

/// How a session comes to something.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Whether TLS stands before the first octet.
    pub tls_first: bool,
    /// The steps, the beginning of the session first.
    pub steps: Vec<Step>,
    /// The instruction that it leads to; none where it leads into a state.
    pub site: Option<Pc>,
}

/// One thing that happens, and all that follows from it until the session waits again.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The state that it happens in.
    pub state: StateId,
    /// What happens.
    pub event: Event,
    /// How it goes on, wherever it could go on in several ways, in order.
    pub choices: Vec<Choice>,
    /// What is answered.
    pub replies: Vec<ReplyId>,
}

/// What happens to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// It begins.
    Start,
    /// A line that this handler takes.
    Line(HandlerId),
    /// A line that this handler takes, with more octets behind it than it accepts.
    TooBig(HandlerId),
    /// A line that this handler takes, with octets behind it that cannot be kept.
    NotKept(HandlerId),
    /// A verb that no handler takes now.
    OutOfOrder,
    /// A line whose holes do not fit.
    BadArguments,
    /// A verb that is not known.
    UnknownCommand,
    /// A line of another protocol.
    Foreign,
    /// A line that this handler takes, which is to stand alone, with octets behind it.
    JumpedQueue(HandlerId),
    /// A line that is too long.
    TooLong,
    /// Silence.
    Idle,
    /// The session's time is over.
    Over,
    /// The server ends.
    Shutdown,
    /// There is no room.
    Full,
    /// A fault of ours.
    Broken,
    /// The peer talks before it was greeted.
    Early,
    /// The state is left, by a hang-up say.
    Left,
}

impl Event {
    /// What it begins in that state.
    pub fn entry(self, state: StateId) -> Entry {
        match self {
            Event::Start => Entry::Enter(state),
            Event::Line(id) => Entry::Handler(id),
            Event::TooBig(id) => Entry::TooBig(id),
            Event::NotKept(id) => Entry::NotKept(id),
            Event::OutOfOrder => Entry::OutOfOrder,
            Event::BadArguments => Entry::BadArguments,
            Event::UnknownCommand => Entry::UnknownCommand,
            Event::Foreign => Entry::Foreign,
            Event::JumpedQueue(_) => Entry::JumpedQueue,
            Event::TooLong => Entry::Line,
            Event::Idle => Entry::Idle,
            Event::Over => Entry::Session,
            Event::Shutdown => Entry::Shutdown,
            Event::Full => Entry::Full,
            Event::Broken => Entry::Broken,
            Event::Early => Entry::Early,
            Event::Left => Entry::Leave(state),
        }
    }
}

/// One of several ways to go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// A condition holds, or does not; as it stands in the code.
    Condition(Pc, Expr, bool),
    /// What was asked answers so.
    Outcome {
        /// The instruction.
        pc: Pc,
        /// What was asked.
        name: Arc<str>,
        /// Index of the outcome.
        outcome: usize,
    },
    /// The peer says what was asked for.
    Told(Pc),
    /// The peer cancels.
    Cancelled(Pc),
    /// The peer says something else.
    BadAnswer(Pc),
    /// A block comes to its end: complete, too big, not kept.
    Received(Pc, usize),
    /// TLS stands, behind this instruction.
    Secured(Pc),
    /// The count reaches its limit.
    Counted(CounterId),
    /// There is no room for what this instruction adds.
    Full(Pc),
    /// A limit acts, or the peer hangs up, while the body is at this instruction.
    Cut(Pc, Event),
}
