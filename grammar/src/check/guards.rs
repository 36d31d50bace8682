//! Whether two guards can hold at once.
//!
//! Never: evaluates with real values, or reasons by itself: what excludes what is `proof`'s to say, as it is for promises.

use program::{Expr, Field, Shape, Slot, StateId, Type};

use crate::check::model::Model;

/// What is always there where guards are asked.
pub(crate) struct Sure<'m> {
    /// The types of the settings, in order.
    settings: Vec<Option<&'m Type>>,
    /// The attributes of a request.
    request: Option<&'m Shape>,
    /// The facts that the state must have.
    facts: Vec<Slot>,
}

impl<'m> Sure<'m> {
    /// In that state.
    pub(crate) fn within(model: &'m Model<'_>, state: StateId) -> Sure<'m> {
        let settings = model.settings.iter().map(|setting| setting.ty.as_ref()).collect();
        let facts = &model.states[usize::from(state.0)].facts;
        let facts = facts.iter().filter(|(_, optional)| !**optional).map(|(fact, _)| Slot(fact.0)).collect();
        Sure { settings, request: model.request.as_ref().map(|request| &*request.shape), facts }
    }

    fn tells(&self, expr: &Expr) -> bool {
        let is_there = |ty: &Type| !matches!(ty, Type::Optional(_));
        match expr {
            Expr::Setting(id) => self.settings.get(usize::from(id.0)).copied().flatten().is_some_and(is_there),
            Expr::Slot(slot) => self.facts.contains(slot),
            Expr::Capture(0) => self.request.is_some(),
            Expr::Field(whole, Field::Index(index)) => match (&**whole, self.request) {
                (Expr::Capture(0), Some(shape)) => {
                    shape.fields.get(usize::from(*index)).is_some_and(|(_, ty)| is_there(ty))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// Whether some session can make both guards true; no guard is always true.
pub(crate) fn compatible(a: Option<&Expr>, b: Option<&Expr>, sure: &Sure<'_>) -> bool {
    let guards: Vec<proof::Known> = a.into_iter().chain(b).map(|guard| (guard.clone(), true)).collect();
    proof::possible(&guards, &|expr| sure.tells(expr))
}

/// Past this many different conditions a question costs no more: then `proof` gives up.
const ATOMS_MOST: usize = 12;

/// The steps of work that [`compatible`] is at the most.
pub(crate) fn cost(a: Option<&Expr>, b: Option<&Expr>) -> u64 {
    let mut atoms = Vec::new();
    a.into_iter().chain(b).for_each(|guard| collect(guard, &mut atoms));
    let count = atoms.len().min(ATOMS_MOST) as u64;
    ((1 << count) * count * count) / 64 + count
}

/// Whether a guard can hold at all.
pub(crate) fn satisfiable(guard: &Expr, sure: &Sure<'_>) -> bool {
    compatible(Some(guard), None, sure)
}

fn collect<'e>(guard: &'e Expr, atoms: &mut Vec<&'e Expr>) {
    guard.atoms(&mut |atom| {
        if atoms.len() <= ATOMS_MOST && !atoms.contains(&atom) {
            atoms.push(atom);
        }
    });
}

#[cfg(test)]
mod tests {
    use program::{Comparison, Expr, Known, SettingId, Value};

    use super::Sure;

    fn compatible(a: Option<&Expr>, b: Option<&Expr>) -> bool {
        let sure = Sure { settings: vec![Some(&program::Type::Size)], request: None, facts: Vec::new() };
        super::compatible(a, b, &sure)
    }

    fn tls() -> Expr {
        Expr::Present(Box::new(Expr::Known(Known::Tls)))
    }

    fn setting(comparison: Comparison, number: i64) -> Expr {
        Expr::Compare {
            left: Box::new(Expr::Setting(SettingId(0))),
            comparison,
            right: Box::new(Expr::Constant(Value::Number(number))),
            fold: false,
        }
    }

    #[test]
    fn presence_and_absence_exclude_each_other() {
        assert!(!compatible(Some(&tls()), Some(&Expr::Not(Box::new(tls())))));
        assert!(compatible(Some(&tls()), None));
        let other = Expr::Present(Box::new(Expr::Known(Known::TlsCipher)));
        assert!(compatible(Some(&tls()), Some(&other)));
    }

    #[test]
    fn one_thing_equals_one_constant() {
        assert!(!compatible(Some(&setting(Comparison::Equal, 1)), Some(&setting(Comparison::Equal, 2))));
        assert!(!compatible(Some(&setting(Comparison::Equal, 1)), Some(&setting(Comparison::Unequal, 1))));
        assert!(!compatible(Some(&setting(Comparison::Less, 1)), Some(&setting(Comparison::AtLeast, 1))));
        assert!(compatible(Some(&setting(Comparison::AtMost, 1)), Some(&setting(Comparison::AtLeast, 1))));
    }

    #[test]
    fn case_parts_constants_only_where_every_comparison_counts_it() {
        let is = |text: &str, fold| Expr::Compare {
            left: Box::new(Expr::Setting(SettingId(0))),
            comparison: Comparison::Equal,
            right: Box::new(Expr::Constant(Value::Text(text.into()))),
            fold,
        };
        assert!(compatible(Some(&is("a", true)), Some(&is("A", true))));
        assert!(compatible(Some(&is("a", true)), Some(&is("A", false))));
        assert!(!compatible(Some(&is("a", false)), Some(&is("A", false))));
        assert!(!compatible(Some(&is("a", true)), Some(&is("b", false))));
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let is = |ip: &str| Expr::Compare {
            left: Box::new(Expr::Known(Known::PeerIp)),
            comparison: Comparison::Equal,
            right: Box::new(Expr::Constant(Value::Ip(ip.parse().expect("an address")))),
            fold: false,
        };
        assert!(compatible(Some(&is("192.0.2.1")), Some(&is("::ffff:192.0.2.1"))));
        assert!(!compatible(Some(&is("192.0.2.1")), Some(&is("192.0.2.2"))));
    }
}
