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
    parse,
};

/// Compiles one file of `sources`. `actions` are the signatures that it may ask.
///
/// Gives a program only when no finding is an error; findings come in any case.
pub fn compile(sources: &Sources, file: FileId, actions: &[Arc<Signature>]) -> (Option<Program>, Vec<Diagnostic>) {
    let (tree, mut list) = parse::parse(file, sources.text(file));
    let (program, findings) = Compiler::run(&tree, sources, actions, list.is_empty());
    list.extend(findings.into_list());
    let refused = list.iter().any(|finding| finding.rule.severity == Severity::Error);
    (program.filter(|_| !refused), list)
}
