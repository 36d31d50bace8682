//! A program bound to the settings of one listener.
//!
//! Never: changes once it is bound.

mod bare;
mod bind;
mod binding;
mod code;
mod fold;
mod lean;
mod limits;
mod payloads;
mod reach;
mod secrets;
mod test;

use std::{fmt, sync::Arc, time::Duration};

use program::{HandlerId, ParamsId, Program, ReplyId, Value};

pub(crate) use bare::Bare;
pub use bind::BindError;
pub use binding::{Binding, Given, Pace, Peer};
pub(crate) use code::Code;
pub(crate) use fold::is_constant;
pub(crate) use secrets::Secrets;
pub(crate) use test::Test;

use crate::answer::Answer;

/// A program with the settings of one listener, constant answers already rendered.
pub struct Service {
    program: Arc<Program>,
    settings: Vec<Value>,
    name: Value,
    answers: Vec<Answer>,
    /// The program's instructions, with what this listener decides worked out.
    code: Code,
    /// The same for lines that leave out all that they may leave out.
    lean: Code,
    /// The conditions under which handlers take lines, by their numbers.
    guards: Vec<Option<Test>>,
    /// What such lines leave out, by their handlers.
    optional: Vec<Box<[u8]>>,
    /// The lines that handlers take as they stand, by their numbers.
    bare: Vec<Option<Bare>>,
    /// Who takes them before all others, by state.
    first: Vec<bare::First>,
    /// What a set of keyword parameters is when none is given, by its number.
    without_params: Vec<Option<Arc<Value>>>,
    /// Which secrets a peer may send.
    secrets: Secrets,
    /// `limits { idle }` and `limits { session }`, where they are the same for all sessions.
    idle: Option<Duration>,
    session: Option<Duration>,
    converse: bool,
    slowest: Pace,
}

impl Service {
    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Whether sessions cannot tell this one from the other.
    pub fn is_like(&self, other: &Service) -> bool {
        Arc::ptr_eq(&self.program, &other.program)
            && self.settings == other.settings
            && self.name == other.name
            && self.converse == other.converse
            && self.slowest == other.slowest
    }

    /// `local.name`.
    pub(crate) fn name(&self) -> &Value {
        &self.name
    }

    /// The instructions; those for lines that leave out all that they may where the present one does.
    pub(crate) fn code(&self, lean: bool) -> &Code {
        if lean { &self.lean } else { &self.code }
    }

    /// The condition under which a handler takes lines, if there is one.
    pub(crate) fn guard(&self, id: HandlerId) -> Option<&Test> {
        self.guards.get(id.0 as usize)?.as_ref()
    }

    /// What a set of keyword parameters is when none is given.
    pub(crate) fn without_params(&self, id: ParamsId) -> Option<&Arc<Value>> {
        self.without_params.get(usize::from(id.0))?.as_ref()
    }

    /// An answer, its constant parts worked out.
    pub(crate) fn answer(&self, id: ReplyId) -> Option<&Answer> {
        self.answers.get(id.0 as usize)
    }

    /// Which secrets a peer may send.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Whether the conversation is shown as effects.
    pub(crate) fn converses(&self) -> bool {
        self.converse
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("program", &self.program.name).finish_non_exhaustive()
    }
}
