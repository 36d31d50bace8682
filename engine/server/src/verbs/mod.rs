//! The command line: one file per verb.
//!
//! Never: does the work of a verb in this file.

mod budget;
mod builtin;
mod cert;
mod check;
mod completions;
mod config;
mod dev;
mod diff;
mod explain;
mod fmt;
mod graph;
mod man;
mod mend;
mod new;
mod options;
mod passwd;
mod proved;
mod reload;
mod restart;
mod run;
mod send;
mod serve;
mod start;
mod station;
mod status;
mod stop;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    exit::{Exit, Fault},
    log,
};

/// Serves protocols that are written down in text files.
#[derive(Debug, Parser)]
#[command(name = "saywhen", version, disable_help_subcommand = true, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a project: a configuration, a small protocol, and a conversation with it
    New(new::Arguments),
    /// Serve what the configuration says, in the foreground
    Run(run::Arguments),
    /// Serve what the configuration says, in the background; return once it serves or has failed
    Start(start::Arguments),
    /// Stop the server of a configuration, and wait until it has ended
    Stop(station::Arguments),
    /// Stop the server and start it again, unless its configuration has errors
    Restart(start::Arguments),
    /// Load configuration, protocols and certificates again, without disconnecting anybody
    Reload(station::Arguments),
    /// Show what the server is doing
    Status(status::Arguments),
    /// Serve the built-in protocol on this machine alone, with no files needed
    Dev(dev::Arguments),
    /// Check a configuration and its protocols, or single files
    Check(check::Arguments),
    /// Play conversations and compare the answers
    Test(test::Arguments),
    /// Format protocol files
    Fmt(fmt::Arguments),
    /// Draw a protocol: its states, its commands and where they lead
    Graph(graph::Arguments),
    /// Show what changes for a peer between two versions of a protocol
    Diff(diff::Arguments),
    /// Explain the code of a finding, or an action
    Explain(explain::Arguments),
    /// Show the configuration as it is understood
    #[command(subcommand)]
    Config(config::Verb),
    /// Make a self-signed certificate and its key
    Cert(cert::Arguments),
    /// Hash a password, typed or read from standard input
    Passwd(passwd::Arguments),
    /// Send something to a server through a client of a protocol, and print the conversation
    Send(send::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Write the manual pages into a folder
    Man(man::Arguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version are no faults; clap prints each where it belongs.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let _written = log::AtEnd;
    let done = match command_line.verb {
        Verb::New(arguments) => new::run(&arguments),
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Start(arguments) => start::run(&arguments),
        Verb::Stop(arguments) => stop::run(&arguments),
        Verb::Restart(arguments) => restart::run(&arguments),
        Verb::Reload(arguments) => reload::run(&arguments),
        Verb::Status(arguments) => status::run(&arguments),
        Verb::Dev(arguments) => dev::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Fmt(arguments) => fmt::run(&arguments),
        Verb::Graph(arguments) => graph::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Config(verb) => config::run(&verb),
        Verb::Cert(arguments) => cert::run(&arguments),
        Verb::Passwd(arguments) => passwd::run(&arguments),
        Verb::Send(arguments) => send::run(&arguments),
        Verb::Completions(arguments) => completions::run(&arguments, CommandLine::command()),
        Verb::Man(arguments) => man::run(&arguments, CommandLine::command()),
    };
    done.unwrap_or_else(|fault: Fault| {
        eprintln!("{fault}");
        fault.exit
    })
    .into()
}
