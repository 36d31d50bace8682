//! Expressions with parts of them replaced, and what is plain from their form.
//!
//! Never: evaluates with the values of a session.

use program::{Comparison, Expr, Field, Piece, Value, absent};

/// Replaces slots, and what the machine knows, by what they are known to hold, and simplifies. What is simplified means
/// the same, absent values included.
pub fn rewrite(expr: &Expr, leaf: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
    let go = |expr: &Expr| rewrite(expr, leaf);
    let boxed = |expr: &Expr| Box::new(rewrite(expr, leaf));
    match expr {
        Expr::Slot(_) | Expr::Known(_) => leaf(expr).unwrap_or_else(|| expr.clone()),
        Expr::Field(base, field) => part(go(base), *field),
        Expr::Not(inner) => not(go(inner)),
        Expr::All(list) => all(list.iter().map(go)),
        Expr::Any(list) => any(list.iter().map(go)),
        Expr::Compare { left, comparison, right, fold } => compare(go(left), *comparison, go(right), *fold),
        Expr::Present(inner) => present(go(inner)),
        Expr::Empty(inner) => empty(go(inner)),
        Expr::In { element, list, fold } => Expr::In { element: boxed(element), list: boxed(list), fold: *fold },
        Expr::Plus(a, b) => Expr::Plus(boxed(a), boxed(b)),
        Expr::Minus(a, b) => Expr::Minus(boxed(a), boxed(b)),
        Expr::When(condition, value) => match go(condition) {
            Expr::Constant(Value::Yes(true)) => go(value),
            Expr::Constant(_) => Expr::Constant(Value::Absent),
            condition => Expr::When(Box::new(condition), boxed(value)),
        },
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
        Expr::Constant(_) | Expr::Setting(_) | Expr::Capture(_) => expr.clone(),
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
            let unset = || shape.fields.get(index).map_or(Value::Absent, |(_, ty)| program::unset(ty));
            given.unwrap_or_else(|| Expr::Constant(unset()))
        }
        (Expr::Constant(Value::Absent), _) => base,
        _ => Expr::Field(Box::new(base), field),
    }
}

fn present(inner: Expr) -> Expr {
    match inner {
        Expr::Constant(Value::Absent) => yes(absent::IS_PRESENT),
        Expr::Constant(_) | Expr::Record(..) | Expr::Text(_) | Expr::List(_) => yes(true),
        other => Expr::Present(Box::new(other)),
    }
}

fn empty(inner: Expr) -> Expr {
    match inner {
        Expr::Constant(value) => match program::is_empty(&value) {
            Some(empty) => yes(empty),
            None => Expr::Empty(Box::new(Expr::Constant(value))),
        },
        Expr::List(list) => yes(list.is_empty()),
        other => Expr::Empty(Box::new(other)),
    }
}

fn compare(left: Expr, comparison: Comparison, right: Expr, fold: bool) -> Expr {
    let relation = match (&left, &right) {
        (Expr::Constant(left), Expr::Constant(right)) => program::relation(left, right, fold),
        _ => None,
    };
    match relation {
        Some(relation) => yes(comparison.holds(relation)),
        None => Expr::Compare { left: Box::new(left), comparison, right: Box::new(right), fold },
    }
}

/// The contrary.
pub(crate) fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) if inner.is_truth() => *inner,
        other => match decided(&other) {
            Some(held) => yes(!held),
            None => Expr::Not(Box::new(other)),
        },
    }
}

/// Whether a condition is a constant, and holds.
fn decided(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Constant(Value::Yes(held)) => Some(*held),
        Expr::Constant(Value::Absent) => Some(absent::IS_YES),
        _ => None,
    }
}

fn all(list: impl Iterator<Item = Expr>) -> Expr {
    several(list, true, Expr::All)
}

fn any(list: impl Iterator<Item = Expr>) -> Expr {
    several(list, false, Expr::Any)
}

/// Conditions of which all, or any, must hold: those that are decided either decide it or do not count.
fn several(list: impl Iterator<Item = Expr>, neutral: bool, of: fn(Vec<Expr>) -> Expr) -> Expr {
    let mut kept = Vec::new();
    for expr in list {
        match decided(&expr) {
            Some(held) if held == neutral => {}
            Some(_) => return yes(!neutral),
            None => kept.push(expr),
        }
    }
    match (kept.len(), kept.pop()) {
        (_, None) => yes(neutral),
        (1, Some(one)) if one.is_truth() => one,
        (_, Some(last)) => {
            kept.push(last);
            of(kept)
        }
    }
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
