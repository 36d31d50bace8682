//! What a session asks of the world, and what the world answers.
//!
//! Never: carries a way to reply to the client or to move the session's state. An action answers; that is all.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use smallvec::SmallVec;

use crate::{Client, Gives, Origin, Signature, Type, Value};

/// The name of one session, in every line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionId(pub Arc<str>);

/// The number of a call within its session. An outcome whose number is not the present one is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// The number of a payload within its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadId(pub u32);

/// A request to an action or a statement.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// The session that asks.
    pub session: SessionId,
    /// The address of the session's peer.
    pub peer: IpAddr,
    /// What is asked.
    pub target: Target,
    /// The arguments, in the order of the signature or the statement.
    pub arguments: Arguments,
    /// The statement after `using`.
    pub using: Option<Arc<Statement>>,
    /// How long the session waits. After that the machine goes on with `failed`.
    pub within: Duration,
}

/// The arguments of a call; few as they are, they travel with it.
pub type Arguments = SmallVec<[Value; 4]>;

/// What a call is addressed to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A built-in action.
    Action(Arc<Signature>),
    /// An SQL statement of the file.
    Statement(Arc<Statement>),
    /// A client of the file.
    Client(Arc<Client>),
}

/// An answer: the index of the outcome in the signature, and its values in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Index into the outcomes of the signature or of the statement.
    pub index: usize,
    /// As many values as that outcome declares.
    pub values: Values,
}

/// The values of an outcome; most have one at the most, which travels with it.
pub type Values = SmallVec<[Value; 1]>;

/// `sql NAME(parameters) gives … as "…"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its name, by which it is asked.
    pub name: Arc<str>,
    /// The database that it is for, `default` when the file names none.
    pub database: Arc<str>,
    /// Names and types; each stands in the text as `:name`.
    pub parameters: Vec<(Arc<str>, Type)>,
    /// What it gives.
    pub gives: Gives,
    /// The SQL text, a constant.
    pub text: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
}

impl Target {
    /// The name that the file asks it by.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Target::Action(signature) => &signature.name,
            Target::Statement(statement) => &statement.name,
            Target::Client(client) => &client.name,
        }
    }

    /// The names of its outcomes, in order; `failed` is always the last.
    pub fn outcomes(&self) -> Vec<&str> {
        match self {
            Target::Action(signature) => signature.outcomes.iter().map(|outcome| &*outcome.name).collect(),
            Target::Statement(statement) => statement.gives.outcomes().to_vec(),
            Target::Client(client) => client.outcomes.iter().map(|outcome| &*outcome.name).collect(),
        }
    }
}

impl Outcome {
    /// The outcome `failed(why)` of a call to that target.
    pub fn failed(target: &Target, why: &str) -> Outcome {
        Outcome { index: target.outcomes().len() - 1, values: [Value::Text(why.into())].into() }
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
