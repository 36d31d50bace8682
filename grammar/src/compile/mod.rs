//! Tree to program: names become numbers, bodies become instructions, templates become automata.
//!
//! Never: runs anything.

mod add;
mod answer;
mod answered;
mod body;
mod bounds;
mod client;
mod command;
mod compiler;
mod doubt;
mod each;
mod expression;
mod flow;
mod framing;
mod functions;
mod known;
mod leave;
mod look_up;
mod offer;
mod once;
mod peers;
mod place;
mod promise;
mod proved;
mod reload;
mod request;
mod rounds;
mod scope;
mod secrets;
mod service;
mod tail;
mod transition;
mod waits;
mod words;

use std::sync::Arc;

use diagnostic::{Diagnostic, FileId, Severity, Sources};
use program::{Program, Signature};

use crate::{
    check::work::too_many,
    compile::compiler::{Compiler, Entered, Wanted},
    gather::{self, Folder},
};

/// What became of a file.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The program, when no finding is an error.
    pub program: Option<Program>,
    /// What can be run of a file whose errors are all about what it does: for showing how they come about, and for
    /// nothing else.
    pub draft: Option<Program>,
    /// All findings; each points into the file it concerns.
    pub findings: Vec<Diagnostic>,
    /// The file that each number of a file in the program, or in the draft, means.
    pub files: Vec<FileId>,
}

/// Compiles one file of `sources` that names no other. `actions` are the signatures that it may ask.
///
/// Gives a program only when no finding is an error; findings come in any case.
pub fn compile(sources: &Sources, file: FileId, actions: &[Arc<Signature>]) -> (Option<Program>, Vec<Diagnostic>) {
    let compiled = gathered(gather::alone(sources, file), sources, actions);
    (compiled.program, compiled.findings)
}

/// Compiles one file of `sources` with those that it takes over and imports, which are looked for in `folder` and
/// added to `sources`, each text once.
pub fn compile_in(sources: &mut Sources, file: FileId, folder: &dyn Folder, actions: &[Arc<Signature>]) -> Compiled {
    let gathered_files = gather::within(sources, file, folder);
    gathered(gathered_files, sources, actions)
}

/// Checks one file of `sources` with those that it takes over and imports, as far as no program is needed for it: names,
/// types, paths, answers, guards, overlaps. Quick enough to be asked at each pause of whoever writes.
///
/// What is found out of the program alone is left to [`compile_in`]: how long a session may be kept waiting, whether
/// promises are kept, and whether the automata of its states become too large.
pub fn check(sources: &mut Sources, file: FileId, folder: &dyn Folder, actions: &[Arc<Signature>]) -> Vec<Diagnostic> {
    let gather::Gathered { tree, files, findings: mut list } = gather::within(sources, file, folder);
    match too_many(&tree) {
        Some(finding) => list.push(finding),
        None => {
            let whole = list.is_empty();
            let (_, findings) = Compiler::run((&tree, &files), sources, actions, whole, Wanted::Findings);
            list.extend(findings.into_list());
        }
    }
    list
}

fn gathered(gathered: gather::Gathered, sources: &Sources, actions: &[Arc<Signature>]) -> Compiled {
    let gather::Gathered { tree, files, findings: mut list } = gathered;
    let numbers: Vec<FileId> = files.iter().map(|(file, _)| *file).collect();
    if let Some(finding) = too_many(&tree) {
        list.push(finding);
        return Compiled { program: None, draft: None, findings: list, files: numbers };
    }
    let whole = list.is_empty();
    let (mut program, findings) = Compiler::run((&tree, &files), sources, actions, whole, Wanted::Program);
    list.extend(findings.into_list());
    if let Some(program) = &mut program
        && !refused(&list)
    {
        list.extend(proved::promises(program, &tree, (sources, &numbers)));
        list.extend(peers::notes(program, &tree, (sources, &numbers)));
    }
    let (program, draft) = if refused(&list) { (None, program) } else { (program, None) };
    Compiled { program, draft, findings: list, files: numbers }
}

fn refused(list: &[Diagnostic]) -> bool {
    list.iter().any(|finding| finding.rule.severity == Severity::Error)
}
