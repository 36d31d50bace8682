//! Protocol files, drawn by chance over the whole grammar: small, most of them nearly right.
//!
//! Names hide one another, facts are optional, states are left, bounds are close, secrets are everywhere: what checkers and
//! machines get wrong. A file that the checker refuses costs little.
//!
//! Never: knows what the checker takes.

mod body;
mod command;
mod expression;
mod file;
mod plan;
mod promise;
mod scope;
mod writer;

use crate::chance::Chance;
use plan::Plan;
use writer::Writer;

/// A generated protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub text: String,
    /// Promises that may be added to it, a line each.
    pub promises: Vec<String>,
    /// A later version of it, where sessions may go on with that.
    pub next: Option<Box<Source>>,
}

/// The protocol of a seed.
pub fn source(seed: u64) -> Source {
    let plan = Plan::new(seed);
    let mut source = version(&plan, Chance::of(seed, "first"));
    if plan.moves.is_some() {
        source.next = Some(Box::new(version(&plan, Chance::of(seed, "second"))));
    }
    source
}

fn version(plan: &Plan, chance: Chance) -> Source {
    let mut writer = Writer::new(plan, chance);
    let text = writer.file();
    let promises = writer.promises(&text);
    Source { text, promises, next: None }
}
