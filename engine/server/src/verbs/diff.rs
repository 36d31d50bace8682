//! `saywhen diff`: what changes for a peer between two versions of a protocol.
//!
//! Never: compares texts; what is written otherwise and behaves alike is no difference.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::Path,
    process::Command,
    sync::Arc,
};

use grammar::Folder;
use program::{Program, difference};
use witness::{Comparison, Difference, Version, compare};

use crate::{
    counterexamples::stage,
    exit::{Exit, Fault},
    findings::Findings,
    protocols::{ENDING, Protocols, name_of},
};

/// How many conversations are shown.
const MOST: usize = 20;

/// What may follow `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The old version: a file (NAME.proto.dsl), or REVISION:FILE of a Git repository
    old: String,
    /// The new version, likewise
    new: String,
    /// How differences are shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How differences are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// A JSON object for each
    Json,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let (Some(old), Some(new)) = (program(&arguments.old)?, program(&arguments.new)?) else {
        return Ok(Exit::Protocol);
    };
    let summary = difference(&old, &new);
    let (mut old_stage, mut new_stage) = (stage(old.clone()), stage(new.clone()));
    let found =
        compare(Version { program: &old, stage: &mut old_stage }, Version { program: &new, stage: &mut new_stage });
    let text = match arguments.format {
        Format::Human => human(&summary, &found),
        Format::Json => found.differences.iter().map(json).collect(),
    };
    // Who closes the pipe has seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
    let same = summary.is_empty() && found.differences.is_empty() && found.missed.is_empty();
    Ok(if same { Exit::Done } else { Exit::Findings })
}

fn human(summary: &[String], found: &Comparison) -> String {
    let mut text = String::new();
    for line in summary {
        // Writing into a string never fails.
        let _ = writeln!(text, "{line}");
    }
    let Comparison { differences, missed } = found;
    for (number, difference) in differences.iter().take(MOST).enumerate() {
        let gap = if number > 0 || !summary.is_empty() { "\n" } else { "" };
        let _ = writeln!(text, "{gap}conversation {}", number + 1);
        if !difference.given.is_empty() {
            let _ = writeln!(text, "  given {{\n  {}\n  }}", difference.given.join("\n  "));
        }
        let both = difference.before.iter().chain(&difference.said).map(|line| ("  ", line.as_str()));
        for (sign, line) in both.chain(parted(&difference.old, &difference.new)) {
            let _ = writeln!(text, "{sign}{line}");
        }
    }
    if let Some(more) = differences.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nand {more} more");
    }
    for (file, line) in missed {
        let _ = writeln!(text, "{file}:{line}: this is new or gone, and no conversation was found that comes to it");
    }
    text
}

/// The lines of two answers, with a sign for each: in both, in the old one, in the new one.
fn parted<'d>(old: &'d [String], new: &'d [String]) -> Vec<(&'static str, &'d str)> {
    const SILENCE: &[(&str, &str)] = &[("", "(no answer)")];
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, old, new);
    let mut lines: Vec<(&'static str, &'d str)> = Vec::new();
    for change in changes.iter().flat_map(|change| change.iter_changes(old, new)) {
        let sign = match change.tag() {
            similar::ChangeTag::Equal => "  ",
            similar::ChangeTag::Delete => "- ",
            similar::ChangeTag::Insert => "+ ",
        };
        // The line lives in one of the two slices.
        let line = change.old_index().and_then(|at| old.get(at)).or(change.new_index().and_then(|at| new.get(at)));
        lines.extend(line.map(|line| (sign, line.as_str())));
    }
    for (answer, sign) in [(old, "- "), (new, "+ ")] {
        if answer.is_empty() {
            lines.extend(SILENCE.iter().map(|(_, text)| (sign, *text)));
        }
    }
    lines
}

fn json(difference: &Difference) -> String {
    let given: Vec<&str> = difference.given.iter().map(|line| line.trim()).collect();
    let line = serde_json::json!({
        "given": given,
        "before": difference.before,
        "said": difference.said,
        "old": difference.old,
        "new": difference.new,
    });
    format!("{line}\n")
}

/// A version; none when it does not compile, and then it was told why.
fn program(named: &str) -> Result<Option<Arc<Program>>, Fault> {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let path = Path::new(named);
    let (revision, path) = match named.split_once(':') {
        Some((revision, path)) if !path.is_empty() && !Path::new(named).exists() => (Some(revision), Path::new(path)),
        _ => (None, path),
    };
    let Some(name) = name_of(path) else {
        let message = format!("`{named}` is no protocol by its name");
        return Err(Fault::new(Exit::Usage, message, format!("name files that end in {ENDING}, or REVISION:FILE")));
    };
    match revision {
        Some(revision) => {
            let folder = Revision { revision, folder: path.parent().unwrap_or(Path::new("")) };
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let missing = || format!("`{named}` is not there");
            let (shown, text) = folder.text(&file).ok().flatten().ok_or_else(|| {
                Fault::new(Exit::Usage, missing(), "name a revision that `git log` knows, and a file that it has")
            })?;
            protocols.add_within(&folder, name, (&shown, &text), &mut findings);
        }
        None => {
            let text = fs::read_to_string(path).map_err(|error| {
                let message = format!("`{named}` cannot be read: {error}");
                Fault::new(Exit::Usage, message, "name a file that is there, or REVISION:FILE")
            })?;
            protocols.add(name, named, &text, &mut findings);
        }
    }
    let program = protocols.named(name).flatten().cloned();
    if program.is_none() {
        findings.complain();
    }
    Ok(program)
}

/// A folder as it was at a revision of the Git repository that the working folder is in.
struct Revision<'a> {
    revision: &'a str,
    folder: &'a Path,
}

impl Folder for Revision<'_> {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let path = self.folder.join(name);
        let relative = if path.is_absolute() { path.clone() } else { Path::new(".").join(&path) };
        let object = format!("{}:{}", self.revision, relative.display());
        let output = Command::new("git").args(["show", "--no-textconv", "--end-of-options", &object]).output();
        let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
        let shown = format!("{}:{}", self.revision, path.display());
        Ok(output.status.success().then(|| (shown, String::from_utf8_lossy(&output.stdout).into_owned())))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}
