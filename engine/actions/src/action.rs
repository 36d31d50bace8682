//! What every built-in action is made of, and what it is given when it is asked.
//!
//! Never: runs one; [`Actions`](crate::Actions) does.

use std::{net::IpAddr, sync::Arc};

use program::{
    Call, Octets, Outcome, OutcomeSignature, Parameter, ParameterKind, Signature, Type, Value, Values, Words,
};

use crate::{Payload, Payloads, example::Example, password::Dummies, world::World};

pub(crate) use crate::world::Answer;

/// A built-in action: what the checker knows of it, what a person reads of it, and its code.
pub(crate) struct Action {
    /// The name that a file asks it by.
    pub(crate) name: &'static str,
    /// One line: what it is for.
    pub(crate) summary: &'static str,
    /// Paragraphs: what each outcome means, bounds, RFCs.
    pub(crate) documentation: &'static str,
    /// What it takes.
    pub(crate) parameters: fn() -> Vec<Parameter>,
    /// Whether `using STATEMENT` must follow.
    pub(crate) using: bool,
    /// What it may answer, without `failed`, which every action has.
    pub(crate) outcomes: fn() -> Vec<OutcomeSignature>,
    /// Each runs as a test.
    pub(crate) examples: &'static [Example],
    /// Answers; an answer that needs no waiting is there at once.
    pub(crate) run: for<'a> fn(Question<'a>) -> Answer<'a, Reply>,
}

/// What an action is asked.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The call; its target is the action itself.
    pub(crate) call: &'a Call,
    /// The payloads of the session that asks.
    pub(crate) payloads: &'a dyn Payloads,
    /// The world.
    pub(crate) world: &'a dyn World,
    /// What an unknown user is checked against.
    pub(crate) dummies: &'a Dummies,
}

/// What an action answers: the name of an outcome and its values.
pub(crate) struct Reply {
    name: &'static str,
    values: Values,
}

impl Action {
    pub(crate) fn signature(&self) -> Signature {
        let mut outcomes = (self.outcomes)();
        outcomes.push(outcome("failed", [("why", Type::Text)]));
        Signature {
            name: self.name.into(),
            summary: self.summary.into(),
            parameters: (self.parameters)(),
            using: self.using,
            outcomes,
        }
    }
}

impl<'a> Question<'a> {
    /// Argument *n*, or absent.
    pub(crate) fn argument(&self, index: usize) -> &'a Value {
        static ABSENT: Value = Value::Absent;
        self.call.arguments.get(index).unwrap_or(&ABSENT)
    }

    /// Argument *n* as a text.
    pub(crate) fn text(&self, index: usize) -> Result<Words, Reply> {
        text(self.argument(index)).ok_or_else(|| self.misfit(index, "a text"))
    }

    /// Argument *n*, which is a text, for as long as the call lasts.
    pub(crate) fn lasting(&self, index: usize) -> Result<&'a str, Reply> {
        match self.argument(index) {
            Value::Text(text) => Ok(text),
            _ => Err(self.misfit(index, "a text")),
        }
    }

    /// Argument *n* as an address of the network.
    pub(crate) fn ip(&self, index: usize) -> Result<IpAddr, Reply> {
        match self.argument(index) {
            Value::Ip(ip) => Ok(*ip),
            other => text(other).and_then(|ip| ip.parse().ok()).ok_or_else(|| self.misfit(index, "an address")),
        }
    }

    /// Argument *n* is not what the signature says: a fault of ours.
    pub(crate) fn misfit(&self, index: usize, wants: &str) -> Reply {
        Reply::failed(format!("argument {} of `{}` is not {wants}", index + 1, self.call.target.name()))
    }

    /// A payload as a value of type octets, for as long as the session holds it.
    pub(crate) fn lend(&self, payload: Payload) -> Result<Value, Reply> {
        let length = payload.length();
        if length == 0 {
            return Ok(Value::Octets(Octets::default()));
        }
        match self.payloads.lend(payload) {
            Ok(id) => Ok(Value::Octets(Octets { id: Some(id), length })),
            Err(why) => Err(Reply::failed(why)),
        }
    }

    /// The payload behind a value of type octets; absent when it is empty.
    pub(crate) fn payload(&self, octets: Octets) -> Result<Option<Payload>, Reply> {
        match octets.id {
            None => Ok(None),
            Some(_) if let Some(why) = self.world.unreadable() => Ok(Some(Payload::Broken(why))),
            Some(id) => match self.payloads.payload(id) {
                Some(payload) => Ok(Some(payload)),
                None => Err(Reply::failed("the payload is gone")),
            },
        }
    }
}

impl Reply {
    pub(crate) fn new(name: &'static str, values: impl Into<Values>) -> Reply {
        Reply { name, values: values.into() }
    }

    pub(crate) fn failed(why: impl AsRef<str>) -> Reply {
        Reply::new("failed", [Value::Text(printable(why.as_ref()).into())])
    }

    /// The outcome of that name in the signature. One that the signature lacks is a fault of ours, and says so.
    pub(crate) fn outcome(self, signature: &Signature) -> Outcome {
        match signature.outcomes.iter().position(|outcome| *outcome.name == *self.name) {
            Some(index) if signature.outcomes[index].values.len() == self.values.len() => {
                Outcome { index, values: self.values }
            }
            _ => {
                let why = format!("`{}` answered `{}`, which it does not declare", signature.name, self.name);
                Outcome { index: signature.outcomes.len() - 1, values: [Value::Text(why.into())].into() }
            }
        }
    }
}

/// A parameter that takes a value of one type.
pub(crate) fn parameter(name: &str, ty: Type) -> Parameter {
    Parameter { name: name.into(), kind: ParameterKind::Value(ty), secret: false }
}

/// An outcome with its values.
pub(crate) fn outcome<const N: usize>(name: &str, values: [(&str, Type); N]) -> OutcomeSignature {
    OutcomeSignature { name: name.into(), values: values.map(|(name, ty)| (name.into(), ty)).to_vec() }
}

/// A value of any type that prints as one word or line, as that text. Not a secret.
pub(crate) fn text(value: &Value) -> Option<Words> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Address(address) => Some(address.text.clone()),
        Value::Ip(ip) => Some(ip.to_string().into()),
        Value::Network(network) => Some(format!("{}/{}", network.address, network.prefix).into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// A text from outside as a value of type text: control characters become `?`.
pub(crate) fn printable(text: &str) -> Arc<str> {
    if text.chars().any(|c| c.is_control() && c != '\t') {
        text.chars().map(|c| if c.is_control() && c != '\t' { '?' } else { c }).collect::<String>().into()
    } else {
        text.into()
    }
}
