//! Expressions with parts of them replaced, and what is plain from their form.
//!
//! Never: evaluates with the values of a session.

use program::{Expr, Field, Piece, Slot, Type, Value};

/// Replaces slots by what they are known to hold, and simplifies.
pub(crate) fn rewrite(expr: &Expr, slot: &dyn Fn(Slot) -> Option<Expr>) -> Expr {
    let go = |expr: &Expr| rewrite(expr, slot);
    let boxed = |expr: &Expr| Box::new(rewrite(expr, slot));
    match expr {
        Expr::Slot(place) => slot(*place).unwrap_or_else(|| expr.clone()),
        Expr::Field(base, field) => part(go(base), *field),
        Expr::Not(inner) => not(go(inner)),
        Expr::All(list) => all(list.iter().map(go)),
        Expr::Any(list) => any(list.iter().map(go)),
        Expr::Compare { left, comparison, right, fold } => {
            Expr::Compare { left: boxed(left), comparison: *comparison, right: boxed(right), fold: *fold }
        }
        Expr::Present(inner) => present(go(inner)),
        Expr::Empty(inner) => empty(go(inner)),
        Expr::In { element, list, fold } => Expr::In { element: boxed(element), list: boxed(list), fold: *fold },
        Expr::Plus(a, b) => Expr::Plus(boxed(a), boxed(b)),
        Expr::Minus(a, b) => Expr::Minus(boxed(a), boxed(b)),
        Expr::When(condition, value) => Expr::When(boxed(condition), boxed(value)),
        Expr::Pure(function, arguments) => Expr::Pure(*function, arguments.iter().map(go).collect()),
        Expr::List(list) => Expr::List(list.iter().map(go).collect()),
        Expr::Record(shape, fields) => {
            Expr::Record(shape.clone(), fields.iter().map(|field| field.as_ref().map(go)).collect())
        }
        Expr::Text(pieces) => Expr::Text(
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Value(value) => Piece::Value(go(value)),
                    Piece::When(condition, text) => Piece::When(go(condition), text.clone()),
                    Piece::Literal(text) => Piece::Literal(text.clone()),
                })
                .collect(),
        ),
        Expr::Constant(_) | Expr::Setting(_) | Expr::Capture(_) | Expr::Known(_) => expr.clone(),
    }
}

/// A truth.
pub(crate) fn yes(yes: bool) -> Expr {
    Expr::Constant(Value::Yes(yes))
}

fn part(base: Expr, field: Field) -> Expr {
    match (&base, field) {
        (Expr::Record(shape, fields), Field::Index(index)) => {
            let index = usize::from(index);
            let given = fields.get(index).cloned().flatten();
            given.unwrap_or_else(|| match shape.fields.get(index) {
                // A list or a payload that was not given is empty, anything else is absent.
                Some((_, Type::List(_) | Type::Octets)) => Expr::List(Vec::new()),
                _ => Expr::Constant(Value::Absent),
            })
        }
        (Expr::Constant(Value::Absent), _) => base,
        _ => Expr::Field(Box::new(base), field),
    }
}

fn present(inner: Expr) -> Expr {
    match inner {
        Expr::Constant(Value::Absent) => yes(false),
        Expr::Constant(_) | Expr::Record(..) | Expr::Text(_) | Expr::List(_) => yes(true),
        other => Expr::Present(Box::new(other)),
    }
}

fn empty(inner: Expr) -> Expr {
    match inner {
        Expr::Constant(Value::Absent) => yes(false),
        Expr::Constant(Value::Text(text)) => yes(text.is_empty()),
        Expr::Constant(Value::List(list)) => yes(list.is_empty()),
        Expr::List(list) => yes(list.is_empty()),
        other => Expr::Empty(Box::new(other)),
    }
}

/// The contrary.
pub(crate) fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Constant(Value::Yes(held)) => yes(!held),
        Expr::Not(inner) => *inner,
        other => Expr::Not(Box::new(other)),
    }
}

fn all(list: impl Iterator<Item = Expr>) -> Expr {
    let mut kept = Vec::new();
    for expr in list {
        match expr {
            Expr::Constant(Value::Yes(true)) => {}
            Expr::Constant(Value::Yes(false)) => return yes(false),
            other => kept.push(other),
        }
    }
    if kept.is_empty() { yes(true) } else { Expr::All(kept) }
}

fn any(list: impl Iterator<Item = Expr>) -> Expr {
    let mut kept = Vec::new();
    for expr in list {
        match expr {
            Expr::Constant(Value::Yes(false)) => {}
            Expr::Constant(Value::Yes(true)) => return yes(true),
            other => kept.push(other),
        }
    }
    if kept.is_empty() { yes(false) } else { Expr::Any(kept) }
}

/// Looks at an expression and everything in it, the outermost first, until told to stop.
pub(crate) fn some(expr: &Expr, holds: &mut dyn FnMut(&Expr) -> bool) -> bool {
    if holds(expr) {
        return true;
    }
    match expr {
        Expr::Field(a, _) | Expr::Not(a) | Expr::Present(a) | Expr::Empty(a) => some(a, holds),
        Expr::All(list) | Expr::Any(list) | Expr::List(list) | Expr::Pure(_, list) => {
            list.iter().any(|expr| some(expr, holds))
        }
        Expr::Compare { left: a, right: b, .. }
        | Expr::In { element: a, list: b, .. }
        | Expr::Plus(a, b)
        | Expr::Minus(a, b)
        | Expr::When(a, b) => some(a, holds) || some(b, holds),
        Expr::Record(_, fields) => fields.iter().flatten().any(|expr| some(expr, holds)),
        Expr::Text(pieces) => pieces.iter().any(|piece| match piece {
            Piece::Value(expr) | Piece::When(expr, _) => some(expr, holds),
            Piece::Literal(_) => false,
        }),
        Expr::Constant(_) | Expr::Setting(_) | Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) => false,
    }
}
