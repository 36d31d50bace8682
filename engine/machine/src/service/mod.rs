//! A program bound to the settings of one listener.
//!
//! Never: changes once it is bound.

mod bare;
mod bind;
mod binding;
mod fold;
mod limits;
mod payloads;
mod test;

use std::{fmt, sync::Arc, time::Duration};

use program::{Expr, HandlerId, Op, ParamsId, Pc, Program, ReplyId, Type, Value};

pub(crate) use bare::Bare;
pub use bind::BindError;
pub use binding::{Binding, Given, Pace, Peer};
pub(crate) use fold::is_constant;
pub(crate) use test::Test;

use crate::{answer::Answer, decode::decode, expression::Scope, pool::Pool};

/// A program with the settings of one listener, constant answers already rendered.
pub struct Service {
    program: Arc<Program>,
    settings: Vec<Value>,
    name: Value,
    answers: Vec<Answer>,
    /// The program's instructions, place by place, with what this listener decides worked out.
    code: Vec<Op>,
    /// The conditions of [`Op::Unless`], and of [`Op::Let`] where its value is one, by their places.
    tests: Vec<Option<Test>>,
    /// The lines that handlers take as they stand, by their numbers.
    bare: Vec<Option<Bare>>,
    /// Who takes them before all others, by state.
    first_bare: Vec<Box<[HandlerId]>>,
    /// What a set of keyword parameters is when none is given, by its number.
    without_params: Vec<Option<Arc<Value>>>,
    /// `limits { idle }` and `limits { session }`, where they are the same for all sessions.
    idle: Option<Duration>,
    session: Option<Duration>,
    converse: bool,
    slowest: Pace,
}

impl Service {
    /// Binds a program: decodes the settings, fills in defaults, renders what is constant.
    ///
    /// # Errors
    /// Every setting that is unknown, of the wrong type or missing.
    pub fn bind(program: Arc<Program>, binding: &Binding) -> Result<Service, Vec<BindError>> {
        let name = Value::Text(binding.name.as_str().into());
        let settings = bind::bind_settings(&program, binding, &name)?;
        let pool = Pool::default();
        let scope = Scope { settings: &settings, name: &name, pool: &pool, session: None };
        let end = match program.wire.line_end {
            program::LineEnd::CrLf => "\r\n",
            program::LineEnd::Lf => "\n",
        };
        let answers = program.replies.iter().map(|reply| Answer::new(reply, end, &scope)).collect();
        let mut code = program.code.clone();
        code.iter_mut().for_each(|op| fold::fold_op(op, &scope));
        let test = |op: &Op| match op {
            Op::Unless { condition, .. } => Some(Test::of(condition, true, &settings)),
            Op::Let { value, .. } if Test::is_one(value) => Some(Test::of(value, true, &settings)),
            _ => None,
        };
        let tests = code.iter().map(test).collect();
        let span = |after: &Expr| if is_constant(after) { scope.duration(after).ok() } else { None };
        let (idle, session) = (span(&program.limits.idle.after), span(&program.limits.session.after));
        let nothing = |id: usize| {
            let id = u16::try_from(id).ok().map(ParamsId)?;
            decode(&program, &Type::Params(id), "").map(Arc::new)
        };
        let bare: Vec<_> = program.handlers.iter().map(|handler| Bare::of(handler, program.wire.exact_case)).collect();
        let first_bare = program.states.iter().map(|state| Service::first_bare(&program, &bare, state)).collect();
        let without_params = (0..program.params.len()).map(nothing).collect();
        let Binding { converse, slowest, .. } = *binding;
        Ok(Service {
            program,
            settings,
            name,
            answers,
            code,
            tests,
            bare,
            first_bare,
            without_params,
            idle,
            session,
            converse,
            slowest,
        })
    }

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

    /// An instruction.
    pub(crate) fn op(&self, at: Pc) -> Option<&Op> {
        self.code.get(at.0 as usize)
    }

    /// The condition of the instruction there.
    pub(crate) fn test(&self, at: Pc) -> Option<&Test> {
        self.tests.get(at.0 as usize)?.as_ref()
    }

    /// What a set of keyword parameters is when none is given.
    pub(crate) fn without_params(&self, id: ParamsId) -> Option<&Arc<Value>> {
        self.without_params.get(usize::from(id.0))?.as_ref()
    }

    /// An answer, its constant parts worked out.
    pub(crate) fn answer(&self, id: ReplyId) -> Option<&Answer> {
        self.answers.get(id.0 as usize)
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
