//! How octets become lines and answers become octets.
//!
//! Never: frames. The forms of `reply`, `say` and `prompt` are already worked into each [`Reply`](crate::Reply).

use std::sync::Arc;

use crate::{Expr, LexemeId, Shape};

/// The `wire` of a protocol, as far as the machine needs it.
#[derive(Debug, Clone)]
pub struct Wire {
    /// What ends a line, in both directions.
    pub line_end: LineEnd,
    /// The most octets of a command line, its end included.
    pub line_most: usize,
    /// Whether literal text is matched to the letter. Without it ASCII case does not count.
    pub exact_case: bool,
    /// The answer to a prompt that means "never mind", if the protocol has one.
    pub cancel: Option<Arc<str>>,
    /// What RFCs grant the peer, by verb, in seconds; for the wait budgets.
    pub patience: Vec<(Arc<str>, u64)>,
    /// What the peer sends instead of command lines: blocks of attributes.
    pub request: Option<Arc<Attributes>>,
    /// Whether a line may go on behind counted octets, and how.
    pub literals: Option<Literals>,
    /// What stands before every command, if anything does.
    pub tag: Option<Tag>,
}

/// Counted octets within a line: `{5}` or `{5+}` at the end of a piece of it, its line end, the octets, and the rest of
/// the line (RFC 9051 §4.3, RFC 7888, RFC 5804 §4).
#[derive(Debug, Clone)]
pub struct Literals {
    /// The most octets of all texts of one line that are sent this way. A payload has a bound of its own.
    pub most: usize,
    /// What is said to a peer that announces octets and waits (`{5}`), its line end included. Without it only octets
    /// that come unasked (`{5+}`) are literals.
    pub ask: Option<Arc<str>>,
}

/// A word before every command, by which the peer knows the answer.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its form.
    pub lexeme: LexemeId,
    /// What answers have in its place where there is none.
    pub missing: Arc<str>,
}

/// `request attributes "=" at most N lines and M octets { … }`: a request is a block of lines `NAME=VALUE` that an empty
/// line ends.
#[derive(Debug, Clone)]
pub struct Attributes {
    /// What parts the name from the value. Where it ends in a blank, blanks around the value carry no meaning.
    pub separator: Arc<str>,
    /// The most lines of a request, the empty one not counted.
    pub lines_most: usize,
    /// The most octets of its lines, each counted with one octet for its end.
    pub octets_most: usize,
    /// Its attributes as a record; those without a default are optional.
    pub shape: Arc<Shape>,
    /// The attributes, in the order of the shape. What is not among them is passed over.
    pub known: Vec<Attribute>,
}

/// One declared attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its name on the wire; matched without regard to ASCII case unless the wire says otherwise.
    pub name: Arc<str>,
    /// The form of its value.
    pub lexeme: LexemeId,
    /// The most octets of its value, if it has a bound of its own.
    pub most: Option<usize>,
    /// Its value where it is not there, or there is nothing behind the separator; without one it is absent then.
    pub default: Option<Expr>,
    /// Whether it must not be shown.
    pub secret: bool,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// CR LF; a bare CR or LF is never a line end.
    #[default]
    CrLf,
    /// LF alone.
    Lf,
}

impl LineEnd {
    /// The octets.
    pub fn octets(self) -> &'static [u8] {
        match self {
            LineEnd::CrLf => b"\r\n",
            LineEnd::Lf => b"\n",
        }
    }
}
