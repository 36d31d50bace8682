//! `mailbox_flag(sink, account, message, how, flags)`: changes the flags of a message.
//!
//! Never: touches a flag that it was not told.

use program::{Parameter, ParameterKind, Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Given, Literal},
    mailbox,
    world::{Errand, Flagging, Found},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_flag",
    summary: "changes the flags of a message",
    documentation: "\
`message` is an element of the list that `mailbox_list` gave. `how` is `\"set\"`, `\"add\"` or `\"remove\"`; `flags` are words
of Seen, Answered, Flagged, Deleted and Draft: a mark in front of one and its case do not count, other words are passed over.

- `flagged(flags)`: the flags that it has now.
- `none`: it is not there any more.
- `failed(why)`: they cannot be changed.",
    parameters: || {
        let how = ParameterKind::OneOf(vec!["set".into(), "add".into(), "remove".into()]);
        let how = Parameter { kind: how, ..parameter("how", Type::Text) };
        let flags = parameter("flags", Type::List(Box::new(Type::Text)));
        [mailbox::place(), vec![mailbox::message_parameter(), how, flags]].concat()
    },
    using: false,
    outcomes: || vec![outcome("flagged", [("flags", Type::List(Box::new(Type::Text)))]), outcome("none", [])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &["Subject: hi\r\n\r\nHello.\r\n"])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com"), Literal::Message("message-1"), Literal::Text("add"), Literal::List(&["\\deleted", "Seen"])],
        answers: "flagged([\"Seen\", \"Deleted\"])",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let name = match mailbox::name(question) {
        Ok(name) => name,
        Err(reply) => return reply,
    };
    let how = match question.argument(3) {
        Value::Text(how) if &**how == "set" => Flagging::Set,
        Value::Text(how) if &**how == "add" => Flagging::Add,
        Value::Text(how) if &**how == "remove" => Flagging::Remove,
        _ => return question.misfit(3, "a way to change flags"),
    };
    let flags = mailbox::letters(question.argument(4));
    match mailbox::send(question, Errand::Flag { name, how, flags }).await {
        Ok(Found::Flags(flags)) => Reply::new("flagged", vec![mailbox::words(&flags)]),
        Ok(Found::Nothing) => Reply::new("none", vec![]),
        Ok(_) => mailbox::strange(),
        Err(reply) => reply,
    }
}
