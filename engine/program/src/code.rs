//! Instructions and expressions.
//!
//! A body is a flat run of [`Op`]s that ends in `Goto`, `Stay`, `Close` or `StartTls` on every path. Every jump but
//! the one back to a [`Op::Next`] goes forward, so every body ends.
//!
//! Never: evaluates.

use std::sync::Arc;

use crate::{CounterId, Exchange, LexemeId, Pure, ReplyId, Shape, Statement, Target, Value};

/// Index into [`Program::code`](crate::Program::code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pc(pub u32);

/// Index of a value in the session's frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

/// Index into [`Program::facts`](crate::Program::facts); fact *n* lives in slot *n*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(pub u16);

/// Index into [`Program::settings`](crate::Program::settings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u16);

/// Index into [`Program::states`](crate::Program::states).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub u16);

/// One instruction.
#[derive(Debug, Clone)]
pub enum Op {
    /// Puts a value into a slot.
    Let {
        /// Where to.
        slot: Slot,
        /// What.
        value: Expr,
    },
    /// Goes on at `target` when the condition does not hold.
    Unless {
        /// The condition.
        condition: Expr,
        /// Where to.
        target: Pc,
    },
    /// Goes on elsewhere.
    Jump(Pc),
    /// A line before the final answer.
    Say(ReplyId),
    /// The final answer.
    Reply(ReplyId),
    /// Asks the world and waits.
    Ask(Box<Ask>),
    /// Asks the client and waits for one line.
    Prompt(Box<Prompt>),
    /// Reads a dotted block.
    Receive(Box<Receive>),
    /// Appends to a list, or a payload to a payload.
    Add {
        /// What.
        value: Expr,
        /// Where to.
        to: Place,
        /// The bound that the record declares, in elements or octets. Past it nothing is added.
        most: Option<Expr>,
        /// Whether the body goes on at `limits.full` then. Where it does not, the file has asked first, and going past
        /// the bound is a fault.
        full: bool,
        /// Whether the value is a payload in a local that is not read again: its octets need not be kept beside.
        moves: bool,
    },
    /// Takes every element out of a list that equals the value.
    Remove {
        /// What.
        value: Expr,
        /// Out of what.
        from: Place,
        /// Whether texts are compared without regard to ASCII case.
        fold: bool,
    },
    /// Lines of a listing: each with its own line end, a dot at the start of one doubled where the listing is dotted.
    /// There may be none.
    Listed {
        /// The lines.
        lines: ReplyId,
        /// Whether it is dotted.
        dotted: bool,
    },
    /// Sends the octets of a payload.
    Payload {
        /// The payload.
        value: Expr,
        /// How.
        form: PayloadForm,
    },
    /// Counts a hit; the hit that reaches the limit goes on at the limit's code.
    Count {
        /// What is counted.
        counter: CounterId,
        /// Whether it counts nothing where the peer had sent the line before the last refusal went out.
        per_flight: bool,
    },
    /// Writes a line of the log.
    Log {
        /// How grave it is.
        level: Level,
        /// The line.
        text: Text,
    },
    /// Waits, without reading.
    Pause(Expr),
    /// Puts a header field in front of a record: `HEADER: line`, further lines behind a line end and a tab.
    Prepend {
        /// The name of the field.
        header: Arc<str>,
        /// Its lines.
        lines: Vec<Text>,
        /// The record.
        to: Place,
    },
    /// Begins a loop: takes a snapshot of the list and sets the index to 0.
    Each(Box<Each>),
    /// Takes the next element, or goes on at `end`.
    Next {
        /// The snapshot.
        snapshot: Slot,
        /// The index of the next element.
        index: Slot,
        /// Where the element goes.
        item: Slot,
        /// Behind the loop.
        end: Pc,
    },
    /// Flushes, throws away what lies behind the command, begins TLS, then enters the state with no facts.
    StartTls(StateId),
    /// Leaves for a state and runs its `enter`.
    Goto(Transition),
    /// Ends the command in the present state.
    Stay(Vec<(FactId, Expr)>),
    /// Ends the session, when what was said has been sent.
    Close,
    /// Ends the `leave` of a state: what had been begun, a transition, an upgrade or an end, is carried out.
    Left,
    /// What only a client does; never in the code of a handler.
    Exchange(Exchange),
}

/// How a payload leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadForm {
    /// Octet by octet; what stands before it has told their number.
    Counted,
    /// In lines, each ended as the wire ends lines.
    Lines,
    /// In such lines, with a dot at the start of a line doubled and a line with a dot alone behind the last one.
    Dotted,
}

/// `goto STATE with … without …`.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The target.
    pub state: StateId,
    /// Facts that are supplied; all are evaluated before any is set.
    pub with: Vec<(FactId, Expr)>,
    /// Facts that the target does not keep.
    pub forget: Vec<FactId>,
}

/// `ask NAME(…) using STATEMENT within TIME { … }`.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whom.
    pub target: Target,
    /// With what.
    pub arguments: Vec<Expr>,
    /// The statement after `using`.
    pub using: Option<Arc<Statement>>,
    /// For how long.
    pub within: Expr,
    /// Stands in a `for each … within`: the slot with the loop's end; later than that the answer is `failed`.
    pub until: Option<Slot>,
    /// Where each outcome goes on, in the order of the target's outcomes.
    pub outcomes: Vec<Branch>,
}

/// Where an outcome goes on.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Its first instruction.
    pub at: Pc,
    /// Where its values go; a value that is not bound has no slot.
    pub values: Vec<Option<Slot>>,
}

/// `prompt ANSWER for TYPE`.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is said.
    pub reply: ReplyId,
    /// What must come back.
    pub lexeme: LexemeId,
    /// The most octets of the line without its end, if it has a bound of its own.
    pub most: Option<Expr>,
    /// Whether what comes back is a secret.
    pub secret: bool,
    /// Where it goes.
    pub slot: Slot,
}

/// `receive dotted lines into PLACE at most N { … }`.
#[derive(Debug, Clone)]
pub struct Receive {
    /// A field of type octets; what it held is forgotten.
    pub into: Place,
    /// The most octets, unstuffed, without the final dot line.
    pub most: Expr,
    /// When all of it is kept.
    pub complete: Pc,
    /// When there was more; it was read to its end and thrown away.
    pub too_big: Pc,
    /// When it could not be kept; it was read to its end.
    pub failed: Branch,
}

/// The head of `for each item in list within TIME`.
#[derive(Debug, Clone)]
pub struct Each {
    /// The list.
    pub list: Expr,
    /// Where the snapshot goes.
    pub snapshot: Slot,
    /// Where the index goes.
    pub index: Slot,
    /// The whole loop's time, and the slot that holds its end.
    pub within: Option<(Expr, Slot)>,
    /// Is inside another loop with a time: the slot with that loop's end, which this one never outlasts.
    pub until: Option<Slot>,
}

/// Something that can be changed: a slot, or a field of the record in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The slot.
    pub slot: Slot,
    /// The field of the record.
    pub field: Option<u16>,
}

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of a protocol.
    Debug,
    /// What happened.
    Info,
    /// What should be looked at.
    Warning,
    /// What is broken.
    Error,
}

/// A text with values in it.
pub type Text = Vec<Piece>;

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// As it stands.
    Literal(Arc<str>),
    /// A value.
    Value(Expr),
    /// A literal that is there when the condition holds.
    When(Expr, Arc<str>),
}

/// An expression. Evaluating one always ends and never waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A constant.
    Constant(Value),
    /// A setting of the listener.
    Setting(SettingId),
    /// A fact or a local.
    Slot(Slot),
    /// Hole *n* of the present line.
    Capture(u8),
    /// A part of a value. A part of what is absent is absent.
    Field(Box<Expr>, Field),
    /// Something that the connection or the machine knows.
    Known(Known),
    /// Not.
    Not(Box<Expr>),
    /// All of them, left to right, no further than needed.
    All(Vec<Expr>),
    /// Any of them, left to right, no further than needed.
    Any(Vec<Expr>),
    /// A comparison. With `fold`, texts are compared without regard to ASCII case.
    Compare {
        /// The left side.
        left: Box<Expr>,
        /// How.
        comparison: Comparison,
        /// The right side.
        right: Box<Expr>,
        /// Whether case counts.
        fold: bool,
    },
    /// `x is present`.
    Present(Box<Expr>),
    /// `x is empty`: a text, a list or a payload.
    Empty(Box<Expr>),
    /// `x in list`; an address is in a list of networks when one contains it.
    In {
        /// The element.
        element: Box<Expr>,
        /// The list.
        list: Box<Expr>,
        /// Whether case counts.
        fold: bool,
    },
    /// Sum, held at the bounds of its type.
    Plus(Box<Expr>, Box<Expr>),
    /// Difference, held at the bounds of its type.
    Minus(Box<Expr>, Box<Expr>),
    /// A text with values in it.
    Text(Text),
    /// A list.
    List(Vec<Expr>),
    /// A new record: the value of each field in order; a field without one is empty or absent.
    Record(Arc<Shape>, Vec<Option<Expr>>),
    /// A pure function.
    Pure(Pure, Vec<Expr>),
    /// The value if the condition holds; otherwise absent, which prints as nothing.
    When(Box<Expr>, Box<Expr>),
}

/// A part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Field *n* of a record.
    Index(u16),
    /// The local part of a path.
    Local,
    /// The domain of a path, or absent.
    Domain,
    /// The whole address of a path.
    Address,
}

/// What the connection or the machine knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The peer's address.
    PeerIp,
    /// The peer's address as an address literal without its brackets (RFC 5321 §4.1.3): `192.0.2.1`,
    /// `IPv6:2001:db8::1`.
    PeerLiteral,
    /// The peer's port.
    PeerPort,
    /// Our address.
    LocalIp,
    /// Our port.
    LocalPort,
    /// Our name, from the configuration.
    LocalName,
    /// Present under TLS: prints as the version.
    Tls,
    /// The version of TLS, absent in the clear.
    TlsVersion,
    /// The cipher suite, absent in the clear.
    TlsCipher,
    /// The session's name.
    SessionId,
    /// The present moment.
    Now,
    /// The template of the handler that claimed the line.
    Usage,
    /// The verbs that the present state accepts.
    Expected,
    /// The verb of the present line, or `***`.
    Verb,
    /// The word that stands before the present command, or what answers have in its place.
    Tag,
    /// The present line; only its verb, or `***`, where the peer may have meant a secret.
    Line,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}
