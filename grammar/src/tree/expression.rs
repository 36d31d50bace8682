//! Expressions, and strings with values in them.
//!
//! Never: gives one a type.

use std::sync::Arc;

use diagnostic::Span;

use super::Name;

/// A string with `{values}`.
#[derive(Debug, Clone, PartialEq)]
pub struct StringText {
    /// Its parts.
    pub parts: Vec<StringPart>,
    /// With its quotes.
    pub span: Span,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq)]
pub enum StringPart {
    /// Literal text, escapes resolved.
    Literal(Arc<str>, Span),
    /// `{expression}`
    Value(Expr),
}

/// An expression with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// The expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `12`
    Number(i64),
    /// `35 MB`, `12288 octets`, in octets.
    Size(i64),
    /// `5 minutes`, in milliseconds.
    Duration(u64),
    /// `yes`, `no`
    Yes(bool),
    /// `"…"`
    Text(StringText),
    /// `{a if b}` in a text: `a` if `b` holds, else nothing.
    When(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `message { sender: x }`
    Record(Name, Vec<(Name, Expr)>),
    /// `size(x)`
    Call(Name, Vec<Expr>),
    /// `a.b.c`
    Path(Vec<Name>),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b`
    And(Vec<Expr>),
    /// `a or b`
    Or(Vec<Expr>),
    /// `a == b`
    Compare(Box<Expr>, program::Comparison, Box<Expr>),
    /// `a is present`, `a is absent`
    Present(Box<Expr>, bool),
    /// `a is empty`, `a is not empty`
    Empty(Box<Expr>, bool),
    /// `a in b`
    In(Box<Expr>, Box<Expr>),
    /// `a + b`
    Plus(Box<Expr>, Box<Expr>),
    /// `a - b`
    Minus(Box<Expr>, Box<Expr>),
    /// An expression that could not be read; already reported.
    Broken,
}
