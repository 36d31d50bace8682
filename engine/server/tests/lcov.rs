//! `saywhen test --lcov`: a trace file by the rules of geninfo(1).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{fs, path::Path, process::Command};

#[test]
fn the_trace_file_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("door.info");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let words = ["test", "docs/examples/door.talk", "--protocols", "docs/examples", "--lcov"];
    let output = Command::new(env!("CARGO_BIN_EXE_saywhen")).args(words).arg(&file).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("TN:door\nSF:docs/examples/door.proto.dsl\nFN:"), "{text}");
    assert!(text.ends_with("end_of_record\n"), "{text}");
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    let sum = |key: &str| -> usize { text.lines().find_map(|line| line.strip_prefix(key)).unwrap().parse().unwrap() };
    let hits = |start: &str, zero: &dyn Fn(&str) -> bool| {
        text.lines().filter_map(|line| line.strip_prefix(start)).filter(|rest| !zero(rest)).count()
    };
    assert_eq!((count("FN:"), count("FNDA:")), (sum("FNF:"), sum("FNF:")), "{text}");
    assert_eq!(hits("FNDA:", &|rest| rest.starts_with("0,")), sum("FNH:"), "{text}");
    assert_eq!((count("BRDA:"), hits("BRDA:", &|rest| rest.ends_with(",0"))), (sum("BRF:"), sum("BRH:")), "{text}");
    assert_eq!((count("DA:"), hits("DA:", &|rest| rest.ends_with(",0"))), (sum("LF:"), sum("LH:")), "{text}");
    // The conversation never says QUIT, and comes through both sides of the word.
    assert!(text.contains("FNDA:0,handler QUIT at 12\n"), "{text}");
    assert!(sum("BRH:") == 2 && sum("LH:") > 5, "{text}");
}
