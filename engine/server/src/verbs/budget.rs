//! The table of `saywhen check --budget`: how long each command may keep its peer waiting.
//!
//! Never: adds up; that is `proof`'s.

use std::{fmt::Write, time::Duration};

use program::Program;
use proof::{Budget, Wait, budget};

/// The table for people; what waits for nothing is left out and counted.
pub(super) fn table(program: &Program) -> String {
    let all = budget(program);
    let (waiting, others): (Vec<&Budget>, Vec<&Budget>) = all.iter().partition(|budget| !budget.worst.is_zero());
    let states = program.states.len();
    let mut rows = vec![["worst", "patience", "command", "in", "waits"].map(str::to_owned)];
    for budget in waiting {
        rows.push([
            format!("{}{}", time(budget.worst), if budget.is_exceeded() { " !" } else { "" }),
            budget.patience.as_ref().map(|(_, patience)| time(*patience)).unwrap_or_default(),
            budget.command.to_string(),
            places(budget, states),
            budget
                .waits
                .iter()
                .map(|wait| format!("{} {}", wait.what, time(wait.time)))
                .collect::<Vec<_>>()
                .join(" + "),
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let session = all.first().and_then(|budget| budget.session);
    let session = session.map(|session| format!("; a session lasts {} at the most", time(session))).unwrap_or_default();
    let mut text = format!("{} may keep its peer waiting{session}\n", program.name);
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        // Writing into a string never fails.
        let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    let _ = writeln!(text, "  and {} that wait for nothing", others.len());
    text
}

/// A line of JSON for each, those that wait for nothing included.
pub(super) fn json(program: &Program) -> String {
    let mut text = String::new();
    for budget in budget(program) {
        let wait = |wait: &Wait| {
            let origin =
                wait.origin.and_then(|origin| Some((program.sources.get(usize::from(origin.file))?, origin.line)));
            serde_json::json!({
                "what": *wait.what,
                "milliseconds": milliseconds(wait.time),
                "file": origin.map(|(source, _)| source.name.to_string()),
                "line": origin.map(|(_, line)| line),
            })
        };
        let line = serde_json::json!({
            "budget": *program.name,
            "command": *budget.command,
            "states": budget.states.iter().map(|state| &**state).collect::<Vec<_>>(),
            "milliseconds": milliseconds(budget.worst),
            "patience": budget.patience.as_ref().map(|(_, patience)| milliseconds(*patience)),
            "session": budget.session.map(milliseconds),
            "exceeded": budget.is_exceeded(),
            "waits": budget.waits.iter().map(wait).collect::<Vec<_>>(),
        });
        let _ = writeln!(text, "{line}");
    }
    text
}

fn places(budget: &Budget, states: usize) -> String {
    match budget.states.len() {
        0 => "every state".into(),
        some if some == states && states > 1 => "every state".into(),
        _ => budget.states.join(", "),
    }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// As the language writes it, in short.
fn time(time: Duration) -> String {
    let (seconds, rest) = (time.as_secs(), time.subsec_millis());
    match (seconds / 60, seconds % 60) {
        _ if rest > 0 => format!("{seconds}.{rest:03} s"),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) if minutes % 60 == 0 => format!("{} h", minutes / 60),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
