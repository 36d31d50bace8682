//! `add`: there is room for what is added, or it is said what happens where there is none: by its own `else`, or by
//! `limits { full }`.
//!
//! Never: lets a list or a payload grow past the bound that its record declares.

use std::sync::Arc;

use diagnostic::Span;
use program::{Comparison, Expr, Field, Op, Place, Pure, Shape, Slot, Type, Value};

use crate::{
    check::types,
    compile::{
        Compiler,
        body::AHEAD,
        bounds::{size_of, turned},
        flow::Path,
        known::{Thing, Truth},
        once::Interruption,
        place::{dotted, span_of},
        promise::Happening,
        scope::Scope,
    },
    rules,
    tree::{self, Block, ExprKind, Name, StatementKind},
};

/// The most elements of a list that no record bounds.
const LIST_MOST: i64 = 100_000;

/// What a field of a new record is made with.
pub(super) struct Held<'e> {
    pub(super) shape: &'e Arc<Shape>,
    pub(super) field: usize,
    pub(super) value: &'e Expr,
    /// As the author wrote it.
    pub(super) expr: &'e tree::Expr,
}

impl Compiler<'_> {
    /// Lowers `add X to PLACE [else ANSWER [ENDING]]`.
    pub(super) fn add(
        &mut self,
        scope: &mut Scope,
        mut path: Path,
        (value, to): (&tree::Expr, &[Name]),
        otherwise: Option<&Block>,
        span: Span,
    ) -> Path {
        let Some((place, ty)) = self.place(scope, &path, to) else { return path };
        let want = match &ty {
            Type::List(inner) => (**inner).clone(),
            Type::Octets => Type::Octets,
            other => {
                let words = types::words(&self.model, other);
                let is = format!("`{}` is a {words}", dotted(to));
                self.findings.mend(&rules::types::MISMATCH, span_of(to), is, "add to a list or to a payload");
                return path;
            }
        };
        let is_payload = ty == Type::Octets;
        let added = self.expr_of(scope, &path, value, &want);
        let record = if to.len() > 1 { self.read(scope, &path, &to[..to.len() - 1]).ty } else { None };
        let most = record.and_then(|record| self.declared_bound(types::certain(&record).0, place.field));
        let bound = match &most {
            Some(most) => Some(most.clone()),
            None if is_payload => None,
            None => Some(Expr::Constant(Value::Number(LIST_MOST))),
        };
        let room = bound.as_ref().map(|bound| Room { place, added: &added, bound, is_payload });
        match (otherwise, &room) {
            (Some(block), Some(room)) => {
                let full = Expr::Not(Box::new(room.condition()));
                let skip = self.emit(Op::Unless { condition: full, target: AHEAD }, span);
                if self.block(scope, path.clone(), block).is_some() {
                    self.tell_no_ending(block.span);
                }
                self.land(skip);
            }
            (_, None) => self.findings.mend(
                &rules::types::NO_BOUND,
                span_of(to),
                format!("nothing says how large `{}` may become", dotted(to)),
                "keep it in a record, where its field says  octets at most N",
            ),
            (None, Some(_)) => {}
        }
        let asked = otherwise.is_some() || room.as_ref().is_none_or(|room| self.has_room(scope, &path, room));
        if let (Some(room), false) = (&room, asked) {
            let mends = self.mends(value, to, room);
            self.interrupted(scope, &path, &Interruption::Full(mends), span);
        }
        self.watch(scope, &path, &Happening::Add(to));
        let moves = is_payload && scope.loops == 0 && matches!(&added, Expr::Slot(slot) if !self.is_fact(*slot));
        let at = self.emit(Op::Add { value: added.clone(), to: place, most, full: !asked, moves }, span);
        if let (true, Expr::Slot(slot)) = (moves, added) {
            self.lowered.moved.push((slot, at));
        }
        path.known.resized(place.slot);
        if !is_payload {
            path.known.learn(Thing::of(&read(place)).map(Truth::Filled));
        }
        path
    }

    /// What a record is made with is no larger than it bounds, as far as that is known before anything runs.
    pub(super) fn check_held(&mut self, scope: &Scope, path: &Path, held: &Held<'_>) {
        let Held { shape, field, value, expr } = *held;
        let plain = self.model.plain_bound(&shape.name, &shape.fields[field].0).is_some();
        let size = match value {
            Expr::List(list) if plain => list.len() as i64,
            Expr::Constant(Value::List(list)) if plain => list.len() as i64,
            Expr::Slot(slot) if plain && scope.payload.as_ref().is_some_and(|payload| payload.slot == *slot) => {
                match self.interval(scope, path, &size_of(value)).1 {
                    // What a setting bounds is as large as the operator says.
                    i64::MAX => return,
                    most => most,
                }
            }
            _ => return self.check_size(scope, path, held),
        };
        self.tell_larger(&Type::Record(shape.clone()), Some(field as u16), size, expr.span);
    }

    /// A text, a list or a payload that is not known to be small enough for its field is asked for its size first.
    fn check_size(&mut self, scope: &Scope, path: &Path, held: &Held<'_>) {
        let Held { shape, field, value, expr } = *held;
        let (name, ty) = &shape.fields[field];
        let sized =
            matches!(types::certain(ty).0, Type::List(_) | Type::Octets) || types::is_text(types::certain(ty).0);
        if !sized {
            return;
        }
        let Some(bound) = self.model.plain_bound(&shape.name, name) else {
            return self.check_by_setting(scope, path, held);
        };
        if self.interval(scope, path, &size_of(value)).1 > bound {
            let message =
                format!("this is not known to be small enough: `{name}` of `{}` holds {bound} at the most", shape.name);
            let help = match &expr.kind {
                ExprKind::Path(names) => format!("ask first:  require size({}) <= {bound} else …", dotted(names)),
                _ => format!("name it and ask first:  let x = …  require size(x) <= {bound} else …"),
            };
            self.findings.mend(&rules::types::TOO_LARGE, expr.span, message, help);
        }
    }

    /// What goes into a field that a setting bounds is empty, comes out of such a field, or was asked for its size by that
    /// very setting.
    fn check_by_setting(&mut self, scope: &Scope, path: &Path, held: &Held<'_>) {
        let Held { shape, field, value, expr } = *held;
        let Some(bound) = self.declared_bound(&Type::Record(shape.clone()), Some(field as u16)) else { return };
        let fits = self.interval(scope, path, &size_of(value)).1 <= self.interval(scope, path, &bound).0.max(0)
            || self.setting_over(scope, value).as_ref() == Some(&bound)
            || path.known.holding().any(|known| match known {
                Expr::Compare { left, comparison: Comparison::Less | Comparison::AtMost, right, .. } => {
                    **left == size_of(value) && **right == bound
                }
                Expr::Compare { left, comparison: Comparison::Greater | Comparison::AtLeast, right, .. } => {
                    **right == size_of(value) && **left == bound
                }
                _ => false,
            });
        if !fits {
            let name = &shape.fields[field].0;
            let message =
                format!("this is not known to be small enough: a setting bounds `{name}` of `{}`", shape.name);
            let bound = self.model.bound(&shape.name, name).map(|bound| &bound.kind);
            let help = match (&expr.kind, bound) {
                (ExprKind::Path(value), Some(ExprKind::Path(bound))) => {
                    format!("ask first:  require size({}) <= {} else …", dotted(value), dotted(bound))
                }
                _ => {
                    "name it and ask first, in the words of that bound:  let x = …  require size(x) <= … else …".into()
                }
            };
            self.findings.mend(&rules::types::TOO_LARGE, expr.span, message, help);
        }
    }

    /// What is received may be no larger than the field that it is received into.
    pub(super) fn check_received(
        &mut self,
        scope: &Scope,
        path: &Path,
        into: &[Name],
        field: Option<u16>,
        most: &Expr,
    ) {
        let [record @ .., _] = into else { return };
        if record.is_empty() {
            return;
        }
        let Some(record) = self.read(scope, path, record).ty else { return };
        let record = types::certain(&record).0.clone();
        let Some(bound) = self.declared_bound(&record, field).filter(|bound| bound != most) else { return };
        match (most, &bound) {
            (Expr::Constant(Value::Number(most)), Expr::Constant(_)) => {
                self.tell_larger(&record, field, *most, span_of(into));
            }
            // What a setting bounds is as large as the operator says.
            (Expr::Constant(_), _)
                if self.interval(scope, path, most).1 > self.interval(scope, path, &bound).0.max(0) =>
            {
                let message =
                    "this is not known to be small enough: what is received and its field are bounded otherwise";
                self.findings.mend(&rules::types::TOO_LARGE, span_of(into), message, "bound both alike");
            }
            _ => {}
        }
    }

    fn tell_larger(&mut self, record: &Type, field: Option<u16>, size: i64, span: Span) {
        if let Some(Expr::Constant(Value::Number(bound))) = self.declared_bound(record, field)
            && size > bound
        {
            let message = format!("this may have {size}, and the record holds {bound} at the most");
            self.findings.mend(&rules::types::TOO_LARGE, span, message, "bound both alike");
        }
    }

    /// Forgets what a round of a loop may make untrue for the next one.
    pub(super) fn forget_changed(&self, scope: &Scope, path: &mut Path, body: &Block) {
        let mut open = vec![body];
        while let Some(block) = open.pop() {
            for statement in &block.statements {
                let kind = &statement.kind;
                let changed = match kind {
                    StatementKind::Add(_, names, _)
                    | StatementKind::Remove(_, names)
                    | StatementKind::Receive { into: names, .. } => names.first(),
                    _ => None,
                };
                if let Some(name) = changed {
                    let local = scope.local(&name.text).map(|local| local.slot);
                    let fact = || self.model.fact(&name.text).map(|fact| Slot(fact.0));
                    local.or_else(fact).into_iter().for_each(|slot| path.known.resized(slot));
                }
                if matches!(kind, StatementKind::Secure { .. }) {
                    path.known.no_longer_clear();
                }
                open.extend(statement.blocks());
            }
        }
    }

    fn is_fact(&self, slot: Slot) -> bool {
        usize::from(slot.0) < self.types.facts.len()
    }

    /// A local is read: if it was added to a payload before, it must outlive that.
    pub(super) fn outlives(&mut self, slot: Slot) {
        for (_, at) in self.lowered.moved.extract_if(.., |(other, _)| *other == slot) {
            if let Some(Op::Add { moves, .. }) = self.lowered.code.get_mut(at.0 as usize) {
                *moves = false;
            }
        }
    }

    /// Whether it is known on the path that what is added fits.
    fn has_room(&self, scope: &Scope, path: &Path, room: &Room<'_>) -> bool {
        let size = room.size();
        let within = |bound: &Expr| {
            bound == room.bound
                || matches!((bound, room.bound), (Expr::Constant(Value::Number(a)), Expr::Constant(Value::Number(b))) if a <= b)
        };
        let below = |bound: &Expr| match bound {
            Expr::Constant(Value::Number(n)) => within(&Expr::Constant(Value::Number(n.saturating_add(1)))),
            _ => false,
        };
        let counted = scope.payload.as_ref().filter(|payload| *room.added == Expr::Slot(payload.slot));
        let is_added = |expr: &Expr| {
            let size = matches!(expr, Expr::Pure(Pure::Size, list) if list.as_slice() == [room.added.clone()]);
            size || counted.is_some_and(|payload| payload.count.as_ref() == Some(expr))
        };
        path.known.holding().any(|known| {
            let (left, comparison, right) = match known {
                Expr::Empty(inner) if **inner == read(room.place) => {
                    return match (room.is_payload, counted) {
                        (true, Some(payload)) => within(&payload.most),
                        (true, None) => false,
                        (false, _) => below(&Expr::Constant(Value::Number(0))),
                    };
                }
                Expr::Compare { left, comparison: Comparison::Less | Comparison::AtMost, right, .. } => {
                    (left, matches!(known, Expr::Compare { comparison: Comparison::Less, .. }), right)
                }
                Expr::Compare { left, comparison, right, .. } => match turned(*comparison) {
                    Comparison::Less => (right, true, left),
                    Comparison::AtMost => (right, false, left),
                    Comparison::Equal => (left, false, right),
                    _ => return false,
                },
                _ => return false,
            };
            match &**left {
                left if *left == size && !room.is_payload => {
                    if comparison {
                        within(right)
                    } else {
                        below(right)
                    }
                }
                Expr::Plus(a, b) if **a == size || **b == size => {
                    let added = if **a == size { b } else { a };
                    let fits =
                        if room.is_payload { is_added(added) } else { **added == Expr::Constant(Value::Number(1)) };
                    fits && within(right)
                }
                _ => false,
            }
        })
    }

    /// How an author says that there is room, or what happens where there is none.
    fn mends(&self, value: &tree::Expr, to: &[Name], room: &Room<'_>) -> [String; 2] {
        let text = |span: Span| {
            let text = self.sources.text(span.file);
            text.get(span.start as usize..span.end as usize).unwrap_or("…").to_owned()
        };
        let (place, value) = (dotted(to), text(value.span));
        let bound = match room.bound {
            Expr::Constant(Value::Number(n)) => n.to_string(),
            Expr::Setting(id) => {
                let name = &self.model.settings[usize::from(id.0)].def.name.text;
                format!("settings.{name}")
            }
            _ => "its bound".to_owned(),
        };
        let condition = match room.is_payload {
            true => format!("size({place}) + size({value}) <= {bound}"),
            false => format!("size({place}) < {bound}"),
        };
        [
            format!("ask first:  require {condition} else …"),
            format!("or say what happens where it is full:  add {value} to {place} else ANSWER"),
        ]
    }
}

/// What is added, where to, and how much there may be.
struct Room<'a> {
    place: Place,
    added: &'a Expr,
    bound: &'a Expr,
    is_payload: bool,
}

impl Room<'_> {
    fn size(&self) -> Expr {
        size_of(&read(self.place))
    }

    /// Whether what is added fits.
    fn condition(&self) -> Expr {
        let (left, comparison) = match self.is_payload {
            true => (Expr::Plus(Box::new(self.size()), Box::new(size_of(self.added))), Comparison::AtMost),
            false => (self.size(), Comparison::Less),
        };
        Expr::Compare { left: Box::new(left), comparison, right: Box::new(self.bound.clone()), fold: false }
    }
}

/// A place as it is read.
fn read(place: Place) -> Expr {
    let slot = Expr::Slot(place.slot);
    match place.field {
        Some(field) => Expr::Field(Box::new(slot), Field::Index(field)),
        None => slot,
    }
}
