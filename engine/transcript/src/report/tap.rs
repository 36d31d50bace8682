//! The Test Anything Protocol, version 13.
//!
//! Never: leaves a case out.

use crate::report::Case;

/// Writes a run.
pub(super) fn write(cases: &[Case]) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", cases.len());
    for (number, case) in cases.iter().enumerate() {
        let word = if case.passed { "ok" } else { "not ok" };
        // A `#` would begin a directive.
        let title = case.title.replace('#', "\\#");
        text.push_str(&format!("{word} {} - {title} ({}, {})\n", number + 1, case.path, case.wire));
        for line in case.failures.iter().flat_map(|failure| failure.text.lines()) {
            text.push_str(&format!("# {line}\n"));
        }
    }
    text
}
