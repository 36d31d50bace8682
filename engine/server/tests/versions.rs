//! `saywhen diff` as it is called: two versions of a protocol, and what a peer can tell.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const DOOR: &str = include_str!("../../../docs/examples/door.proto.dsl");

fn diff(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_saywhen")).arg("diff").args(words).current_dir(folder).output().unwrap()
}

/// What is said of a door in which one text was put for another.
fn changed(from: &str, to: &str, words: &[&str]) -> (i32, String) {
    assert!(DOOR.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.proto.dsl"), DOOR).unwrap();
    fs::write(folder.path().join("new.proto.dsl"), DOOR.replacen(from, to, 1)).unwrap();
    let output = diff(folder.path(), &[&["old.proto.dsl", "new.proto.dsl"], words].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_change_is_shown_as_the_shortest_conversation_that_tells() {
    let check =
        |from: &str, to: &str, expected: &str| assert_eq!(changed(from, to, &[]), (1, expected.to_owned()), "{to}");
    check(
        "221 \"Farewell\"",
        "221 \"Bye\"",
        "conversation 1
  S: 220 Speak, friend, and enter
  C: QUIT
- S: 221 Farewell
+ S: 221 Bye
",
    );
    check(
        "250 \"It is dark, and {key} is not the last word\"",
        "550 \"It is too dark\"",
        "in \"inside\", `LOOK`: 250 → 550

conversation 1
  given {
      set password = \"something\"
  }
  S: 220 Speak, friend, and enter
  C: SAY something
  S: 250 The door opens
  C: LOOK
- S: 250 It is dark, and something is not the last word
+ S: 550 It is too dark
",
    );
    check(
        "on \"LOOK\"",
        "on \"HIDE\" -> 250 \"Nobody sees you\"  on \"LOOK\"",
        "in \"inside\", `HIDE`: 500 → 250

conversation 1
  given {
      set password = \"something\"
  }
  S: 220 Speak, friend, and enter
  C: SAY something
  S: 250 The door opens
  C: HIDE
- S: 500 What?
+ S: 250 Nobody sees you
",
    );
    check(
        "idle 1 minute -> 421 \"Asleep?\" close",
        "idle 2 minutes -> 421 \"Asleep?\" close",
        "conversation 1
  S: 220 Speak, friend, and enter
  --- wait 1 minute 1 second
- S: 421 Asleep?
+ (no answer)
",
    );
}

#[test]
fn what_is_written_otherwise_and_behaves_alike_is_no_difference() {
    for (from, to) in [
        ("wire {", "# the wire\nwire {"),
        ("password: word", "password : word"),
        ("goto inside with key = said", "goto inside with key = said  # in"),
    ] {
        assert_eq!(changed(from, to, &[]), (0, String::new()), "{to}");
    }
}

#[test]
fn a_difference_is_a_line_of_json_for_a_program() {
    let (code, said) = changed("221 \"Farewell\"", "221 \"Bye\"", &["--format", "json"]);
    let difference: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(code, 1);
    assert_eq!(difference["said"], serde_json::json!(["C: QUIT"]));
    assert_eq!(difference["old"], serde_json::json!(["S: 221 Farewell"]));
    assert_eq!(difference["new"], serde_json::json!(["S: 221 Bye"]));
}

#[test]
fn a_version_may_be_one_of_git() {
    let folder = tempfile::tempdir().unwrap();
    let git = |words: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = Command::new("git").args(who).args(words).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let path = folder.path().join("door.proto.dsl");
    fs::write(&path, DOOR).unwrap();
    git(&["init", "-q"]);
    git(&["add", "door.proto.dsl"]);
    git(&["commit", "-q", "-m", "a door"]);
    fs::write(&path, DOOR.replace("Farewell", "Bye")).unwrap();
    let output = diff(folder.path(), &["HEAD:door.proto.dsl", "door.proto.dsl"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("- S: 221 Farewell\n+ S: 221 Bye\n"), "{output:?}");
    let output = diff(folder.path(), &["HEAD~9:door.proto.dsl", "door.proto.dsl"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`HEAD~9:door.proto.dsl` is not there"), "{output:?}");
}

#[test]
fn a_version_that_does_not_compile_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.proto.dsl"), DOOR).unwrap();
    fs::write(folder.path().join("new.proto.dsl"), DOOR.replace("goto inside", "goto nowhere")).unwrap();
    let output = diff(folder.path(), &["old.proto.dsl", "new.proto.dsl"]);
    assert_eq!(output.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error[N04]"), "{output:?}");
}
