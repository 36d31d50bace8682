//! How many instructions a command takes in memory, so that none are lost unseen: in the build that tests run, which takes
//! more of them than a release does. Whoever changes a number on purpose writes the new one down here.
//!
//! Never: measures time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "a test may stop anywhere")]

use std::{fs, process::Command};

/// Instructions of each kind of work of `count`, once.
const COUNTS: [(&str, u64); 4] = [("noop", 214_400), ("message", 70_600), ("pipelined", 68_200), ("rcpt", 1_169_900)];

/// The functions that do it.
const FUNCTIONS: [&str; 4] = ["count::noop", "count::message", "count::pipelined", "count::recipients"];

const TIMES: u64 = 20;

/// By how much of a hundred a count may differ.
const TOLERANCE: u64 = 3;

/// The number in the table's row of that function.
fn instructions(table: &str, function: &str) -> Option<u64> {
    let line = table.lines().find(|line| {
        line.split_once(function).is_some_and(|(_, rest)| !rest.starts_with(|next: char| next.is_alphanumeric()))
    })?;
    line.split_whitespace().next()?.replace(',', "").parse().ok()
}

#[test]
fn a_command_takes_the_instructions_that_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("callgrind.out");
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env!("CARGO_BIN_EXE_count"))
        .args(["all", &TIMES.to_string()])
        .output()
        .expect("valgrind is installed by scripts/test");
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
    assert!(fs::metadata(&out).unwrap().len() > 0);
    let annotated = Command::new("callgrind_annotate")
        .args(["--inclusive=yes", "--threshold=100", "--auto=no", "--show-percs=no"])
        .arg(&out)
        .output()
        .unwrap();
    let table = String::from_utf8_lossy(&annotated.stdout);
    let mut wrong = Vec::new();
    for ((name, known), function) in COUNTS.into_iter().zip(FUNCTIONS) {
        let found = instructions(&table, function).unwrap_or_else(|| panic!("no `{function}` in:\n{table}")) / TIMES;
        println!("{name}: {found} instructions, {known} known");
        if found.abs_diff(known) * 100 > known * TOLERANCE {
            wrong.push(format!("{name} takes {found} instructions, and took {known}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\nif that is meant, write the new numbers down in bench/tests/counts.rs");
}
