//! What the actions on mailboxes share: their parameters and their records.
//!
//! Never: an action itself.

use std::sync::{Arc, LazyLock};

use program::{Parameter, ParameterKind, Record, Shape, Type, Value, Words};

use crate::{
    action::{Question, Reply, parameter},
    world::{Entry, Errand, Found, Listing, NO_ROOM},
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
pub(crate) fn message() -> Arc<Shape> {
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

/// A list as a value. Messages that are as in `former`, a list that was given before, are those of it.
pub(crate) fn listed(found: &Listing, former: &Value) -> Value {
    let shape = message();
    let count = |test: fn(&Entry) -> bool| found.messages.iter().filter(|entry| test(entry)).count();
    // Both are in the order of their uids.
    let mut known = messages(former).into_iter().peekable();
    let messages = found.messages.iter().zip(1..).map(|(entry, number)| {
        while known.next_if(|known| known.uid < entry.uid).is_some() {}
        let known = known.next_if(|known| known.uid == entry.uid);
        current(known.map(|known| known.value), &shape, number, entry)
    });
    let mut list = Vec::with_capacity(found.messages.len());
    list.extend(messages);
    let fields = vec![
        Value::List(list),
        Value::Number(found.messages.iter().map(|entry| entry.octets).sum()),
        Value::Number(count(|entry| !entry.seen) as i64),
        Value::Number(count(|entry| entry.fresh) as i64),
        Value::Number(found.validity),
        Value::Number(found.next),
    ];
    Record::new(listing(), fields).into()
}

/// A message under that number: the value that is known of it, if it is as it was.
pub(crate) fn current(known: Option<&Value>, shape: &Arc<Shape>, number: i64, entry: &Entry) -> Value {
    let fields = [
        Value::Number(number),
        Value::Number(entry.uid),
        Value::Absent,
        Value::Number(entry.octets),
        Value::Time(entry.received),
        Value::Yes(entry.seen),
        Value::Yes(entry.fresh),
        words(&entry.flags),
    ];
    const NAME: usize = 2;
    if let Some(Value::Record(record)) = known
        && let Some(Value::Text(name)) = record.fields.get(NAME)
        && **name == *entry.name
        && record.fields.len() == fields.len()
        && fields.iter().zip(&record.fields).enumerate().all(|(place, (is, was))| place == NAME || is == was)
    {
        return Value::Record(record.clone());
    }
    let mut record = Record::new(shape.clone(), fields);
    record.fields[NAME] = Value::Text((&entry.name).into());
    record.into()
}

/// What a Maildir has letters for, and the words for it.
const FLAGS: [(char, &str); 5] = [('S', "Seen"), ('R', "Answered"), ('F', "Flagged"), ('T', "Deleted"), ('D', "Draft")];

/// Letters as a list of words, which all lists share.
pub(crate) fn words(letters: &str) -> Value {
    static WORDS: LazyLock<[Words; FLAGS.len()]> = LazyLock::new(|| FLAGS.map(|(_, word)| word.into()));
    let known = FLAGS.into_iter().zip(&*WORDS).filter(|((letter, _), _)| letters.contains(*letter));
    let mut list = Vec::with_capacity(known.clone().count());
    list.extend(known.map(|(_, word)| Value::Text(word.clone())));
    Value::List(list)
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

/// A message of a list that an argument is.
pub(crate) struct Known<'a> {
    pub(crate) number: i64,
    pub(crate) uid: i64,
    pub(crate) value: &'a Value,
}

/// The messages of a list that an argument is, in their order.
pub(crate) fn messages(value: &Value) -> Vec<Known<'_>> {
    let Value::Record(list) = value else { return Vec::new() };
    let Some(Value::List(messages)) = list.field("messages") else { return Vec::new() };
    let known = messages.iter().filter_map(|value| match value {
        Value::Record(record) => match (record.field("number"), record.field("uid")) {
            (Some(Value::Number(number)), Some(Value::Number(uid))) => {
                Some(Known { number: *number, uid: *uid, value })
            }
            _ => None,
        },
        _ => None,
    });
    known.collect()
}

/// Asks for a list. What is made of it is counted with it.
pub(crate) async fn list(question: Question<'_>, errand: Errand) -> Result<Listing, Reply> {
    /// What a message takes as a value, beside its name.
    const MESSAGE: u64 = 640;
    let Found::Listing(mut found) = send(question, errand).await? else { return Err(strange()) };
    let wanted: u64 = found.messages.iter().map(|entry| MESSAGE + 2 * entry.name.len() as u64).sum();
    if let Some(room) = &mut found.room {
        let is_too_much = wanted > room.ceiling().share();
        // What was there while the list was made is gone: the entries are a part of what is wanted.
        if is_too_much || !room.resize(wanted) {
            return Err(Reply::failed(format!("the list of the mailbox: {NO_ROOM}")));
        }
    }
    Ok(found)
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
