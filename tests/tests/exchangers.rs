//! Asking every exchanger of a domain: one budget for all, and the first that is alive ends the search.

use std::process::Command;

use conversations::{binary, root};

#[test]
fn the_conversations_about_exchangers_hold_in_memory_and_over_sockets() {
    let folder = root().join("tests/exchangers");
    let output = Command::new(binary()).args(["test", "--wire", "--protocols"]).arg(&folder).arg(&folder).output();
    let output = output.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("8 passed, 0 failed"), "{said}");
}

#[test]
fn what_the_protocol_does_not_have_is_refused_in_a_fact_about_a_client() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("a.talk");
    for (fact, words) in [
        ("client mta_liv strange", "`alive` has no client `mta_liv`"),
        ("client mta_live(\"a\") strange", "`mta_live` takes 2 arguments, not 1"),
        ("client mta_live(*, many) strange", "argument `port`: `many` is not a number"),
        ("client mta_live gone", "`mta_live` never gives `gone`"),
        ("client mta_live alive", "`alive` has 1 values, not 0"),
        ("client mta_live refused(no)", "`status`: `no` is not a number"),
        ("client mta_live", "what it gives, `timeout` or `fails \"why\"`"),
    ] {
        let text = format!("transcript \"a\" for alive\ngiven {{\n    {fact}\n}}\nC: QUIT\nS: 221 bye\n");
        std::fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new(binary());
        let output = command.args(["test", "--protocols"]).arg(root().join("tests/exchangers")).arg(&file).output();
        let output = output.expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(words), "{fact}:\n{said}");
    }
}

#[test]
fn a_client_that_no_fact_answers_is_a_fault_of_the_test_and_no_traffic() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("a.talk");
    let text = "transcript \"a\" for alive\ngiven {\n    dns example.net MX \"10 a.example.net\"\n}\n\
                C: ASK example.net\nS: 550 nobody is there for example.net\n";
    std::fs::write(&file, text).expect("a file can be written");
    let mut command = Command::new(binary());
    let output =
        command.args(["test", "--wire", "--protocols"]).arg(root().join("tests/exchangers")).arg(&file).output();
    let output = output.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.matches("client mta_live(\"a.example.net\", 25)").count() >= 2, "{said}");
}
