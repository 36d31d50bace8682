//! What goes into the machine and what comes out of it.
//!
//! Never: owns what it shows. Effects borrow from the machine and from the input; who wants to keep, copies.

use std::{borrow::Cow, time::Duration};

use program::{Call, CallId, HandlerId, Level, Outcome, PayloadForm, PayloadId, Pc, StateId};

/// The time that comes in with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic time since some fixed moment of the process.
    pub elapsed: Duration,
    /// Wall-clock time: seconds since 1970-01-01 UTC.
    pub unix: i64,
}

/// What TLS agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// `TLSv1.3`, say.
    pub version: &'static str,
    /// The name of the cipher suite.
    pub cipher: String,
}

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The connection is there. The first input of every session.
    Open,
    /// Octets came from the peer. Only given while [`Machine::wants_input`](crate::Machine::wants_input).
    Bytes(&'a [u8]),
    /// A call was answered.
    Outcome(CallId, Outcome),
    /// The payload that ended is kept.
    Stored(PayloadId),
    /// The payload that ended, or was being read, could not be kept.
    StoreFailed(PayloadId, &'a str),
    /// TLS is up.
    Secured(Tls),
    /// The deadline has passed.
    Timeout,
    /// The peer will send no more.
    Eof,
    /// The connection is gone. The session ends, once its state has been left: nobody hears what it says.
    Gone,
    /// The session is to end, with the protocol's own answer, when the present command is done.
    End(Reason),
}

/// Why a session is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The server ends.
    Shutdown,
    /// There is no room for this session.
    Full,
    /// A fault of ours.
    Broken,
}

/// What is to be done, in this order.
#[allow(clippy::large_enum_variant, reason = "a call takes its arguments with it, so that none is put into memory")]
#[derive(Debug)]
pub enum Effect<'a> {
    /// Send these octets. Several of one `feed` leave in one write.
    Send {
        /// The octets, line end included.
        octets: &'a [u8],
        /// The instruction that made them.
        from: Pc,
    },
    /// Send the octets of a payload, in that form, behind what was sent before.
    Payload {
        /// The payload; absent: an empty one.
        id: Option<PayloadId>,
        /// How.
        form: PayloadForm,
        /// The instruction that sends it.
        from: Pc,
    },
    /// Ask the world; answer with [`Input::Outcome`].
    Call(Call),
    /// The call is no longer waited for: its outcome would be dropped, and nothing it does may show.
    Cancel(CallId),
    /// Do something with a payload.
    Body(Body<'a>),
    /// Flush, begin TLS, then [`Input::Secured`]; the session ends if the handshake fails.
    Secure(Drained),
    /// Give [`Input::Timeout`] at this time of [`Now::elapsed`], and no other one.
    Deadline(Option<Duration>),
    /// Write a line of the log.
    Log(Level, &'a str),
    /// A line of the conversation from the peer, secrets masked; only when the service converses.
    Heard(&'a str),
    /// A line of the conversation to the peer, without its end; only when the service converses.
    Said(&'a str),
    /// Flush and end the connection.
    Close,
}

/// What is to be done with a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// A payload begins.
    Begin(PayloadId),
    /// More of it.
    Chunk(PayloadId, &'a [u8]),
    /// It is whole: answer [`Input::Stored`] or [`Input::StoreFailed`].
    End(PayloadId),
    /// The first is a new payload with the octets that the second has now.
    Copy(PayloadId, PayloadId),
    /// Append the second to the first and forget the second. A failure shows when the first is read.
    Join(PayloadId, PayloadId),
    /// Nobody will ask for it again.
    Discard(PayloadId),
}

/// What the machine did that has no effect of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// A handler takes a line.
    Taken(HandlerId),
    /// No handler takes a line.
    Refused(Refusal),
    /// It leaves one state for another, or for the same one anew.
    Transition {
        /// The state it was in.
        from: StateId,
        /// The state it is in.
        to: StateId,
    },
}

/// Why no handler takes a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its holes do not fit.
    BadArguments,
    /// Its verb is known, and has no place here.
    OutOfOrder,
    /// Its verb is not known.
    UnknownCommand,
    /// It is longer than its bound.
    TooLong,
    /// It is a line of another protocol.
    Foreign,
}

/// An answer of which people want to know, as far as they may see it: no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What it comes to.
    pub outcome: Noted,
    /// The verb of the command, as the protocol writes it; absent outside of a command, and where it may be a secret.
    pub command: Option<&'a str>,
    /// The code or word that the answer begins with.
    pub code: Option<&'a str>,
    /// The rest of the answer, its lines parted by ` | `; at most 512 octets. Empty where the exchange is quiet.
    pub reason: String,
    /// What the command holds and what the session knows, by the names that the protocol gives to it: at most 16, each
    /// of at most 256 octets. No name stands there twice.
    pub known: Vec<(Cow<'a, str>, String)>,
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// The wire calls the answer a refusal.
    Refused,
    /// A password did not fit.
    LoginRefused,
    /// A password fitted, and the answer is no refusal.
    LoggedIn,
}

/// Takes effects as they arise.
pub trait Effects {
    /// Takes one.
    fn effect(&mut self, effect: Effect<'_>);

    /// Whether lines of the log of that level are taken at all; those that are not are never made.
    fn takes_log(&self, _: Level) -> bool {
        true
    }

    /// Whether the session may keep so many octets in all, facts and locals and what it has not read, beyond what every
    /// session may keep. Asked before it keeps more, and told when it keeps less; a session that may not is ended with
    /// the answer of [`Reason::Full`].
    fn room(&mut self, _octets: u64) -> bool {
        true
    }

    /// Sees what has no effect; for those who count.
    fn observe(&mut self, _: Observation) {}

    /// Whether notes are taken; those that are not are never made.
    fn takes_notes(&self) -> bool {
        false
    }

    /// Takes a note for the log: an answer refused something, or somebody logged in, or did not.
    fn note(&mut self, _: Note<'_>) {}
}

/// The proof that framing holds not one octet of cleartext. Only the machine makes one, by throwing them away.
#[derive(Debug, PartialEq, Eq)]
pub struct Drained {
    /// How many octets of cleartext lay behind the command and were thrown away.
    dropped: usize,
}

impl Drained {
    /// Throws away what lies behind the upgrade command.
    pub(crate) fn drain(unread: &mut &[u8]) -> Drained {
        Drained { dropped: std::mem::take(unread).len() }
    }

    /// How many octets of cleartext were thrown away.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}
