//! Tree to program: names become numbers, bodies become instructions, templates become automata.
//!
//! Never: runs anything.

mod answer;
mod answered;
mod body;
mod client;
mod command;
mod compiler;
mod expression;
mod flow;
mod look_up;
mod offer;
mod place;
mod promise;
mod proved;
mod reload;
mod request;
mod rounds;
mod scope;
mod service;
mod tail;
mod transition;

use std::sync::Arc;

use diagnostic::{Diagnostic, FileId, Severity, Sources};
use program::{Program, Signature};

use crate::{
    compile::compiler::{Compiler, Entered},
    gather::{self, Folder},
};

/// Compiles one file of `sources` that names no other. `actions` are the signatures that it may ask.
///
/// Gives a program only when no finding is an error; findings come in any case.
pub fn compile(sources: &Sources, file: FileId, actions: &[Arc<Signature>]) -> (Option<Program>, Vec<Diagnostic>) {
    gathered(gather::alone(sources, file), sources, actions)
}

/// Compiles one file of `sources` with those that it takes over and imports, which are looked for in `folder` and
/// added to `sources`, each text once.
///
/// Gives a program only when no finding is an error; findings come in any case, and point into the file they concern.
pub fn compile_in(
    sources: &mut Sources,
    file: FileId,
    folder: &dyn Folder,
    actions: &[Arc<Signature>],
) -> (Option<Program>, Vec<Diagnostic>) {
    let gathered_files = gather::within(sources, file, folder);
    gathered(gathered_files, sources, actions)
}

fn gathered(
    gathered: gather::Gathered,
    sources: &Sources,
    actions: &[Arc<Signature>],
) -> (Option<Program>, Vec<Diagnostic>) {
    let gather::Gathered { tree, files, findings: mut list } = gathered;
    let (program, findings) = Compiler::run((&tree, &files), sources, actions, list.is_empty());
    list.extend(findings.into_list());
    if let Some(program) = &program
        && !refused(&list)
    {
        let numbers: Vec<FileId> = files.iter().map(|(file, _)| *file).collect();
        list.extend(proved::promises(program, &tree, (sources, &numbers)));
    }
    let refused = refused(&list);
    (program.filter(|_| !refused), list)
}

fn refused(list: &[Diagnostic]) -> bool {
    list.iter().any(|finding| finding.rule.severity == Severity::Error)
}
