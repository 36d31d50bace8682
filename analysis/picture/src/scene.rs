//! What is to be seen of a protocol, before anything has a place.
//!
//! Never: knows how it is drawn.

/// A protocol.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) version: u32,
    pub(crate) rooms: Vec<Room>,
    /// Index into the rooms.
    pub(crate) start: usize,
    pub(crate) roads: Vec<Road>,
    /// What is the same in most states: where, and what.
    pub(crate) common: Vec<(String, Vec<Row>)>,
    /// What is answered to lines that no state takes.
    pub(crate) unexpected: Vec<Row>,
    /// What is answered to what lasts too long or is too much.
    pub(crate) limits: Vec<Row>,
    /// How many answers were reached and how many there are, when that is known.
    pub(crate) coverage: Option<(usize, usize)>,
}

/// A state.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The facts that it owns, in words; empty without any.
    pub(crate) facts: String,
    /// What may be said without leaving it.
    pub(crate) rows: Vec<Row>,
    /// Whether it was reached; `true` where that is not asked.
    pub(crate) reached: bool,
}

/// Commands that are answered alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) commands: Vec<String>,
    pub(crate) answers: Vec<Answer>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    /// Its code or word; empty where it has none.
    pub(crate) code: String,
    pub(crate) reached: bool,
}

/// What an answer comes with, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// More is to come from the client before the command is done.
    Midway,
    /// It is done.
    Done,
    /// TLS begins.
    Secure,
    /// It is refused.
    Refused,
    /// The session ends.
    Closed,
}

/// A way from one state to another.
#[derive(Debug)]
pub(crate) struct Road {
    /// Indices into the rooms.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// `Done`, `Secure` or `Refused`.
    pub(crate) kind: Kind,
    pub(crate) rows: Vec<Row>,
    pub(crate) reached: bool,
}
