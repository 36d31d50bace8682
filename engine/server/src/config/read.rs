//! Reads sections, keys and values, and collects every fault on the way.
//!
//! Never: stops at the first fault, or shows a secret.

use std::{fmt, str::FromStr};

use diagnostic::{Diagnostic, Rule, Span, meant, nearest};

use super::{
    expand::{ExpandError, Surroundings, expand, without_password},
    node::{Kind, Node},
    rules::{CONTRADICTION, MISSING_KEY, NOT_EXPANDED, UNKNOWN_KEY, WRONG_VALUE},
};

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `log.level`, `listeners[0].tls`.
    pub path: String,
    /// The value that holds; `***` for a secret.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody wrote it.
    Default,
    /// Nobody wrote it, and it follows from the protocol.
    Protocol,
    /// It stands at this line.
    Line(u32),
    /// It stands at this line and was expanded from these.
    Expanded(u32, Vec<String>),
}

/// Collects findings and effective values.
pub(super) struct Reader<'a> {
    surroundings: &'a dyn Surroundings,
    text: &'a str,
    /// Faults so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Effective values so far.
    pub shown: Vec<Shown>,
    /// The paths of the keys that were accepted so far, whether they stand there or not.
    pub known: Vec<String>,
    /// What keys take, by path.
    pub takes: Vec<(String, &'static str)>,
}

/// A map whose keys are all known.
pub(super) struct Section<'n> {
    /// Its path with a dot behind it, or nothing for the whole file.
    pub prefix: String,
    /// Where it stands.
    pub span: Span,
    entries: Vec<(&'n str, &'n Node)>,
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    /// The text that holds.
    pub text: String,
    /// Whether it must not be shown.
    pub secret: bool,
    /// Where it stands.
    pub span: Span,
    /// Where it came from.
    pub origin: Origin,
}

impl<'n> Section<'n> {
    /// The value of a key, if it is there and not empty.
    pub(super) fn node(&self, key: &str) -> Option<&'n Node> {
        let found = self.entries.iter().find(|(name, _)| *name == key)?;
        (found.1.kind != Kind::Nothing).then_some(found.1)
    }

    /// All keys with their values.
    pub(super) fn entries(&self) -> &[(&'n str, &'n Node)] {
        &self.entries
    }

    /// The path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl Scalar {
    /// The text as it may be shown.
    pub(super) fn shown(&self) -> String {
        if self.secret { "***".to_string() } else { without_password(&self.text) }
    }
}

impl<'a> Reader<'a> {
    /// A reader of that text.
    pub(super) fn new(text: &'a str, surroundings: &'a dyn Surroundings) -> Reader<'a> {
        Reader { surroundings, text, diagnostics: Vec::new(), shown: Vec::new(), known: Vec::new(), takes: Vec::new() }
    }

    /// Notes a fault.
    pub(super) fn fault(
        &mut self,
        rule: &'static Rule,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::new(rule, span, message).help(help));
    }

    /// Reads a map whose keys the configuration defines; others are faults.
    pub(super) fn section<'n>(&mut self, node: &'n Node, path: &str, known: &[&str]) -> Section<'n> {
        let section = self.names(node, path);
        self.known.extend(known.iter().map(|key| section.path(key)));
        let Kind::Map(entries) = &node.kind else { return section };
        for (key, span, _) in entries.iter().filter(|(key, ..)| !known.contains(&key.as_str())) {
            let finding = Diagnostic::new(&UNKNOWN_KEY, *span, format!("there is no key `{key}` here"));
            let free = known.iter().copied().filter(|known| !entries.iter().any(|(key, ..)| key == known));
            let mend = meant(key, free).filter(|_| (span.end - span.start) as usize == key.len());
            self.diagnostics.push(match nearest(key, known.iter().copied()) {
                Some(near) if mend == Some(near) => finding.help(format!("did you mean `{near}`?")).patch(*span, near),
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("the keys are: {}", known.join(", "))),
            });
        }
        section
    }

    /// Reads a map whose keys the operator chooses.
    pub(super) fn names<'n>(&mut self, node: &'n Node, path: &str) -> Section<'n> {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let entries = match &node.kind {
            Kind::Map(entries) => {
                for (index, (key, span, _)) in entries.iter().enumerate() {
                    if let Some((_, first, _)) = entries[..index].iter().find(|(earlier, ..)| earlier == key) {
                        let finding = Diagnostic::new(&CONTRADICTION, *span, format!("the key `{key}` stands twice"));
                        self.diagnostics.push(finding.other(*first, "here first").help("keep one of them"));
                    }
                }
                entries.iter().map(|(key, _, value)| (key.as_str(), value)).collect()
            }
            Kind::Nothing => Vec::new(),
            Kind::Scalar(_) | Kind::List(_) => {
                let name = if path.is_empty() { "the file" } else { path };
                self.fault(
                    &WRONG_VALUE,
                    node.span,
                    format!("`{name}` is a set of keys with values"),
                    "write `KEY: VALUE` lines under it, or { KEY: VALUE, … }",
                );
                Vec::new()
            }
        };
        Section { prefix, span: node.span, entries }
    }

    /// Reads one value as a text.
    pub(super) fn scalar(&mut self, node: &Node, path: &str) -> Option<Scalar> {
        let Kind::Scalar(written) = &node.kind else {
            self.fault(&WRONG_VALUE, node.span, format!("`{path}` takes one value"), "write it behind the colon");
            return None;
        };
        match expand(written, self.surroundings) {
            Ok(expanded) => {
                let line = self.line(node.span);
                let origin =
                    if expanded.from.is_empty() { Origin::Line(line) } else { Origin::Expanded(line, expanded.from) };
                Some(Scalar { text: expanded.text, secret: expanded.secret, span: node.span, origin })
            }
            Err(error) => {
                let (message, help) = match error {
                    ExpandError::Open => {
                        ("`${` is never closed".to_string(), "write `}` behind it, or `$${` for `${` itself")
                    }
                    ExpandError::Unset(name) => {
                        (format!("the environment has no `{name}`"), "set it, or write the value itself")
                    }
                    ExpandError::Unread(path, why) => {
                        (format!("`{path}` cannot be read: {why}"), "mend the path or its rights")
                    }
                };
                self.fault(&NOT_EXPANDED, node.span, message, help);
                None
            }
        }
    }

    /// Reads one value or a list of them.
    pub(super) fn scalars(&mut self, node: &Node, path: &str) -> Vec<Scalar> {
        match &node.kind {
            Kind::List(items) => items.iter().filter_map(|item| self.scalar(item, path)).collect(),
            _ => self.scalar(node, path).into_iter().collect(),
        }
    }

    /// Reads a key that has a default, and notes what holds.
    pub(super) fn value<T: fmt::Display>(
        &mut self,
        section: &Section<'_>,
        key: &str,
        default: T,
        wants: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        match self.given(section, key, wants, parse) {
            Some(value) => value,
            None => {
                if section.node(key).is_none() {
                    self.show(section.path(key), default.to_string(), Origin::Default);
                }
                default
            }
        }
    }

    /// Reads a key that may be absent, and notes what holds.
    pub(super) fn given<T>(
        &mut self,
        section: &Section<'_>,
        key: &str,
        wants: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let path = section.path(key);
        self.takes.push((path.clone(), wants));
        let scalar = self.scalar(section.node(key)?, &path)?;
        match parse(&scalar.text) {
            Some(value) => {
                self.show(path, scalar.shown(), scalar.origin);
                Some(value)
            }
            None => {
                self.misfit(&scalar, key, wants);
                None
            }
        }
    }

    /// Notes that a key must be there.
    pub(super) fn missing(&mut self, section: &Section<'_>, key: &str, help: &str) {
        let at = section.prefix.trim_end_matches('.');
        let message = if at.is_empty() { format!("`{key}` is missing") } else { format!("`{at}` has no `{key}`") };
        self.fault(&MISSING_KEY, section.span, message, help);
    }

    /// Notes that a value is not what its key takes.
    pub(super) fn misfit(&mut self, scalar: &Scalar, key: &str, wants: &str) {
        let message = format!("`{}` is no value of `{key}`", scalar.shown());
        self.fault(&WRONG_VALUE, scalar.span, message, format!("it takes {wants}"));
    }

    /// Notes an effective value.
    pub(super) fn show(&mut self, path: String, value: String, origin: Origin) {
        self.shown.push(Shown { path, value, origin });
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.text[..span.start as usize].matches('\n').count() as u32 + 1
    }
}

/// `yes`, `no`, `true` or `false`.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// A number of at least one.
pub(super) fn positive(text: &str) -> Option<usize> {
    usize::from_str(text).ok().filter(|number| *number > 0)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Protocol => f.write_str("what the protocol can do"),
            Origin::Line(line) => write!(f, "line {line}"),
            Origin::Expanded(line, from) => write!(f, "line {line}, ${{{}}}", from.join("}, ${")),
        }
    }
}

/// A key that holds a section; what is not there is read as an empty one, so that its defaults are shown.
pub(super) fn part<'n>(reader: &mut Reader<'_>, root: &Section<'n>, key: &str, known: &[&str]) -> Section<'n> {
    static NOTHING: Node =
        Node { span: diagnostic::Span { file: diagnostic::FileId(0), start: 0, end: 0 }, kind: Kind::Nothing };
    reader.section(root.node(key).unwrap_or(&NOTHING), key, known)
}

/// A path that a file may have.
pub(super) fn path(text: &str) -> Option<String> {
    (!text.is_empty() && !text.contains('\0')).then(|| text.to_string())
}
