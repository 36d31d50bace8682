//! From the text of a transcript to a [`Transcript`], with every fault of the text.
//!
//! Never: stops at the first fault, and never looks at a protocol.

mod given;
mod moment;
mod parts;
mod sections;
mod steps;
mod then;
mod title;
mod token;
mod words;

use diagnostic::{Diagnostic, FileId, Rule, Severity, Sources};

use crate::{
    parse::sections::{Body, Lines},
    script::Transcript,
};

pub(crate) use given::{GIVEN, TWICE};
pub(crate) use moment::{read as moment, span as span_of_time};
pub(crate) use parts::{PART, UNBOUND};
pub(crate) use sections::SECTION;
pub(crate) use steps::{GONE, LINE, MARK, PEERS, TLS};
pub(crate) use then::THEN;
pub(crate) use title::TITLE;
pub(crate) use token::OCTETS;

/// A transcript in which nothing happens.
pub(crate) static EMPTY: Rule = Rule {
    code: "C13",
    severity: Severity::Error,
    title: "a transcript has no step",
    page: "A transcript without a `C:`, `S:` or `---` line asserts nothing.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\n",
};

/// Reads a transcript. It is there only when no finding is an error.
pub fn parse(sources: &Sources, file: FileId) -> (Option<Transcript>, Vec<Diagnostic>) {
    let text = sources.text(file);
    let mut found = Vec::new();
    let mut lines = Lines::new(text, file);
    let Some(title) = title::read(&mut lines, &mut found) else { return (None, found) };
    let mut body = Body::new(title.peers);
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
