//! `saywhen restart`: ends a server and starts it anew.
//!
//! Never: ends a server whose configuration would not start again.

use diagnostic::Severity;

use super::{
    start::{Arguments, start},
    station,
    stop::stop,
};
use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    startup::load::{load, refusal},
};

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let station = station::station(arguments.station.config.as_deref())?;
    let mut findings = Findings::default();
    // What lies below another root cannot be read from here as the server reads it.
    if station.found.root.is_none() {
        let loaded = load(Some(&station.config), false, &mut findings)?;
        if findings.count(Severity::Error) > 0 {
            findings.complain();
            eprintln!("nothing was ended");
            return Ok(refusal(&findings, &loaded.path.to_string_lossy()));
        }
    }
    if let Some(process) = stop(&station)? {
        println!("process {process} has ended");
    }
    start(&station, arguments.log_level)
}
