//! One call of a client, and who answers such calls.
//!
//! Never: says how.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use actions::Payloads;
use machine::Service;
use program::{Client, Outcome, SessionId, Value};

/// What a client is to do.
pub struct Errand {
    /// The program that it belongs to, bound to settings.
    pub service: Arc<Service>,
    /// The client.
    pub client: Arc<Client>,
    /// A value for each parameter; none is its default.
    pub arguments: Vec<Option<Value>>,
    /// The payloads that the arguments name.
    pub payloads: Arc<dyn Payloads>,
    /// The session that asks, for the log.
    pub session: SessionId,
    /// How long all of it may take, if its own limits are not enough.
    pub within: Option<Duration>,
    /// Sees the conversation.
    pub witness: Option<Arc<dyn Witness>>,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Ours.
    Client,
    /// The other server's.
    Server,
}

/// Sees the conversation of a client, secrets masked.
pub trait Witness: Send + Sync {
    /// A line of it.
    fn line(&self, side: Side, line: &str);
}

/// Answers calls of clients.
pub trait Caller: Send + Sync {
    /// Runs a client to its end. Dropping the future breaks it off, and its connection with it.
    fn call(&self, errand: Errand) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;
}
