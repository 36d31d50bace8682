//! Expressions with parts of them replaced, and what is plain from their form. The machine binds programs with it, the proof
//! reasons with it, and offers are worked out with it, so none of them can differ in what a simplified expression means.
//! What is said of absent values is `meaning`'s.
//!
//! Never: evaluates with the values of a session.

use std::time::Duration;

use crate::{Comparison, Expr, Field, SettingId, Value, absent, is_empty, relation, unset};

impl Expr {
    /// A truth.
    pub fn yes(yes: bool) -> Expr {
        Expr::Constant(Value::Yes(yes))
    }

    /// Whether it is a constant that decides a condition, and how.
    pub fn decided(&self) -> Option<bool> {
        match self {
            Expr::Constant(Value::Yes(held)) => Some(*held),
            Expr::Constant(Value::Absent) => Some(absent::IS_YES),
            _ => None,
        }
    }

    /// The contrary of a condition.
    pub fn negated(self) -> Expr {
        match self {
            // What may be absent is no condition by itself where its value is asked for.
            Expr::Not(inner) if inner.is_truth() => *inner,
            other => match other.decided() {
                Some(held) => Expr::yes(!held),
                None => Expr::Not(Box::new(other)),
            },
        }
    }

    /// That all of these conditions hold.
    pub fn all_of(conditions: impl IntoIterator<Item = Expr>) -> Expr {
        several(conditions, true, Expr::All)
    }

    /// That any of these conditions holds.
    pub fn any_of(conditions: impl IntoIterator<Item = Expr>) -> Expr {
        several(conditions, false, Expr::Any)
    }

    /// The same expression, what is known put in: `known` is asked of it and of everything in it, the outermost first.
    /// What is simplified means the same, absent values included.
    #[must_use]
    pub fn with(&self, known: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
        known(self).unwrap_or_else(|| self.map(&mut |part| part.with(known)).simple())
    }

    /// The same condition, with those conditions that it is made of decided that are known to hold, or not to.
    #[must_use]
    pub fn assuming(&self, known: &dyn Fn(&Expr) -> Option<bool>) -> Expr {
        match self {
            Expr::Not(_) | Expr::All(_) | Expr::Any(_) => self.map(&mut |part| part.assuming(known)).simple(),
            Expr::Constant(_) => self.clone(),
            atom => known(atom).map_or_else(|| atom.clone(), Expr::yes),
        }
    }

    /// How long a time is that is written down, a setting, or made of these by sums and differences, none of which goes
    /// below zero; none for anything else. `setting` tells of settings.
    pub fn time(&self, setting: &dyn Fn(SettingId) -> Option<Duration>) -> Option<Duration> {
        match self {
            Expr::Constant(Value::Duration(time)) => Some(*time),
            Expr::Setting(id) => setting(*id),
            Expr::Plus(a, b) => Some(a.time(setting)?.saturating_add(b.time(setting)?)),
            Expr::Minus(a, b) => Some(a.time(setting)?.saturating_sub(b.time(setting)?)),
            _ => None,
        }
    }

    /// The same expression, where its parts are as simple as they can be. What is plain of them alone is worked out.
    #[must_use]
    pub fn simple(self) -> Expr {
        match self {
            Expr::Field(whole, field) => part(*whole, field),
            Expr::Not(inner) => inner.negated(),
            Expr::All(list) => Expr::all_of(list),
            Expr::Any(list) => Expr::any_of(list),
            Expr::Compare { left, comparison, right, fold } => compare(left, comparison, right, fold),
            Expr::Present(inner) => present(inner),
            Expr::Empty(inner) => empty(inner),
            Expr::When(condition, value) => match condition.decided() {
                Some(true) => *value,
                Some(false) => Expr::Constant(Value::Absent),
                None => Expr::When(condition, value),
            },
            Expr::Constant(_)
            | Expr::Setting(_)
            | Expr::Slot(_)
            | Expr::Capture(_)
            | Expr::Known(_)
            | Expr::In { .. }
            | Expr::Plus(..)
            | Expr::Minus(..)
            | Expr::Pure(..)
            | Expr::Text(_)
            | Expr::List(_)
            | Expr::Record(..) => self,
        }
    }
}

fn part(whole: Expr, field: Field) -> Expr {
    match (&whole, field) {
        (Expr::Record(shape, fields), Field::Index(index)) => {
            let index = usize::from(index);
            let given = fields.get(index).cloned().flatten();
            let unset = || shape.fields.get(index).map_or(Value::Absent, |(_, ty)| unset(ty));
            given.unwrap_or_else(|| Expr::Constant(unset()))
        }
        (Expr::Constant(Value::Absent), _) => whole,
        _ => Expr::Field(Box::new(whole), field),
    }
}

fn present(inner: Box<Expr>) -> Expr {
    match *inner {
        Expr::Constant(Value::Absent) => Expr::yes(absent::IS_PRESENT),
        Expr::Constant(_) | Expr::Record(..) | Expr::Text(_) | Expr::List(_) => Expr::yes(true),
        _ => Expr::Present(inner),
    }
}

fn empty(inner: Box<Expr>) -> Expr {
    let known = match &*inner {
        Expr::Constant(value) => is_empty(value),
        Expr::List(list) => Some(list.is_empty()),
        _ => None,
    };
    known.map_or(Expr::Empty(inner), Expr::yes)
}

fn compare(left: Box<Expr>, comparison: Comparison, right: Box<Expr>, fold: bool) -> Expr {
    let relation = match (&*left, &*right) {
        (Expr::Constant(left), Expr::Constant(right)) => relation(left, right, fold),
        _ => None,
    };
    match relation {
        Some(relation) => Expr::yes(comparison.holds(relation)),
        None => Expr::Compare { left, comparison, right, fold },
    }
}

/// Conditions of which all, or any, must hold: those that are decided either decide it or do not count.
fn several(list: impl IntoIterator<Item = Expr>, neutral: bool, of: fn(Vec<Expr>) -> Expr) -> Expr {
    let mut kept = Vec::new();
    for expr in list {
        match expr.decided() {
            Some(held) if held == neutral => {}
            Some(_) => return Expr::yes(!neutral),
            None => kept.push(expr),
        }
    }
    match (kept.len(), kept.pop()) {
        (_, None) => Expr::yes(neutral),
        // What may be absent is no condition by itself where its value is asked for.
        (1, Some(one)) if one.is_truth() => one,
        (_, Some(last)) => {
            kept.push(last);
            of(kept)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use crate::{Comparison, Expr, Field, Octets, SettingId, Shape, Slot, Type, Value};

    fn slot(number: u16) -> Expr {
        Expr::Slot(Slot(number))
    }

    fn absent() -> Expr {
        Expr::Constant(Value::Absent)
    }

    fn boxed(expr: Expr) -> Box<Expr> {
        Box::new(expr)
    }

    fn present(number: u16) -> Expr {
        Expr::Present(boxed(slot(number)))
    }

    /// With slot 0 absent.
    fn simple(expr: &Expr) -> Expr {
        expr.with(&|part| (*part == slot(0)).then(absent))
    }

    #[test]
    fn what_is_absent_is_empty_not_present_and_no_condition() {
        let compare = |comparison, right| Expr::Compare { left: boxed(slot(0)), comparison, right, fold: false };
        for (expr, held) in [
            (present(0), false),
            (Expr::Empty(boxed(slot(0))), true),
            (Expr::Empty(boxed(Expr::Field(boxed(slot(0)), Field::Domain))), true),
            (Expr::Not(boxed(slot(0))), true),
            (Expr::All(vec![slot(1), slot(0)]), false),
            (compare(Comparison::Equal, boxed(slot(0))), true),
            (compare(Comparison::Less, boxed(Expr::Constant(Value::Number(1)))), false),
            (compare(Comparison::Unequal, boxed(Expr::Constant(Value::Number(1)))), true),
        ] {
            assert_eq!(simple(&expr), Expr::yes(held), "{expr:?}");
        }
        assert_eq!(simple(&Expr::When(boxed(slot(0)), boxed(slot(1)))), absent());
    }

    #[test]
    fn what_may_be_absent_stays_a_condition() {
        // Alone it would be absent, where the condition is no.
        for expr in [Expr::All(vec![slot(1)]), Expr::Any(vec![slot(1)]), Expr::Not(boxed(Expr::Not(boxed(slot(1)))))] {
            assert_eq!(simple(&expr), expr);
        }
        assert_eq!(simple(&Expr::All(vec![present(1), Expr::yes(true)])), present(1));
        assert_eq!(simple(&Expr::Not(boxed(Expr::Not(boxed(present(1)))))), present(1));
        assert_eq!(simple(&Expr::Any(vec![present(1), present(2)])), Expr::Any(vec![present(1), present(2)]));
    }

    #[test]
    fn a_field_of_a_new_record_is_what_was_given_or_what_is_unset() {
        let field = |name: &str, ty| (Arc::from(name), ty);
        let fields = vec![field("a", Type::Text), field("b", Type::Octets), field("c", Type::Text)];
        let shape = Arc::new(Shape { name: "r".into(), fields });
        let of = |index| {
            simple(&Expr::Field(boxed(Expr::Record(shape.clone(), vec![Some(slot(1)), None])), Field::Index(index)))
        };
        assert_eq!([of(0), of(1), of(2)], [slot(1), Expr::Constant(Value::Octets(Octets::default())), absent()]);
    }

    #[test]
    fn an_assumption_replaces_a_condition_and_not_the_value_within_another() {
        let no = |part: &Expr| (*part == slot(1)).then_some(false);
        // It is no, or absent: that tells nothing of whether it is there.
        assert_eq!(present(1).assuming(&no), present(1));
        assert_eq!(Expr::Any(vec![slot(1), present(1)]).assuming(&no), present(1));
        assert_eq!(Expr::All(vec![present(1), slot(1)]).assuming(&no), Expr::yes(false));
    }

    #[test]
    fn a_time_is_a_sum_of_what_is_written_down_and_of_settings() {
        let seconds = |seconds| boxed(Expr::Constant(Value::Duration(Duration::from_secs(seconds))));
        let of = |expr: Expr| expr.time(&|id| (id == SettingId(1)).then_some(Duration::from_secs(10)));
        let setting = |id| boxed(Expr::Setting(SettingId(id)));
        assert_eq!(of(Expr::Plus(seconds(2), setting(1))), Some(Duration::from_secs(12)));
        assert_eq!(of(Expr::Minus(seconds(2), setting(1))), Some(Duration::ZERO));
        assert_eq!(of(Expr::Plus(seconds(2), setting(2))), None);
        assert_eq!(of(Expr::Plus(seconds(2), boxed(slot(1)))), None);
    }
}
