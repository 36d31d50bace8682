//! `saywhen fmt`: protocol files in their one layout.
//!
//! Never: writes a file that it could not read whole, or that has the layout already.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use similar::TextDiff;

use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    protocols::{
        ENDING, name_of,
        parts::{PART, is_part},
    },
    startup::load::load,
};

/// What may follow `fmt`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Protocols (NAME.proto.dsl), parts of them (NAME.part.dsl), folders of both, or - for standard input [default: those of the configuration]
    files: Vec<PathBuf>,
    /// The configuration [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    config: Option<PathBuf>,
    /// Write nothing; list the files that are not formatted, and fail if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change, and fail if anything would
    #[arg(long)]
    diff: bool,
}

/// What became of one text.
enum Formatted {
    /// It has the layout.
    Same,
    /// It has another.
    Other(String),
    /// It has faults of form, which were told.
    Broken,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    if arguments.files.iter().any(|file| file.as_os_str() == "-") {
        return standard_input(arguments);
    }
    let (mut broken, mut others) = (0, 0);
    for path in files(arguments)? {
        let shown = path.to_string_lossy();
        let text = fs::read_to_string(&path).map_err(|error| unusable(&path, "read", &error))?;
        match format(&shown, &text) {
            Formatted::Same => {}
            Formatted::Broken => broken += 1,
            Formatted::Other(formatted) => {
                others += 1;
                if arguments.diff {
                    say(&difference(&shown, &text, &formatted));
                } else {
                    say(&format!("{shown}\n"));
                }
                if !arguments.check && !arguments.diff {
                    replace(&path, &formatted).map_err(|error| unusable(&path, "written", &error))?;
                }
            }
        }
    }
    let only_looked = arguments.check || arguments.diff;
    Ok(if broken > 0 || (only_looked && others > 0) { Exit::Findings } else { Exit::Done })
}

fn standard_input(arguments: &Arguments) -> Result<Exit, Fault> {
    if arguments.files.len() > 1 {
        return Err(Fault::new(Exit::Usage, "`-` stands beside files", "give either files or - alone"));
    }
    let mut text = String::new();
    let read = io::stdin().read_to_string(&mut text);
    read.map_err(|error| unusable(Path::new("-"), "read", &error))?;
    let (exit, shown) = match format("-", &text) {
        Formatted::Broken => (Exit::Findings, String::new()),
        Formatted::Same if arguments.check || arguments.diff => (Exit::Done, String::new()),
        Formatted::Same => (Exit::Done, text),
        Formatted::Other(formatted) if arguments.diff => (Exit::Findings, difference("-", &text, &formatted)),
        Formatted::Other(_) if arguments.check => (Exit::Findings, String::from("-\n")),
        Formatted::Other(formatted) => (Exit::Done, formatted),
    };
    say(&shown);
    Ok(exit)
}

fn format(shown: &str, text: &str) -> Formatted {
    match grammar::format(text) {
        Some(formatted) if formatted == text => Formatted::Same,
        Some(formatted) => Formatted::Other(formatted),
        None => {
            let mut findings = Findings::default();
            let file = findings.sources.add(shown, text);
            let (tree, found) = grammar::parse(file, text);
            // A part has no header, and none is missed there.
            let part = is_part(Path::new(shown)) || (shown == "-" && tree.header.is_none());
            findings.list = if part { grammar::parse_part(file, text).1 } else { found };
            findings.complain();
            Formatted::Broken
        }
    }
}

/// The files that are meant, in order.
fn files(arguments: &Arguments) -> Result<Vec<PathBuf>, Fault> {
    let mut files = Vec::new();
    if arguments.files.is_empty() {
        let loaded = load(arguments.config.as_deref(), false, &mut Findings::default())?;
        let config = loaded.config.ok_or_else(|| {
            let message = format!("`{}` does not say where protocols are", loaded.path.display());
            Fault::new(Exit::Config, message, "`saywhen check` says what is wrong with it; or name files")
        })?;
        files.extend(folder(&config.protocols)?);
    }
    for path in &arguments.files {
        if path.is_dir() {
            files.extend(folder(path)?);
        } else if is_ours(path) {
            files.push(path.clone());
        } else {
            let message = format!("`{}` is no protocol by its name", path.display());
            return Err(Fault::new(
                Exit::Usage,
                message,
                format!("name files that end in {ENDING} or {PART}, or folders"),
            ));
        }
    }
    Ok(files)
}

fn is_ours(path: &Path) -> bool {
    name_of(path).is_some() || is_part(path)
}

fn folder(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = entries.map_err(|error| unusable(folder, "read", &error))?;
    files.retain(|path| is_ours(path));
    files.sort();
    Ok(files)
}

/// A file is there whole, old or new, whatever happens in between.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one.
    let path = path.canonicalize()?;
    let rights: Permissions = fs::metadata(&path)?.permissions();
    let mut beside = path.clone().into_os_string();
    beside.push(".new");
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.set_permissions(rights)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&beside, &path));
    if renamed.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&beside);
    }
    renamed
}

pub(super) fn difference(shown: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(shown, shown).to_string()
}

pub(super) fn unusable(path: &Path, done: &str, error: &io::Error) -> Fault {
    let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Denied } else { Exit::Usage };
    Fault::new(exit, format!("`{}` cannot be {done}: {error}", path.display()), "name a file that is there and yours")
}

fn say(text: &str) {
    // Who closes the pipe has seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
}
