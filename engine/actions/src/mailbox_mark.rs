//! `mailbox_mark(sink, account, message)`: marks a message as seen.
//!
//! Never: changes an octet of it.

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_mark",
    summary: "marks a message of a mailbox as seen",
    documentation: "\
`message` is an element of the list that `mailbox_list` gave.

- `marked`: the next list says `seen`.
- `none`: it is not there any more.
- `failed(why)`: its file cannot be renamed.",
    parameters: || [mailbox::place(), vec![mailbox::message_parameter()]].concat(),
    using: false,
    outcomes: || vec![outcome("marked", []), outcome("none", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &["Subject: hi\r\n\r\nHello.\r\n"])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Message("message-1")],
        answers: "marked",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let name = match mailbox::name(question) {
        Ok(name) => name,
        Err(reply) => return reply,
    };
    match mailbox::send(question, Errand::Mark(name)).await {
        Ok(Found::Done(_)) => Reply::new("marked", vec![]),
        Ok(Found::Nothing) => Reply::new("none", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
