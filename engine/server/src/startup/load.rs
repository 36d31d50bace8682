//! A configuration from its file, with its protocols, for the verbs that need it.
//!
//! Never: opens what the configuration names, but for its protocols.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use diagnostic::{Severity, Sources};

use crate::{
    config::{self, Config, Process, Shown, load_config},
    exit::{Exit, Fault},
    findings::Findings,
    privileges::seen_from,
    protocols::Protocols,
    startup::binding::{self, Bound, BoundRelay},
};

/// Where a configuration is looked for when none is named.
const PLACES: [&str; 2] = ["config.yaml", "/etc/saywhen/config.yaml"];

/// A configuration that was read.
pub(crate) struct Loaded {
    /// Its file.
    pub(crate) path: PathBuf,
    /// What it means; none when something is wrong with it.
    pub(crate) config: Option<Config>,
    /// The protocols that it names.
    pub(crate) protocols: Protocols,
    /// The listeners that fit their protocols.
    pub(crate) bound: Vec<Bound>,
    /// The sinks that are other servers.
    pub(crate) relays: Vec<BoundRelay>,
    /// The effective values.
    pub(crate) shown: Vec<Shown>,
}

/// Reads a configuration and the protocols that it names, or all of its folder.
pub(crate) fn load(named: Option<&Path>, all: bool, findings: &mut Findings) -> Result<Loaded, Fault> {
    read(place(named)?, all, Protocols::default(), findings)
}

/// Reads a configuration again. Protocols that are the same as before are not compiled again.
pub(crate) fn load_again(path: &Path, former: Protocols, findings: &mut Findings) -> Result<Loaded, Fault> {
    read(path.to_path_buf(), false, former, findings)
}

fn read(path: PathBuf, all: bool, former: Protocols, findings: &mut Findings) -> Result<Loaded, Fault> {
    let text = fs::read_to_string(&path).map_err(|error| unread(&path, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let loaded = load_config(&mut findings.sources, &path.to_string_lossy(), &text, folder, &Process);
    findings.list.extend(loaded.diagnostics);
    let mut shown = loaded.shown;
    let (mut protocols, mut bound, mut relays) = (Protocols::default(), Vec::new(), Vec::new());
    if let Some(config) = &loaded.config {
        protocols = binding::protocols_again(config, all, former, findings);
        bound = binding::bind(config, &protocols, findings, &mut shown);
        relays = binding::relays(config, &protocols, findings);
    }
    Ok(Loaded { path, config: loaded.config, protocols, bound, relays, shown })
}

/// How the program ends over a configuration that is wrong, or protocols that do not compile.
pub(crate) fn refusal(findings: &Findings, config: &str) -> Exit {
    let errors = findings.list.iter().filter(|finding| finding.rule.severity == Severity::Error);
    let mut files = errors.map(|finding| findings.sources.name(finding.span.file));
    if files.any(|file| **file == *config) { Exit::Config } else { Exit::Protocol }
}

/// Reads a configuration alone: nothing that it names, and no word of what is wrong with it. With a root folder of its
/// own its paths are those that the server sees.
pub(crate) fn glance(path: &Path) -> Result<config::Loaded, Fault> {
    let text = fs::read_to_string(path).map_err(|error| unread(path, &error))?;
    let read = |folder: &Path| load_config(&mut Sources::default(), &path.to_string_lossy(), &text, folder, &Process);
    let folder = path.parent().unwrap_or(Path::new(""));
    let loaded = read(folder);
    match loaded.found.as_ref().and_then(|found| found.root.as_deref()) {
        Some(root) => Ok(read(&seen_from(root, folder)?)),
        None => Ok(loaded),
    }
}

/// The file that was named, or the first that is there.
pub(crate) fn place(named: Option<&Path>) -> Result<PathBuf, Fault> {
    if let Some(named) = named {
        return Ok(named.to_path_buf());
    }
    PLACES.iter().map(PathBuf::from).find(|path| path.exists()).ok_or_else(|| {
        Fault::new(
            Exit::Config,
            format!("there is no configuration: neither `{}` nor `{}`", PLACES[0], PLACES[1]),
            "name one with --config, or try `saywhen dev`, which needs none",
        )
    })
}

fn unread(path: &Path, error: &io::Error) -> Fault {
    let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Denied } else { Exit::Config };
    Fault::new(exit, format!("`{}` cannot be read: {error}", path.display()), "name another with --config")
}
