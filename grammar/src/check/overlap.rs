//! One line, two answers: handlers of one state that claim the same line.
//!
//! Never: compares handlers whose literal prefixes differ; the longer one wins.

use diagnostic::{Diagnostic, Span};
use program::Expr;

use crate::{
    check::{findings::Findings, guards, lexemes},
    lexical::{self, Form},
    rules,
};

/// A handler as it stands in one state.
pub(crate) struct Contender<'a> {
    /// Its template.
    pub(crate) form: &'a Form,
    /// Its literal prefix.
    pub(crate) claim: String,
    /// Its guard.
    pub(crate) guard: Option<&'a Expr>,
    /// Its head.
    pub(crate) span: Span,
    /// Whether it takes requests.
    pub(crate) request: bool,
}

/// Tells of each pair that some line fits both, in a session where both guards hold.
pub(crate) fn check(state: &str, contenders: &[Contender<'_>], sure: &guards::Sure<'_>, findings: &mut Findings) {
    for (n, first) in contenders.iter().enumerate() {
        for second in &contenders[n + 1..] {
            let same = if first.form.exact_case {
                first.claim == second.claim
            } else {
                first.claim.eq_ignore_ascii_case(&second.claim)
            };
            if !same || !guards::compatible(first.guard, second.guard, sure) {
                continue;
            }
            let line = match lexical::overlap(first.form, second.form) {
                Ok(Some(line)) => line,
                Ok(None) => continue,
                Err(error) => {
                    findings.add(lexemes::finding(&error, second.span));
                    continue;
                }
            };
            if second.request {
                findings.add(
                    Diagnostic::new(
                        &rules::commands::TWO_ANSWERS,
                        second.span,
                        format!("in state `{state}` one request has two answers"),
                    )
                    .label("both guards can hold")
                    .other(first.span, "and this takes it, too")
                    .help("make the guards disjoint, or write `override` before the one in the narrower place"),
                );
                continue;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            // They are read from the top of the file, whichever of them is met first.
            let is_above = first.span.start <= second.span.start;
            let (label, other) = if is_above { ("and this", "it fits this") } else { ("it fits this", "and this") };
            findings.add(
                Diagnostic::new(
                    &rules::commands::TWO_ANSWERS,
                    second.span,
                    format!("in state `{state}` one line has two answers"),
                )
                .label(label)
                .other(first.span, other)
                .help(format!("the shortest such line is `{line}`"))
                .help("make the guards disjoint, or write `override` before the one in the narrower place"),
            );
        }
    }
}
