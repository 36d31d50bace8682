//! What becomes of a reload, in words.
//!
//! Never: is longer than what an operator reads.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Fault};

/// What asked for a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// SIGHUP.
    Signal,
    /// `saywhen reload`.
    Command,
    /// A file changed.
    Change,
}

/// What became of a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of it is in service.
    Accepted,
    /// All of it is in service but for what needs a restart.
    Partly,
    /// Something is wrong with it, and nothing changed.
    Refused,
}

/// What an operator is told of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What became of it.
    pub verdict: Verdict,
    /// The code that `saywhen reload` exits with: 0 accepted, 1 partly or a transcript failed, 65 a protocol does not
    /// compile, 75 an address is taken, 77 a right is missing, 78 the configuration is wrong.
    pub exit: u8,
    /// Why it was refused; or what needs a restart, what is different now, and the first conversations that show it.
    /// One line each.
    pub lines: Vec<String>,
}

/// The latest reload.
#[derive(Debug, Clone)]
pub struct Last {
    /// When.
    pub at: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// What asked for it.
    pub why: Why,
    /// What became of it.
    pub report: Report,
}

impl Verdict {
    /// All of them, in the order of their numbers.
    pub const ALL: [Verdict; 3] = [Verdict::Accepted, Verdict::Partly, Verdict::Refused];

    /// As numbers of it are labelled.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Partly => "partly",
            Verdict::Refused => "refused",
        }
    }
}

impl Report {
    /// Taken up, but for what needs a restart.
    pub(crate) fn taken(restart: Vec<String>, lines: Vec<String>) -> Report {
        let (verdict, exit) = match restart.is_empty() {
            true => (Verdict::Accepted, Exit::Done),
            false => (Verdict::Partly, Exit::Findings),
        };
        let restart = restart.into_iter().map(|what| format!("needs restart: {what}"));
        Report { verdict, exit: exit.code(), lines: restart.chain(lines).collect() }
    }

    /// Refused.
    pub(crate) fn refused(exit: Exit, lines: Vec<String>) -> Report {
        Report { verdict: Verdict::Refused, exit: exit.code(), lines }
    }

    /// Whether the new version, or most of it, is in service.
    pub fn is_in_service(&self) -> bool {
        self.verdict != Verdict::Refused
    }
}

impl From<Fault> for Report {
    fn from(fault: Fault) -> Report {
        Report::refused(fault.exit, vec![fault.message, format!("help: {}", fault.help)])
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Signal => "a signal",
            Why::Command => "a command",
            Why::Change => "a changed file",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Accepted => "accepted",
            Verdict::Partly => "accepted in part",
            Verdict::Refused => "refused, nothing changed",
        })
    }
}
