//! A message on its way into a sink, and why it did not get there.
//!
//! Never: holds the octets of a body; the payload has them.

use std::sync::Arc;

use program::{Record, Type, Value, Words};

use crate::Payload;

/// A message on its way into a sink.
#[derive(Clone, Default)]
pub struct Message {
    /// The record that it is made of.
    pub record: Option<Arc<Record>>,
    /// The one recipient that it is for; absent: all of the record.
    pub only: Option<Words>,
    /// An empty text that its name may be written into.
    pub name: Words,
    /// The message as it was received; absent: not one octet.
    pub body: Option<Payload>,
}

impl Message {
    /// The address of the reverse path, empty for `<>` and where the record has none.
    pub fn sender(&self) -> &str {
        self.value("sender").and_then(address).unwrap_or_default()
    }

    /// The addresses of the forward paths, in the order they were given.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        let all: &[Value] = match self.value("recipients") {
            Some(Value::List(list)) if self.only.is_none() => list,
            _ => &[],
        };
        self.only.as_deref().into_iter().chain(all.iter().filter_map(address))
    }

    /// Whole header fields that stand in front of the body, without their final line end, the first one first.
    pub fn headers(&self) -> &[Words] {
        self.record.as_ref().map_or(&[], |record| &record.headers)
    }

    /// Another field of the record, and its type: what a courier may want to know. No payload and no secret.
    pub fn field(&self, name: &str) -> Option<(&Type, &Value)> {
        let record = self.record.as_ref()?;
        let index = record.shape.index(name).filter(|_| !matches!(name, "sender" | "recipients" | "body"))?;
        let (_, ty) = record.shape.fields.get(index)?;
        let value = record.fields.get(index)?;
        (*ty != Type::Octets && !ty.is_secret()).then_some((ty, value))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.record.as_ref()?.field(name)
    }
}

fn address(value: &Value) -> Option<&str> {
    match value {
        Value::Address(address) => Some(&address.text),
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotStored {
    /// The sink does not want it, now or later.
    Refused(Arc<str>),
    /// It could not be done this time.
    Failed(Arc<str>),
}
