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
use witness::{Bounds, Comparison, Difference};

use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    protocols::{
        ENDING, Protocols,
        differences::{compared, paragraphs},
        name_of,
    },
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
    let found = compared(&old, &new, &Bounds::default());
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
    let mut text: String = summary.iter().map(|line| format!("{line}\n")).collect();
    let (shown, more) = paragraphs(&found.differences, MOST);
    for paragraph in shown {
        let gap = if text.is_empty() { "" } else { "\n" };
        // Writing into a string never fails.
        let _ = writeln!(text, "{gap}{}", paragraph.join("\n"));
    }
    if more > 0 {
        let _ = writeln!(text, "\nand {more} more");
    }
    for (file, line) in &found.missed {
        let _ = writeln!(text, "{file}:{line}: this is new or gone, and no conversation was found that comes to it");
    }
    text
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
