//! Findings on one line each.
//!
//! Never: more than a line, whatever the author wrote.

use super::{severity, tame};
use crate::{Diagnostic, Sources};

/// `file:line:column: error[T04]: message`
pub(super) fn short(sources: &Sources, finding: &Diagnostic) -> String {
    let (line, column) = sources.position(finding.span);
    let name = tame(sources.name(finding.span.file));
    format!("{name}:{line}:{column}: {}[{}]: {}\n", severity(finding), finding.rule.code, tame(&finding.message))
}

/// `::error file=…,line=…,col=…,title=…::message`, as GitHub's workflow commands want it; what to do stands on
/// further lines of the message.
pub(super) fn github(sources: &Sources, finding: &Diagnostic) -> String {
    let (line, column) = sources.position(finding.span);
    let command = match severity(finding) {
        "note" => "notice",
        other => other,
    };
    let name = property(sources.name(finding.span.file));
    let help: String = finding.help.iter().map(|help| format!("\nhelp: {}", tame(help))).collect();
    let message = escaped(&format!("{}{help}", tame(&finding.message)));
    let title = property(finding.rule.code);
    format!("::{command} file={name},line={line},col={column},title={title}::{message}\n")
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
