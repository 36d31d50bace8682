//! Examples of actions as constants: they are printed for a person, and they run as tests.
//!
//! Never: more than an action's own file needs.

use crate::world::Kind;

/// One question, what is so in the world, and the answer.
pub(crate) struct Example {
    /// What is so in the world.
    pub(crate) given: &'static [Given],
    /// The arguments.
    pub(crate) asks: &'static [Literal],
    /// The answer as it is printed: `found(["mx.example.net"])`.
    pub(crate) answers: &'static str,
}

/// A fact.
pub(crate) enum Given {
    /// The DNS has these records there; none of them: no such record.
    Dns(&'static str, Kind, &'static [&'static str]),
    /// The DNS cannot say.
    DnsFails(&'static str, Kind),
    /// The DNS never answers.
    DnsSilent(&'static str, Kind),
    /// The statement after `using` gives this hash to this login.
    Hash(&'static str, &'static str),
    /// The statement after `using` gives nothing to this login.
    NoHash(&'static str),
    /// The mailbox of this account holds these messages.
    Mailbox(&'static str, &'static [&'static str]),
}

/// A constant argument.
pub(crate) enum Literal {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(i64),
    /// A record with this name.
    Message(&'static str),
    /// A list of messages with these uids.
    Messages(&'static [i64]),
    /// An address of the network.
    Ip(&'static str),
    /// A list of texts.
    List(&'static [&'static str]),
    /// A secret text.
    Secret(&'static str),
    /// The secret base64 of these octets.
    SecretBase64(&'static str),
    /// The base64 of these octets.
    Base64(&'static str),
    /// A payload of these octets.
    Octets(&'static str),
    /// A record with these octets as its body.
    Mail(&'static str),
}
