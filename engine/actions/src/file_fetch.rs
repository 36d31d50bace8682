//! `file_fetch(sink, owner, name)`: reads a file of an owner.
//!
//! Never: changes one octet of it.

use program::Type;

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Literal},
    files,
    world::{FileErrand, Filed},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_fetch",
    summary: "reads a file of an owner",
    documentation: "\
- `found(text)`: the file, octet for octet. It stays readable in this session, even when it is removed.
- `none`: there is no such file.
- `failed(why)`: it cannot be read.",
    parameters: files::one,
    using: false,
    outcomes: || vec![outcome("found", [("text", Type::Octets)]), outcome("none", [])],
    examples: &[Example {
        given: &[],
        asks: &[Literal::Text("files"), Literal::Text("ann@example.com"), Literal::Text("a")],
        answers: "none",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let name = match question.text(2) {
        Ok(name) => name,
        Err(reply) => return reply,
    };
    match files::send(question, FileErrand::Fetch(name.into())).await {
        Ok(Filed::Content(payload)) => match question.lend(payload) {
            Ok(text) => Reply::new("found", vec![text]),
            Err(reply) => reply,
        },
        Ok(Filed::Nothing) => Reply::new("none", vec![]),
        Ok(_) => files::strange(),
        Err(reply) => reply,
    }
}
