//! What the actions on files share: their parameters and their record.
//!
//! Never: an action itself.

use std::sync::Arc;

use program::{Parameter, Record, Shape, Type, Value};

use crate::{
    action::{Question, Reply, parameter},
    world::{FileEntry, FileErrand, Filed},
};

/// The sink and the owner, which every one of them takes first.
pub(crate) fn place() -> Vec<Parameter> {
    vec![parameter("sink", Type::Sink), parameter("owner", Type::Text)]
}

/// The sink, the owner and the name of a file.
pub(crate) fn one() -> Vec<Parameter> {
    [place(), vec![parameter("name", Type::Text)]].concat()
}

fn file() -> Arc<Shape> {
    let fields = [("name", Type::Text), ("octets", Type::Size), ("marked", Type::YesNo)];
    Arc::new(Shape { name: "file".into(), fields: fields.map(|(name, ty)| (name.into(), ty)).to_vec() })
}

/// The type of a list.
pub(crate) fn listing() -> Arc<Shape> {
    let fields = [("files", Type::List(Box::new(Type::Record(file())))), ("octets", Type::Size)];
    Arc::new(Shape { name: "files".into(), fields: fields.map(|(name, ty)| (name.into(), ty)).to_vec() })
}

/// A list as a value.
pub(crate) fn listed(found: &[FileEntry]) -> Value {
    let shape = file();
    let files = found.iter().map(|entry| {
        let fields = vec![Value::Text((&entry.name).into()), Value::Number(entry.octets), Value::Yes(entry.marked)];
        Record::new(shape.clone(), fields).into()
    });
    let fields = vec![Value::List(files.collect()), Value::Number(found.iter().map(|entry| entry.octets).sum())];
    Record::new(listing(), fields).into()
}

/// Sends an errand to the files of the owner that the first two arguments name.
pub(crate) async fn send(question: Question<'_>, errand: FileErrand) -> Result<Filed, Reply> {
    let (sink, owner) = (question.text(0)?, question.text(1)?);
    question.world.files(&sink, &owner, errand).await.map_err(Reply::failed)
}

/// Sends an errand about the file that the third argument names, which is done or finds nothing.
pub(crate) async fn named(question: Question<'_>, done: &'static str, errand: fn(Arc<str>) -> FileErrand) -> Reply {
    match question.text(2) {
        Ok(name) => simply(question, done, errand(name.into())).await,
        Err(reply) => reply,
    }
}

/// Sends an errand that is done, or finds nothing.
pub(crate) async fn simply(question: Question<'_>, done: &'static str, errand: FileErrand) -> Reply {
    match send(question, errand).await {
        Ok(Filed::Done) => Reply::new(done, vec![]),
        Ok(Filed::Nothing) => Reply::new("none", vec![]),
        Ok(Filed::Taken) => Reply::new("taken", vec![]),
        Ok(_) => strange(),
        Err(reply) => reply,
    }
}

/// The world did something else than it was asked: a fault of ours.
pub(crate) fn strange() -> Reply {
    Reply::failed("the files answered something else")
}
