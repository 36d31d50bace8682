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
            Value::Text(entry.name.clone()),
            Value::Number(entry.octets),
            Value::Time(entry.received),
            Value::Yes(entry.seen),
            Value::Yes(entry.fresh),
        ];
        Value::Record(Record { shape: shape.clone(), fields, headers: Vec::new() })
    });
    let fields = vec![
        Value::List(messages.collect()),
        Value::Number(found.messages.iter().map(|entry| entry.octets).sum()),
        Value::Number(count(|entry| !entry.seen) as i64),
        Value::Number(count(|entry| entry.fresh) as i64),
        Value::Number(found.validity),
        Value::Number(found.next),
    ];
    Value::Record(Record { shape: listing(), fields, headers: Vec::new() })
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
        Value::Record(record) if let Some(Value::Text(name)) = record.field("name") => Ok(name.clone()),
        _ => Err(question.misfit(2, "a message of a list")),
    }
}

/// The world did something else than it was asked: a fault of ours.
pub(crate) fn strange() -> Reply {
    Reply::failed("the mailbox answered something else")
}
