//! The title line.
//!
//! Never: looks for the protocol that it names.

use diagnostic::{Diagnostic, Rule, Severity, Span};

use crate::parse::sections::Lines;

/// A title that is missing or malformed.
pub(crate) static TITLE: Rule = Rule {
    code: "C14",
    severity: Severity::Error,
    title: "the title is missing or malformed, or names an unknown mode",
    page: "The first line is `transcript \"A SENTENCE\" for PROTOCOL`, then perhaps `, runs anywhere`, `, needs fixtures` or \
           `, peers N`. What runs anywhere has neither `given` nor `then`, for another server has neither.",
    accepted: "transcript \"a\" for smtp, peers 2\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp, runs everywhere\nS: 220 <*>\n",
};

/// What the title says.
pub(crate) struct Title {
    pub(crate) span: Span,
    pub(crate) sentence: String,
    pub(crate) protocol: String,
    pub(crate) protocol_span: Span,
    pub(crate) runs_anywhere: bool,
    pub(crate) peers: u8,
}

/// Reads the first line; without a title there is nothing to read on for.
pub(crate) fn read(lines: &mut Lines<'_>, found: &mut Vec<Diagnostic>) -> Option<Title> {
    let start = Span { file: lines.file, start: 0, end: 0 };
    let span = lines.next().unwrap_or(start);
    let line = lines.text(span);
    let mut refuse = |span: Span, message: String, help: &str| {
        found.push(Diagnostic::new(&TITLE, span, message).help(help));
    };
    const FORM: &str = "begin the file with `transcript \"A SENTENCE\" for PROTOCOL`";
    let split = line
        .strip_prefix("transcript \"")
        .and_then(|rest| rest.split_once('"'))
        .and_then(|(sentence, rest)| rest.strip_prefix(" for ").map(|rest| (sentence, rest)));
    let Some((sentence, rest)) = split else {
        refuse(span, "there is no title".into(), FORM);
        return None;
    };
    let mut parts = rest.split(',');
    let protocol = parts.next().unwrap_or("").trim();
    let from = span.end - rest.len() as u32;
    let protocol_span = Span { start: from, end: from + protocol.len() as u32, ..span };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if protocol.is_empty() || !protocol.chars().all(word) {
        refuse(protocol_span, format!("`{protocol}` names no protocol"), FORM);
        return None;
    }
    let mut title = Title {
        span,
        sentence: sentence.into(),
        protocol: protocol.into(),
        protocol_span,
        runs_anywhere: false,
        peers: 1,
    };
    let mut fixtures = false;
    for mode in parts.map(str::trim) {
        let peers = mode.strip_prefix("peers ").and_then(|number| number.parse::<u8>().ok());
        match (mode, peers) {
            ("runs anywhere", _) => title.runs_anywhere = true,
            ("needs fixtures", _) => fixtures = true,
            (_, Some(number @ 2..=9)) => title.peers = number,
            _ => refuse(span, format!("`{mode}` is no mode"), "modes are `runs anywhere`, `needs fixtures`, `peers 2`"),
        }
    }
    if title.runs_anywhere && fixtures {
        refuse(span, "what needs fixtures cannot run anywhere".into(), "keep one of the two modes");
    }
    Some(title)
}
