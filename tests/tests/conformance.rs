//! What the pages of conformance claim is in the tree: every conversation that they name is there, and every sentence of
//! an RFC has a conversation or a reason beside it.

use std::{fs, path::PathBuf};

use conversations::root;

#[test]
fn every_conversation_that_a_page_names_is_there() {
    let mut faults = Vec::new();
    let mut named = 0;
    for (place, cells) in rows() {
        for name in cells.last().expect("a row has cells").split('`').skip(1).step_by(2) {
            if name.contains('/') && !name.contains(' ') {
                named += 1;
                if !root().join("tests/conversations").join(format!("{name}.talk")).is_file() {
                    faults.push(format!("{place}: there is no conversation `{name}`"));
                }
            }
        }
    }
    assert!(named > 80, "only {named} conversations are named");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_sentence_has_a_conversation_or_a_reason() {
    for (place, cells) in rows() {
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty()), "{place}: {cells:?}");
    }
}

/// The rows of all tables, without their heads, each with its place.
fn rows() -> Vec<(String, Vec<String>)> {
    let folder = root().join("docs/conformance");
    let pages: Vec<PathBuf> =
        fs::read_dir(folder).expect("the pages").map(|entry| entry.expect("a page").path()).collect();
    let mut rows = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page can be read");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
            let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
            if !line.starts_with("|---") && cells[0] != "section" {
                rows.push((format!("{}:{}", page.display(), number + 1), cells));
            }
        }
    }
    assert!(rows.len() > 80, "only {} rows", rows.len());
    rows
}
