//! States, the handlers that stand in them, and the answers to all that no handler takes.
//!
//! Never: decides which handler runs; that is the machine's matcher.

use std::sync::Arc;

use crate::{Claims, Expr, FactId, Origin, Pc, Slot, StateId, Template, Type};

/// Index into [`Program::handlers`](crate::Program::handlers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandlerId(pub u32);

/// Index into [`Program::counters`](crate::Program::counters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterId(pub u16);

/// A value that a listener may set.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Its default: constants, facts of the listener and earlier settings. Without one the listener must set it.
    pub default: Option<Expr>,
}

/// What a state may know of its session.
#[derive(Debug)]
pub struct Fact {
    /// Its name.
    pub name: Arc<str>,
    /// Its type, the same in every state that owns it; `Optional` is not part of it.
    pub ty: Type,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its name.
    pub name: Arc<str>,
    /// Its title, or an empty text.
    pub title: Arc<str>,
    /// The facts that it owns, and whether each is optional.
    pub facts: Vec<(FactId, bool)>,
    /// What runs when it is entered.
    pub enter: Option<Pc>,
    /// What runs when it is left, however that comes about; it ends in [`Op::Left`](crate::Op::Left).
    pub leave: Option<Pc>,
    /// Picks the handler of a line.
    pub claims: Claims,
    /// All handlers that stand in it, in the order of precedence.
    pub handlers: Vec<HandlerId>,
    /// The most octets of a line here, its end included: the wire's bound, or more where a template raises it.
    pub line_most: usize,
    /// The verbs that it accepts, joined by blanks, for `{expected}`.
    pub expected: Arc<str>,
}

/// One handler as it stands in one state.
#[derive(Debug)]
pub struct Handler {
    /// The state.
    pub state: StateId,
    /// Where its template stands.
    pub origin: Origin,
    /// Its template in plain words, for `{usage}`.
    pub usage: Arc<str>,
    /// Its template part by part, for those who make lines that fit it.
    pub parts: Arc<[TemplatePart]>,
    /// Index into [`Program::verbs`](crate::Program::verbs).
    pub verb: u16,
    /// How many octets of the line its literal prefix is: the strength of its claim.
    pub claim: u16,
    /// The condition after `when`.
    pub guard: Option<Expr>,
    /// Whether nothing may lie behind it in the input.
    pub alone: bool,
    /// Whether its exchange stays out of the conversation log.
    pub quiet: bool,
    /// The most octets of its line, its end included.
    pub line_most: usize,
    /// Matches the whole line. Handlers of one template share it.
    pub template: Arc<Template>,
    /// The holes, in order.
    pub captures: Vec<Capture>,
    /// The octets that come behind its line, if any.
    pub payload: Option<Payload>,
    /// Whether octets may come behind its line that are none of its own: a template with a payload begins with a longer
    /// literal text.
    pub outranked: bool,
    /// Where its body begins.
    pub entry: Pc,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Literal text.
    Literal(Arc<str>),
    /// The hole of that number.
    Hole(u8),
    /// May be left out.
    Optional(Vec<TemplatePart>),
    /// All of a request: hole 0.
    Request,
}

/// One typed hole.
#[derive(Debug, Clone)]
pub struct Capture {
    /// Its name; empty for a hole that nobody reads.
    pub name: Arc<str>,
    /// Its type; `Optional` when it stands in an optional part, `Secret` when it must not be shown.
    pub ty: Type,
    /// The most octets of it, if bounded.
    pub most: Option<Expr>,
}

/// `followed by n octets as x at most N else ANSWER failed(why) ANSWER`, or `followed by literal as x …`.
#[derive(Debug)]
pub struct Payload {
    /// How many octets, from the captures alone. Absent: it is a literal at the end of the line, which counts itself
    /// and has the last hole of the template.
    pub count: Option<Expr>,
    /// The most that are accepted; more are read and thrown away.
    pub most: Expr,
    /// Where the payload is put before the body runs.
    pub slot: Slot,
    /// Runs instead of the body when there were more than `most`.
    pub too_big: Pc,
    /// Runs instead of the body when the payload could not be kept.
    pub failed: Pc,
    /// Where `why` is put before `failed` runs.
    pub why: Option<Slot>,
}

/// Whether octets come after a line, whoever takes it: a template with what follows it. Of the templates that a line fits
/// the one that begins with the longest literal text decides; those that begin alike agree, the compiler sees to that.
#[derive(Debug)]
pub struct Framed {
    /// The literal text that the template begins with: a run of blanks stands for one or more.
    pub claim: Arc<str>,
    /// Whether a line that begins with that text is claimed whatever comes next; else a blank or its end must follow.
    pub unbounded: bool,
    /// Matches the line.
    pub template: Arc<Template>,
    /// The holes of that template.
    pub captures: Vec<Capture>,
    /// How many octets follow; absent where none do.
    pub count: Option<Expr>,
}

/// A verb: the literal of a template up to its first blank, colon or hole. Verbs are in the order of their octets.
#[derive(Debug)]
pub struct Verb {
    /// Its text; in upper case unless the wire matches exact case.
    pub text: Arc<str>,
}

/// What `count NAME` counts.
#[derive(Debug)]
pub struct Counter {
    /// Its name.
    pub name: Arc<str>,
    /// The hit that ends the body.
    pub most: Expr,
    /// What runs then.
    pub code: Pc,
}

/// Answers to lines that no handler takes.
#[derive(Debug)]
pub struct Unexpected {
    /// The verb is known, and no handler takes it now.
    pub out_of_order: Pc,
    /// A handler claims the line, and its holes do not fit.
    pub bad_arguments: Pc,
    /// The verb is not known.
    pub unknown_command: Pc,
    /// The answer to a prompt was the wire's `cancel`.
    pub cancelled: Option<Pc>,
    /// The answer to a prompt is not of its type.
    pub bad_answer: Option<Pc>,
    /// Octets lay behind a command that is to stand alone.
    pub jumped_queue: Option<Pc>,
    /// The line is one of another protocol.
    pub foreign: Option<Foreign>,
}

/// `foreign "WORD" "WORD" -> ANSWER close`: lines of other protocols, which end the session.
#[derive(Debug)]
pub struct Foreign {
    /// The words that such lines begin with.
    pub verbs: Arc<[Arc<str>]>,
    /// What runs then; it ends in [`Op::Close`](crate::Op::Close).
    pub code: Pc,
}

/// A limit in time.
#[derive(Debug)]
pub struct Limit {
    /// How long.
    pub after: Expr,
    /// What runs then.
    pub code: Pc,
}

/// Answers to what lasts too long or is too much.
#[derive(Debug)]
pub struct Limits {
    /// A line is longer than its bound.
    pub line: Pc,
    /// The peer is silent for that long. Never runs while a call is out.
    pub idle: Limit,
    /// The session lasts that long; acts between commands.
    pub session: Limit,
    /// The server ends.
    pub shutdown: Pc,
    /// There is no room for this session.
    pub full: Pc,
    /// A fault of ours.
    pub broken: Pc,
    /// The peer talks before it was greeted, within that time.
    pub early: Option<Limit>,
}
