//! A part of a protocol on its own: checked with the protocols that import it, laid out as they are, and never blamed for
//! what it need not hold.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use conversations::{binary, root};
use tempfile::TempDir;

const DOOR: &str = "protocol door \"opens\" version 1\nimport \"rooms.part.dsl\"\nstart state open {\n    on \"QUIT\" -> 221 \"bye\" close\n}\n";
const GATE: &str = "protocol gate from door \"opens, too\" version 1\n";

/// A folder with protocols and the part of the book.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let rooms = fs::read_to_string(root().join("docs/examples/rooms.part.dsl")).expect("the book's part");
    fs::write(folder.path().join("rooms.part.dsl"), rooms).expect("the folder can be written");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("the folder can be written");
    }
    folder
}

fn saywhen(folder: &Path, words: &[&str]) -> (bool, String) {
    let output: Output =
        Command::new(binary()).args(words).current_dir(folder).env("NO_COLOR", "1").output().expect("the binary runs");
    let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    (output.status.success(), said)
}

#[track_caller]
fn check(folder: &TempDir, words: &[&str], passes: bool, wanted: &[&str], unwanted: &[&str]) {
    let (passed, said) = saywhen(folder.path(), words);
    assert_eq!(passed, passes, "{words:?}: {said}");
    wanted.iter().for_each(|wanted| assert!(said.contains(wanted), "`{wanted}`: {said}"));
    unwanted.iter().for_each(|unwanted| assert!(!said.contains(unwanted), "`{unwanted}`: {said}"));
}

/// The part with one of its lines changed.
fn changed(folder: &TempDir, from: &str, to: &str) {
    let path = folder.path().join("rooms.part.dsl");
    let text = fs::read_to_string(&path).expect("the part");
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).expect("the folder can be written");
}

#[test]
fn a_part_is_checked_with_all_that_are_made_of_it() {
    let folder = folder(&[("door.proto.dsl", DOOR), ("gate.proto.dsl", GATE)]);
    check(
        &folder,
        &["check", "rooms.part.dsl"],
        true,
        &["rooms.part.dsl: checked with door, gate", "no findings"],
        &[],
    );
    changed(&folder, "501 \"usage: {usage}\"", "501 \"usage: {usge}\"");
    check(&folder, &["check", "rooms.part.dsl"], false, &["--> rooms.part.dsl:", "usge", "1 error"], &["--> door"]);
}

#[test]
fn a_part_that_imports_another_is_checked_with_both() {
    let walls = "import \"rooms.part.dsl\"\n";
    let door = DOOR.replace("rooms.part", "walls.part");
    let folder = folder(&[("walls.part.dsl", walls), ("door.proto.dsl", &door)]);
    check(&folder, &["check", "rooms.part.dsl", "walls.part.dsl"], true, &["no findings"], &["its form alone"]);
}

#[test]
fn of_a_part_that_nobody_imports_the_form_alone_is_looked_at() {
    let folder = folder(&[]);
    check(
        &folder,
        &["check", "rooms.part.dsl"],
        true,
        &["no protocol beside it imports it", "no findings"],
        &["header"],
    );
    changed(&folder, "full              ->", "full              =>");
    check(&folder, &["check", "rooms.part.dsl"], false, &["--> rooms.part.dsl:", "1 error"], &["header"]);
}

#[test]
fn a_part_is_laid_out_and_its_faults_of_form_are_its_own() {
    let folder = folder(&[("door.proto.dsl", DOOR)]);
    check(&folder, &["fmt", "rooms.part.dsl"], true, &[], &["error"]);
    check(&folder, &["fmt", "--check", "."], true, &[], &["rooms"]);
    changed(&folder, "unexpected {", "unexpected    {");
    check(&folder, &["fmt", "--check", "."], false, &["rooms.part.dsl"], &["error"]);
    check(&folder, &["fmt", "rooms.part.dsl"], true, &["rooms.part.dsl"], &["error"]);
    changed(&folder, "unexpected {", "unexpectd {");
    check(&folder, &["fmt", "--check", "rooms.part.dsl"], false, &["unexpectd"], &["header", "first line"]);
}

#[test]
fn what_is_wrong_in_a_part_is_shown_in_the_part() {
    let folder = folder(&[("door.proto.dsl", DOOR)]);
    changed(&folder, "shutdown          -> 421", "shutdown          -> 921");
    check(&folder, &["check", "door.proto.dsl"], false, &["--> rooms.part.dsl:"], &["--> door.proto.dsl"]);
}
