//! What changes for a peer between two versions of a protocol, as conversations, in lines for a person.
//!
//! Never: judges which version is right; compares texts.

use std::sync::Arc;

use program::Program;
use witness::{Bounds, Comparison, Difference, Version, compare};

use crate::protocols::counterexamples::stage;

/// Compares two versions by playing in memory.
pub fn compared(old: &Arc<Program>, new: &Arc<Program>, bounds: &Bounds<'_>) -> Comparison {
    let (mut old_stage, mut new_stage) = (stage(old.clone()), stage(new.clone()));
    let old = Version { program: old, stage: &mut old_stage };
    compare(old, Version { program: new, stage: &mut new_stage }, bounds)
}

/// The first conversations, each a paragraph under its number, and how many more there are.
pub fn paragraphs(differences: &[Difference], most: usize) -> (Vec<Vec<String>>, usize) {
    let first = differences.iter().take(most).enumerate();
    let shown = first.map(|(number, difference)| paragraph(number + 1, difference)).collect();
    (shown, differences.len().saturating_sub(most))
}

fn paragraph(number: usize, difference: &Difference) -> Vec<String> {
    let mut lines = vec![format!("conversation {number}")];
    if !difference.given.is_empty() {
        lines.push("  given {".to_owned());
        lines.extend(difference.given.iter().map(|fact| format!("  {fact}")));
        lines.push("  }".to_owned());
    }
    let both = difference.before.iter().chain(&difference.said).map(|line| ("  ", line.as_str()));
    let all = both.chain(parted(&difference.old, &difference.new));
    lines.extend(all.map(|(sign, line)| format!("{sign}{line}")));
    lines
}

/// The lines of two answers, with a sign for each: in both, in the old one, in the new one.
fn parted<'d>(old: &'d [String], new: &'d [String]) -> Vec<(&'static str, &'d str)> {
    const SILENCE: &str = "(no answer)";
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, old, new);
    let mut lines: Vec<(&'static str, &'d str)> = Vec::new();
    for change in changes.iter().flat_map(|change| change.iter_changes(old, new)) {
        let sign = match change.tag() {
            similar::ChangeTag::Equal => "  ",
            similar::ChangeTag::Delete => "- ",
            similar::ChangeTag::Insert => "+ ",
        };
        // The line lives in one of the two slices.
        let line = change.old_index().and_then(|at| old.get(at)).or(change.new_index().and_then(|at| new.get(at)));
        lines.extend(line.map(|line| (sign, line.as_str())));
    }
    let silent = [(old, "- "), (new, "+ ")].into_iter().filter(|(answer, _)| answer.is_empty());
    lines.extend(silent.map(|(_, sign)| (sign, SILENCE)));
    lines
}
