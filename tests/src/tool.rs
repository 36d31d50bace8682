//! Programs that the tests need beside the server.
//!
//! Never: passes over a test because a program is missing; it fails and says what to install.

use std::{
    io::Write,
    process::{Command, Stdio},
};

/// A command for a program that must be there; `package` is the Debian package that holds it.
///
/// # Panics
/// The program is not in the path.
pub fn tool(program: &str, package: &str) -> Command {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
    assert!(found, "`{program}` is missing: apt-get install {package}, or run scripts/test, which does");
    Command::new(program)
}

/// The SHA-256 of some octets in hexadecimal, as `sha256sum` counts it.
///
/// # Panics
/// `sha256sum` is missing or fails.
pub fn sha256(octets: &[u8]) -> String {
    let mut child = tool("sha256sum", "coreutils")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sha256sum can be started");
    child.stdin.take().expect("its input is a pipe").write_all(octets).expect("sha256sum reads");
    let output = child.wait_with_output().expect("sha256sum ends");
    assert!(output.status.success(), "sha256sum fails");
    String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap_or_default().to_string()
}
