//! The checker, as `saywhen check` runs it, over a text in memory.
//!
//! Never: judges; a panic of the checker goes through.

use std::{collections::BTreeMap, sync::Arc};

use diagnostic::{Diagnostic, Severity, Sources};
use grammar::Folder;
use program::Program;

use crate::{
    generate::{Source, shipped},
    meaning::Protocol,
};

/// What became of a text.
pub struct Checked {
    /// The text with the promises that were left in it.
    pub text: String,
    /// The program, where it was accepted.
    pub program: Option<Arc<Program>>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

impl Checked {
    /// The promises, by their texts, that could not be decided: who breaks one of them breaks no word of the checker.
    pub fn undecided(&self) -> Vec<String> {
        self.findings.iter().filter(|finding| finding.rule.code == "P02").map(|found| found.message.clone()).collect()
    }

    /// How often each rule refused it.
    pub fn refusals(&self) -> BTreeMap<&'static str, u64> {
        let mut codes = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| finding.rule.severity == Severity::Error) {
            *codes.entry(finding.rule.code).or_insert(0) += 1;
        }
        codes
    }
}

/// Checks one text as it is, beside the shipped files and the one that it takes over.
pub fn text(text: &str, base: Option<&(String, String)>) -> Checked {
    let mut sources = Sources::default();
    let file = sources.add(name(text), text);
    let compiled = grammar::compile_in(&mut sources, file, &Beside(base), actions::signatures());
    Checked { text: text.into(), program: compiled.program.map(Arc::new), findings: compiled.findings }
}

/// The name of a file that declares this protocol.
fn name(text: &str) -> String {
    let mut words = text.split_whitespace().skip_while(|word| *word != "protocol").skip(1);
    format!("{}.proto.dsl", words.next().unwrap_or("p"))
}

/// The shipped files, and one more.
struct Beside<'a>(Option<&'a (String, String)>);

impl Folder for Beside<'_> {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        if let Some((own, text)) = self.0
            && own == name
        {
            return Ok(Some((own.clone(), text.clone())));
        }
        let path = shipped::folder().join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some((path.display().to_string(), text))),
            Err(_) => Ok(None),
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(shipped::folder()).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

/// What a text means, where it can be read whole.
pub fn meaning(source: &Source, text: &str) -> Option<Arc<Protocol>> {
    let mut sources = Sources::default();
    let file = sources.add(name(text), text);
    let (tree, findings) = grammar::gather(&mut sources, file, &Beside(source.base.as_ref()));
    findings.is_empty().then(|| Arc::new(Protocol::new(tree, actions::signatures().to_vec())))
}

/// Checks a generated file: its promises are added as far as it is accepted with them.
pub fn source(source: &Source) -> Checked {
    let mut promises: Vec<&String> = source.promises.iter().collect();
    loop {
        let whole: String = promises.iter().fold(source.text.clone(), |text, promise| text + promise);
        let checked = text(&whole, source.base.as_ref());
        if checked.program.is_some() || promises.is_empty() {
            return checked;
        }
        let kept = kept(source, &promises, &checked.findings);
        // Another fault of the file is there with and without them.
        let Some(kept) = kept else { return checked };
        promises = if kept.len() == promises.len() { Vec::new() } else { kept };
    }
}

/// The promises that no error points at; none at all where an error points elsewhere alone.
fn kept<'s>(source: &Source, promises: &[&'s String], findings: &[Diagnostic]) -> Option<Vec<&'s String>> {
    let base = source.text.len();
    let mut left: Vec<(usize, &String)> = Vec::new();
    let mut at = base;
    for promise in promises {
        left.push((at + promise.len(), promise));
        at += promise.len();
    }
    for finding in findings.iter().filter(|finding| finding.rule.severity == Severity::Error) {
        let spans = [finding.span].into_iter().chain(finding.others.iter().map(|other| other.0));
        let end = spans.map(|span| span.start as usize).find(|start| *start >= base)?;
        let faulty = left.iter().map(|(end, _)| *end).filter(|promise| *promise > end).min();
        left.retain(|(promise, _)| Some(*promise) != faulty);
    }
    Some(left.into_iter().map(|(_, promise)| promise).collect())
}
