//! `count_header(octets, name)`: counts header fields of one name, against mail loops (RFC 5321 §6.3).
//!
//! Never: reads further than the head of a message, or more of it than the bound here.

use memchr::memchr;
use program::{Type, Value, Words};
use tokio::sync::oneshot;

use crate::{
    Payload,
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Literal},
    world::Bench,
};

/// Its name.
pub(crate) const NAME: &str = "count_header";

/// The action.
pub(crate) static ACTION: Action = Action {
    name: NAME,
    summary: "counts the header fields of one name in a message",
    documentation: "\
- `counted(n)`: so many lines of the head, which ends at the first empty line, begin with `name` and a colon, without
  regard to case. The first 256 KiB of the message are looked at; every hop puts its field in front.
- `failed(why)`: the message cannot be read.",
    parameters: || vec![parameter("octets", Type::Octets), parameter("name", Type::Text)],
    using: false,
    outcomes: || vec![outcome("counted", [("n", Type::Number { least: 0, most: i64::MAX })])],
    examples: &[
        Example {
            given: &[],
            asks: &[
                Literal::Octets("Received: b\r\n\tReceived: no field\r\nRECEIVED : a\r\n\r\nReceived: body\r\n"),
                Literal::Text("Received"),
            ],
            answers: "counted(2)",
        },
        Example { given: &[], asks: &[Literal::Octets(""), Literal::Text("Received")], answers: "counted(0)" },
    ],
    run,
};

/// The most octets that are looked at.
pub(crate) const MOST: u64 = 256 * 1024;

fn run(question: Question<'_>) -> Answer<'_, Reply> {
    let Value::Octets(octets) = *question.argument(0) else {
        return Answer::now(question.misfit(0, "a payload"));
    };
    match (question.text(1), question.payload(octets)) {
        (Ok(name), Ok(Some(payload))) => match payload.at_hand() {
            Some(octets) => Answer::now(counted(fields(octets, &name))),
            None => Answer::later(read(question, payload, name)),
        },
        (Ok(_), Ok(None)) => Answer::now(counted(0)),
        (Err(reply), _) | (_, Err(reply)) => Answer::now(reply),
    }
}

/// Counts in what is on the disk.
async fn read(question: Question<'_>, payload: Payload, name: Words) -> Reply {
    let (answer, answered) = oneshot::channel();
    let job = move || {
        // The session may be gone; then nobody wants to know.
        let _ = answer.send(count(&payload, &name));
    };
    question.world.work(Bench::Disk, Box::new(job)).await;
    match answered.await {
        Ok(Ok(count)) => counted(count),
        Ok(Err(why)) => Reply::failed(why),
        Err(_) => Reply::failed("reading broke off"),
    }
}

fn counted(count: i64) -> Reply {
    Reply::new("counted", [Value::Number(count)])
}

fn count(payload: &Payload, name: &str) -> Result<i64, String> {
    let mut head = Vec::new();
    payload.read(MOST, |octets| {
        head.extend_from_slice(octets);
        Ok(())
    })?;
    Ok(fields(&head, name))
}

/// How many fields of that name there are in the head that a text begins with.
fn fields(text: &[u8], name: &str) -> i64 {
    let mut rest = &text[..text.len().min(MOST as usize)];
    let mut count = 0;
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, behind) = rest.split_at(end);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if let Some((field, behind)) = line.split_at_checked(name.len())
            && field.eq_ignore_ascii_case(name.as_bytes())
            && behind.trim_ascii_start().first() == Some(&b':')
        {
            count += 1;
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    count
}
