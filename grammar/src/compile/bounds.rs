//! Between which bounds a number is known to lie.
//!
//! Never: looks at a value of a session.

use program::{Comparison, Expr, Field, Op, Piece, Pure, Slot, Type, Value};

use crate::{
    check::types,
    compile::{Compiler, flow::Path, known::Truth, place::Typed, scope::Scope},
    rules,
    tree::{self, ExprKind},
};

impl Compiler<'_> {
    /// A number that is known to lie in the range that its place asks for is of that range.
    pub(super) fn narrowed(&self, scope: &Scope, path: &Path, value: Typed, want: Option<&Type>) -> Typed {
        let Some((least, most)) = want.and_then(|want| types::range(types::certain(want).0)) else { return value };
        let is_wide = value.ty.as_ref().is_some_and(types::is_number);
        let (from, to) = self.interval(scope, path, &value.expr);
        match is_wide && least <= from && to <= most {
            true => Typed { ty: Some(Type::Number { least, most }), ..value },
            false => value,
        }
    }

    /// Tells that a number may lie outside of the range that its place has.
    pub(super) fn tell_range(&mut self, expr: &tree::Expr, (least, most): (i64, i64)) {
        let help = match &expr.kind {
            ExprKind::Path(names) => {
                let name = crate::compile::place::dotted(names);
                format!("ask first:  require {name} >= {least} and {name} <= {most} else …")
            }
            ExprKind::Number(_) | ExprKind::Size(_) => format!("write a number from {least} to {most}"),
            _ => format!("name it and ask first:  let n = …  require n >= {least} and n <= {most} else …"),
        };
        let message = format!("this number is not known to lie between {least} and {most}");
        self.findings.mend(&rules::types::OUT_OF_RANGE, expr.span, message, help);
    }

    /// The bounds that a number is known to lie between.
    pub(super) fn interval(&self, scope: &Scope, path: &Path, expr: &Expr) -> (i64, i64) {
        let (mut least, mut most) = match expr {
            Expr::Constant(Value::Number(n)) => (*n, *n),
            Expr::Pure(Pure::Size, whole) => (0, whole.first().map_or(0, |whole| self.most_of(scope, path, whole))),
            Expr::Plus(a, b) => {
                let (a, b) = (self.interval(scope, path, a), self.interval(scope, path, b));
                (a.0.saturating_add(b.0), a.1.saturating_add(b.1))
            }
            Expr::Minus(a, b) => {
                let (a, b) = (self.interval(scope, path, a), self.interval(scope, path, b));
                (a.0.saturating_sub(b.1), a.1.saturating_sub(b.0))
            }
            _ => {
                let ty = self.type_of(scope, expr);
                ty.and_then(|ty| types::range(types::certain(&ty).0)).unwrap_or((i64::MIN, i64::MAX))
            }
        };
        for known in path.known.holding() {
            let Expr::Compare { left, comparison, right, .. } = known else { continue };
            let (comparison, bound) = match (&**left, &**right) {
                (left, Expr::Constant(Value::Number(n))) if left == expr => (*comparison, *n),
                (Expr::Constant(Value::Number(n)), right) if right == expr => (turned(*comparison), *n),
                _ => continue,
            };
            match comparison {
                Comparison::Less => most = most.min(bound.saturating_sub(1)),
                Comparison::AtMost => most = most.min(bound),
                Comparison::Greater => least = least.max(bound.saturating_add(1)),
                Comparison::AtLeast => least = least.max(bound),
                Comparison::Equal => (least, most) = (least.max(bound), most.min(bound)),
                Comparison::Unequal => {}
            }
        }
        (least, most)
    }

    /// How large a text or a list is at the most, as far as that is known before anything runs: in octets, in elements.
    pub(super) fn most_of(&self, scope: &Scope, path: &Path, expr: &Expr) -> i64 {
        match expr {
            Expr::Constant(Value::Text(text)) => text.len() as i64,
            Expr::Constant(Value::List(list)) => list.len() as i64,
            Expr::List(list) => list.len() as i64,
            Expr::Text(pieces) => pieces.iter().fold(0_i64, |sum, piece| {
                sum.saturating_add(match piece {
                    Piece::Literal(text) => text.len() as i64,
                    Piece::When(text, _) | Piece::Value(text) => {
                        let is_text = self.type_of(scope, text).is_some_and(|ty| types::is_text(&ty));
                        if is_text { self.interval(scope, path, &size_of(text)).1 } else { i64::MAX }
                    }
                })
            }),
            Expr::Slot(slot) => match scope.payload.as_ref().filter(|payload| payload.slot == *slot) {
                Some(payload) => {
                    let counted = payload.count.as_ref().map_or(i64::MAX, |count| self.interval(scope, path, count).1);
                    self.interval(scope, path, &payload.most).1.min(counted)
                }
                None => i64::MAX,
            },
            // A hole is a part of its line.
            Expr::Capture(hole) => {
                let written = scope.holes_most.get(usize::from(*hole)).copied().unwrap_or(i64::MAX);
                let ty = scope.captures.get(usize::from(*hole)).and_then(|(_, ty)| ty.as_ref());
                largest(written, ty)
            }
            Expr::Field(base, Field::Index(field)) => match self.type_of(scope, base).as_ref().map(types::certain) {
                Some((Type::Record(shape), _)) => {
                    let bound = shape.fields.get(usize::from(*field));
                    bound.and_then(|(name, _)| self.model.plain_bound(&shape.name, name)).unwrap_or(i64::MAX)
                }
                _ => i64::MAX,
            },
            _ => i64::MAX,
        }
    }

    /// The bound that a setting sets to what a payload or a field may hold, in the words of that bound.
    pub(super) fn setting_over(&mut self, scope: &Scope, value: &Expr) -> Option<Expr> {
        let bound = match value {
            Expr::Slot(slot) => scope.payload.as_ref().filter(|payload| payload.slot == *slot)?.most.clone(),
            Expr::Field(base, Field::Index(place)) => {
                self.declared_bound(types::certain(&self.type_of(scope, base)?).0, Some(*place))?
            }
            _ => return None,
        };
        (!matches!(bound, Expr::Constant(_))).then_some(bound)
    }

    /// What was bound to a name is no larger than what it was made of, and than what was asked for.
    pub(super) fn learn_size(&mut self, scope: &Scope, path: &mut Path, slot: Slot, ty: &Type) {
        let most = match self.lowered.code.last() {
            Some(Op::Let { slot: set, value }) if *set == slot => self.interval(scope, path, &size_of(value)).1,
            Some(Op::Prompt(prompt)) if prompt.slot == slot => {
                let written = match prompt.most {
                    Some(Expr::Constant(Value::Number(most))) => most,
                    _ => self.model.wire.text_most(),
                };
                largest(written, Some(ty))
            }
            _ => i64::MAX,
        };
        let made_of = match self.lowered.code.last() {
            Some(Op::Let { slot: set, value }) if *set == slot => Some(value.clone()),
            _ => None,
        };
        let by_setting = made_of.and_then(|value| {
            let asked = path.known.holding().find_map(|known| match known {
                Expr::Compare { left, comparison: Comparison::AtMost, right, .. } if **left == size_of(&value) => {
                    (!matches!(**right, Expr::Constant(_))).then(|| (**right).clone())
                }
                _ => None,
            });
            asked.or_else(|| self.setting_over(scope, &value))
        });
        let written = (most < i64::MAX).then(|| Expr::Constant(Value::Number(most)));
        for bound in written.into_iter().chain(by_setting) {
            let left = Box::new(size_of(&Expr::Slot(slot)));
            let known = Expr::Compare { left, comparison: Comparison::AtMost, right: Box::new(bound), fold: false };
            path.known.learn([Truth::Holds(known)]);
        }
    }

    /// The type of what has a name.
    pub(super) fn type_of(&self, scope: &Scope, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::Slot(slot) => match scope.locals.iter().rev().find(|local| local.slot == *slot) {
                Some(local) => local.ty.clone(),
                None => self.types.facts.get(usize::from(slot.0))?.clone(),
            },
            Expr::Capture(hole) => scope.captures.get(usize::from(*hole))?.1.clone(),
            Expr::Setting(id) => self.model.settings.get(usize::from(id.0))?.ty.clone(),
            Expr::Field(base, Field::Index(field)) => match types::certain(&self.type_of(scope, base)?).0 {
                Type::Record(shape) => shape.fields.get(usize::from(*field)).map(|(_, ty)| ty.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The most octets of a domain in A-labels that was written in others (RFC 1035 section 2.3.4).
const NAME_MOST: i64 = 255;

/// The most octets of a value that was written in so many: domains are kept in A-labels.
fn largest(written: i64, ty: Option<&Type>) -> i64 {
    match ty.map(|ty| types::certain(ty).0) {
        Some(Type::Domain | Type::HeloName) => written.max(NAME_MOST),
        _ => written,
    }
}

/// `size(…)` of that.
pub(super) fn size_of(expr: &Expr) -> Expr {
    Expr::Pure(Pure::Size, vec![expr.clone()])
}

/// A comparison with its sides exchanged.
pub(super) fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        same @ (Comparison::Equal | Comparison::Unequal) => same,
    }
}

/// The comparison that holds where this one does not.
pub(super) fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtMost => Comparison::Greater,
        Comparison::Greater => Comparison::AtMost,
        Comparison::AtLeast => Comparison::Less,
        Comparison::Equal => Comparison::Unequal,
        Comparison::Unequal => Comparison::Equal,
    }
}

/// Whether an expression reads such a slot.
pub(super) fn mentions(expr: &Expr, meant: &dyn Fn(Slot) -> bool) -> bool {
    expr.has(&mut |part| matches!(part, Expr::Slot(slot) if meant(*slot)))
}
