//! Conversations that any server which gives mail out should have are had with a real Dovecot. Where it answers otherwise,
//! the page of conformance says why; a difference that stands there and is none any more fails, too.

use std::{collections::BTreeSet, fs, process::Command};

use conversations::{DOVECOT, Dovecot, binary, root};

#[test]
fn dovecot_differs_only_where_the_page_says_so() {
    let dovecot = Dovecot::start();
    let output = Command::new(binary())
        .args(["test", "tests/conversations/pop3", "--against", &format!("{DOVECOT}:{}", dovecot.pop3)])
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let place = |line: &str| Some(line.strip_prefix("tests/conversations/")?.split_once(".talk:")?.0.to_owned());
    let differ: BTreeSet<String> = said.lines().filter_map(place).collect();
    assert!(said.contains(&format!("12 passed, {} failed", differ.len())), "{said}");
    let explained = explained();
    assert!(differ == explained, "differ: {differ:#?}\nexplained: {explained:#?}\n{said}");
}

/// The conversations in which the page says that Dovecot differs.
fn explained() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/conformance/pop3.md")).expect("the page");
    let (_, section) = page.split_once("## Against Dovecot\n").expect("the page speaks of Dovecot");
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.filter_map(|row| row.split('`').nth(1)).map(ToOwned::to_owned).collect()
}
