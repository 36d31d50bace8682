//! A message on its way into a sink, and why it did not get there.
//!
//! Never: holds the octets of a body; the payload has them.

use std::sync::Arc;

use program::{Headers, Record, Type, Value, Words};

use crate::Payload;

/// A message on its way into a sink.
#[derive(Clone, Default)]
pub struct Message {
    /// The address of the reverse path, empty for `<>` and where the record has none.
    pub sender: Words,
    /// The addresses of the forward paths, in the order they were given.
    pub recipients: Vec<Words>,
    /// Whole header fields that stand in front of the body, without their final line end, the first one first.
    pub headers: Headers,
    /// The record that it was made of.
    pub record: Option<Arc<Record>>,
    /// The message as it was received; absent: not one octet.
    pub body: Option<Payload>,
}

impl Message {
    /// Another field of the record, and its type: what a courier may want to know. No payload and no secret.
    pub fn field(&self, name: &str) -> Option<(&Type, &Value)> {
        let record = self.record.as_ref()?;
        let index = record.shape.index(name).filter(|_| !matches!(name, "sender" | "recipients" | "body"))?;
        let (_, ty) = record.shape.fields.get(index)?;
        let value = record.fields.get(index)?;
        (!matches!(ty, Type::Octets | Type::Secret(_))).then_some((ty, value))
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
