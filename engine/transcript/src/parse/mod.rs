//! From the text of a transcript to a [`Transcript`], with every fault of the text.
//!
//! Never: stops at the first fault, and never looks at a protocol.

mod given;
mod moment;
mod parts;
mod steps;
mod then;
mod title;
mod token;
mod words;

use diagnostic::{Diagnostic, FileId, Rule, Severity, Sources, Span};

use crate::script::{Claim, Given, Transcript};

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

/// A transcript in which nothing happens.
pub(crate) static EMPTY: Rule = Rule {
    code: "C13",
    severity: Severity::Error,
    title: "a transcript has no step",
    page: "A transcript without a `C:`, `S:` or `---` line asserts nothing.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\n",
};

pub(crate) use given::{GIVEN, TWICE};
pub(crate) use moment::{read as moment, span as span_of_time};
pub(crate) use parts::{PART, UNBOUND};
pub(crate) use steps::{GONE, LINE, MARK, PEERS, TLS};
pub(crate) use then::THEN;
pub(crate) use title::TITLE;
pub(crate) use token::OCTETS;

/// Reads a transcript. It is there only when no finding is an error.
pub fn parse(sources: &Sources, file: FileId) -> (Option<Transcript>, Vec<Diagnostic>) {
    let text = sources.text(file);
    let mut found = Vec::new();
    let mut lines = Lines { text, file, at: 0 };
    let Some(title) = title::read(&mut lines, &mut found) else { return (None, found) };
    let mut body = Body { given: None, then: None, steps: steps::Reader::new(title.peers) };
    while let Some(span) = lines.next() {
        body.line(&mut lines, span, &mut found);
    }
    if body.steps.steps.is_empty() && found.is_empty() {
        found.push(
            Diagnostic::new(&EMPTY, title.span, "this transcript has no step").help("add `S:` and `C:` lines below it"),
        );
    }
    if title.runs_anywhere && (body.given.is_some() || body.then.is_some()) {
        found.push(
            Diagnostic::new(&TITLE, title.span, "what runs anywhere has neither `given` nor `then`")
                .help("leave out `, runs anywhere`, or these sections"),
        );
    }
    let transcript = Transcript {
        file,
        title: title.sentence,
        protocol: title.protocol,
        protocol_span: title.protocol_span,
        runs_anywhere: title.runs_anywhere,
        peers: title.peers,
        given: body.given.unwrap_or_default(),
        steps: body.steps.steps,
        then: body.then.unwrap_or_default(),
    };
    let sound = !found.iter().any(|finding| finding.rule.severity == Severity::Error);
    (sound.then_some(transcript), found)
}

/// The lines of a text that are neither blank nor a remark.
pub(crate) struct Lines<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: FileId,
    at: usize,
}

impl Lines<'_> {
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

struct Body {
    given: Option<Given>,
    then: Option<Vec<Claim>>,
    steps: steps::Reader,
}

impl Body {
    fn line(&mut self, lines: &mut Lines<'_>, span: Span, found: &mut Vec<Diagnostic>) {
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
