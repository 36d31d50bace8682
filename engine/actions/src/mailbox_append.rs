//! `mailbox_append(sink, account, message, flags)`: puts a message into a mailbox.
//!
//! Never: changes one octet of it.

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_append",
    summary: "puts a message into a mailbox",
    documentation: "\
`message` is a payload, `flags` as of `mailbox_flag`.

- `appended`: it is on stable storage.
- `failed(why)`: it cannot be kept; nothing of it stays.",
    parameters: || {
        let flags = parameter("flags", Type::List(Box::new(Type::Text)));
        [mailbox::place(), vec![parameter("message", Type::Octets), flags]].concat()
    },
    using: false,
    outcomes: || vec![outcome("appended", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &[])],
        asks: &[
            Literal::Text("inbox"),
            Literal::Text("ann@example.com"),
            Literal::Octets("Subject: hi\r\n\r\n"),
            Literal::List(&["Seen"]),
        ],
        answers: "appended",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let Value::Octets(octets) = question.argument(2) else { return question.misfit(2, "a payload") };
    let content = match question.payload(*octets) {
        Ok(content) => content,
        Err(reply) => return reply,
    };
    let flags = mailbox::letters(question.argument(3));
    match mailbox::send(question, Errand::Append { content, flags }).await {
        Ok(Found::Done(_)) => Reply::new("appended", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
