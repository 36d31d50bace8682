//! `deliver_to(mail, recipient, sink)`: hands a message to a sink for one of its recipients.
//!
//! Never: answers `stored` before the message is on stable storage, or changes one octet of it.

use program::Type;

use crate::{
    action::{Action, Answer, Question, Reply, parameter, text},
    deliver::{hand_over, mail, message, outcomes},
    example::{Example, Literal},
    world::Message,
};

/// Its name.
pub(crate) const NAME: &str = "deliver_to";

/// The action.
pub(crate) static ACTION: Action = Action {
    name: NAME,
    summary: "hands a message to a sink for one of its recipients",
    documentation: "\
As `deliver`, with `recipient` alone for the recipients: each has an answer of its own. A sink with one place for all gets
the message once for each recipient.

- `stored(id)`: the message is on stable storage for this recipient. `id` is its name.
- `refused(why)`: the sink does not want this message for this recipient.
- `failed(why)`: it could not be done: a full disk, say. Nothing of it stays, nor when the call is cancelled or its
  time limit is reached.",
    parameters: || vec![mail(), parameter("recipient", Type::ForwardPath), parameter("sink", Type::Sink)],
    using: false,
    outcomes,
    examples: &[Example {
        given: &[],
        asks: &[
            Literal::Mail("Subject: hi\r\n\r\nHello.\r\n"),
            Literal::Text("bob@example.com"),
            Literal::Text("inbox"),
        ],
        answers: r#"stored("message-1")"#,
    }],
    run,
};

fn run(question: Question<'_>) -> Answer<'_, Reply> {
    let Some(recipient) = text(question.argument(1)) else { return Answer::now(question.misfit(1, "an address")) };
    match message(question) {
        Ok(message) => hand_over(question, Message { only: Some(recipient), ..message }, 2),
        Err(reply) => Answer::now(reply),
    }
}
