//! What is the same for every session of a listener, or for every command of a kind, worked out once.
//!
//! Never: changes what an expression yields, or which instructions run.

use std::{cell::Cell, collections::BTreeMap};

use program::{Expr, Known, Slot, Value};

use crate::expression::Scope;

/// What is known before a command comes.
pub(super) struct Knowledge<'a> {
    /// What the listener decides.
    pub(super) scope: &'a Scope<'a>,
    /// What holes hold.
    pub(super) holes: &'a BTreeMap<u8, Value>,
    /// What slots hold.
    pub(super) slots: &'a BTreeMap<Slot, Value>,
    /// Whether anything was known of a hole or a slot when it was asked for.
    pub(super) gained: &'a Cell<bool>,
}

/// Whether the expression yields the same for every session of a listener.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    !expr.has(&mut |part| match part {
        Expr::Slot(_) | Expr::Capture(_) => true,
        Expr::Known(known) => *known != Known::LocalName,
        _ => false,
    })
}

impl Knowledge<'_> {
    /// An expression, worked out as far as it is known. One that would be a fault stays as it is.
    pub(super) fn folded(&self, expr: &Expr) -> Expr {
        let simple = self.value(expr).unwrap_or_else(|| expr.map(&mut |part| self.folded(part)).simple());
        match simple {
            // What stands somewhere already is looked at there.
            Expr::Constant(_) | Expr::Setting(_) | Expr::Known(_) => simple,
            _ if is_constant(&simple)
                && let Ok(value) = self.scope.value(&simple) =>
            {
                Expr::Constant(value)
            }
            _ => simple,
        }
    }

    /// What something is that stands somewhere, if it is known and small.
    fn value(&self, expr: &Expr) -> Option<Expr> {
        let value = match expr {
            Expr::Setting(id) => match self.scope.settings.get(usize::from(id.0)) {
                Some(small @ (Value::Yes(_) | Value::Number(_) | Value::Duration(_) | Value::Absent)) => small,
                _ => return None,
            },
            Expr::Capture(hole) => self.holes.get(hole).inspect(|_| self.gained.set(true))?,
            Expr::Slot(slot) => self.slots.get(slot).inspect(|_| self.gained.set(true))?,
            _ => return None,
        };
        Some(Expr::Constant(value.clone()))
    }
}
