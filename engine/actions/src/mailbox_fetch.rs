//! `mailbox_fetch(sink, account, message)`: reads one message.
//!
//! Never: holds it in memory; the session gets hold of its file.

use program::Type;

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_fetch",
    summary: "reads one message of a mailbox",
    documentation: "\
`message` is an element of the list that `mailbox_list` gave.

- `found(text)`: the message, octet for octet. It stays readable in this session, even when it is taken out.
- `none`: it is not there any more.
- `failed(why)`: it cannot be read, or there is no descriptor for it: a session holds 64 at once.",
    parameters: || [mailbox::place(), vec![mailbox::message_parameter()]].concat(),
    using: false,
    outcomes: || vec![outcome("found", [("text", Type::Octets)]), outcome("none", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &["Subject: hi\r\n\r\nHello.\r\n"])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Message("message-2")],
        answers: "none",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let name = match mailbox::name(question) {
        Ok(name) => name,
        Err(reply) => return reply,
    };
    answer(question, Errand::Fetch { name, lines: None }).await
}

/// What comes of fetching.
pub(crate) async fn answer(question: Question<'_>, errand: Errand) -> Reply {
    match mailbox::send(question, errand).await {
        Ok(Found::Message(payload)) => match question.lend(payload) {
            Ok(text) => Reply::new("found", vec![text]),
            Err(reply) => reply,
        },
        Ok(Found::Nothing) => Reply::new("none", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
