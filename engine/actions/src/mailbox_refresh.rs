//! `mailbox_refresh(sink, account, list)`: tells the flags that the messages of a list have now.
//!
//! Never: takes one out of the list, or puts one in.

use std::collections::HashMap;

use program::{Record, Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::{Entry, Errand},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_refresh",
    summary: "tells the flags that the messages of a list have now",
    documentation: "\
`list` is what `mailbox_list` gave.

- `refreshed(box)`: the same messages under the same numbers, each with the name and the flags that it has now. One that is
  gone is as it was.
- `failed(why)`: the folder cannot be read, or there is no memory for the list.",
    parameters: || [mailbox::place(), vec![mailbox::list_parameter()]].concat(),
    using: false,
    outcomes: || vec![outcome("refreshed", [("box", Type::Record(mailbox::listing()))])],
    examples: &[Example { given: &[Given::Mailbox("ann@example.com", &["A: b\r\n\r\n"])], asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Messages(&[1])], answers: "refreshed(mailbox{\"messages\": [mailbox_message{\"number\": 1, \"uid\": 1, \"name\": \"message-1\", \"octets\": 8, \"received\": @0, \"seen\": no, \"fresh\": yes, \"flags\": []}], \"octets\": 0, \"unseen\": 1, \"fresh\": 1, \"validity\": 1, \"next\": 9})" }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let Value::Record(list) = question.argument(2) else { return question.misfit(2, "a list of messages") };
    let fresh = match mailbox::list(question, Errand::Refresh).await {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    let shape = mailbox::message();
    let now: HashMap<i64, &Entry> = fresh.messages.iter().map(|entry| (entry.uid, entry)).collect();
    let known = mailbox::messages(question.argument(2));
    let mut messages = Vec::with_capacity(known.len());
    messages.extend(known.into_iter().map(|old| match now.get(&old.uid) {
        Some(entry) => mailbox::current(Some(old.value), &shape, old.number, entry),
        None => old.value.clone(),
    }));
    let messages = Value::List(messages);
    let mut list = Record::clone(list);
    if let Some(place) = list.shape.index("messages") {
        list.fields[place] = messages;
    }
    Reply::new("refreshed", vec![list.into()])
}
