//! What a player needs of a connection, whether it is made of memory or of sockets.
//!
//! Never: compares.

use std::{collections::BTreeMap, time::Duration};

use machine::Reason;
use program::{Call, Outcome, PayloadId, Pc, SessionId};

use crate::script::Client;

/// One way to reach a server.
pub trait Wire {
    /// Connects a client; `full` when the server is to have no room for it.
    ///
    /// # Errors
    /// Like all below: it cannot be done here, or it failed.
    fn connect(&mut self, client: Client, full: bool) -> Result<(), Refusal>;

    /// Sends octets as one segment.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn send(&mut self, client: Client, octets: &[u8]) -> Result<(), Refusal>;

    /// The next line. While the session itself waits for time to pass, time passes.
    fn line(&mut self, client: Client) -> Heard;

    /// The next line of an answer that may be over: like [`Wire::line`], where the end of an answer can be known.
    fn further(&mut self, client: Client) -> Heard {
        self.line(client)
    }

    /// The next line, if it is there already; no time passes.
    fn arrived(&mut self, client: Client) -> Option<Line>;

    /// The TLS handshake.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn tls(&mut self, client: Client) -> Result<(), Refusal>;

    /// Time passes.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn wait(&mut self, span: Duration) -> Result<(), Refusal>;

    /// The name of the session's state, as soon as it does not wait for time.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn state(&mut self, client: Client) -> Result<String, Refusal>;

    /// The client sends no more.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn half_close(&mut self, client: Client) -> Result<(), Refusal>;

    /// The client breaks off.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn reset(&mut self, client: Client) -> Result<(), Refusal>;

    /// The session is told to end.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn end(&mut self, client: Client, reason: Reason) -> Result<(), Refusal>;

    /// Everything that the client sent has been carried out.
    ///
    /// # Errors
    /// See [`Wire::connect`].
    fn sync(&mut self, client: Client) -> Result<(), Refusal>;

    /// What is left when all is over. Sessions that are still there are broken off.
    fn aftermath(&mut self) -> Aftermath;
}

/// A line from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its octets, without the line end.
    pub octets: Vec<u8>,
    /// The instruction that made it, where that is known.
    pub from: Option<Pc>,
}

/// What came instead of a line, or a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A line.
    Line(Line),
    /// Nothing, and nothing will come by itself.
    Nothing,
    /// The end of the connection.
    End,
}

/// Why a step was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It has no meaning on this wire; the step is left out and counted.
    NotApplicable,
    /// It failed.
    Failed(String),
}

/// What is left when all is over.
#[derive(Debug, Clone, Default)]
pub struct Aftermath {
    /// The messages that were stored, in order.
    pub stored: Vec<Stored>,
    /// What was asked of the world, in order: names of statements, and `dns` for each query.
    pub asked: Vec<String>,
    /// The names of the actions and clients that were called; absent where that is not known.
    pub called: Option<Vec<String>>,
    /// What was asked and no fact answers.
    pub unanswered: Vec<String>,
    /// What the protocol logged.
    pub log: Vec<String>,
    /// The conversation log; absent where there is none.
    pub conversation: Option<Vec<String>>,
    /// What the protocol promises and a session broke, in the words of the protocol.
    pub broken: Vec<String>,
    /// How often each instruction was executed; empty where that is not known.
    pub executed: Vec<u64>,
}

/// A message that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub id: String,
    /// Where it went.
    pub sink: String,
    /// Its envelope sender; empty for the null sender.
    pub sender: String,
    /// Its recipients, in order.
    pub recipients: Vec<String>,
    /// Header fields that were put in front, the first one first, without their final line end.
    pub headers: Vec<String>,
    /// What was received.
    pub body: Vec<u8>,
}

/// The payloads of one session.
pub type Payloads = BTreeMap<PayloadId, Vec<u8>>;

/// Plays the world for a session in memory.
pub trait Answers {
    /// Answers a call; what it lends is put beside the payloads. None: it is never answered, and the clock runs on to the call's limit.
    fn answer(&mut self, call: &Call, payloads: &mut Payloads) -> Option<Outcome>;

    /// A session is over: what it held is free.
    fn ended(&mut self, session: &SessionId);

    /// What was stored, asked and not answered.
    fn aftermath(&self) -> Aftermath;
}
