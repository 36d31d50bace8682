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
mod secrets;
mod test;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use program::{Expr, ParamsId, Program, ReplyId, Type, Value};

pub(crate) use bare::Bare;
pub use bind::BindError;
pub use binding::{Binding, Given, Pace, Peer};
pub(crate) use code::Code;
pub(crate) use fold::is_constant;
pub(crate) use secrets::Secrets;
pub(crate) use test::Test;

use crate::{answer::Answer, decode::decode, expression::Scope, matcher::empty_when_missing, pool::Pool};

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
    /// Binds a program: decodes the settings, fills in defaults, renders what is constant.
    ///
    /// # Errors
    /// Every setting that is unknown, of the wrong type or missing, or that makes a limit in time too short.
    pub fn bind(program: Arc<Program>, binding: &Binding) -> Result<Service, Vec<BindError>> {
        let name = Value::Text(binding.name.as_str().into());
        let settings = bind::bind_settings(&program, binding, &name)?;
        let pool = Pool::default();
        let scope = Scope { settings: &settings, name: &name, pool: &pool, session: None };
        let short = bind::too_short(&program, &scope);
        if !short.is_empty() {
            return Err(short);
        }
        let end = match program.wire.line_end {
            program::LineEnd::CrLf => "\r\n",
            program::LineEnd::Lf => "\n",
        };
        let answers = program.replies.iter().map(|reply| Answer::new(reply, end, &scope)).collect();
        let mut code = program.code.clone();
        let (holes, slots, noted) = (BTreeMap::new(), BTreeMap::new(), fold::Noted::default());
        let known = fold::Knowledge { scope: &scope, holes: &holes, slots: &slots, noted: &noted };
        code.iter_mut().for_each(|op| fold::fold_op(op, &known));
        let span = |after: &Expr| if is_constant(after) { scope.duration(after).ok() } else { None };
        let (idle, session) = (span(&program.limits.idle.after), span(&program.limits.session.after));
        let nothing = |id: usize| {
            let id = u16::try_from(id).ok().map(ParamsId)?;
            decode(&program, &Type::Params(id), "").map(Arc::new)
        };
        let bare: Vec<_> = program.handlers.iter().map(|handler| Bare::of(handler, program.wire.exact_case)).collect();
        let first = program.states.iter().map(|state| bare::First::of_state(&program, &bare, state)).collect();
        let without_params: Vec<Option<Arc<Value>>> = (0..program.params.len()).map(nothing).collect();
        let missing = |ty: &Type| match empty_when_missing(ty) {
            Some(params) => without_params.get(usize::from(params.0))?.as_deref().cloned(),
            None => Some(Value::Absent),
        };
        let (lean, optional) = lean::lean(&program, &code, &scope, missing);
        let (code, lean) = (Code::new(code, &settings), Code::new(lean, &settings));
        let Binding { converse, slowest, .. } = *binding;
        let secrets = Secrets::of(&program);
        Ok(Service {
            program,
            settings,
            name,
            answers,
            code,
            lean,
            optional,
            bare,
            first,
            without_params,
            secrets,
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

    /// The instructions; those for lines that leave out all that they may where the present one does.
    pub(crate) fn code(&self, lean: bool) -> &Code {
        if lean { &self.lean } else { &self.code }
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
