//! Conversations that run anywhere, had with another server, beside the page that explains where it answers otherwise.
//!
//! Never: passes over a difference that the page does not explain, or one that it explains and that is none any more.

use std::{collections::BTreeSet, fs, process::Command};

use crate::{binary, root};

/// Plays the conversations below `paths` against `server`; exactly those differ that stand in the section `title` of the
/// page. Gives what was said, and how many differ.
pub fn differs_as_explained(paths: &[&str], server: &str, (page, title): (&str, &str)) -> (String, usize) {
    let output = Command::new(binary())
        .arg("test")
        .args(paths)
        .args(["--against", server])
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let place = |line: &str| Some(line.strip_prefix("tests/conversations/")?.split_once(".talk:")?.0.to_owned());
    let differ: BTreeSet<String> = said.lines().filter_map(place).collect();
    let explained = explained(page, title);
    assert!(differ == explained, "differ: {differ:#?}\nexplained: {explained:#?}\n{said}");
    (said, differ.len())
}

/// The conversations that stand in a section of a page.
fn explained(page: &str, title: &str) -> BTreeSet<String> {
    let page = fs::read_to_string(root().join(page)).expect("the page");
    let (_, behind) = page.split_once(&format!("## {title}\n")).expect("the page speaks of it");
    let section = behind.split("\n## ").next().unwrap_or(behind);
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('`').nth(1)).map(ToOwned::to_owned).collect()
}
