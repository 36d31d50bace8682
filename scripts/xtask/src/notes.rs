//! No note about work that is left: it belongs on the tracker.
//!
//! Never: reads documentation, which may speak of such notes.

use crate::{finding::Finding, tree::Tree};

/// Written in two halves, so that this list does not find itself.
const NOTES: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
];

/// Finds notes in every text but documentation.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.ends_with(".md")) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(note) = NOTES.iter().find(|note| line.contains(**note)) {
                let help = "do it, or open an issue and take the note out";
                findings.push(Finding::new(&file.path, format!("`{note}` stands here"), help).at(number + 1));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_found_in_code_protocols_and_scripts() {
        for path in ["grammar/src/a.rs", "protocols/a.proto.dsl", "scripts/test", "config.yaml"] {
            for note in NOTES {
                let tree = Tree::of(&[(path, &format!("first\n# {note} later"))]);
                assert_eq!(check(&tree).first().map(Finding::place), Some(format!("{path}:2").as_str()), "{note}");
            }
        }
    }

    #[test]
    fn documentation_may_speak_of_notes() {
        assert!(check(&Tree::of(&[("CONTRIBUTING.md", NOTES[0])])).is_empty());
    }
}
