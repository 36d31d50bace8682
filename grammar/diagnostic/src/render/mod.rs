//! Findings as text: for a person, for an editor, for a program, for a forge.
//!
//! Never: writes anywhere; changes what was found.

mod human;
mod line;
mod object;

use crate::{Diagnostic, Severity, Sources};

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With the lines that they are about: at most twenty, then how many more there are, and a last line that counts
    /// them.
    Human,
    /// One line each: `file:line:column: error[T04]: message`.
    Short,
    /// One object of JSON on each line: code, severity, message, file, line, column, end, label, others, help, and
    /// where there are such the conversation and the patch.
    Json,
    /// One workflow command of GitHub on each line.
    GitHub,
}

/// The findings in the order of file, place and code. `colour` adds the escapes of a terminal, to
/// [`Format::Human`] only. No finding is no text.
pub fn render(sources: &Sources, findings: &[Diagnostic], format: Format, colour: bool) -> String {
    let mut sorted: Vec<&Diagnostic> = findings.iter().collect();
    sorted.sort_by_key(|finding| (finding.span.file, finding.span.start, finding.span.end, finding.rule.code));
    match format {
        Format::Human => human::report(sources, &sorted, colour),
        Format::Short => sorted.iter().map(|finding| line::short(sources, finding)).collect(),
        Format::Json => sorted.iter().map(|finding| object::json(sources, finding)).collect(),
        Format::GitHub => sorted.iter().map(|finding| line::github(sources, finding)).collect(),
    }
}

/// How grave a finding is, as a word.
fn severity(finding: &Diagnostic) -> &'static str {
    match finding.rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A text in which no control character is left: what an author wrote must not steer a terminal.
fn tame(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
