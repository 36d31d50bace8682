//! What conditions mean where a value may be absent, written down once: the machine evaluates by it, the proof and the
//! checker reason by it. In words it stands in `docs/language.md`, "What is absent".
//!
//! Never: evaluates an expression.

use std::cmp::Ordering;

use crate::{Comparison, Expr, Makes, Octets, Type, Value};

/// How the two sides of a comparison stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The left one is less.
    Less,
    /// They are equal.
    Equal,
    /// The left one is greater.
    Greater,
    /// They are different things without an order.
    Unlike,
    /// One of them is absent.
    OneAbsent,
    /// Both are absent.
    BothAbsent,
}

impl Relation {
    /// All of them.
    pub const ALL: [Relation; 6] = [
        Relation::Less,
        Relation::Equal,
        Relation::Greater,
        Relation::Unlike,
        Relation::OneAbsent,
        Relation::BothAbsent,
    ];
}

impl From<Ordering> for Relation {
    fn from(ordering: Ordering) -> Relation {
        match ordering {
            Ordering::Less => Relation::Less,
            Ordering::Equal => Relation::Equal,
            Ordering::Greater => Relation::Greater,
        }
    }
}

impl Comparison {
    /// Whether it holds of two sides that stand so to each other. What is absent equals only what is absent, and is
    /// neither less nor greater than anything.
    pub const fn holds(self, relation: Relation) -> bool {
        let equal = matches!(relation, Relation::Equal | Relation::BothAbsent);
        match self {
            Comparison::Equal => equal,
            Comparison::Unequal => !equal,
            Comparison::Less => matches!(relation, Relation::Less),
            Comparison::AtMost => matches!(relation, Relation::Less | Relation::Equal),
            Comparison::Greater => matches!(relation, Relation::Greater),
            Comparison::AtLeast => matches!(relation, Relation::Greater | Relation::Equal),
        }
    }
}

impl Expr {
    /// Whether it yields yes or no, and is never absent.
    pub fn is_truth(&self) -> bool {
        match self {
            Expr::Not(_) | Expr::All(_) | Expr::Any(_) => true,
            Expr::Compare { .. } | Expr::Present(_) | Expr::Empty(_) | Expr::In { .. } => true,
            Expr::Pure(function, _) => function.form().makes == Makes::Truth,
            Expr::Constant(value) => matches!(value, Value::Yes(_)),
            _ => false,
        }
    }
}

/// What is said of an absent value. A part of it, and a sum with it, are absent.
pub mod absent {
    /// `x is present`.
    pub const IS_PRESENT: bool = false;
    /// `x is empty`.
    pub const IS_EMPTY: bool = true;
    /// `size(x)`.
    pub const SIZE: i64 = 0;
    /// `x` as a condition, and what a yes-or-no function such as `ascii(x)` says of it.
    pub const IS_YES: bool = false;
    /// `x in list`, and `element in x`.
    pub const IS_IN: bool = false;
}

/// What a field of a new record holds that is not named: a list and a payload begin empty, anything else is absent.
pub fn unset(ty: &Type) -> Value {
    match ty {
        Type::List(_) => Value::List(Vec::new()),
        Type::Octets => Value::Octets(Octets::default()),
        _ => Value::Absent,
    }
}

/// How two plain values stand to each other; none for values whose parts have to be compared.
pub fn relation(left: &Value, right: &Value, fold: bool) -> Option<Relation> {
    let unlike = |equal: bool| if equal { Relation::Equal } else { Relation::Unlike };
    Some(match (left, right) {
        (Value::Absent, Value::Absent) => Relation::BothAbsent,
        (Value::Absent, _) | (_, Value::Absent) => Relation::OneAbsent,
        (Value::Yes(a), Value::Yes(b)) => unlike(a == b),
        (Value::Number(a), Value::Number(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b).into(),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b).into(),
        (Value::Text(a), Value::Text(b)) if fold => unlike(a.eq_ignore_ascii_case(b)),
        (Value::Text(a), Value::Text(b)) => unlike(**a == **b),
        // An IPv4 address that is mapped into IPv6 is the same address.
        (Value::Ip(a), Value::Ip(b)) => unlike(a.to_canonical() == b.to_canonical()),
        (Value::Network(a), Value::Network(b)) => unlike(a == b),
        _ => return None,
    })
}

/// Whether a value that has a size is empty; none for one that has no size.
pub fn is_empty(value: &Value) -> Option<bool> {
    Some(match value {
        Value::Absent => absent::IS_EMPTY,
        Value::List(list) => list.is_empty(),
        Value::Text(text) => text.is_empty(),
        Value::Address(address) => address.text.is_empty(),
        Value::Octets(octets) => octets.length == 0,
        _ => return None,
    })
}
