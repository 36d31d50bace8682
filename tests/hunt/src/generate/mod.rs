//! Protocol files, drawn by chance over the whole grammar: small, most of them nearly right.
//!
//! Names hide one another, facts are optional, states are left, bounds are close, secrets are everywhere: what checkers and
//! machines get wrong. A file that the checker refuses costs little.
//!
//! Never: knows what the checker takes.

mod body;
mod command;
mod edits;
mod expression;
mod file;
mod plan;
mod promise;
mod request;
mod scope;
pub(crate) mod shipped;
mod writer;

use crate::chance::Chance;
use plan::Plan;
use writer::Writer;

/// A generated protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub text: String,
    /// The file that it takes over, by its name, where it takes one over.
    pub base: Option<(String, String)>,
    /// Promises that may be added to it, a line each.
    pub promises: Vec<String>,
    /// A later version of it, where sessions may go on with that.
    pub next: Option<Box<Source>>,
}

/// The protocol of a seed.
pub fn source(seed: u64) -> Source {
    if seed.is_multiple_of(25)
        && let Some(source) = shipped::shipped(seed)
    {
        return source;
    }
    if seed % 15 == 2 {
        return Source { text: request::requests(seed), ..Source::default() };
    }
    let plan = Plan::new(seed);
    let mut source = version(&plan, Chance::of(seed, "first"));
    if seed % 12 == 1 {
        let text = edits::derived(&plan, &source.text, Chance::of(seed, "edits"));
        let base = Some(("p.proto.dsl".into(), source.text));
        return Source { text, base, ..Source::default() };
    }
    if plan.moves.is_some() {
        source.next = Some(Box::new(version(&plan, Chance::of(seed, "second"))));
    }
    source
}

fn version(plan: &Plan, chance: Chance) -> Source {
    let mut writer = Writer::new(plan, chance);
    let text = writer.file();
    let promises = writer.promises(&text);
    Source { text, promises, ..Source::default() }
}
