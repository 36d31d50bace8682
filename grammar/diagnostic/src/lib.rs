//! Source text, spans and findings, and how they are shown.
//!
//! Never: knows a language. Codes, messages and pages come from whoever finds.

mod nearest;
mod render;
mod source;

pub use nearest::{distance, meant, nearest, suggest};
pub use render::{Format, render};
pub use source::{FileId, Sources, Span};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Refused.
    Error,
    /// Accepted, and probably not what was meant.
    Warning,
    /// Worth knowing; counts as nothing, not even with warnings denied.
    Note,
}

/// What a check looks for: a stable code with its page. Lives beside the check.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code: a letter for the stage and two digits.
    pub code: &'static str,
    /// How grave its findings are.
    pub severity: Severity,
    /// What it finds, in one line, without a final stop.
    pub title: &'static str,
    /// Why it matters and what to do: Markdown, for `saywhen explain CODE` and the book.
    pub page: &'static str,
    /// A sample that it accepts.
    pub accepted: &'static str,
    /// A sample that it refuses.
    pub refused: &'static str,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What was looked for.
    pub rule: &'static Rule,
    /// What is: lower case, no final stop, the author's text in backticks.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What is said under the place, or nothing.
    pub label: String,
    /// Other places that belong to it, each with what is said there.
    pub others: Vec<(Span, String)>,
    /// What to do, one line each.
    pub help: Vec<String>,
    /// How it comes about: the lines of a conversation, or none.
    pub conversation: Vec<String>,
    /// The one sensible mend, where there is exactly one.
    pub patch: Option<Patch>,
}

/// What mends a finding: this place of the text becomes that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// What is taken out; empty where something is put in.
    pub span: Span,
    /// What is put there.
    pub text: String,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(rule: &'static Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        let (message, label) = (message.into(), String::new());
        Diagnostic {
            rule,
            message,
            span,
            label,
            others: Vec::new(),
            help: Vec::new(),
            conversation: Vec::new(),
            patch: None,
        }
    }

    /// Says something under the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn other(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.others.push((span, label.into()));
        self
    }

    /// Shows how it comes about.
    #[must_use]
    pub fn conversation(mut self, lines: Vec<String>) -> Diagnostic {
        self.conversation = lines;
        self
    }

    /// Mends it: for what has exactly one sensible mend.
    #[must_use]
    pub fn patch(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.patch = Some(Patch { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }
}
