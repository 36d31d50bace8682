//! An action is one file and two lines: everything else that tells of it is made from them.

use std::{fs, process::Command};

use actions::signatures;
use conversations::{binary, root};

#[test]
fn an_action_is_one_file_and_two_lines() {
    let folder = root().join("engine/actions/src");
    let door = fs::read_to_string(folder.join("lib.rs")).expect("the crate has a door");
    for signature in signatures() {
        let name = &*signature.name;
        assert!(folder.join(format!("{name}.rs")).is_file(), "{name} has a file of its own");
        let lines: Vec<&str> = door.lines().filter(|line| !line.starts_with("//") && has_word(line, name)).collect();
        assert_eq!(lines, [format!("mod {name};"), format!("    &{name}::ACTION,")], "{name}");
    }
}

#[test]
fn what_is_told_of_an_action_is_made_from_its_file() {
    let page = fs::read_to_string(root().join("docs/generated/actions.md")).expect("the page is kept");
    for signature in signatures() {
        let name = &*signature.name;
        let output = Command::new(binary()).args(["explain", name]).output().expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && told.contains("```text\n"), "{name} is told with examples: {told}");
        assert!(page.contains(told.trim_end()), "`cargo xtask docs` renews the page of {name}");
    }
}

/// Whether a word stands in a line, and not as a part of another one.
fn has_word(line: &str, word: &str) -> bool {
    line.split(|letter: char| letter != '_' && !letter.is_alphanumeric()).any(|piece| piece == word)
}
