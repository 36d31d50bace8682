//! The keys of a server that runs for years: whom it runs as, and where it is found.
//!
//! Never: asks whether a user or a folder is there.

use std::path::{Path, PathBuf};

use super::{
    meaning::RunAs,
    read::{Origin, Reader, Section, part, path, yes_or_no},
    rules::WRONG_VALUE,
};

/// Whom a server that was started as root goes on as.
pub(super) fn run_as(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Option<RunAs> {
    root.node("run_as")?;
    let section = part(reader, root, "run_as", &["user", "group", "directory", "root", "keep_low_ports"]);
    let user = reader.given(&section, "user", "the name of a user", name);
    if section.node("user").is_none() {
        reader.missing(&section, "user", "name a user that owns nothing else: `user: saywhen`");
    }
    let group = reader.given(&section, "group", "the name of a group", name);
    let directory = reader.given(&section, "directory", "a folder", path).map(|directory| folder.join(directory));
    let root = reader.given(&section, "root", "a folder, from the root", |text| {
        path(text).filter(|text| text.starts_with('/')).map(PathBuf::from)
    });
    let keep_low_ports = reader.value(&section, "keep_low_ports", false, "yes or no", yes_or_no);
    Some(RunAs { user: user?, group, directory, root, keep_low_ports })
}

/// The file that holds the number of the process, and the socket that it is asked through.
pub(super) fn places(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> (Option<PathBuf>, Option<PathBuf>) {
    let pid_file = reader.given(root, "pid_file", "a file", path).map(|file| folder.join(file));
    let control = reader.given(root, "control", "a file", path).map(|file| folder.join(file));
    if root.node("pid_file").is_none() {
        reader.show("pid_file".to_string(), "none".to_string(), Origin::Default);
    }
    if let (Some(_), None, Some(node)) = (&control, &pid_file, root.node("control")) {
        let help = "write `pid_file: FILE`: its lock says whose socket it is";
        reader.fault(&WRONG_VALUE, node.span, "`control` needs a `pid_file`", help);
    }
    let beside = pid_file.as_ref().map(|file| file.with_extension("sock"));
    if let (None, Some(beside)) = (root.node("control"), &beside) {
        reader.show("control".to_string(), beside.display().to_string(), Origin::Default);
    }
    let control = control.or(beside);
    (pid_file, control)
}

/// A name as `/etc/passwd` has them; never a number, which could be nobody's.
fn name(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (begins && text.len() <= 32 && text.chars().all(fits)).then(|| text.to_string())
}
