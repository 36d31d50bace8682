//! The one layout: what is shipped has it, what is written otherwise gets it, and nothing is said otherwise.
//!
//! Never: compares layouts by anything but their text.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.to_string_lossy().ends_with(".proto.dsl")).collect()
}

fn format(text: &str) -> String {
    grammar::format(text).unwrap_or_else(|| panic!("not formatted:\n{text}"))
}

#[test]
fn what_is_shipped_has_the_layout() {
    for path in files("../protocols") {
        let text = fs::read_to_string(&path).unwrap();
        assert!(format(&text) == text, "run: saywhen fmt {}", path.display());
    }
}

#[test]
fn a_formatted_text_is_its_own_format() {
    for path in
        [files("../protocols"), files("../docs/examples"), files("tests/samples"), files("tests/format")].concat()
    {
        let once = format(&fs::read_to_string(&path).unwrap());
        assert_eq!(format(&once), once, "{}", path.display());
    }
}

/// Each `NAME.proto.dsl` in `tests/format` becomes `NAME.formatted`. `BLESS=1` writes what it became.
#[test]
fn each_sample_gets_its_layout() {
    let all = files("tests/format");
    assert!(all.len() >= 2);
    for path in all {
        let expected = PathBuf::from(path.to_string_lossy().replace(".proto.dsl", ".formatted"));
        let formatted = format(&fs::read_to_string(&path).unwrap());
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &formatted).unwrap();
        }
        assert_eq!(formatted, fs::read_to_string(&expected).unwrap(), "{}", path.display());
    }
}

#[test]
fn a_text_with_a_fault_of_form_is_left_alone() {
    let check = |text: &str| assert!(grammar::format(text).is_none(), "{text}");
    check("protocol a version 1\nstate b {");
    check("protocol a version 1\nstade b { }");
    check("protocol a version 1\nstart state b { on \"X -> 250 }");
}

/// A text with other blanks at the ends of its lines and before them. What stands between quotes is left alone.
fn disturbed(text: &str, blanks: &[usize]) -> String {
    let mut blanks = blanks.iter().cycle();
    text.lines()
        .map(|line| {
            let blank = " ".repeat(*blanks.next().unwrap());
            let end = if blank.len().is_multiple_of(2) { "  \r" } else { "\t" };
            format!("{blank}{}{end}\n", line.trim_start())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn how_a_line_was_indented_does_not_matter(blanks in prop::collection::vec(0..40usize, 1..50)) {
        for path in files("../protocols") {
            let text = fs::read_to_string(&path).unwrap();
            prop_assert!(format(&disturbed(&text, &blanks)) == format(&text), "{}", path.display());
        }
    }
}
