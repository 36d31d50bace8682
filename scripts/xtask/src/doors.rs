//! Files stay readable in one sitting, and `mod.rs` and `lib.rs` are doors, not rooms.
//!
//! Never: counts functions; clippy does (`too-many-lines-threshold`).

use crate::{finding::Finding, tree::Tree};

/// The most lines of a Rust file.
const FILE_MOST: usize = 800;

/// The most lines of a `mod.rs` or `lib.rs`.
const DOOR_MOST: usize = 150;

/// Finds files and doors that are too long.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        if matches!(file.name(), "mod.rs" | "lib.rs") && lines > DOOR_MOST {
            let message = format!("a door of {lines} lines; {DOOR_MOST} are the most");
            findings.push(Finding::new(&file.path, message, "move what it does into a file of its own"));
        } else if lines > FILE_MOST {
            let message = format!("{lines} lines; {FILE_MOST} are the most");
            findings.push(Finding::new(&file.path, message, "cut it where it speaks of a second thing"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, lines: usize) -> usize {
        check(&Tree::of(&[(path, &"\n".repeat(lines))])).len()
    }

    #[test]
    fn a_file_may_have_800_lines_and_a_door_150() {
        assert_eq!([found("a/src/b.rs", 800), found("a/src/b.rs", 801)], [0, 1]);
        assert_eq!([found("a/src/lib.rs", 150), found("a/src/lib.rs", 151)], [0, 1]);
        assert_eq!([found("a/src/c/mod.rs", 150), found("a/src/c/mod.rs", 151)], [0, 1]);
    }
}
