//! A configuration from its file, with its protocols, for the verbs that need it.
//!
//! Never: opens what the configuration names, but for its protocols.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    binding::{self, Bound, BoundRelay},
    config::{Config, Process, Shown, load_config},
    exit::{Exit, Fault},
    findings::Findings,
};

/// Where a configuration is looked for when none is named.
const PLACES: [&str; 2] = ["config.yaml", "/etc/saywhen/config.yaml"];

/// A configuration that was read.
pub(super) struct Loaded {
    /// Its file.
    pub(super) path: PathBuf,
    /// What it means; none when something is wrong with it.
    pub(super) config: Option<Config>,
    /// The listeners that fit their protocols.
    pub(super) bound: Vec<Bound>,
    /// The sinks that are other servers.
    pub(super) relays: Vec<BoundRelay>,
    /// The effective values.
    pub(super) shown: Vec<Shown>,
}

/// Reads a configuration and the protocols that it names, or all of its folder.
pub(super) fn load(named: Option<&Path>, all: bool, findings: &mut Findings) -> Result<Loaded, Fault> {
    let path = place(named)?;
    let text = fs::read_to_string(&path).map_err(|error| unread(&path, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let loaded = load_config(&mut findings.sources, &path.to_string_lossy(), &text, folder, &Process);
    findings.list.extend(loaded.diagnostics);
    let mut shown = loaded.shown;
    let (bound, relays) = match &loaded.config {
        Some(config) => {
            let protocols = binding::protocols(config, all, findings);
            let bound = binding::bind(config, &protocols, findings, &mut shown);
            (bound, binding::relays(config, &protocols, findings))
        }
        None => (Vec::new(), Vec::new()),
    };
    Ok(Loaded { path, config: loaded.config, bound, relays, shown })
}

/// The file that was named, or the first that is there.
fn place(named: Option<&Path>) -> Result<PathBuf, Fault> {
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
