//! `saywhen test`: what it plays, what it says of failures, what it repairs and counts.
#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

#[path = "transcripts/failing.rs"]
mod failing;
#[path = "transcripts/octets.rs"]
mod octets;
#[path = "transcripts/passing.rs"]
mod passing;
#[path = "transcripts/running.rs"]
mod running;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

const DESK: &str = include_str!("transcripts/desk.proto.dsl");

/// A folder with the sample protocol and transcripts, each by its path below `tests/conversations`.
fn folder(transcripts: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("protocols")).unwrap();
    fs::write(folder.path().join("protocols/desk.proto.dsl"), DESK).unwrap();
    for (name, text) in transcripts {
        let path = folder.path().join("tests/conversations").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A transcript of the sample protocol.
fn titled(title: &str, body: &str) -> String {
    format!("transcript \"{title}\" for desk\n{body}")
}

/// Calls it in a folder and compares its exit code; gives both outputs.
fn test(folder: &Path, words: &[&str], code: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saywhen"));
    command.arg("test").args(words).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(code), "{words:?}\n{stdout}{stderr}");
    (stdout, stderr)
}
