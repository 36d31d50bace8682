//! Where the server of a configuration is found, for the verbs that speak with it.
//!
//! Never: needs a configuration without faults: a server must be told to end, or to reload, whatever stands in its file.

use std::path::{Path, PathBuf};

use crate::{
    config::Found,
    exit::{Exit, Fault},
    startup::load::{glance, place},
};

/// What may follow a verb that speaks with a server.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// The configuration that the server was started from [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Where a server is found, as this process sees it.
pub(super) struct Station {
    /// The configuration, from the root of the file system.
    pub(super) config: PathBuf,
    /// Its PID file.
    pub(super) pid_file: PathBuf,
    /// Its control socket.
    pub(super) control: PathBuf,
    /// What else it says.
    pub(super) found: Found,
}

/// Finds the server of a configuration.
pub(super) fn station(named: Option<&Path>) -> Result<Station, Fault> {
    let config = place(named)?;
    let config = std::path::absolute(&config).unwrap_or(config);
    let Some(found) = glance(&config)?.found else {
        let message = format!("`{}` is not YAML, and does not say where its server is found", config.display());
        return Err(Fault::new(Exit::Config, message, "`saywhen check` shows what is wrong with it"));
    };
    let outside = |path: &Path| match &found.root {
        Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
        None => path.to_path_buf(),
    };
    let (Some(pid_file), Some(control)) = (&found.pid_file, &found.control) else {
        let message = format!("`{}` has no `pid_file`, so its server cannot be found", config.display());
        return Err(Fault::new(Exit::Config, message, "write `pid_file: /run/saywhen/saywhen.pid`"));
    };
    let (pid_file, control) = (outside(pid_file), outside(control));
    Ok(Station { config, pid_file, control, found })
}

/// That no server runs.
pub(super) fn idle(station: &Station) -> Fault {
    let message = format!("no server runs, says `{}`", station.pid_file.display());
    Fault::new(Exit::Findings, message, "start it: `saywhen start`")
}
