//! `file_write(sink, owner, name, content)`: makes a file of an owner, or puts another in its place.
//!
//! Never: leaves half of one, or the old and the new one mixed.

use program::{Parameter, ParameterKind, Type, Value};

use crate::{
    Payload,
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Literal},
    files,
    world::FileErrand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_write",
    summary: "makes a file of an owner, or puts another in its place",
    documentation: "\
`content` is a payload or a text. A name may have any characters; as that of a file, all but letters, digits, `_`, `-`,
`+`, `=` and `.` stand escaped, and it is 200 octets long at the most.

- `written`: it is on stable storage, in one step.
- `failed(why)`: it cannot be written; what was there before is still there.",
    parameters: || {
        let kind = ParameterKind::AnyOf(vec![Type::Octets, Type::Text]);
        [files::one(), vec![Parameter { kind, ..parameter("content", Type::Octets) }]].concat()
    },
    using: false,
    outcomes: || vec![outcome("written", [])],
    examples: &[Example {
        given: &[],
        asks: &[Literal::Text("files"), Literal::Text("ann@example.com"), Literal::Text("a"), Literal::Octets("keep;")],
        answers: "written",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let content = match question.argument(3) {
        Value::Octets(octets) => question.payload(*octets),
        Value::Text(text) => Ok(Some(Payload::Memory(text.as_bytes().to_vec().into()))),
        _ => Err(question.misfit(3, "a payload")),
    };
    match (question.text(2), content) {
        (Ok(name), Ok(content)) => files::simply(question, "written", FileErrand::Write(name.into(), content)).await,
        (Err(reply), _) | (_, Err(reply)) => reply,
    }
}
