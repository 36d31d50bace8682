//! `mailbox_expunge(sink, account, names)`: takes messages out of a mailbox for good.
//!
//! Never: touches one that it was not told.

use std::sync::Arc;

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter, text},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_expunge",
    summary: "takes messages out of a mailbox for good",
    documentation: "\
`names` are names of messages from the list that `mailbox_list` gave. Hold the lock while you do this.

- `expunged(count)`: so many were taken out, and that is on stable storage; others were not there any more.
- `failed(why)`: one could not be removed; those before it are gone.",
    parameters: || [mailbox::place(), vec![parameter("names", Type::List(Box::new(Type::Text)))]].concat(),
    using: false,
    outcomes: || vec![outcome("expunged", [("count", Type::Number { least: 0, most: i64::MAX })])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &["Subject: hi\r\n\r\nHello.\r\n"])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::List(&["message-1", "message-2"])],
        answers: "expunged(1)",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let Value::List(names) = question.argument(2) else { return question.misfit(2, "a list of names") };
    let names: Vec<Arc<str>> = names.iter().filter_map(text).map(Arc::from).collect();
    match mailbox::send(question, Errand::Expunge(names)).await {
        Ok(Found::Done(count)) => Reply::new("expunged", vec![Value::Number(count)]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
