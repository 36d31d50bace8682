//! The sink that keeps messages in memory, for transcripts.
//!
//! Never: serves a real peer; it has no bound.

use std::sync::{Arc, Mutex, PoisonError};

use program::Words;

use crate::world::{Message, NotStored};

/// Messages in memory.
#[derive(Default)]
pub struct Memory {
    messages: Mutex<Vec<Delivered>>,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Its name: `message-1` and so on, over all sinks.
    pub id: Arc<str>,
    /// The sink it was given to.
    pub sink: String,
    /// The address of the reverse path; empty for `<>`.
    pub sender: String,
    /// The addresses of the forward paths.
    pub recipients: Vec<String>,
    /// Whole header fields that were put in front, the first one first, without their final line end.
    pub headers: Vec<Arc<str>>,
    /// The octets behind those headers, as they were received.
    pub body: Vec<u8>,
}

impl Memory {
    /// Keeps a message and names it.
    ///
    /// # Errors
    /// Its body cannot be read.
    pub fn keep(&self, sink: &str, message: &Message) -> Result<Words, NotStored> {
        let mut body = Vec::new();
        let read = message.body.as_ref().map_or(Ok(()), |payload| {
            payload.read(u64::MAX, |octets| {
                body.extend_from_slice(octets);
                Ok(())
            })
        });
        read.map_err(|why| NotStored::Failed(why.into()))?;
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let id: Arc<str> = format!("message-{}", messages.len() + 1).into();
        messages.push(Delivered {
            id: id.clone(),
            sink: sink.to_owned(),
            sender: message.sender().to_owned(),
            recipients: message.recipients().map(str::to_owned).collect(),
            headers: message.headers().iter().map(|header| header.as_str().into()).collect(),
            body,
        });
        Ok(id.into())
    }

    /// All messages, in the order they came.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
