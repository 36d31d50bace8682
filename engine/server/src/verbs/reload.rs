//! `saywhen reload`: has a running server take up its configuration, protocols and certificates.
//!
//! Never: judges what it took up; the server does.

use super::station::{self, Arguments};
use crate::{
    daemon::{ask, running},
    exit::{Exit, Fault},
    serving::reload_report::Report,
};

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let station = station::station(arguments.config.as_deref())?;
    if running(&station.pid_file)?.is_none() {
        return Err(station::idle(&station));
    }
    let answer = ask(&station.control, "reload")?;
    let report: Report = serde_json::from_value(answer).map_err(|error| {
        let message = format!("the server's answer is not understood: {error}");
        Fault::new(Exit::Findings, message, "ask with the program that serves: was it renewed without a restart?")
    })?;
    println!("reload {}", report.verdict);
    report.lines.iter().for_each(|line| println!("{line}"));
    Ok(Exit::of(report.exit))
}
