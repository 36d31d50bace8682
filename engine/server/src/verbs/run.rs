//! `saywhen run`: serves what the configuration says, in the foreground.
//!
//! Never: begins to serve while anything is wrong.

use std::{path::PathBuf, sync::Arc};

use diagnostic::Severity;

use super::{
    load::{load, refusal},
    serve::serve,
};
use crate::{
    binding::Bound,
    config::{Config, TlsMode},
    exit::{Exit, Fault},
    findings::Findings,
    log,
    opening::{Schemas, open},
    reload::Begun,
};

/// What may follow `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The configuration [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let mut findings = Findings::default();
    let loaded = load(arguments.config.as_deref(), false, &mut findings)?;
    findings.complain();
    let (Some(config), 0) = (loaded.config, findings.count(Severity::Error)) else {
        return Ok(refusal(&findings, &loaded.path.to_string_lossy()));
    };
    begin_log(&config)?;
    tracing::info!("saywhen {} begins, configuration {}", env!("CARGO_PKG_VERSION"), loaded.path.display());
    let opened = open(&config, &loaded.bound, &loaded.relays, None, Schemas::new()).inspect_err(|fault| {
        tracing::error!("{}", fault.message);
    })?;
    let grace = config.shutdown_grace;
    let config = Arc::new(config);
    let begun = Begun {
        path: loaded.path,
        config: config.clone(),
        protocols: loaded.protocols,
        world: opened.world.clone(),
        pair: opened.pair.clone(),
    };
    serve(opened, grace, Some(begun), || greet(&config, &loaded.bound))
}

fn begin_log(config: &Config) -> Result<(), Fault> {
    log::begin(&config.log).map_err(|error| {
        let file = config.log.file.clone().unwrap_or_default();
        Fault::new(
            Exit::Denied,
            format!("the log `{}` cannot be written: {error}", file.display()),
            "mend its rights, or name another under `log.file`",
        )
    })
}

/// When the log is a file, somebody at a terminal should still see what runs.
fn greet(config: &Config, bound: &[Bound]) {
    let Some(file) = &config.log.file else { return };
    for bound in bound {
        let addresses: Vec<String> =
            config.listeners[bound.index].addresses.iter().map(|(address, _)| address.to_string()).collect();
        let tls = if bound.tls == TlsMode::Off { "no TLS" } else { bound.tls.word() };
        eprintln!("{} on {}, {tls}", bound.service.program().name, addresses.join(" and "));
    }
    eprintln!("ready; the log is {}", file.display());
}
