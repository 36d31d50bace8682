//! `mailbox_release(sink, account)`: lets other sessions into a mailbox again.
//!
//! Never: takes the lock of another session away.

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_release",
    summary: "lets other sessions into a mailbox again",
    documentation: "\
- `released`: this session holds no lock of that mailbox (any more).
- `failed(why)`: there is no such mailbox.",
    parameters: mailbox::place,
    using: false,
    outcomes: || vec![outcome("released", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &[])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com")],
        answers: "released",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    match mailbox::send(question, Errand::Release).await {
        Ok(Found::Done(_)) => Reply::new("released", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
