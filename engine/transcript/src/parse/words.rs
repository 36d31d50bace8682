//! Reads a fact token by token.
//!
//! Never: knows which facts there are.

use diagnostic::{Diagnostic, Rule, Span};

use crate::parse::token::{Kind, Token};

/// A fact's tokens, and how far they are read. Every reading either takes what it wants or reports what it wanted.
pub(crate) struct Words<'a> {
    tokens: &'a [Token],
    at: usize,
    rule: &'static Rule,
    /// The whole fact.
    pub(crate) span: Span,
    pub(crate) found: &'a mut Vec<Diagnostic>,
}

/// The fact was malformed; that was reported.
pub(crate) struct Malformed;

impl<'a> Words<'a> {
    /// Begins to read; malformed facts are reported under the rule. There is at least one token.
    pub(crate) fn new(tokens: &'a [Token], rule: &'static Rule, found: &'a mut Vec<Diagnostic>) -> Words<'a> {
        let span = tokens.first().map(|token| token.span).unwrap_or_default();
        let span = tokens.last().map_or(span, |last| span.to(last.span));
        Words { tokens, at: 0, rule, span, found }
    }

    /// The next token.
    pub(crate) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// The tokens that are not read yet; reads them all.
    pub(crate) fn rest(&mut self) -> &'a [Token] {
        let rest = &self.tokens[self.at..];
        self.at = self.tokens.len();
        rest
    }

    /// Where the next token stands, or the last one when all are read.
    pub(crate) fn here(&self) -> Span {
        self.peek().or(self.tokens.last()).map_or(self.span, |token| token.span)
    }

    /// Takes the next token.
    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }

    /// Takes the word if it comes next.
    pub(crate) fn word_is(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token { kind: Kind::Word(next), .. }) if next == word);
        self.at += usize::from(is);
        is
    }

    /// Takes the bracket if it comes next.
    pub(crate) fn bracket_is(&mut self, bracket: char) -> bool {
        let is = matches!(self.peek(), Some(Token { kind: Kind::Bracket(next), .. }) if *next == bracket);
        self.at += usize::from(is);
        is
    }

    /// Takes a word.
    pub(crate) fn word(&mut self, wanted: &str) -> Result<&'a str, Malformed> {
        match self.peek() {
            Some(Token { kind: Kind::Word(word), .. }) => {
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.wanted(wanted)),
        }
    }

    /// Takes a word and reads it as what it should be.
    pub(crate) fn parsed<T: std::str::FromStr>(&mut self, wanted: &str) -> Result<T, Malformed> {
        match self.peek() {
            Some(Token { kind: Kind::Word(word), .. }) => match word.parse() {
                Ok(value) => {
                    self.at += 1;
                    Ok(value)
                }
                Err(_) => Err(self.wanted(wanted)),
            },
            _ => Err(self.wanted(wanted)),
        }
    }

    /// Takes a quoted text; it must be valid UTF-8.
    pub(crate) fn quoted(&mut self, wanted: &str) -> Result<String, Malformed> {
        match self.peek() {
            Some(Token { kind: Kind::Quoted(octets), .. }) => {
                self.at += 1;
                Ok(String::from_utf8_lossy(octets).into_owned())
            }
            _ => Err(self.wanted(wanted)),
        }
    }

    /// Takes a bracket.
    pub(crate) fn bracket(&mut self, bracket: char) -> Result<(), Malformed> {
        if self.bracket_is(bracket) { Ok(()) } else { Err(self.wanted(&format!("`{bracket}`"))) }
    }

    /// All must have been read.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        if self.peek().is_none() { Ok(()) } else { Err(self.wanted("the end of the line")) }
    }

    /// Reports that something else was wanted at this place.
    pub(crate) fn wanted(&mut self, wanted: &str) -> Malformed {
        let message = match self.peek() {
            Some(token) => format!("`{}` stands where {wanted} should", token.written()),
            None => format!("{wanted} is missing at the end of the line"),
        };
        let place = self.here();
        self.refuse(place, message, &format!("write {wanted} here"))
    }

    /// Reports a fault.
    pub(crate) fn refuse(&mut self, span: Span, message: impl Into<String>, help: &str) -> Malformed {
        self.found.push(Diagnostic::new(self.rule, span, message).help(help));
        Malformed
    }
}

impl Token {
    /// The token as its author would write it.
    pub(crate) fn written(&self) -> String {
        match &self.kind {
            Kind::Word(word) => word.clone(),
            Kind::Quoted(octets) => format!("\"{}\"", octets.escape_ascii()),
            Kind::Bracket(bracket) => bracket.to_string(),
        }
    }
}
