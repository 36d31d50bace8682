//! `file_delete(sink, owner, name)`: removes a file of an owner.
//!
//! Never: leaves it there and says it is gone.

use crate::{
    action::{Action, Answer, outcome},
    example::{Example, Literal},
    files,
    world::FileErrand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_delete",
    summary: "removes a file of an owner",
    documentation: "\
- `deleted`: it is gone, and that is on stable storage.
- `none`: there is no such file.
- `failed(why)`: it cannot be removed.",
    parameters: files::one,
    using: false,
    outcomes: || vec![outcome("deleted", []), outcome("none", [])],
    examples: &[Example {
        given: &[],
        asks: &[Literal::Text("files"), Literal::Text("ann@example.com"), Literal::Text("a")],
        answers: "none",
    }],
    run: |question| Answer::later(files::named(question, "deleted", FileErrand::Delete)),
};
