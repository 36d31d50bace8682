//! Findings for a person: the lines that they are about, what is said under them, and what to do.
//!
//! Never: shows so many that the first is lost.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::tame;
use crate::{Diagnostic, FileId, Severity, Sources, Span};

/// How many findings are shown.
const MOST: usize = 20;

/// The findings, how many more there are, and how many there are of each kind.
pub(super) fn report(sources: &Sources, findings: &[&Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for finding in findings.iter().take(MOST) {
        text.push_str(&renderer.render(&[group(sources, finding)]));
        text.push_str("\n\n");
        if !finding.conversation.is_empty() {
            text.push_str("   like this:\n");
            for line in &finding.conversation {
                text.push_str(format!("      {}", tame(line)).trim_end());
                text.push('\n');
            }
            text.push('\n');
        }
    }
    if let Some(more) = findings.len().checked_sub(MOST).filter(|more| *more > 0) {
        text.push_str(&format!("and {more} more\n\n"));
    }
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let counts: Vec<String> = counts
        .iter()
        .map(|(severity, word)| (findings.iter().filter(|finding| finding.rule.severity == *severity).count(), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if !counts.is_empty() {
        text.push_str(&counts.join(", "));
        text.push('\n');
    }
    text
}

fn group<'a>(sources: &'a Sources, finding: &'a Diagnostic) -> Group<'a> {
    let level = match finding.rule.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(tame(&finding.message)).id(finding.rule.code));
    let mut files = vec![finding.span.file];
    files.extend(finding.others.iter().map(|(span, _)| span.file));
    files.dedup();
    for (index, file) in files.iter().enumerate() {
        if !files[..index].contains(file) {
            group = group.element(snippet(sources, finding, *file));
        }
    }
    group.elements(finding.help.iter().map(|help| Level::HELP.message(tame(help))))
}

/// The lines of one text that a finding is about.
fn snippet<'a>(
    sources: &'a Sources,
    finding: &'a Diagnostic,
    file: FileId,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let places = std::iter::once((AnnotationKind::Primary, finding.span, &finding.label))
        .chain(finding.others.iter().map(|(span, label)| (AnnotationKind::Context, *span, label)))
        .filter(|(_, span, _)| span.file == file);
    let (mut first, mut last) = (u32::MAX, 1);
    for (_, span, _) in places.clone() {
        first = first.min(sources.position(span).0);
        last = last.max(sources.end(span).0);
    }
    let window = sources.lines(file, first..last + 1);
    let text = &sources.text(file)[window.clone()];
    let mut snippet = Snippet::source(text).line_start(first as usize).path(tame(sources.name(file)));
    for (kind, span, label) in places {
        let mut annotation = kind.span(within(text, window.start, span));
        if !label.is_empty() {
            annotation = annotation.label(tame(label));
        }
        snippet = snippet.annotation(annotation);
    }
    snippet
}

/// A span as octets of a window, at the edges of characters.
fn within(text: &str, start: usize, span: Span) -> std::ops::Range<usize> {
    let edge = |at: u32| text.floor_char_boundary((at as usize).saturating_sub(start));
    let start = edge(span.start);
    start..edge(span.end).max(start)
}
