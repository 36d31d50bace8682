//! A message on its way into a sink, and why it did not get there.
//!
//! Never: holds the octets of a body; the payload has them.

use std::sync::Arc;

use program::{Type, Value};

use crate::Payload;

/// A message on its way into a sink.
#[derive(Clone, Default)]
pub struct Message {
    /// The address of the reverse path, empty for `<>` and where the record has none.
    pub sender: String,
    /// The addresses of the forward paths, in the order they were given.
    pub recipients: Vec<String>,
    /// Whole header fields that stand in front of the body, without their final line end, the first one first.
    pub headers: Vec<Arc<str>>,
    /// The other fields of the record, payloads and secrets left out: what a courier may want to know.
    pub fields: Vec<(Arc<str>, Type, Value)>,
    /// The message as it was received; absent: not one octet.
    pub body: Option<Payload>,
}

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotStored {
    /// The sink does not want it, now or later.
    Refused(Arc<str>),
    /// It could not be done this time.
    Failed(Arc<str>),
}
