//! `mailbox_refresh(sink, account, list)`: tells the flags that the messages of a list have now.
//!
//! Never: takes one out of the list, or puts one in.

use std::collections::HashMap;

use program::{Record, Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_refresh",
    summary: "tells the flags that the messages of a list have now",
    documentation: "\
`list` is what `mailbox_list` gave.

- `refreshed(box)`: the same messages under the same numbers, each with the name and the flags that it has now. One that is
  gone is as it was.
- `failed(why)`: the folder cannot be read.",
    parameters: || [mailbox::place(), vec![mailbox::list_parameter()]].concat(),
    using: false,
    outcomes: || vec![outcome("refreshed", [("box", Type::Record(mailbox::listing()))])],
    examples: &[Example { given: &[Given::Mailbox("ann@example.com", &["A: b\r\n\r\n"])], asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Messages(&[1])], answers: "refreshed(mailbox{\"messages\": [mailbox_message{\"number\": 1, \"uid\": 1, \"name\": \"message-1\", \"octets\": 8, \"received\": @0, \"seen\": no, \"fresh\": yes, \"flags\": []}], \"octets\": 0, \"unseen\": 1, \"fresh\": 1, \"validity\": 1, \"next\": 9})" }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let Value::Record(list) = question.argument(2) else { return question.misfit(2, "a list of messages") };
    let fresh = match mailbox::send(question, Errand::Refresh).await {
        Ok(Found::Listing(found)) => mailbox::listed(&found),
        Ok(_) => return mailbox::strange(),
        Err(reply) => return reply,
    };
    let now: HashMap<i64, &Record> =
        mailbox::messages(&fresh).into_iter().map(|(_, uid, record)| (uid, record)).collect();
    let messages = mailbox::messages(question.argument(2)).into_iter().map(|(number, uid, old)| {
        let mut record = now.get(&uid).copied().unwrap_or(old).clone();
        if let Some(place) = record.shape.index("number") {
            record.fields[place] = Value::Number(number);
        }
        Value::from(record)
    });
    let messages = Value::List(messages.collect());
    let mut list = Record::clone(list);
    if let Some(place) = list.shape.index("messages") {
        list.fields[place] = messages;
    }
    Reply::new("refreshed", vec![list.into()])
}
