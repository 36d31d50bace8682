//! The findings of one file, each told once.
//!
//! Never: decides what is a fault.

use std::collections::HashSet;

use diagnostic::{Diagnostic, Rule, Severity, Span};

/// Collects findings. A handler that stands in several states is looked at in each of them; what is found twice at
/// one place is told once.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Diagnostic>,
    told: HashSet<(&'static str, Span)>,
    beside: HashSet<(&'static str, Span, String)>,
    muted: bool,
}

impl Findings {
    /// Adds a finding, unless the like was told of that place.
    pub(crate) fn add(&mut self, finding: Diagnostic) {
        if !self.muted && self.told.insert((finding.rule.code, finding.span)) {
            self.list.push(finding);
        }
    }

    /// Adds a finding beside others of its kind at the same place, told apart by a word.
    pub(crate) fn add_beside(&mut self, finding: Diagnostic, word: &str) {
        if !self.muted && self.beside.insert((finding.rule.code, finding.span, word.to_owned())) {
            self.list.push(finding);
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

    /// While muted, nothing is collected: types are still being learnt.
    pub(crate) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// Whether findings are collected just now.
    pub(crate) fn heard(&self) -> bool {
        !self.muted
    }

    /// Whether one of them is an error.
    pub(crate) fn refused(&self) -> bool {
        self.list.iter().any(|finding| finding.rule.severity == Severity::Error)
    }

    /// All of them.
    pub(crate) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}

/// The name nearest to `wrong`, when one is near enough to have been meant.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Help that names the nearest, or lists what there is.
pub(crate) fn suggest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(wrong, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let mut all: Vec<&str> = known.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => "there is none in this file".to_owned(),
        1..=12 => format!("there is {}", all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        _ => format!("there are {} of them, none of a like name", all.len()),
    }
}

/// Edit distance with transposition (optimal string alignment), over characters, case aside.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for j in 0..=b.len() {
        rows[0][j] = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + swap);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_swapped_letter_is_near_and_another_word_is_not() {
        assert_eq!(nearest("goot", ["stay", "goto", "close"]), Some("goto"));
        assert_eq!(nearest("settings", ["wire", "record"]), None);
    }
}
