//! What is shown of a protocol, as it is called: `saywhen graph`, `saywhen check --budget`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const DOOR: &str = "docs/examples/door.proto.dsl";

fn saywhen(words: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_saywhen")).args(words).current_dir(root).output().unwrap()
}

#[test]
fn a_picture_is_of_the_form_that_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    for (name, begins) in
        [("a.svg", "<svg "), ("a.dot", "digraph "), ("a.mmd", "stateDiagram-v2\n"), ("a.txt", "door ")]
    {
        let path = folder.path().join(name);
        let output = saywhen(&["graph", DOOR, "-o", path.to_str().unwrap()]);
        assert!(output.status.success(), "{output:?}");
        assert!(fs::read_to_string(&path).unwrap().starts_with(begins), "{name}");
    }
    let output = saywhen(&["graph", DOOR]);
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("SAY                           250  → inside"),
        "{output:?}"
    );
}

#[test]
fn a_picture_with_coverage_says_what_the_transcripts_reach() {
    let output = saywhen(&["graph", DOOR, "--coverage", "--transcripts", "docs/examples/door.talk"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("of 14 answers are reached"), "{said}");
    assert!(said.contains("QUIT                          221 ■*"), "{said}");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let check = |words: &[&str], code: i32, expected: &str| {
        let output = saywhen(words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    check(&["graph", DOOR, "-o", "door.png"], 2, "`door.png` is no picture by its name");
    check(&["graph", "README.md"], 2, "`README.md` is no protocol by its name");
    check(&["graph", "protocols/nothing.proto.dsl"], 2, "cannot be read");
    check(&["graph", DOOR, "--coverage", "--transcripts", "nothing"], 2, "with --transcripts");
    check(&["graph", DOOR, "-o", "nothing/door.svg"], 2, "cannot be written");
}

#[test]
fn a_budget_says_what_a_command_may_wait_for() {
    let output = saywhen(&["check", "--budget", "protocols/smtp.proto.dsl"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("smtp may keep its peer waiting; a session lasts 1 h at the most\n"), "{said}");
    let row = said.lines().find(|line| line.contains("AUTH PLAIN")).unwrap();
    assert!(row.contains("  12 s  ") && row.ends_with("validate_plain 10 s + pause 2 s"), "{row}");
    let row = said.lines().find(|line| line.contains("MAIL FROM")).unwrap();
    assert!(row.contains("  15 s        5 min "), "{row}");

    let output = saywhen(&["check", "--budget", "--format", "json", "protocols/pop3.proto.dsl"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let first: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&first["command"], &first["milliseconds"]), (&"QUIT".into(), &70000.into()), "{first}");
    assert_eq!(first["waits"][0]["what"], "mailbox_expunge");
}
