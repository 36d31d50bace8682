//! Answers: their status, their lines, and what stands behind them.
//!
//! Never: asks whether a status may stand where it does.

use diagnostic::Span;

use super::{Expr, Name, StringText};

/// `250 2.1.0 "…"`, `OK { "…" "…" if … }`, `"…"`
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The code or word.
    pub status: Option<Name>,
    /// The enhanced code (RFC 3463).
    pub enhanced: Option<Name>,
    /// The lines; none for an answer without a text.
    pub lines: Vec<AnswerLine>,
    /// What stands behind them.
    pub tail: Option<Box<Tail>>,
    /// All of it.
    pub span: Span,
}

/// What an answer carries behind its lines.
#[derive(Debug, Clone, PartialEq)]
pub enum Tail {
    /// `listing { "…" "…" if … }`
    Lines(Vec<AnswerLine>, Span),
    /// `listing X`: a payload, or an `offers` by its name.
    Of(Expr),
    /// `listing each x in LIST where C as "…"`
    Each {
        /// The element.
        item: Name,
        /// The list.
        list: Expr,
        /// Which elements.
        only: Option<Expr>,
        /// The line of one.
        text: StringText,
        /// All of it.
        span: Span,
    },
    /// `octets X then "…" octets Y then crlf`; no text for `crlf`.
    Octets(Vec<(Expr, Option<StringText>, Span)>),
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerLine {
    /// `"text" if CONDITION`
    Text {
        /// The text.
        text: StringText,
        /// When it is there.
        when: LineCondition,
    },
    /// `each NAME`: the lines of an `offers`.
    Each(Name),
}

/// When a line is there.
#[derive(Debug, Clone, PartialEq)]
pub enum LineCondition {
    /// Always.
    Always,
    /// `if CONDITION`
    If(Expr),
    /// `if accepted`
    Accepted(Span),
}
