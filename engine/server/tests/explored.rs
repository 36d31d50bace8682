//! How much the proofs of the shipped protocols explore: a count, which changes when a protocol or the proof does.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{path::Path, process::Command};

#[test]
fn the_proof_of_mail_explores_sixteen_states_of_a_session() {
    check("smtp", "10 promises kept; 16 states");
}

#[test]
fn the_proof_of_a_mailbox_explores_six() {
    check("pop3", "1 promise kept; 6 states");
}

#[test]
fn the_proof_of_requests_explores_two() {
    check("policy", "4 promises kept; 2 states");
}

#[test]
fn a_program_is_told_the_same() {
    let said = said(&["-v", "--format", "json", "protocols/smtp.proto.dsl"]);
    let expected = r#"{"explored":16,"kept":10,"milliseconds":"#;
    assert!(said.starts_with(expected) && said.ends_with(",\"proof\":\"smtp\",\"undecided\":0}\n"), "{said}");
}

#[test]
fn nobody_is_told_without_asking() {
    assert_eq!(said(&["protocols/smtp.proto.dsl"]), "");
}

/// Compares the line of a protocol but for its time.
fn check(name: &str, explored: &str) {
    let said = said(&["-v", &format!("protocols/{name}.proto.dsl")]);
    let time = said.strip_prefix(&format!("{name}: {explored} of a session explored in ")).unwrap_or_else(|| {
        panic!("not {explored}, but {said}");
    });
    let seconds = time.strip_suffix(" s\n").and_then(|time| time.parse::<f64>().ok());
    assert!(seconds.is_some_and(|seconds| seconds >= 0.0), "{said}");
}

fn said(words: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_saywhen"));
    let output = command.arg("check").args(words).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
