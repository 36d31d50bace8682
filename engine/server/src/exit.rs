//! How the program ends: its exit codes, and faults that say what to do.
//!
//! Never: ends the process itself.

use std::{fmt, process::ExitCode};

/// An exit code with its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done: 0.
    Done,
    /// There are findings: 1.
    Findings,
    /// The command line is wrong: 2.
    Usage,
    /// A protocol does not compile: 65.
    Protocol,
    /// It runs already, or something else has its address: 75.
    Taken,
    /// A right is missing: 77.
    Denied,
    /// The configuration is wrong: 78.
    Config,
}

/// A fault that ends the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// How.
    pub exit: Exit,
    /// What is: lower case, no final stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    /// A fault.
    pub fn new(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { exit, message: message.into(), help: help.into() }
    }
}

impl Exit {
    /// All of them with their meanings, as the manual lists them.
    pub const ALL: [(Exit, &str); 7] = [
        (Exit::Done, "Done."),
        (Exit::Findings, "There are findings, or tests that failed."),
        (Exit::Usage, "The command line is wrong."),
        (Exit::Protocol, "A protocol does not compile."),
        (Exit::Taken, "It runs already, or something else has one of its addresses."),
        (Exit::Denied, "A right is missing."),
        (Exit::Config, "The configuration is wrong."),
    ];

    /// The one with that code; a code that is none of them says that something is to be looked at.
    pub fn of(code: u8) -> Exit {
        Exit::ALL.iter().find(|(exit, _)| exit.code() == code).map_or(Exit::Findings, |(exit, _)| *exit)
    }

    /// The code that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Protocol => 65,
            Exit::Taken => 75,
            Exit::Denied => 77,
            Exit::Config => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n  help: {}", self.message, self.help)
    }
}
