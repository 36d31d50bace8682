//! What the actions on mailboxes share: their parameters and their records.
//!
//! Never: an action itself.

use std::sync::Arc;

use program::{Parameter, ParameterKind, Record, Shape, Type, Value};

use crate::{
    action::{Question, Reply, parameter},
    world::{Errand, Found, Listing},
};

/// The sink and the account, which every one of them takes first.
pub(crate) fn place() -> Vec<Parameter> {
    vec![parameter("sink", Type::Sink), parameter("account", Type::Text)]
}

/// A message of a list.
pub(crate) fn message_parameter() -> Parameter {
    let fields = vec![("name".into(), Type::Text)];
    Parameter { kind: ParameterKind::RecordWith(fields), ..parameter("message", Type::Text) }
}

/// The type of a message in a list.
fn message() -> Arc<Shape> {
    let number = Type::Number { least: 0, most: i64::MAX };
    let fields = [
        ("number", number.clone()),
        ("uid", number),
        ("name", Type::Text),
        ("octets", Type::Size),
        ("received", Type::Time),
        ("seen", Type::YesNo),
        ("fresh", Type::YesNo),
        ("flags", Type::List(Box::new(Type::Text))),
    ];
    Arc::new(Shape { name: "mailbox_message".into(), fields: fields.map(|(name, ty)| (name.into(), ty)).to_vec() })
}

/// The type of a list.
pub(crate) fn listing() -> Arc<Shape> {
    let number = Type::Number { least: 0, most: i64::MAX };
    let fields = [
        ("messages", Type::List(Box::new(Type::Record(message())))),
        ("octets", Type::Size),
        ("unseen", number.clone()),
        ("fresh", number.clone()),
        ("validity", number.clone()),
        ("next", number),
    ];
    Arc::new(Shape { name: "mailbox".into(), fields: fields.map(|(name, ty)| (name.into(), ty)).to_vec() })
}

/// A list as a value.
pub(crate) fn listed(found: &Listing) -> Value {
    let shape = message();
    let count = |test: fn(&crate::world::Entry) -> bool| found.messages.iter().filter(|entry| test(entry)).count();
    let messages = found.messages.iter().enumerate().map(|(place, entry)| {
        let fields = vec![
            Value::Number(place as i64 + 1),
            Value::Number(entry.uid),
            Value::Text((&entry.name).into()),
            Value::Number(entry.octets),
            Value::Time(entry.received),
            Value::Yes(entry.seen),
            Value::Yes(entry.fresh),
            words(&entry.flags),
        ];
        Record::new(shape.clone(), fields).into()
    });
    let fields = vec![
        Value::List(messages.collect()),
        Value::Number(found.messages.iter().map(|entry| entry.octets).sum()),
        Value::Number(count(|entry| !entry.seen) as i64),
        Value::Number(count(|entry| entry.fresh) as i64),
        Value::Number(found.validity),
        Value::Number(found.next),
    ];
    Record::new(listing(), fields).into()
}

/// What a Maildir has letters for, and the words for it.
const FLAGS: [(char, &str); 5] = [('S', "Seen"), ('R', "Answered"), ('F', "Flagged"), ('T', "Deleted"), ('D', "Draft")];

/// Letters as a list of words.
pub(crate) fn words(letters: &str) -> Value {
    let known = FLAGS.into_iter().filter(|(letter, _)| letters.contains(*letter));
    Value::List(known.map(|(_, word)| Value::Text(word.into())).collect())
}

/// A list of words as letters: a mark in front of one and its case do not count, and what is no such word is passed over.
pub(crate) fn letters(value: &Value) -> Vec<char> {
    let Value::List(list) = value else { return Vec::new() };
    let letter = |value: &Value| match value {
        Value::Text(text) => {
            let word = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            FLAGS.into_iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(letter, _)| letter)
        }
        _ => None,
    };
    list.iter().filter_map(letter).collect()
}

/// The messages of a list that an argument is, in their order: their numbers, their uids, and the records.
pub(crate) fn messages(value: &Value) -> Vec<(i64, i64, &Record)> {
    let Value::Record(list) = value else { return Vec::new() };
    let Some(Value::List(messages)) = list.field("messages") else { return Vec::new() };
    let known = messages.iter().filter_map(|message| match message {
        Value::Record(record) => match (record.field("number"), record.field("uid")) {
            (Some(Value::Number(number)), Some(Value::Number(uid))) => Some((*number, *uid, &**record)),
            _ => None,
        },
        _ => None,
    });
    known.collect()
}

/// The list that `mailbox_list` gave, as a parameter.
pub(crate) fn list_parameter() -> Parameter {
    parameter("list", Type::Record(listing()))
}

/// Sends an errand to the mailbox that the first two arguments name.
pub(crate) async fn send(question: Question<'_>, errand: Errand) -> Result<Found, Reply> {
    let (sink, account) = (question.text(0)?, question.text(1)?);
    let done = question.world.mailbox(&question.call.session, &sink, &account, errand).await;
    done.map_err(Reply::failed)
}

/// The name of the message that is argument 2.
pub(crate) fn name(question: Question<'_>) -> Result<Arc<str>, Reply> {
    match question.argument(2) {
        Value::Record(record) if let Some(Value::Text(name)) = record.field("name") => Ok((**name).into()),
        _ => Err(question.misfit(2, "a message of a list")),
    }
}

/// The world did something else than it was asked: a fault of ours.
pub(crate) fn strange() -> Reply {
    Reply::failed("the mailbox answered something else")
}
