//! `file_mark(sink, owner, name)`: lets one file of an owner bear the mark, and no other.
//!
//! Never: marks two.

use crate::{
    action::{Action, Answer, outcome},
    example::{Example, Literal},
    files,
    world::FileErrand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_mark",
    summary: "lets one file of an owner bear the mark, and no other",
    documentation: "\
The mark is for the one that is in use. A file that is renamed keeps it. With an empty name no file bears it.

- `marked`: that is on stable storage.
- `none`: there is no such file; nothing has changed.
- `failed(why)`: it cannot be written down.",
    parameters: files::one,
    using: false,
    outcomes: || vec![outcome("marked", []), outcome("none", [])],
    examples: &[Example {
        given: &[],
        asks: &[Literal::Text("files"), Literal::Text("ann@example.com"), Literal::Text("a")],
        answers: "none",
    }],
    run: |question| Answer::later(files::named(question, "marked", FileErrand::Mark)),
};
