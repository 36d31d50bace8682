//! The lines of `wire { … }`, as the author wrote them.
//!
//! Never: asks whether two of them agree.

use diagnostic::Span;

use super::{Expr, FieldDef, Name, Pattern, StringText};

/// One line of `wire`.
#[derive(Debug, Clone, PartialEq)]
pub enum WireItem {
    /// `lines crlf at most N octets`
    Lines {
        /// Whether lines end in CR LF rather than LF.
        crlf: bool,
        /// The bound.
        most: Expr,
        /// All of it.
        span: Span,
    },
    /// `reply "{code} {text}" continued "{code}-{text}" at most N octets`
    Reply {
        /// The form of the last line; holes are `code`, `status` and `text`.
        form: StringText,
        /// The form of each line before the last one.
        continued: Option<StringText>,
        /// Whether a blank line ends the answer.
        blank: bool,
        /// The bound of each line.
        most: Option<Expr>,
        /// All of it.
        span: Span,
    },
    /// `say "* {text}"`: the form of lines before the final answer.
    Say(StringText, Span),
    /// `prompt "+ {text}"`: the form of questions.
    Prompt(StringText, Span),
    /// `listing dotted`, `listing plain`
    Listing {
        /// Whether a dot ends it.
        dotted: bool,
        /// All of it.
        span: Span,
    },
    /// `request attributes "=" at most N lines and M octets { … }`
    Request(RequestDef),
    /// `refusal 4xx 5xx`, `refusal NO, BAD`
    Refusal(Vec<Name>, Span),
    /// `answers INSERTED, USING`
    Answers(Vec<Name>, Span),
    /// `verbs "GREET" "LEAVE" …`
    Verbs(Vec<Name>, Span),
    /// `patience "GREET" 5 minutes "SEND" 2 minutes …`
    Patience(Vec<(Name, Expr)>, Span),
    /// `command "{tag: type} {command}" else "*"`
    Command {
        /// A hole for the word before the command, a blank, and `{command}`.
        form: Pattern,
        /// What answers have in its place where there is none.
        missing: Name,
        /// All of it.
        span: Span,
    },
    /// `literals at most N asked "+ go on"`
    Literals {
        /// The bound.
        most: Expr,
        /// What is said to a peer that waits.
        ask: Option<Name>,
        /// All of it.
        span: Span,
    },
    /// `pipeline yes`
    Pipeline(bool, Span),
    /// `exact case`
    ExactCase(Span),
    /// `cancel "*"`: the answer to a prompt that means "never mind".
    Cancel(Name, Span),
}

/// `request attributes "=" at most N lines and M octets { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct RequestDef {
    /// What parts a name from its value.
    pub separator: Name,
    /// The most lines.
    pub lines: (u32, Span),
    /// The most octets.
    pub octets: Expr,
    /// The attributes: each name as it stands on the wire, its type, and its default.
    pub attributes: Vec<FieldDef>,
    /// All of it.
    pub span: Span,
}
