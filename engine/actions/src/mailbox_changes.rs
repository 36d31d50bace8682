//! `mailbox_changes(sink, account, list)`: tells what has become of a mailbox since it was listed.
//!
//! Never: reads a message.

use std::collections::HashSet;

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::Errand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_changes",
    summary: "tells what has become of a mailbox since it was listed",
    documentation: "\
`list` is what `mailbox_list` gave.

- `changed(box, gone)`: what is in it now; and the numbers of the messages of `list` that are not there any more, in order,
  each as it is when those before it are taken off.
- `failed(why)`: the folder cannot be read, or there is no memory for the list.",
    parameters: || [mailbox::place(), vec![mailbox::list_parameter()]].concat(),
    using: false,
    outcomes: || vec![outcome(
            "changed",
            [
                ("box", Type::Record(mailbox::listing())),
                ("gone", Type::List(Box::new(Type::Number { least: 0, most: i64::MAX }))),
            ],
        )],
    examples: &[Example { given: &[Given::Mailbox("ann@example.com", &["A: b\r\n\r\n"])], asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Messages(&[1, 2, 3])], answers: "changed(mailbox{\"messages\": [mailbox_message{\"number\": 1, \"uid\": 1, \"name\": \"message-1\", \"octets\": 8, \"received\": @0, \"seen\": no, \"fresh\": yes, \"flags\": []}], \"octets\": 8, \"unseen\": 1, \"fresh\": 1, \"validity\": 1, \"next\": 2}, [2, 2])" }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let found = match mailbox::list(question, Errand::Changes).await {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    let now: HashSet<i64> = found.messages.iter().map(|entry| entry.uid).collect();
    let mut gone = Vec::new();
    for mailbox::Known { number, uid, .. } in mailbox::messages(question.argument(2)) {
        if !now.contains(&uid) {
            gone.push(Value::Number(number - gone.len() as i64));
        }
    }
    Reply::new("changed", vec![mailbox::listed(&found, question.argument(2)), Value::List(gone)])
}
