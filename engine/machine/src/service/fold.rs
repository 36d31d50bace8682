//! What is the same for every session of a listener, worked out once.
//!
//! Never: changes what an expression yields, or which instructions run.

use program::{Expr, Known, Op, Piece, Text, Value};

use crate::expression::Scope;

/// Whether the expression yields the same for every session of a listener.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Constant(_) | Expr::Setting(_) | Expr::Known(Known::LocalName) => true,
        Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) => false,
        Expr::Field(inner, _) | Expr::Not(inner) | Expr::Present(inner) | Expr::Empty(inner) => is_constant(inner),
        Expr::All(parts) | Expr::Any(parts) | Expr::List(parts) | Expr::Pure(_, parts) => parts.iter().all(is_constant),
        Expr::Compare { left, right, .. } | Expr::Plus(left, right) | Expr::Minus(left, right) => {
            is_constant(left) && is_constant(right)
        }
        Expr::In { element, list, .. } => is_constant(element) && is_constant(list),
        Expr::Text(pieces) => pieces.iter().all(|piece| match piece {
            Piece::Literal(_) => true,
            Piece::Value(expr) | Piece::When(expr, _) => is_constant(expr),
        }),
        Expr::When(condition, value) => is_constant(condition) && is_constant(value),
        Expr::Record(_, fields) => fields.iter().flatten().all(is_constant),
    }
}

/// An instruction whose expressions are worked out as far as the listener alone decides them.
pub(super) fn fold_op(op: &mut Op, scope: &Scope<'_>) {
    let one = |expr: &mut Expr| *expr = folded(expr, scope);
    match op {
        Op::Let { value, .. } | Op::Remove { value, .. } | Op::Payload { value, .. } | Op::Pause(value) => one(value),
        Op::Unless { condition, .. } => one(condition),
        Op::Add { value, most, .. } => {
            one(value);
            most.iter_mut().for_each(one);
        }
        Op::Ask(ask) => {
            ask.arguments.iter_mut().for_each(one);
            one(&mut ask.within);
        }
        Op::Prompt(prompt) => prompt.most.iter_mut().for_each(one),
        Op::Receive(receive) => one(&mut receive.most),
        Op::Log { text, .. } => fold_text(text, scope),
        Op::Prepend { lines, .. } => lines.iter_mut().for_each(|line| fold_text(line, scope)),
        Op::Each(each) => {
            one(&mut each.list);
            each.within.iter_mut().for_each(|(within, _)| one(within));
        }
        Op::Goto(transition) => transition.with.iter_mut().for_each(|(_, value)| one(value)),
        Op::Stay(with) => with.iter_mut().for_each(|(_, value)| one(value)),
        Op::Jump(_)
        | Op::Say(_)
        | Op::Reply(_)
        | Op::Listed { .. }
        | Op::Count(_)
        | Op::Next { .. }
        | Op::StartTls(_)
        | Op::Close
        | Op::Left
        | Op::Exchange(_) => {}
    }
}

/// An expression, worked out as far as the listener alone decides it. One that would be a fault stays as it is.
fn folded(expr: &Expr, scope: &Scope<'_>) -> Expr {
    let inner = |expr: &Expr| Box::new(folded(expr, scope));
    let all = |parts: &[Expr]| parts.iter().map(|part| folded(part, scope)).collect::<Vec<_>>();
    match expr {
        // What stands somewhere already is looked at there.
        Expr::Constant(_) | Expr::Setting(_) | Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) => expr.clone(),
        _ if is_constant(expr)
            && let Ok(value) = scope.value(expr) =>
        {
            Expr::Constant(value)
        }
        Expr::Field(whole, field) => Expr::Field(inner(whole), *field),
        Expr::Not(part) => Expr::Not(inner(part)),
        Expr::All(parts) => undecided(all(parts), true, Expr::All),
        Expr::Any(parts) => undecided(all(parts), false, Expr::Any),
        Expr::Compare { left, comparison, right, fold } => {
            Expr::Compare { left: inner(left), comparison: *comparison, right: inner(right), fold: *fold }
        }
        Expr::Present(part) => Expr::Present(inner(part)),
        Expr::Empty(part) => Expr::Empty(inner(part)),
        Expr::In { element, list, fold } => Expr::In { element: inner(element), list: inner(list), fold: *fold },
        Expr::Plus(left, right) => Expr::Plus(inner(left), inner(right)),
        Expr::Minus(left, right) => Expr::Minus(inner(left), inner(right)),
        Expr::Text(text) => {
            let mut text = text.clone();
            fold_text(&mut text, scope);
            Expr::Text(text)
        }
        Expr::List(parts) => Expr::List(all(parts)),
        Expr::Record(shape, fields) => {
            let fields = fields.iter().map(|field| field.as_ref().map(|field| folded(field, scope)));
            Expr::Record(shape.clone(), fields.collect())
        }
        Expr::Pure(pure, arguments) => Expr::Pure(*pure, all(arguments)),
        Expr::When(condition, value) => Expr::When(inner(condition), inner(value)),
    }
}

/// Conditions of which all, or any, must hold: those that are decided either decide it or do not count.
fn undecided(parts: Vec<Expr>, neutral: bool, several: fn(Vec<Expr>) -> Expr) -> Expr {
    let decided = |part: &Expr| if let Expr::Constant(Value::Yes(yes)) = part { Some(*yes) } else { None };
    if parts.iter().any(|part| decided(part) == Some(!neutral)) {
        return Expr::Constant(Value::Yes(!neutral));
    }
    let mut open: Vec<Expr> = parts.into_iter().filter(|part| decided(part).is_none()).collect();
    match (open.len(), open.pop()) {
        (_, None) => Expr::Constant(Value::Yes(neutral)),
        (1, Some(part)) => part,
        (_, Some(last)) => {
            open.push(last);
            several(open)
        }
    }
}

fn fold_text(text: &mut Text, scope: &Scope<'_>) {
    for piece in text {
        match piece {
            Piece::Value(expr) | Piece::When(expr, _) => *expr = folded(expr, scope),
            Piece::Literal(_) => {}
        }
    }
}
