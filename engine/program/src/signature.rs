//! What the checker knows of an action: its name, its types, its outcomes, and no code.
//!
//! Never: runs. `actions` makes signatures, `grammar` checks calls against them.

use std::sync::Arc;

use crate::{Shape, Type};

/// The signature of a built-in action.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// The name that a file asks it by.
    pub name: Arc<str>,
    /// One line: what it is for.
    pub summary: Arc<str>,
    /// What it takes, in order.
    pub parameters: Vec<Parameter>,
    /// Whether `using STATEMENT` must follow.
    pub using: bool,
    /// What it may answer; the last is always `failed(why: text)`.
    pub outcomes: Vec<OutcomeSignature>,
}

impl Signature {
    /// Whether that outcome says that a password fits, or that it does not; absent where it says neither. An action checks
    /// passwords if it takes a secret, may answer `accepted` with a `login`, and may answer `rejected`.
    #[inline]
    pub fn login_checked(&self, outcome: usize) -> Option<bool> {
        let takes_secret = self.parameters.iter().any(|parameter| parameter.secret);
        if takes_secret { self.password_checked(outcome) } else { None }
    }

    fn password_checked(&self, outcome: usize) -> Option<bool> {
        let is_login = |outcome: &OutcomeSignature| outcome.values.iter().any(|(name, _)| &**name == "login");
        let accepts = |outcome: &OutcomeSignature| &*outcome.name == "accepted" && is_login(outcome);
        if !self.outcomes.iter().any(accepts) {
            return None;
        }
        match &*self.outcomes.get(outcome)?.name {
            "accepted" => Some(true),
            "rejected" => Some(false),
            _ => None,
        }
    }
}

/// One parameter of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, for messages.
    pub name: Arc<str>,
    /// What it takes.
    pub kind: ParameterKind,
    /// Whether a secret may be given here.
    pub secret: bool,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterKind {
    /// A value of this type.
    Value(Type),
    /// A value of any of these types: a domain, a text or an address, say.
    AnyOf(Vec<Type>),
    /// One of these constants, as in `dig("MX", …)`.
    OneOf(Vec<Arc<str>>),
    /// A record that has at least these fields, with these types.
    RecordWith(Vec<(Arc<str>, Type)>),
}

/// One outcome of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeSignature {
    /// Its name.
    pub name: Arc<str>,
    /// Names and types of its values.
    pub values: Vec<(Arc<str>, Type)>,
}

/// What a statement gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Gives {
    /// `gives { … }`: `row(r)`, `none`, `failed(why)`.
    Row(Arc<Shape>),
    /// `gives list of { … } at most N`: `rows(list)`, `none`, `failed(why)`.
    Rows(Arc<Shape>, u32),
    /// `gives nothing`: `done(count)`, `failed(why)`.
    Nothing,
}

impl Gives {
    /// The names of the outcomes, in order.
    pub fn outcomes(&self) -> &'static [&'static str] {
        match self {
            Gives::Row(_) => &["row", "none", "failed"],
            Gives::Rows(..) => &["rows", "none", "failed"],
            Gives::Nothing => &["done", "failed"],
        }
    }
}
