//! Binds a program: decodes the settings of a listener, fills in defaults, and works out what they decide.
//!
//! Never: stops at the first fault; all of them are reported.

use std::{cell::Cell, collections::BTreeMap, sync::Arc, time::Duration};

use program::{Expr, Op, ParamsId, Program, Setting, SettingId, Type, Value, a_labels};

use super::{Bare, Binding, Code, Given, Secrets, Service, Test, bare, fold, is_constant, lean};
use crate::{answer::Answer, decode, expression::Scope, matcher::empty_when_missing, pool::Pool};

impl Service {
    /// Binds a program: decodes the settings, fills in defaults, renders what is constant.
    ///
    /// # Errors
    /// Every setting that is unknown, of the wrong type or missing, or that makes a limit in time too short.
    pub fn bind(program: Arc<Program>, binding: &Binding) -> Result<Service, Vec<BindError>> {
        let name = Value::Text((*a_labels(&binding.name)).into());
        let settings = bind_settings(&program, binding, &name)?;
        let pool = Pool::default();
        let scope = Scope { settings: &settings, name: &name, pool: &pool, session: None };
        let short = too_short(&program, &scope);
        if !short.is_empty() {
            return Err(short);
        }
        let end = match program.wire.line_end {
            program::LineEnd::CrLf => "\r\n",
            program::LineEnd::Lf => "\n",
        };
        let answers = program.replies.iter().map(|reply| Answer::new(reply, end, &scope)).collect();
        let mut code = program.code.clone();
        let (holes, slots, gained) = (BTreeMap::new(), BTreeMap::new(), Cell::default());
        let known = fold::Knowledge { scope: &scope, holes: &holes, slots: &slots, gained: &gained };
        code.iter_mut().flat_map(Op::expressions_mut).for_each(|expr| *expr = known.folded(expr));
        let span = |after: &Expr| if is_constant(after) { scope.duration(after).ok() } else { None };
        let (idle, session) = (span(&program.limits.idle.after), span(&program.limits.session.after));
        let nothing = |id: usize| {
            let id = u16::try_from(id).ok().map(ParamsId)?;
            decode::decode(&program, &Type::Params(id), "").map(Arc::new)
        };
        let guard = |guard: &Expr| Test::of(&known.folded(guard), true, &settings);
        let guards: Vec<_> = program.handlers.iter().map(|handler| handler.guard.as_ref().map(guard)).collect();
        let bare: Vec<_> = program.handlers.iter().map(|handler| Bare::of(&program, handler)).collect();
        let first = program.states.iter().map(|state| bare::First::of_state(&guards, &bare, state)).collect();
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
            guards,
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

    /// The value of a setting of that name.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.program.settings.iter().position(|setting| &*setting.name == name).and_then(|i| self.settings.get(i))
    }

    /// The values of all settings, in the order of the program.
    pub(crate) fn settings(&self) -> &[Value] {
        &self.settings
    }
}

/// Why a program could not be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindError {
    /// The protocol has no setting of that name.
    Unknown {
        /// The name.
        name: String,
    },
    /// The text is not of the setting's type.
    Misfit {
        /// The name of the setting.
        name: String,
        /// What the operator wrote.
        given: String,
        /// The type in the language's words.
        wants: String,
    },
    /// A limit in time is over as soon as it begins.
    TooShort {
        /// `idle` or `session`.
        limit: &'static str,
        /// The setting that it comes from.
        name: String,
    },
    /// The setting has no default and was not given.
    Missing {
        /// The name.
        name: String,
    },
}

/// The values of the settings, in the order of the program.
pub(super) fn bind_settings(program: &Program, binding: &Binding, name: &Value) -> Result<Vec<Value>, Vec<BindError>> {
    let mut errors = Vec::new();
    for (given, _) in &binding.settings {
        if !program.settings.iter().any(|setting| *setting.name == **given) {
            errors.push(BindError::Unknown { name: given.clone() });
        }
    }
    let pool = Pool::default();
    let mut values: Vec<Value> = Vec::with_capacity(program.settings.len());
    for setting in &program.settings {
        let given = binding.settings.iter().rev().find(|(name, _)| **name == *setting.name);
        let value = match given {
            Some((_, given)) => value_of(program, setting, given),
            None => default_of(setting, &Scope { settings: &values, name, pool: &pool, session: None }),
        };
        values.push(value.unwrap_or_else(|error| {
            errors.push(error);
            Value::Absent
        }));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Limits in time that are over as soon as they begin: `idle` would be answered over and over, `session` would end each
/// session.
pub(super) fn too_short(program: &Program, scope: &Scope<'_>) -> Vec<BindError> {
    const LEAST: Duration = Duration::from_secs(1);
    let limits = [("idle", &program.limits.idle), ("session", &program.limits.session)];
    let short = limits.into_iter().filter(|(_, limit)| scope.duration(&limit.after).is_ok_and(|time| time < LEAST));
    short
        .map(|(limit, after)| {
            let setting = setting_in(&after.after).and_then(|id| program.settings.get(usize::from(id.0)));
            BindError::TooShort { limit, name: setting.map_or_else(String::new, |setting| setting.name.to_string()) }
        })
        .collect()
}

/// The first setting that a time is made of.
fn setting_in(expr: &Expr) -> Option<SettingId> {
    let mut found = None;
    expr.has(&mut |part| {
        found = if let Expr::Setting(id) = part { Some(*id) } else { None };
        found.is_some()
    });
    found
}

fn value_of(program: &Program, setting: &Setting, given: &Given) -> Result<Value, BindError> {
    let one = |ty: &Type, text: &str| {
        decode::setting(program, ty, text).ok_or_else(|| BindError::Misfit {
            name: setting.name.to_string(),
            given: shown(setting, text),
            wants: words(&setting.ty),
        })
    };
    match (present(&setting.ty), given) {
        (Type::List(element), Given::List(texts)) => {
            texts.iter().map(|text| one(element, text)).collect::<Result<_, _>>().map(Value::List)
        }
        (Type::List(element), Given::Text(text)) => Ok(Value::List(vec![one(element, text)?])),
        (ty, Given::Text(text)) => one(ty, text),
        (ty, Given::List(texts)) => {
            let given = shown(setting, &texts.join(", "));
            Err(BindError::Misfit { name: setting.name.to_string(), given, wants: words(ty) })
        }
    }
}

fn shown(setting: &Setting, given: &str) -> String {
    if setting.ty.is_secret() { "***".to_owned() } else { given.to_owned() }
}

fn default_of(setting: &Setting, scope: &Scope<'_>) -> Result<Value, BindError> {
    match &setting.default {
        Some(expr) => scope.value(expr).ok(),
        None if matches!(setting.ty, Type::Optional(_)) => Some(Value::Absent),
        None => None,
    }
    .ok_or_else(|| BindError::Missing { name: setting.name.to_string() })
}

/// The type of what is there, where it may be absent.
pub(super) fn present(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => present(inner),
        other => other,
    }
}

/// A type in the language's words, with an example where one helps.
fn words(ty: &Type) -> String {
    match ty {
        Type::Text | Type::Written(_) | Type::Octets | Type::Params(_) | Type::Record(_) => "a text",
        Type::Word => "a text without blanks",
        Type::Number { least, most } => return format!("a number from {least} to {most}"),
        Type::Size => "a size, like `35 MB`",
        Type::Duration => "a time, like `5 minutes`",
        Type::Time => "a moment",
        Type::YesNo => "`yes` or `no`",
        Type::Ip => "an address, like `192.0.2.1`",
        Type::Network => "a network, like `192.0.2.0/24`",
        Type::Domain => "a domain, like `example.com`",
        Type::HeloName => "a domain or an address literal",
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => {
            "a mailbox, like `<user@example.com>`"
        }
        Type::Base64 => "base64 text",
        Type::Sink => "the name of a sink",
        Type::Lexical(_) => "a text of the protocol's own form",
        Type::List(element) => return format!("a list; each element is {}", words(element)),
        Type::Optional(inner) | Type::Secret(inner) => return words(inner),
    }
    .into()
}
