//! `saywhen status`: what a running server says of itself.
//!
//! Never: guesses; what is shown is the server's answer.

use std::{
    fmt::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use super::station;
use crate::{
    daemon::{ask, running},
    exit::{Exit, Fault},
    serving::status::Status,
};

/// What may follow `status`.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    #[command(flatten)]
    station: station::Arguments,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let station = station::station(arguments.station.config.as_deref())?;
    if running(&station.pid_file)?.is_none() {
        println!("{}", if arguments.json { json!({ "running": false }).to_string() } else { "no server runs".into() });
        return Ok(Exit::Findings);
    }
    let mut answer = ask(&station.control, "status")?;
    if arguments.json {
        answer["running"] = true.into();
        println!("{answer}");
        return Ok(Exit::Done);
    }
    let status: Status = serde_json::from_value(answer).map_err(|error| {
        let message = format!("the server's answer is not understood: {error}");
        Fault::new(Exit::Findings, message, "ask with the program that serves: was it renewed without a restart?")
    })?;
    print!("{}", shown(&status));
    Ok(Exit::Done)
}

/// For people.
fn shown(status: &Status) -> String {
    let mut text = format!("serves as process {}, for {}\n", status.pid, since(status.since));
    // Writing into a text does not fail.
    for listener in &status.listeners {
        let _ = writeln!(
            text,
            "listens on {}: {} version {}, tls {}",
            listener.address, listener.protocol, listener.version, listener.tls
        );
    }
    for doubt in &status.certificate_doubts {
        let _ = writeln!(text, "warning: {doubt}");
    }
    let _ = writeln!(text, "sessions: {}", status.sessions.open);
    for one in &status.sessions.by_state {
        let old = if one.present { "" } else { ", from before a reload" };
        let _ = writeln!(text, "  {} version {}, in {}: {}{old}", one.protocol, one.version, one.state, one.sessions);
    }
    if status.log_lines_dropped > 0 {
        let _ = writeln!(text, "log: {} lines were lost", status.log_lines_dropped);
    }
    match &status.reload {
        None => text.push_str("no reload since the start\n"),
        Some(reload) => {
            let _ = writeln!(text, "reload by {}, {} ago: {}", reload.why, since(reload.at), reload.report.verdict);
            for line in &reload.report.lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    text
}

/// How long it is since a moment, in its two largest units.
fn since(moment: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = now.saturating_sub(moment);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
