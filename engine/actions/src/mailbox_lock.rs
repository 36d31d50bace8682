//! `mailbox_lock(sink, account)`: keeps other sessions out of a mailbox.
//!
//! Never: waits for the session that has it.

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_lock",
    summary: "keeps other sessions out of a mailbox",
    documentation: "\
The mailbox is the place in that sink where a message for the account would go; the path of its Maildir has
`{local_part}` in it.

- `locked`: the session has it now, until `mailbox_release` or its own end, a hang-up included. Mail still comes in.
- `busy`: another session has it, of this process or another.
- `failed(why)`: the folder cannot be used.",
    parameters: mailbox::place,
    using: false,
    outcomes: || vec![outcome("locked", []), outcome("busy", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &[])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com")],
        answers: "locked",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    match mailbox::send(question, Errand::Lock).await {
        Ok(Found::Done(_)) => Reply::new("locked", vec![]),
        Ok(Found::Busy) => Reply::new("busy", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
