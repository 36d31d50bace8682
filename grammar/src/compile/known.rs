//! What is known to hold at a place of a body: which values are present, which lists are not empty, how numbers compare.
//!
//! A value is told by what it is, a slot, a hole or a setting with the parts taken of it, and never by its name: a name
//! may mean another value in an inner block.
//!
//! Never: looks at values.

use program::{Comparison, Expr, Field, Known as Word, Pure, Slot, Value};

use crate::compile::bounds::{mentions, opposite, turned};

/// A value that something can be known of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thing {
    root: Root,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Slot(u16),
    Hole(u8),
    Setting(u16),
    Tls,
    TlsVersion,
    TlsCipher,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Field(u16),
    Local,
    Domain,
    Address,
}

/// Something that holds of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Truth {
    /// It is present.
    Present(Thing),
    /// It is a list, a text or a payload, and not empty.
    Filled(Thing),
    /// This comparison holds, or this is empty.
    Holds(Expr),
    /// TLS is not up.
    InTheClear,
}

/// All that is known at one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Knowledge(Vec<Truth>);

impl Thing {
    /// The value that an expression reads; none where it computes one.
    pub(crate) fn of(expr: &Expr) -> Option<Thing> {
        let root = |root| Some(Thing { root, parts: Vec::new() });
        match expr {
            Expr::Slot(slot) => root(Root::Slot(slot.0)),
            Expr::Capture(hole) => root(Root::Hole(*hole)),
            Expr::Setting(id) => root(Root::Setting(id.0)),
            Expr::Known(Word::Tls) => root(Root::Tls),
            Expr::Known(Word::TlsVersion) => root(Root::TlsVersion),
            Expr::Known(Word::TlsCipher) => root(Root::TlsCipher),
            Expr::Field(base, field) => {
                let mut thing = Thing::of(base)?;
                thing.parts.push(match field {
                    Field::Index(place) => Part::Field(*place),
                    Field::Local => Part::Local,
                    Field::Domain => Part::Domain,
                    Field::Address => Part::Address,
                });
                Some(thing)
            }
            _ => None,
        }
    }

    /// TLS itself.
    pub(crate) fn tls() -> Thing {
        Thing { root: Root::Tls, parts: Vec::new() }
    }
}

impl Truth {
    /// Whether it is about such a slot, or about something in it.
    fn is_about(&self, meant: &dyn Fn(Slot) -> bool) -> bool {
        match self {
            Truth::Present(thing) | Truth::Filled(thing) => matches!(thing.root, Root::Slot(slot) if meant(Slot(slot))),
            Truth::Holds(condition) => mentions(condition, meant),
            Truth::InTheClear => false,
        }
    }

    /// What a condition teaches about sizes, elements and numbers when it holds, and when it does not.
    pub(crate) fn of_condition(condition: &Expr) -> (Vec<Truth>, Vec<Truth>) {
        let (mut held, mut failed) = Truth::of_sizes(condition);
        if !condition.has(&mut |part| matches!(part, Expr::Known(_))) {
            match condition {
                Expr::Empty(_) => held.push(Truth::Holds(condition.clone())),
                Expr::Compare { left, comparison, right, fold } => {
                    let (left, right, comparison) = (left.clone(), right.clone(), opposite(*comparison));
                    held.push(Truth::Holds(condition.clone()));
                    failed.push(Truth::Holds(Expr::Compare { left, comparison, right, fold: *fold }));
                }
                _ => {}
            }
        }
        (held, failed)
    }

    fn of_sizes(condition: &Expr) -> (Vec<Truth>, Vec<Truth>) {
        let filled = |expr: &Expr| Thing::of(expr).map(Truth::Filled).into_iter().collect::<Vec<_>>();
        match condition {
            Expr::Empty(inner) => (Vec::new(), filled(inner)),
            Expr::Compare { left, comparison, right, .. } => {
                let counted = match (&**left, &**right) {
                    (Expr::Pure(Pure::Size, list), Expr::Constant(Value::Number(n))) => Some((list, *comparison, *n)),
                    (Expr::Constant(Value::Number(n)), Expr::Pure(Pure::Size, list)) => {
                        Some((list, turned(*comparison), *n))
                    }
                    _ => None,
                };
                let Some(([list], comparison, n)) = counted.map(|(list, c, n)| (&list[..], c, n)) else {
                    return (Vec::new(), Vec::new());
                };
                let is_empty_allowed = |comparison: Comparison| match comparison {
                    Comparison::Equal => n == 0,
                    Comparison::Unequal => n != 0,
                    Comparison::Less => 0 < n,
                    Comparison::AtMost => 0 <= n,
                    Comparison::Greater => 0 > n,
                    Comparison::AtLeast => 0 >= n,
                };
                // Where a size of 0 would come out the other way, the list is not empty.
                if is_empty_allowed(comparison) { (Vec::new(), filled(list)) } else { (filled(list), Vec::new()) }
            }
            _ => (Vec::new(), Vec::new()),
        }
    }
}

impl Knowledge {
    /// How much that is.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Learns.
    pub(crate) fn learn(&mut self, truths: impl IntoIterator<Item = Truth>) {
        for truth in truths {
            if !self.0.contains(&truth) {
                self.0.push(truth);
            }
        }
    }

    /// Whether what the expression reads is known to be present.
    pub(crate) fn is_present(&self, expr: &Expr) -> bool {
        // Version and cipher are agreed on together: under TLS both are there.
        let under_tls = matches!(expr, Expr::Known(Word::TlsVersion | Word::TlsCipher)) && self.tls();
        under_tls || Thing::of(expr).is_some_and(|thing| self.0.contains(&Truth::Present(thing)))
    }

    /// Whether what the expression reads is known not to be empty.
    pub(crate) fn is_filled(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Constant(Value::List(list)) => !list.is_empty(),
            Expr::List(list) => !list.is_empty(),
            _ => Thing::of(expr).is_some_and(|thing| self.0.contains(&Truth::Filled(thing))),
        }
    }

    /// Whether TLS is known to be up.
    pub(crate) fn tls(&self) -> bool {
        self.0.contains(&Truth::Present(Thing::tls()))
    }

    /// The comparisons that hold, and what is empty.
    pub(crate) fn holding(&self) -> impl Iterator<Item = &Expr> {
        self.0.iter().filter_map(|truth| if let Truth::Holds(condition) = truth { Some(condition) } else { None })
    }

    /// Whether TLS is known not to be up.
    pub(crate) fn in_the_clear(&self) -> bool {
        self.0.contains(&Truth::InTheClear)
    }

    /// TLS may be up.
    pub(crate) fn no_longer_clear(&mut self) {
        self.0.retain(|truth| *truth != Truth::InTheClear);
    }

    /// Something in a slot has grown or shrunk: how it compared is not known any more.
    pub(crate) fn resized(&mut self, slot: Slot) {
        self.0.retain(|truth| !matches!(truth, Truth::Holds(_)) || !truth.is_about(&|other| other == slot));
    }

    /// A slot takes another value: nothing is known of it.
    pub(crate) fn forget(&mut self, slot: Slot) {
        self.0.retain(|truth| !truth.is_about(&|other| other == slot));
    }

    /// A body ends: nothing is known of its locals, which are all from this slot on.
    pub(crate) fn forget_from(&mut self, first: u16) {
        self.0.retain(|truth| !truth.is_about(&|slot| slot.0 >= first));
    }

    /// Elements are taken out of what the expression reads.
    pub(crate) fn emptied(&mut self, expr: &Expr) {
        let Some(thing) = Thing::of(expr) else { return };
        self.0.retain(|truth| *truth != Truth::Filled(thing.clone()));
    }

    /// Elements may be taken out of any list.
    pub(crate) fn all_emptied(&mut self) {
        self.0.retain(|truth| !matches!(truth, Truth::Filled(_)));
    }

    /// A body that sees neither locals nor holes begins; `keeps` says of which facts it may know something.
    pub(crate) fn narrowed(&self, facts: usize, keeps: impl Fn(u16) -> bool) -> Knowledge {
        let is_hidden = |slot: Slot| usize::from(slot.0) >= facts || !keeps(slot.0);
        let of_hole = |truth: &Truth| match truth {
            Truth::Present(thing) | Truth::Filled(thing) => matches!(thing.root, Root::Hole(_)),
            Truth::Holds(condition) => condition.has(&mut |part| matches!(part, Expr::Capture(_))),
            Truth::InTheClear => false,
        };
        let kept = self.0.iter().filter(|truth| !truth.is_about(&is_hidden) && !of_hole(truth));
        Knowledge(kept.cloned().collect())
    }

    /// What both know.
    pub(crate) fn shared(&self, other: &Knowledge) -> Knowledge {
        Knowledge(self.0.iter().filter(|truth| other.0.contains(truth)).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use program::{Comparison, Expr, Pure, Slot, Value};

    use super::{Knowledge, Thing, Truth};

    fn sized(comparison: Comparison, n: i64) -> (bool, bool) {
        let list = Expr::Slot(Slot(3));
        let condition = Expr::Compare {
            left: Box::new(Expr::Pure(Pure::Size, vec![list.clone()])),
            comparison,
            right: Box::new(Expr::Constant(Value::Number(n))),
            fold: false,
        };
        let (held, failed) = Truth::of_condition(&condition);
        let told = |truths: Vec<Truth>| {
            let mut known = Knowledge::default();
            known.learn(truths);
            known.is_filled(&list)
        };
        (told(held), told(failed))
    }

    #[test]
    fn a_size_tells_whether_a_list_is_empty() {
        assert_eq!(sized(Comparison::Greater, 0), (true, false));
        assert_eq!(sized(Comparison::AtLeast, 1), (true, false));
        assert_eq!(sized(Comparison::AtLeast, 0), (false, true));
        assert_eq!(sized(Comparison::Unequal, 0), (true, false));
        assert_eq!(sized(Comparison::Equal, 0), (false, true));
        assert_eq!(sized(Comparison::Equal, 2), (true, false));
        assert_eq!(sized(Comparison::Less, 3), (false, true));
    }

    #[test]
    fn a_slot_that_takes_another_value_is_not_known() {
        let mut known = Knowledge::default();
        known.learn(Thing::of(&Expr::Slot(Slot(7))).map(Truth::Present));
        assert!(known.is_present(&Expr::Slot(Slot(7))));
        known.forget(Slot(7));
        assert!(!known.is_present(&Expr::Slot(Slot(7))));
    }
}
