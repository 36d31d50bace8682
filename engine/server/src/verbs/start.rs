//! `saywhen start`: serves in the background, and returns when it serves or has failed.
//!
//! Never: returns before it is known which.

use super::{
    run::LogLevel,
    station::{self, Station},
};
use crate::{
    daemon::{Word, running, spawn, taken},
    exit::{Exit, Fault},
};

/// What may follow `start` and `restart`.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) station: station::Arguments,
    /// The lowest level to log, instead of `log.level`
    #[arg(long, value_name = "LEVEL")]
    pub(super) log_level: Option<LogLevel>,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    start(&station::station(arguments.station.config.as_deref())?, arguments.log_level)
}

/// Starts the server of a configuration.
pub(super) fn start(station: &Station, log_level: Option<LogLevel>) -> Result<Exit, Fault> {
    if let Some(holder) = running(&station.pid_file)? {
        return Err(taken(&station.pid_file, holder));
    }
    let further = log_level.map(|level| format!("--log-level={}", level.word()));
    match spawn(&station.config, &further.into_iter().collect::<Vec<_>>())? {
        Word::Serves(process) => {
            println!("serves as process {process}");
            Ok(Exit::Done)
        }
        // It has said why on standard error, which it shares with us.
        Word::Ended(code) => Ok(u8::try_from(code).map_or(Exit::Findings, Exit::of)),
    }
}
