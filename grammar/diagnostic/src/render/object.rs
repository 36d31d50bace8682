//! Findings as JSON, one object on each line.
//!
//! Never: leaves a key out.

use serde::Serialize;

use super::severity;
use crate::{Diagnostic, Sources, Span};

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    end: End,
    label: &'a str,
    others: Vec<Other<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    conversation: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<Patch<'a>>,
}

#[derive(Serialize)]
struct Patch<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end: End,
    text: &'a str,
}

#[derive(Serialize)]
struct Other<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end: End,
    label: &'a str,
}

/// Line and column behind the last character.
#[derive(Serialize)]
struct End {
    line: u32,
    column: u32,
}

/// One object with a line end.
pub(super) fn json(sources: &Sources, finding: &Diagnostic) -> String {
    let (line, column) = sources.position(finding.span);
    let other = |(span, label)| {
        let (span, label): (&Span, &String) = (span, label);
        let (line, column) = sources.position(*span);
        Other { file: sources.name(span.file), line, column, end: end(sources, *span), label }
    };
    let patch = |patch| {
        let crate::Patch { span, text }: &crate::Patch = patch;
        let (line, column) = sources.position(*span);
        Patch { file: sources.name(span.file), line, column, end: end(sources, *span), text }
    };
    let object = Finding {
        code: finding.rule.code,
        severity: severity(finding),
        message: &finding.message,
        file: sources.name(finding.span.file),
        line,
        column,
        end: end(sources, finding.span),
        label: &finding.label,
        others: finding.others.iter().map(|(span, label)| other((span, label))).collect(),
        help: &finding.help,
        conversation: &finding.conversation,
        patch: finding.patch.as_ref().map(patch),
    };
    // Texts and numbers always have a form in JSON.
    let mut text = serde_json::to_string(&object).unwrap_or_default();
    text.push('\n');
    text
}

fn end(sources: &Sources, span: Span) -> End {
    let (line, column) = sources.end(span);
    End { line, column }
}
