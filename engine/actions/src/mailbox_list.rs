//! `mailbox_list(sink, account)`: tells what is in a mailbox.
//!
//! Never: reads a message.

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome},
    example::{Example, Given, Literal},
    mailbox,
    world::Errand,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "mailbox_list",
    summary: "tells what is in a mailbox",
    documentation: "\
- `listed(box)`: `box.messages` in the order in which they came, 100000 at the most. Each has `number`, from 1;
  `uid`, a number that stays and that no other message of the mailbox ever gets; `name`, by which other actions know
  it; `octets`, its length; `received`, the time; `seen`, whether it was marked; `fresh`, whether no session has
  touched it; `flags`, which of the words Seen, Answered, Flagged, Deleted and Draft hold. `box.octets` is the length of all, `box.unseen` and `box.fresh` count, `box.validity` changes when
  uids are given anew, `box.next` is the least uid that was not given. A mailbox to which nothing was delivered is empty.
- `failed(why)`: the folder cannot be read, or there is no memory for the list: some 500 octets for each message.",
    parameters: mailbox::place,
    using: false,
    outcomes: || vec![outcome("listed", [("box", Type::Record(mailbox::listing()))])],
    examples: &[Example {
        given: &[Given::Mailbox("ann@example.com", &["Subject: hi\r\n\r\nHello.\r\n"])],
        asks: &[Literal::Text("inbox"), Literal::Text("ann@example.com")],
        answers: "listed(mailbox{\"messages\": [mailbox_message{\"number\": 1, \"uid\": 1, \"name\": \"message-1\", \
                  \"octets\": 23, \"received\": @0, \"seen\": no, \"fresh\": yes, \"flags\": []}], \"octets\": 23, \"unseen\": 1, \
                  \"fresh\": 1, \"validity\": 1, \"next\": 2})",
    }],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    match mailbox::list(question, Errand::List).await {
        Ok(found) => Reply::new("listed", vec![mailbox::listed(&found, &Value::Absent)]),
        Err(reply) => reply,
    }
}
