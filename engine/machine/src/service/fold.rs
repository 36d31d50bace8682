//! What is the same for every session of a listener, or for every command of a kind, worked out once.
//!
//! Never: changes what an expression yields, or which instructions run.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use program::{Expr, Known, Op, Piece, Slot, Text, Value};

use crate::expression::Scope;

/// What is known before a command comes.
pub(super) struct Knowledge<'a> {
    /// What the listener decides.
    pub(super) scope: &'a Scope<'a>,
    /// What holes hold.
    pub(super) holes: &'a BTreeMap<u8, Value>,
    /// What slots hold.
    pub(super) slots: &'a BTreeMap<Slot, Value>,
    /// What comes of it.
    pub(super) noted: &'a Noted,
}

/// What was asked while something was worked out.
#[derive(Default)]
pub(super) struct Noted {
    /// The slots of which nothing was known.
    pub(super) read: RefCell<BTreeSet<Slot>>,
    /// Whether anything was known of a hole or a slot.
    pub(super) gained: Cell<bool>,
}

impl Knowledge<'_> {
    fn constant(&self, known: Option<&Value>) -> Option<Expr> {
        let constant = known.map(|value| Expr::Constant(value.clone()));
        self.noted.gained.set(self.noted.gained.get() || constant.is_some());
        constant
    }
}

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

/// An instruction whose expressions are worked out as far as they are known.
pub(super) fn fold_op(op: &mut Op, known: &Knowledge<'_>) {
    let one = |expr: &mut Expr| *expr = folded(expr, known);
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
        Op::Log { text, .. } => fold_text(text, known),
        Op::Prepend { lines, .. } => lines.iter_mut().for_each(|line| fold_text(line, known)),
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
        | Op::Count { .. }
        | Op::Next { .. }
        | Op::StartTls(_)
        | Op::Close
        | Op::Left
        | Op::Exchange(_) => {}
    }
}

/// An expression, worked out as far as it is known. One that would be a fault stays as it is.
pub(super) fn folded(expr: &Expr, known: &Knowledge<'_>) -> Expr {
    let parts = folded_parts(expr, known);
    match parts {
        // What stands somewhere already is looked at there.
        Expr::Constant(_) | Expr::Setting(_) | Expr::Known(_) => parts,
        _ if is_constant(&parts)
            && let Ok(value) = known.scope.value(&parts) =>
        {
            Expr::Constant(value)
        }
        _ => parts,
    }
}

/// An expression, its parts worked out.
fn folded_parts(expr: &Expr, known: &Knowledge<'_>) -> Expr {
    let inner = |expr: &Expr| Box::new(folded(expr, known));
    let all = |parts: &[Expr]| parts.iter().map(|part| folded(part, known)).collect::<Vec<_>>();
    match expr {
        Expr::Setting(id) => match known.scope.settings.get(usize::from(id.0)) {
            Some(small @ (Value::Yes(_) | Value::Number(_) | Value::Duration(_) | Value::Absent)) => {
                Expr::Constant(small.clone())
            }
            _ => expr.clone(),
        },
        Expr::Constant(_) | Expr::Known(_) => expr.clone(),
        Expr::Capture(hole) => known.constant(known.holes.get(hole)).unwrap_or_else(|| expr.clone()),
        Expr::Slot(slot) => known.constant(known.slots.get(slot)).unwrap_or_else(|| {
            known.noted.read.borrow_mut().insert(*slot);
            expr.clone()
        }),
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
            fold_text(&mut text, known);
            Expr::Text(text)
        }
        Expr::List(parts) => Expr::List(all(parts)),
        Expr::Record(shape, fields) => {
            let fields = fields.iter().map(|field| field.as_ref().map(|field| folded(field, known)));
            Expr::Record(shape.clone(), fields.collect())
        }
        Expr::Pure(pure, arguments) => Expr::Pure(*pure, all(arguments)),
        Expr::When(condition, value) => match folded(condition, known) {
            Expr::Constant(Value::Yes(true)) => folded(value, known),
            Expr::Constant(Value::Yes(false)) => Expr::Constant(Value::Absent),
            condition => Expr::When(condition.into(), inner(value)),
        },
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
        // What may be absent is no condition by itself where its value is asked for.
        (1, Some(part)) if part.is_truth() => part,
        (_, Some(last)) => {
            open.push(last);
            several(open)
        }
    }
}

/// A text whose expressions are worked out as far as they are known.
pub(super) fn fold_text(text: &mut Text, known: &Knowledge<'_>) {
    for piece in text {
        match piece {
            Piece::Value(expr) | Piece::When(expr, _) => *expr = folded(expr, known),
            Piece::Literal(_) => {}
        }
    }
}
