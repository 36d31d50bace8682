//! What came of a run, for people and for machines.
//!
//! Never: decides what passed.

mod human;
mod json;
mod junit;
mod tap;

use diagnostic::Sources;
use program::Program;

use crate::{play::Played, script::Transcript};

pub use human::conversation;

/// What came of one transcript on one wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The file.
    pub path: String,
    /// Its sentence.
    pub title: String,
    /// How it was played: `memory`, `wire`, or an address.
    pub wire: String,
    /// Whether it did what it should.
    pub passed: bool,
    /// How many of its steps and claims had no meaning on that wire.
    pub not_applicable: usize,
    /// How long it took, in microseconds.
    pub microseconds: u64,
    /// Why it failed, one for each thing that was wrong.
    pub failures: Vec<Explained>,
}

/// One thing that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The line of the transcript, from 1.
    pub line: u32,
    /// What is wrong, in one line.
    pub message: String,
    /// What was expected, as far as one line can say it.
    pub expected: String,
    /// What came.
    pub received: String,
    /// The state of the session, where it is known.
    pub state: Option<String>,
    /// File and line of the protocol that produced the answer, where they are known.
    pub source: Option<String>,
    /// All of it for people.
    pub text: String,
}

/// How a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people: failures at length, then the counts.
    #[default]
    Human,
    /// One JSON object for each case.
    Json,
    /// The Test Anything Protocol, version 13.
    Tap,
    /// JUnit's XML.
    Junit,
}

/// Explains a played transcript.
pub fn case(
    sources: &Sources,
    transcript: &Transcript,
    program: &Program,
    played: &Played,
    wire: &str,
    microseconds: u64,
) -> Case {
    let failures = played.failures.iter().map(|failure| human::explain(sources, transcript, program, played, failure));
    Case {
        path: sources.name(transcript.file).to_string(),
        title: transcript.title.clone(),
        wire: wire.into(),
        passed: played.failures.is_empty(),
        not_applicable: played.not_applicable,
        microseconds,
        failures: failures.collect(),
    }
}

/// Writes a run.
pub fn write(cases: &[Case], format: Format) -> String {
    match format {
        Format::Human => human::write(cases),
        Format::Json => json::write(cases),
        Format::Tap => tap::write(cases),
        Format::Junit => junit::write(cases),
    }
}

/// `N passed, M failed`.
pub fn counts(cases: &[Case]) -> String {
    let passed = cases.iter().filter(|case| case.passed).count();
    format!("{passed} passed, {} failed", cases.len() - passed)
}
