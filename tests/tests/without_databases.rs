//! A listener needs the databases that its statements can be asked of, its settings being what they are, and no others.

use std::{fs, process::Command};

use conversations::{binary, root};

/// What `check` says of a listener without databases.
fn checked(listener: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let config = format!(
        "listeners: [{{ listen: \"127.0.0.1:2525\", {listener} }}]\nprotocols: {}\n\
         tls: {{ self_signed: when_missing }}\nsinks: {{ inbox: {{ maildir: mail/ }} }}\n",
        root().join("protocols").display()
    );
    fs::write(folder.path().join("config.yaml"), config).expect("the folder can be written");
    let output = Command::new(binary()).args(["check", "--no-network"]).current_dir(folder.path()).output();
    let output = output.expect("the program can be run");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn statements_that_no_session_can_ask_need_no_database() {
    for listener in [
        "protocol: smtp, settings: { accounts: no }",
        "protocol: lmtp, settings: { accounts: no }",
        "protocol: sink",
        "protocol: honeypot",
    ] {
        let (code, said) = checked(listener);
        assert_eq!(code, Some(0), "{listener}: {said}");
    }
}

#[test]
fn the_statements_that_need_one_are_named() {
    for (listener, asks) in [
        ("protocol: smtp", "`password_of` asks it"),
        ("protocol: lmtp", "`password_of` asks it"),
        ("protocol: sink, settings: { accounts: yes }", "`password_of` asks it"),
        ("protocol: smtp, settings: { accounts: no, check_mailbox: yes }", "`mailbox` asks it"),
        ("protocol: smtp, settings: { accounts: no, dsn: yes }", "`notice` asks it"),
        ("protocol: smtp, settings: { dsn: yes }", "`password_of`, `notice` ask it"),
    ] {
        let (code, said) = checked(listener);
        assert!(code == Some(1) && said.contains(asks), "{listener}: {code:?} {said}");
    }
}
