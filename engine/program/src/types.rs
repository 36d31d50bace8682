//! The types of the language.
//!
//! Never: decodes or matches; the table of built-in lexical forms is in `grammar`, the decoders are in `machine`.

use std::sync::Arc;

use crate::{Shape, Template};

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Valid UTF-8 without control characters (a tab is allowed).
    Text,
    /// `text` without blanks, at least one character.
    Word,
    /// A whole number; on the wire 1 to 18 digits. The bounds are inclusive.
    Number {
        /// The least value on the wire.
        least: i64,
        /// The greatest value on the wire.
        most: i64,
    },
    /// A number of octets; on the wire 1 to 20 digits, held at `i64::MAX` when larger. KB is 1024.
    Size,
    /// A span of time, in milliseconds.
    Duration,
    /// A moment: seconds since 1970-01-01 UTC. Printed as an RFC 5322 date-time.
    Time,
    /// `yes` or `no`.
    YesNo,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An address with a prefix length.
    Network,
    /// A domain name (RFC 5321 §4.1.2, with UTF-8 labels of RFC 6531); compared without regard to case.
    Domain,
    /// A domain or an address literal (RFC 5321 §4.1.3).
    HeloName,
    /// `<local@domain>` or `<>` (RFC 5321 §4.1.2); a source route is accepted and ignored.
    ReversePath,
    /// `<local@domain>` or `<local>` (RFC 5321 §4.1.2); a source route is accepted and ignored.
    ForwardPath,
    /// The same as [`Type::ReversePath`], and what hosts in the field write besides. Only of a hole: its value is a
    /// reverse path.
    LenientReversePath,
    /// The same as [`Type::ForwardPath`], and what hosts in the field write besides. Only of a hole: its value is a
    /// forward path.
    LenientForwardPath,
    /// Base64 text (RFC 4648 §4), padding indifferent; `=` alone is an empty text.
    Base64,
    /// A payload or a text of octets, known by its id and its length.
    Octets,
    /// A text that a peer may write in quotes, or count and send behind its line. Only of a hole: its value is a text.
    Written(Writing),
    /// The name of a place in the configuration where `deliver` puts things.
    Sink,
    /// A type that the file declared in ABNF; its value is a text.
    Lexical(LexemeId),
    /// Keyword parameters that the file declared; its value is a record.
    Params(ParamsId),
    /// A record, a row or what an action gives.
    Record(Arc<Shape>),
    /// A list; the bound is counted in elements.
    List(Box<Type>),
    /// A value that may be absent.
    Optional(Box<Type>),
    /// A value that may go only where a secret is declared.
    Secret(Box<Type>),
}

impl Type {
    /// The one word that the language has for it; none for what a file declares, and for what is made of other types.
    pub fn word(&self) -> Option<&'static str> {
        Some(match self {
            Type::Text => "text",
            Type::Word => "word",
            Type::Number { .. } => "number",
            Type::Size => "size",
            Type::Duration => "duration",
            Type::Time => "time",
            Type::YesNo => "yes_no",
            Type::Ip => "ip",
            Type::Network => "network",
            Type::Domain => "domain",
            Type::HeloName => "helo_name",
            Type::ReversePath => "reverse_path",
            Type::ForwardPath => "forward_path",
            Type::LenientReversePath => "lenient_reverse_path",
            Type::LenientForwardPath => "lenient_forward_path",
            Type::Base64 => "base64",
            Type::Octets => "octets",
            Type::Written(Writing::Quoted) => "quoted",
            Type::Written(Writing::Literal) => "literal",
            Type::Written(Writing::String) => "string",
            Type::Written(Writing::Atom) => "astring",
            Type::Sink => "sink",
            Type::Lexical(_)
            | Type::Params(_)
            | Type::Record(_)
            | Type::List(_)
            | Type::Optional(_)
            | Type::Secret(_) => return None,
        })
    }

    /// Whether its values are secrets, or lists of them, where they are there.
    pub fn is_secret(&self) -> bool {
        match self {
            Type::Secret(_) => true,
            Type::List(inner) | Type::Optional(inner) => inner.is_secret(),
            _ => false,
        }
    }
}

/// How a peer may write a text (RFC 9051 §4.3, RFC 5804 §4). Whatever the way, the text has no control character but
/// the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// In double quotes; a quote or a backslash in it stands behind a backslash.
    Quoted,
    /// As counted octets behind the line.
    Literal,
    /// In quotes, or counted.
    String,
    /// As it stands, if it has at least one character and neither blanks nor `"`, `\\`, `(`, `)`, `{`; in quotes;
    /// or counted.
    Atom,
}

/// The octet that stands in a line for counted octets: NUL, which no text has.
pub const PLACEHOLDER: u8 = 0;

/// Index into [`Program::lexemes`](crate::Program::lexemes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LexemeId(pub u16);

/// Index into [`Program::params`](crate::Program::params).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamsId(pub u16);

/// A lexical form with the automaton that accepts exactly it: the template `{value: TYPE}` with one hole.
#[derive(Debug)]
pub struct Lexeme {
    /// The name that the file gives it.
    pub name: Arc<str>,
    /// The type of what it yields.
    pub ty: Type,
    /// Matches the whole text; its one capture is the value.
    pub template: Template,
    /// The shortest text that it accepts.
    pub sample: Arc<str>,
    /// Whether every text of it that is not empty has a blank or a tab in it.
    pub blank: bool,
}

/// `params { "SIZE": size … }`: keyword parameters, separated by blanks (RFC 5321 §4.1.2).
#[derive(Debug)]
pub struct ParamsType {
    /// The name of the type in the file.
    pub name: Arc<str>,
    /// One field per keyword, in the order of the file, then `unknown`, a list of texts.
    pub shape: Arc<Shape>,
    /// The keywords, in the order of the fields.
    pub keywords: Vec<Keyword>,
}

/// One declared parameter.
#[derive(Debug)]
pub struct Keyword {
    /// As the file writes it; matched without regard to ASCII case.
    pub text: Arc<str>,
    /// The form of its value; without one the keyword stands alone and its value is `yes`. A keyword that is not given
    /// is absent, with a value or without.
    pub value: Option<LexemeId>,
}
