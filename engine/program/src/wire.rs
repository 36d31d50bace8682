//! How octets become lines and answers become octets.
//!
//! Never: frames. The forms of `reply`, `say` and `prompt` are already worked into each [`Reply`](crate::Reply).

use std::sync::Arc;

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
