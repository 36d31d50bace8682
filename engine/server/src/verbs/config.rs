//! `saywhen config show`: the values that hold, and where each came from.
//!
//! Never: shows a secret.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    startup::load::load,
};

/// What may follow `config`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    /// Show the values that hold, and where each came from; secrets as ***
    Show(Arguments),
}

/// What may follow `config show`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The configuration [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(super) fn run(verb: &Verb) -> Result<Exit, Fault> {
    let Verb::Show(arguments) = verb;
    let mut findings = Findings::default();
    let loaded = load(arguments.config.as_deref(), false, &mut findings)?;
    let lines: Vec<String> = if arguments.json {
        let values = loaded.shown.iter().map(|shown| {
            let origin = shown.origin.to_string();
            serde_json::json!({ "path": shown.path, "value": shown.value, "origin": origin }).to_string()
        });
        values.collect()
    } else {
        let width = loaded.shown.iter().map(|shown| shown.path.len() + shown.value.len() + 2).max().unwrap_or(0);
        let values = loaded.shown.iter().map(|shown| {
            let value = format!("{}: {}", shown.path, shown.value);
            format!("{value:<width$}  # {}", shown.origin)
        });
        std::iter::once(format!("# {}", loaded.path.display())).chain(values).collect()
    };
    // Who closes the pipe has seen enough.
    let _ = io::stdout().write_all((lines.join("\n") + "\n").as_bytes());
    findings.complain();
    Ok(if loaded.config.is_some() { Exit::Done } else { Exit::Config })
}
