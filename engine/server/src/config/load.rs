//! From the text of a configuration to what it means, and every fault of it.
//!
//! Never: opens a file.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use diagnostic::{Diagnostic, Sources};

use super::{
    Config,
    expand::{Surroundings, masked},
    node,
    read::{Reader, Shown},
    rules::NOT_YAML,
    sections,
};

/// A configuration file as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// What it means; absent when a finding is an error.
    pub config: Option<Config>,
    /// All findings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The effective values, for `config show`.
    pub shown: Vec<Shown>,
    /// Where the server is found, even if something else is wrong; absent when the text is no YAML.
    pub found: Option<Found>,
}

/// Where a server is found that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The file that holds the number of its process, as it sees it.
    pub pid_file: Option<PathBuf>,
    /// The socket that it is asked through, as it sees it.
    pub control: Option<PathBuf>,
    /// What it takes for the root of the file system.
    pub root: Option<PathBuf>,
    /// How long it may take to end.
    pub grace: Duration,
}

/// Reads a configuration from its text, and adds the text to the sources under `name`. Relative paths in it are
/// relative to `folder`.
pub fn load_config(
    sources: &mut Sources,
    name: &str,
    text: &str,
    folder: &Path,
    surroundings: &dyn Surroundings,
) -> Loaded {
    let file = sources.add(name, masked(text));
    let surroundings = Beside { folder, surroundings };
    let mut reader = Reader::new(text, &surroundings);
    let config = match node::read(file, text) {
        Ok(root) => sections::config(&mut reader, &root, folder),
        Err(broken) => {
            reader.fault(&NOT_YAML, broken.span, broken.message, "mend the text at that place");
            None
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|finding| (finding.span.start, finding.span.end));
    let found = config.as_ref().map(|config| Found {
        pid_file: config.pid_file.clone(),
        control: config.control.clone(),
        root: config.run_as.as_ref().and_then(|run_as| run_as.root.clone()),
        grace: config.shutdown_grace,
    });
    let config = config.filter(|_| diagnostics.is_empty());
    Loaded { config, diagnostics, shown: reader.shown, found }
}

/// Files that values come from are named relative to the folder of the configuration, as everything in it.
struct Beside<'a> {
    folder: &'a Path,
    surroundings: &'a dyn Surroundings,
}

impl Surroundings for Beside<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.surroundings.variable(name)
    }

    fn file(&self, path: &str) -> io::Result<String> {
        self.surroundings.file(&self.folder.join(path).to_string_lossy())
    }
}
