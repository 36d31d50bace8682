//! `file_rename(sink, owner, name, new)`: gives a file of an owner another name.
//!
//! Never: puts it in the place of another.

use program::Type;

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Literal},
    files,
    world::FileErrand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_rename",
    summary: "gives a file of an owner another name",
    documentation: "\
- `renamed`: that is on stable storage.
- `none`: there is no such file.
- `taken`: another file has the new name; nothing has changed.
- `failed(why)`: it cannot be renamed.",
    parameters: || [files::one(), vec![parameter("new", Type::Text)]].concat(),
    using: false,
    outcomes: || vec![outcome("renamed", []), outcome("none", []), outcome("taken", [])],
    examples: &[Example {
        given: &[],
        asks: &[Literal::Text("files"), Literal::Text("ann@example.com"), Literal::Text("a"), Literal::Text("b")],
        answers: "none",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    match (question.text(2), question.text(3)) {
        (Ok(old), Ok(new)) => files::simply(question, "renamed", FileErrand::Rename(old.into(), new.into())).await,
        (Err(reply), _) | (_, Err(reply)) => reply,
    }
}
