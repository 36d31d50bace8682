//! `saywhen stop`: ends a server, and returns when it has ended.
//!
//! Never: sends a signal to a process by a number that a file holds.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::station::{self, Arguments, Station};
use crate::{
    daemon::{ask, running},
    exit::{Exit, Fault},
};

/// How long the end may take beside the grace of the sessions.
const BESIDE: Duration = Duration::from_secs(15);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    match stop(&station::station(arguments.config.as_deref())?)? {
        Some(process) => println!("process {process} has ended"),
        None => println!("no server runs"),
    }
    Ok(Exit::Done)
}

/// Ends the server of a configuration, if it runs, and gives the number that it had.
pub(super) fn stop(station: &Station) -> Result<Option<i32>, Fault> {
    let Some(process) = running(&station.pid_file)? else { return Ok(None) };
    ask(&station.control, "stop")?;
    let end = Instant::now() + station.found.grace + BESIDE;
    while running(&station.pid_file)? == Some(process) {
        if Instant::now() > end {
            let message = format!("process {process} has not ended within its grace");
            return Err(Fault::new(
                Exit::Findings,
                message,
                format!("see its log; `kill -9 {process}` ends it anyway"),
            ));
        }
        thread::sleep(LOOK);
    }
    Ok(Some(process))
}
