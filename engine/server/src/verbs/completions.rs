//! `saywhen completions`: what a shell needs to complete the command line.
//!
//! Never: holds a copy of the command line; it is read off the verbs themselves.

use std::io::{Write, stdout};

use clap::Command;
use clap_complete::Shell;

use crate::exit::{Exit, Fault};

/// What may follow `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments, mut command_line: Command) -> Result<Exit, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command_line, "saywhen", &mut script);
    stdout().write_all(&script).map_err(|error| {
        Fault::new(Exit::Denied, format!("the completions cannot be written: {error}"), "direct them into a file")
    })?;
    Ok(Exit::Done)
}
