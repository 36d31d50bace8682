//! `mailbox_head(sink, account, message, lines)`: reads the head of a message and the first lines of its body.
//!
//! Never: reads further than that.

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Given, Literal},
    mailbox, mailbox_fetch,
    world::Errand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_head",
    summary: "reads the head of a message and the first lines of its body",
    documentation: "\
`message` is an element of the list that `mailbox_list` gave.

- `found(text)`: the head, the empty line behind it, and so many lines of the body, as many as there are.
- `none`: it is not there any more.
- `failed(why)`: it cannot be read.",
    parameters: || {
        let lines = parameter("lines", Type::Number { least: 0, most: i64::MAX });
        [mailbox::place(), vec![mailbox::message_parameter(), lines]].concat()
    },
    using: false,
    outcomes: || vec![outcome("found", [("text", Type::Octets)]), outcome("none", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &[])],
        asks: &[
            Literal::Text("inbox"),
            Literal::Text("ann@example.com"),
            Literal::Message("message-1"),
            Literal::Number(2),
        ],
        answers: "none",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let name = match mailbox::name(question) {
        Ok(name) => name,
        Err(reply) => return reply,
    };
    let Value::Number(lines) = *question.argument(3) else { return question.misfit(3, "a number") };
    mailbox_fetch::answer(question, Errand::Fetch { name, lines: Some(lines.max(0) as u64) }).await
}
