//! `file_list(sink, owner)`: tells which files an owner has.
//!
//! Never: reads one.

use program::Type;

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Literal},
    files,
    world::{FileErrand, Filed},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_list",
    summary: "tells which files an owner has",
    documentation: "\
The files are those in the folder of that owner, in a sink whose path has `{local_part}` in it: `files: \"sieve/{domain}/{local_part}\"`.

- `listed(found)`: `found.files` in the order of their names, 10000 at the most. Each has `name`, as its owner gave it;
  `octets`, its length; `marked`, whether it bears the mark (`file_mark`). `found.octets` is the length of all.
- `failed(why)`: the folder cannot be read.",
    parameters: files::place,
    using: false,
    outcomes: || vec![outcome("listed", [("found", Type::Record(files::listing()))])],
    examples: &[Example { given: &[], asks: &[Literal::Text("files"), Literal::Text("ann@example.com")], answers: "listed(files{\"files\": [], \"octets\": 0})" }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    match files::send(question, FileErrand::List).await {
        Ok(Filed::Listing(found)) => Reply::new("listed", vec![files::listed(&found)]),
        Ok(_) => files::strange(),
        Err(reply) => reply,
    }
}
