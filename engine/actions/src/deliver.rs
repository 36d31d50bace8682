//! `deliver(mail, sink)`: hands a message to one of the places that the configuration names.
//!
//! Never: answers `stored` before the message is on stable storage, or changes one octet of it.

use program::{OutcomeSignature, Parameter, ParameterKind, Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Literal},
    world::{Message, NotStored},
};

/// Its name.
pub(crate) const NAME: &str = "deliver";

/// The action.
pub(crate) static ACTION: Action = Action {
    name: NAME,
    summary: "hands a message to a sink",
    documentation: "\
`mail` is a record with a field `body : octets`. What `prepend header` collected in it stands in front, the latest
first, each line ended by CR LF; then comes the body, unchanged to the octet. A field `sender : reverse_path` and a
field `recipients : list of forward_path`, where the record has them, are told to the sink. A sink that is another
server hands its other fields to the parameters of its client that have their names and types.

- `stored(id)`: the message is on stable storage: its file and the folder are written through. `id` is its name.
- `refused(why)`: the sink does not want this message.
- `failed(why)`: it could not be done: a full disk, say. Nothing of it stays, nor when the call is cancelled or its
  time limit is reached.",
    parameters: || vec![mail(), parameter("sink", Type::Sink)],
    using: false,
    outcomes,
    examples: &[Example {
        given: &[],
        asks: &[Literal::Mail("Subject: hi\r\n\r\nHello.\r\n"), Literal::Text("inbox")],
        answers: r#"stored("message-1")"#,
    }],
    run,
};

/// A record with the octets of a message.
pub(crate) fn mail() -> Parameter {
    let fields = vec![("body".into(), Type::Octets)];
    Parameter { kind: ParameterKind::RecordWith(fields), ..parameter("mail", Type::Octets) }
}

/// What may come of handing it over.
pub(crate) fn outcomes() -> Vec<OutcomeSignature> {
    vec![outcome("stored", [("id", Type::Text)]), outcome("refused", [("why", Type::Text)])]
}

fn run(question: Question<'_>) -> Answer<'_, Reply> {
    match message(question) {
        Ok(message) => hand_over(question, message, 1),
        Err(reply) => Answer::now(reply),
    }
}

/// Hands a message to the sink that an argument names.
pub(crate) fn hand_over(question: Question<'_>, message: Message, sink: usize) -> Answer<'_, Reply> {
    match question.lasting(sink) {
        Ok(sink) => question.world.deliver(sink, message).then(|stored| match stored {
            Ok(id) => Reply::new("stored", [Value::Text(id)]),
            Err(NotStored::Refused(why)) => Reply::new("refused", [Value::Text(why.into())]),
            Err(NotStored::Failed(why)) => Reply::failed(why),
        }),
        Err(reply) => Answer::now(reply),
    }
}

/// The message that the first argument is.
pub(crate) fn message(question: Question<'_>) -> Result<Message, Reply> {
    let Value::Record(mail) = question.argument(0) else { return Err(question.misfit(0, "a record")) };
    let Some(Value::Octets(body)) = mail.field("body") else {
        return Err(question.misfit(0, "a record with a field `body` of type octets"));
    };
    let (record, body, name) = (Some(mail.clone()), question.payload(*body)?, question.payloads.blank());
    Ok(Message { record, only: None, name, body })
}
