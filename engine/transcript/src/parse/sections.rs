//! The sections of a transcript and the lines that they are made of.
//!
//! Never: reads a fact or a step; their own rooms do.

use diagnostic::{Diagnostic, FileId, Rule, Severity, Span};

use crate::{
    parse::{given, steps, then, token},
    script::{Claim, Given},
};

/// A section that is not where it should be.
pub(crate) static SECTION: Rule = Rule {
    code: "C16",
    severity: Severity::Error,
    title: "a section is in the wrong place, doubled, or not closed",
    page: "A transcript is its title, `given { … }` if it needs one, the steps, and `then { … }` if there is more to say, in \
           this order, each at most once. A section ends with a line that begins with `}`.",
    accepted: "transcript \"a\" for smtp\ngiven {\n}\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\ngiven {\n}\n",
};

/// The lines of a text that are neither blank nor a remark.
pub(crate) struct Lines<'a> {
    text: &'a str,
    pub(crate) file: FileId,
    at: usize,
}

impl<'a> Lines<'a> {
    /// All lines of a text.
    pub(super) fn new(text: &'a str, file: FileId) -> Lines<'a> {
        Lines { text, file, at: 0 }
    }

    /// The text at a place.
    pub(crate) fn text(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }
}

impl Iterator for Lines<'_> {
    type Item = Span;

    /// The next line, without blanks in front and without its end.
    fn next(&mut self) -> Option<Span> {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = rest.find('\n').unwrap_or(rest.len());
            let line = rest[..length].strip_suffix('\r').unwrap_or(&rest[..length]);
            let indent = line.len() - line.trim_start().len();
            let start = self.at + indent;
            self.at += length + 1;
            if line.len() > indent && !line[indent..].starts_with('#') {
                let end = start + line.len() - indent;
                return Some(Span { file: self.file, start: start as u32, end: end as u32 });
            }
        }
        None
    }
}

/// What stands below the title.
pub(super) struct Body {
    pub(super) given: Option<Given>,
    pub(super) then: Option<Vec<Claim>>,
    pub(super) steps: steps::Reader,
}

impl Body {
    /// Nothing yet, with so many clients to come.
    pub(super) fn new(peers: u8) -> Body {
        Body { given: None, then: None, steps: steps::Reader::new(peers) }
    }

    /// Reads a line, and the section that begins there.
    pub(super) fn line(&mut self, lines: &mut Lines<'_>, span: Span, found: &mut Vec<Diagnostic>) {
        let line = lines.text(span);
        let head = line.split('#').next().unwrap_or("").split_whitespace().collect::<Vec<_>>();
        let misplaced = |found: &mut Vec<Diagnostic>, message: &str, help: &str| {
            found.push(Diagnostic::new(&SECTION, span, message).help(help));
        };
        match *head {
            ["given", "{"] => {
                if self.given.is_some() {
                    misplaced(found, "there is a `given` already", "put all facts into one");
                } else if !self.steps.steps.is_empty() || self.then.is_some() {
                    misplaced(found, "`given` stands behind the first step", "move it in front of the steps");
                }
                let facts = section(lines, span, found);
                let mut reader = given::Reader::new(found);
                facts.iter().for_each(|tokens| reader.fact(tokens));
                let given = reader.given;
                self.steps.implicit_tls(given.tls);
                self.steps.peers_given(&given, span, found);
                self.given = Some(given);
            }
            ["then", "{"] => {
                if self.then.is_some() {
                    misplaced(found, "there is a `then` already", "put all facts into one");
                }
                let facts = section(lines, span, found);
                let bound = &self.steps.bound;
                self.then = Some(facts.iter().filter_map(|tokens| then::fact(tokens, bound, found)).collect());
            }
            _ => {
                if self.then.is_some() {
                    misplaced(found, "a step stands behind `then`", "move it in front of `then`");
                }
                self.steps.line(line, span, found);
            }
        }
    }
}

/// The facts of a section up to its `}`, each a run of tokens; a fact goes on while a bracket is open.
fn section(lines: &mut Lines<'_>, head: Span, found: &mut Vec<Diagnostic>) -> Vec<Vec<token::Token>> {
    let mut facts = Vec::new();
    let mut fact: Vec<token::Token> = Vec::new();
    let mut open = 0_usize;
    while let Some(span) = lines.next() {
        if open == 0 && lines.text(span).starts_with('}') {
            return facts;
        }
        let tokens = token::tokens(lines.text(span), span, found);
        for token in &tokens {
            match token.kind {
                token::Kind::Bracket('(' | '[' | '{') => open += 1,
                token::Kind::Bracket(')' | ']' | '}') => open = open.saturating_sub(1),
                _ => {}
            }
        }
        fact.extend(tokens);
        if open == 0 && !fact.is_empty() {
            facts.push(std::mem::take(&mut fact));
        }
    }
    let place = fact.first().map_or(head, |token| token.span);
    found.push(
        Diagnostic::new(&SECTION, place, "this is not closed")
            .help("close it with a bracket, and the section with `}`"),
    );
    facts
}
