//! `saywhen check --fix` as it is called: what has one sensible mend is mended, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    fs,
    process::{Command, Output},
};

use tempfile::TempDir;

const DOOR: &str = include_str!("../../../docs/examples/door.proto.dsl");

/// A folder with a door in which one text was put for another.
fn door(changes: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = DOOR.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(folder.path().join("door.proto.dsl"), text).unwrap();
    folder
}

fn check(folder: &TempDir, words: &[&str]) -> Output {
    let saywhen = env!("CARGO_BIN_EXE_saywhen");
    Command::new(saywhen).arg("check").args(words).arg("door.proto.dsl").current_dir(folder.path()).output().unwrap()
}

#[test]
fn a_word_that_was_misspelt_is_mended() {
    for (from, to) in [
        ("goto inside", "goto insdie"),
        ("settings.password", "settings.pasword"),
        ("said == ", "siad == "),
        ("{said: word}", "{said: wrod}"),
    ] {
        let folder = door(&[(from, to)]);
        let output = check(&folder, &["--fix"]);
        let after = fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap();
        assert_eq!(after, DOOR, "{to}");
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("1 mended") && said.contains("\n-") && said.contains("\n+"), "{said}");
    }
}

#[test]
fn several_are_mended_at_once_and_remarks_are_kept() {
    let folder = door(&[("goto inside", "goto insdie # a remark\n"), ("settings.password", "settings.pasword")]);
    let output = check(&folder, &["--fix"]);
    let after = fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap();
    assert_eq!(after, DOOR.replacen("goto inside", "goto inside # a remark\n", 1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 mended"), "{output:?}");
}

#[test]
fn without_the_option_nothing_is_written_and_the_mend_is_told() {
    let folder = door(&[("goto inside", "goto insdie")]);
    let before = fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap();
    let output = check(&folder, &[]);
    assert_eq!(fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap(), before);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--fix would mend 1 of them"), "{output:?}");
    let output = check(&folder, &["--format", "json"]);
    let finding: serde_json::Value =
        serde_json::from_str(String::from_utf8_lossy(&output.stdout).lines().next().unwrap()).unwrap();
    assert_eq!(finding["patch"]["text"], "inside", "{finding}");
}

#[test]
fn a_choice_is_left_to_the_author() {
    // As near to one as to the other.
    let folder = door(&[(
        "state inside has key {",
        "state inside has key { on \"OUT\" -> 250 \"Out\" goto insede }  state insade { enter { reply 250 \"x\" stay }",
    )]);
    let before = fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap();
    let output = check(&folder, &["--fix"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap(), before);
}

#[test]
fn a_verb_and_a_key_of_the_configuration_are_mended_too() {
    let folder = door(&[
        ("reply \"{code} {text}\"  refusal", "verbs \"SAY\" \"LOOK\" \"QUIT\"  reply \"{code} {text}\"  refusal"),
        ("on \"LOOK\"", "on \"LOKO\""),
    ]);
    assert!(check(&folder, &["--fix"]).status.success());
    let after = fs::read_to_string(folder.path().join("door.proto.dsl")).unwrap();
    assert!(after.contains("on \"LOOK\" -> 250"), "{after}");

    let config = folder.path().join("a.yaml");
    fs::write(&config, "server_nmae: a.example  # us\nlisteners: []\n").unwrap();
    Command::new(env!("CARGO_BIN_EXE_saywhen")).args(["check", "--fix"]).arg(&config).output().unwrap();
    assert_eq!(fs::read_to_string(&config).unwrap(), "server_name: a.example  # us\nlisteners: []\n");
}
