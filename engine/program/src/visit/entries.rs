//! What begins a body: a command, a state that is entered or left, an answer to what no command takes, a limit.
//!
//! Never: tells when it does; that is the machine's.

use crate::{Counter, CounterId, HandlerId, Limits, Pc, Program, StateId, Unexpected};

/// Something that begins a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// This state is entered.
    Enter(StateId),
    /// This state is left.
    Leave(StateId),
    /// This handler takes a line.
    Handler(HandlerId),
    /// It takes a line with more octets behind it than it accepts.
    TooBig(HandlerId),
    /// It takes a line with octets behind it that cannot be kept.
    NotKept(HandlerId),
    /// A verb that no handler takes now.
    OutOfOrder,
    /// A line whose holes do not fit.
    BadArguments,
    /// A verb that is not known.
    UnknownCommand,
    /// The answer to a prompt is the wire's word for "never mind".
    Cancelled,
    /// The answer to a prompt is not of its type.
    BadAnswer,
    /// Octets lie behind a command that is to stand alone.
    JumpedQueue,
    /// A line of another protocol.
    Foreign,
    /// A line is too long.
    Line,
    /// The peer is silent for too long.
    Idle,
    /// The session has lasted long enough.
    Session,
    /// The server ends.
    Shutdown,
    /// There is no room.
    Full,
    /// A fault of ours.
    Broken,
    /// The peer talks before it was greeted.
    Early,
    /// A count reaches its limit.
    Counter(CounterId),
}

impl Entry {
    /// Those that belong to no state and no handler, counters left out.
    const OUTSIDE: [Entry; 14] = [
        Entry::OutOfOrder,
        Entry::BadArguments,
        Entry::JumpedQueue,
        Entry::UnknownCommand,
        Entry::Foreign,
        Entry::Cancelled,
        Entry::BadAnswer,
        Entry::Line,
        Entry::Idle,
        Entry::Session,
        Entry::Shutdown,
        Entry::Full,
        Entry::Broken,
        Entry::Early,
    ];

    /// Where its body begins, if it belongs to no state and no handler and the file has words for it.
    fn own(self, unexpected: &Unexpected, limits: &Limits, counters: &[Counter]) -> Option<Pc> {
        match self {
            Entry::Enter(_) | Entry::Leave(_) | Entry::Handler(_) | Entry::TooBig(_) | Entry::NotKept(_) => None,
            Entry::OutOfOrder => Some(unexpected.out_of_order),
            Entry::BadArguments => Some(unexpected.bad_arguments),
            Entry::UnknownCommand => Some(unexpected.unknown_command),
            Entry::Cancelled => unexpected.cancelled,
            Entry::BadAnswer => unexpected.bad_answer,
            Entry::JumpedQueue => unexpected.jumped_queue,
            Entry::Foreign => unexpected.foreign.as_ref().map(|foreign| foreign.code),
            Entry::Line => Some(limits.line),
            Entry::Idle => Some(limits.idle.code),
            Entry::Session => Some(limits.session.code),
            Entry::Shutdown => Some(limits.shutdown),
            Entry::Full => Some(limits.full),
            Entry::Broken => Some(limits.broken),
            Entry::Early => limits.early.as_ref().map(|early| early.code),
            Entry::Counter(counter) => counters.get(usize::from(counter.0)).map(|counter| counter.code),
        }
    }

    /// What runs, of a body that belongs to no state and no handler. A prompt that is cancelled is a bad answer where the
    /// file has no words for it, and a bad answer is bad arguments.
    pub fn outside(self, unexpected: &Unexpected, limits: &Limits, counters: &[Counter]) -> Option<Pc> {
        let otherwise = || match self {
            Entry::Cancelled => Entry::BadAnswer.outside(unexpected, limits, counters),
            Entry::BadAnswer => Some(unexpected.bad_arguments),
            _ => None,
        };
        self.own(unexpected, limits, counters).or_else(otherwise)
    }
}

impl Program {
    /// Where the body begins that runs then; none where nothing does.
    pub fn entry(&self, entry: Entry) -> Option<Pc> {
        let handler = |id: HandlerId| self.handlers.get(id.0 as usize);
        let state = |id: StateId| self.states.get(usize::from(id.0));
        match entry {
            Entry::Enter(id) => state(id)?.enter,
            Entry::Leave(id) => state(id)?.leave,
            Entry::Handler(id) => Some(handler(id)?.entry),
            Entry::TooBig(id) => Some(handler(id)?.payload.as_ref()?.too_big),
            Entry::NotKept(id) => Some(handler(id)?.payload.as_ref()?.failed),
            outside => outside.outside(&self.unexpected, &self.limits, &self.counters),
        }
    }

    /// All bodies of the file, and where each begins: of the states, of the handlers, of what no handler takes and of the
    /// limits, of the counters. Each once: what has no words of its own is left out.
    pub fn entries(&self) -> impl Iterator<Item = (Entry, Pc)> {
        let states = (0..self.states.len() as u16).map(StateId);
        let states = states.flat_map(|id| [Entry::Enter(id), Entry::Leave(id)]);
        let handlers = (0..self.handlers.len() as u32).map(HandlerId);
        let handlers = handlers.flat_map(|id| [Entry::Handler(id), Entry::TooBig(id), Entry::NotKept(id)]);
        let inside = states.chain(handlers).filter_map(|entry| Some((entry, self.entry(entry)?)));
        inside.chain(self.outside())
    }

    /// Those of them that may run in every state.
    pub fn outside(&self) -> impl Iterator<Item = (Entry, Pc)> {
        let counters = (0..self.counters.len() as u16).map(|id| Entry::Counter(CounterId(id)));
        let all = Entry::OUTSIDE.into_iter().chain(counters);
        all.filter_map(|entry| Some((entry, entry.own(&self.unexpected, &self.limits, &self.counters)?)))
    }

    /// What begins a body, in the words of the file: the usage of its handler, `entering`, `out of order`, `limit idle`.
    pub fn words(&self, entry: Entry) -> String {
        let usage = |id: HandlerId| self.handlers.get(id.0 as usize).map_or("", |handler| &handler.usage);
        match entry {
            Entry::Enter(_) => "entering",
            Entry::Leave(_) => "leaving",
            Entry::Handler(id) | Entry::TooBig(id) | Entry::NotKept(id) => usage(id),
            Entry::OutOfOrder => "out of order",
            Entry::BadArguments => "bad arguments",
            Entry::UnknownCommand => "unknown command",
            Entry::Cancelled => "cancelled",
            Entry::BadAnswer => "bad answer",
            Entry::JumpedQueue => "jumped queue",
            Entry::Foreign => "foreign",
            Entry::Line => "limit line",
            Entry::Idle => "limit idle",
            Entry::Session => "limit session",
            Entry::Shutdown => "limit shutdown",
            Entry::Full => "limit full",
            Entry::Broken => "limit broken",
            Entry::Early => "limit talking early",
            Entry::Counter(id) => {
                let counter = self.counters.get(usize::from(id.0));
                return format!("limit {}", counter.map_or("", |counter| &counter.name));
            }
        }
        .to_owned()
    }
}
