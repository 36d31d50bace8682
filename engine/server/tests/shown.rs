//! Findings as `saywhen check` prints them for a person: each protocol in `tests/shown/` has its text beside it.
//!
//! `BLESS=1 cargo test -p server --test shown` writes the texts anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn findings_read_as_they_stand_beside_their_protocols() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shown");
    let mut protocols: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    protocols.retain(|path| path.to_string_lossy().ends_with(".proto.dsl"));
    protocols.sort();
    assert!(protocols.len() >= 6, "only {} protocols", protocols.len());
    let failures: Vec<String> = protocols.iter().filter_map(|protocol| check(&folder, protocol)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Compares what is printed with the text beside the protocol, or writes the text anew.
fn check(folder: &Path, protocol: &Path) -> Option<String> {
    let name = protocol.file_name().unwrap().to_str().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_saywhen"));
    let output = command.args(["check", name]).current_dir(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{name} is not refused");
    let shown = String::from_utf8(output.stdout).unwrap();
    let text = folder.join(name.replace(".proto.dsl", ".txt"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&text, &shown).unwrap();
    }
    let expected = fs::read_to_string(&text).unwrap_or_default();
    (expected != shown).then(|| format!("---- {} should be:\n{shown}", text.display()))
}
