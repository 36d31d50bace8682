//! What was found in configurations and protocols, and how it is shown.
//!
//! Never: finds anything itself.

use std::io::{self, IsTerminal, Write};

use diagnostic::{Diagnostic, Severity, Sources};

/// Findings with the texts that they point into.
#[derive(Debug, Default)]
pub struct Findings {
    /// The texts.
    pub sources: Sources,
    /// The findings.
    pub list: Vec<Diagnostic>,
}

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people, with the line at fault.
    #[default]
    Human,
    /// One line each.
    Short,
    /// One JSON object per line.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
}

impl Findings {
    /// How many there are of that gravity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|finding| finding.rule.severity == severity).count()
    }

    /// All of them as text.
    pub fn render(&self, format: Format, colour: bool) -> String {
        let format = match format {
            Format::Human => diagnostic::Format::Human,
            Format::Short => diagnostic::Format::Short,
            Format::Json => diagnostic::Format::Json,
            Format::Github => diagnostic::Format::GitHub,
        };
        diagnostic::render(&self.sources, &self.list, format, colour)
    }

    /// Prints errors and warnings for a person, on standard error. Notes are for `check`.
    pub fn complain(&self) {
        let list = self.list.iter().filter(|finding| finding.rule.severity != Severity::Note).cloned().collect();
        let grave = Findings { sources: self.sources.clone(), list };
        let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        // A terminal that is gone cannot be told so.
        let _ = io::stderr().write_all(grave.render(Format::Human, colour).as_bytes());
    }
}
