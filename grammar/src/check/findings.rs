//! The findings of one file, each told once.
//!
//! Never: decides what is a fault.

use std::collections::HashSet;

use diagnostic::{Diagnostic, Rule, Severity, Span, meant, suggest};

use crate::tree::Name;

/// Collects findings. A handler that stands in several states is looked at in each of them; what is found twice at
/// one place is told once.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    told: HashSet<(&'static str, Span)>,
    beside: HashSet<(&'static str, Span, String)>,
    muted: bool,
    /// Rules that are passed over.
    passed: &'static [&'static Rule],
    /// Whether the check has given up, and what follows is a consequence of that.
    gave_up: bool,
    /// How many errors there are, and how many other findings.
    counts: [usize; 2],
    /// Whether an error was left out.
    left_out: bool,
}

/// How many errors are kept of one file, and how many other findings.
const MOST: usize = 200;

impl Findings {
    /// Adds a finding, unless the like was told of that place.
    pub(crate) fn add(&mut self, finding: Diagnostic) {
        if self.hears(finding.rule) && self.told.insert((finding.rule.code, finding.span)) {
            self.keep(finding);
        }
    }

    /// Adds a finding beside others of its kind at the same place, told apart by a word.
    pub(crate) fn add_beside(&mut self, finding: Diagnostic, word: &str) {
        if self.hears(finding.rule) && self.beside.insert((finding.rule.code, finding.span, word.to_owned())) {
            self.keep(finding);
        }
    }

    fn keep(&mut self, finding: Diagnostic) {
        let error = finding.rule.severity == Severity::Error;
        let count = &mut self.counts[usize::from(error)];
        if *count < MOST {
            *count += 1;
            self.list.push(finding);
        } else {
            self.left_out |= error;
        }
    }

    fn is_deaf(&self) -> bool {
        self.muted || self.gave_up
    }

    /// Whether findings of that rule are collected just now.
    pub(crate) fn hears(&self, rule: &'static Rule) -> bool {
        self.heard() && !self.passed.contains(&rule)
    }

    /// From now on these rules are passed over.
    pub(crate) fn pass_over(&mut self, rules: &'static [&'static Rule]) {
        self.passed = rules;
    }

    /// Whether findings are collected just now.
    pub(crate) fn heard(&self) -> bool {
        !self.is_deaf()
    }

    /// Whether no further error is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.counts[1] >= MOST
    }

    /// The check ends here: nothing that is found behind this means anything.
    pub(crate) fn give_up(&mut self, finding: Option<Diagnostic>) {
        if let Some(finding) = finding.filter(|_| !self.gave_up) {
            self.list.push(finding);
            self.gave_up = true;
        }
    }

    /// Adds a finding that needs no more than a message.
    pub(crate) fn tell(&mut self, rule: &'static Rule, span: Span, message: impl Into<String>) {
        self.add(Diagnostic::new(rule, span, message));
    }

    /// Adds a finding with one line of help.
    pub(crate) fn mend(
        &mut self,
        rule: &'static Rule,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Diagnostic::new(rule, span, message).help(help));
    }

    /// Tells that nothing of a kind has this name, and which name was probably meant.
    pub(crate) fn unknown<'a>(
        &mut self,
        rule: &'static Rule,
        name: &Name,
        kind: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        self.misspelt(rule, name.span, format!("no {kind} is called `{}`", name.text), &name.text, known);
    }

    /// Tells that a word is none of those that are known; where one alone can have been meant, that is the mend.
    pub(crate) fn misspelt<'a>(
        &mut self,
        rule: &'static Rule,
        span: Span,
        message: impl Into<String>,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        if self.is_deaf() {
            return;
        }
        if self.counts[1] >= MOST {
            // To look for the name that was meant is work.
            self.left_out = true;
            return;
        }
        let known: Vec<&str> = known.into_iter().collect();
        let finding = Diagnostic::new(rule, span, message).help(suggest(word, known.iter().copied()));
        let is_whole = (span.end - span.start) as usize == word.len();
        self.add(match meant(word, known).filter(|_| is_whole) {
            Some(near) => finding.patch(span, near),
            None => finding,
        });
    }

    /// While muted, nothing is collected: types are still being learnt.
    pub(crate) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// Whether one of them is an error, and none of these.
    pub(crate) fn refused_but_for(&self, rules: &[&'static Rule]) -> bool {
        let is_error = |finding: &Diagnostic| finding.rule.severity == Severity::Error;
        self.left_out || self.list.iter().any(|finding| is_error(finding) && !rules.contains(&finding.rule))
    }

    /// All of them.
    pub(crate) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}
