//! Whether conditions can hold together.
//!
//! What a comparison, a presence or an emptiness means of what is absent is `program`'s to say; here it is reasoned with.
//!
//! Never: says that they cannot when they can. Past its bounds it says that they can.

use std::cell::Cell;

use program::{Expr, Relation, Value};

use crate::meaning::{Compared, ORDER, bit, differ, excludes, is_part, number, surely, tells_presence};

/// How many partial worlds are looked at for one question.
const MOST_WORLDS: u32 = 20_000;

/// A condition, and whether it holds.
pub type Known = (Expr, bool);

/// What all questions go by.
pub(crate) struct Theory<'t> {
    /// Whether a setting, a hole or a part of a request is there, whatever is assumed.
    pub(crate) sure: &'t dyn Fn(&Expr) -> bool,
    /// How much may still be looked at. When it is used up, everything is possible.
    pub(crate) work: &'t Cell<u64>,
}

/// Whether all of these can be as they are said to be. `sure` tells of settings and holes whether they are always there.
pub fn possible(known: &[Known], sure: &dyn Fn(&Expr) -> bool) -> bool {
    let work = Cell::new(u64::MAX);
    Theory { sure, work: &work }.possible(known)
}

impl Theory<'_> {
    /// Whether all of these can be as they are said to be.
    pub(crate) fn possible<'a>(&self, known: impl IntoIterator<Item = &'a Known>) -> bool {
        Search::new(self, known).is_some_and(|mut search| search.any())
    }

    /// What is certain of a condition.
    pub(crate) fn certain(&self, known: &[Known], condition: &Expr) -> Option<bool> {
        if let Expr::Constant(value) = condition {
            return Some(*value == Value::Yes(true));
        }
        Search::new(self, known)?.certain(condition)
    }

    /// What is certain of each of many conditions.
    pub(crate) fn each_certain(&self, known: &[Known], conditions: &[Expr]) -> Vec<Option<bool>> {
        let Some(mut search) = Search::new(self, known) else { return vec![None; conditions.len()] };
        let certain = conditions.iter().map(|condition| match condition {
            Expr::Constant(value) => Some(*value == Value::Yes(true)),
            condition => search.certain(condition),
        });
        certain.collect()
    }

    /// Takes so much of what may still be looked at; false when there is no more.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        self.work.set(self.work.get().saturating_sub(steps as u64));
        self.work.get() > 0
    }
}

/// The conditions that a condition is made of, each once.
pub(crate) fn atoms<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    expr.atoms(&mut |atom| {
        if !into.contains(&atom) {
            into.push(atom);
        }
    });
}

/// A condition in terms of numbered atoms.
enum Formula {
    Atom(usize),
    Constant(bool),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

struct Search<'a, 't> {
    theory: &'t Theory<'t>,
    atoms: Vec<&'a Expr>,
    /// What is to hold, or not, and is more than an atom.
    compound: Vec<(Formula, bool)>,
    /// What is assumed of each atom.
    world: Vec<Option<bool>>,
    /// The atoms that something is assumed of.
    assumed: Vec<usize>,
    left: u32,
}

impl<'a, 't> Search<'a, 't> {
    /// None when two of the conditions contradict each other in so many words.
    fn new(theory: &'t Theory<'t>, known: impl IntoIterator<Item = &'a Known>) -> Option<Search<'a, 't>> {
        let mut search = Search {
            theory,
            atoms: Vec::new(),
            compound: Vec::new(),
            world: Vec::new(),
            assumed: Vec::new(),
            left: MOST_WORLDS,
        };
        for (expr, held) in known {
            search.demand(expr, *held)?;
        }
        Some(search)
    }

    /// What is certain of a condition, beside what is demanded already.
    fn certain(&mut self, condition: &'a Expr) -> Option<bool> {
        match (self.can(condition, true), self.can(condition, false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// Whether a condition can hold, or not, beside what is demanded already.
    fn can(&mut self, condition: &'a Expr, held: bool) -> bool {
        let (atoms, compound, assumed) = (self.atoms.len(), self.compound.len(), self.assumed.len());
        self.left = MOST_WORLDS;
        let can = self.demand(condition, held).is_some() && self.any();
        for atom in self.assumed.drain(assumed..) {
            self.world[atom] = None;
        }
        self.compound.truncate(compound);
        self.atoms.truncate(atoms);
        self.world.truncate(atoms);
        can
    }

    /// What is demanded; what is plain of it is assumed at once.
    fn demand(&mut self, expr: &'a Expr, held: bool) -> Option<()> {
        match (expr, held) {
            (Expr::Not(inner), _) => self.demand(inner, !held),
            (Expr::All(list), true) | (Expr::Any(list), false) => {
                list.iter().try_for_each(|part| self.demand(part, held))
            }
            (Expr::All(_) | Expr::Any(_), _) => {
                let formula = self.formula(expr);
                self.compound.push((formula, held));
                Some(())
            }
            (Expr::Constant(value), _) => ((*value == Value::Yes(true)) == held).then_some(()),
            (atom, _) => {
                let atom = self.atom(atom);
                match self.world[atom] {
                    Some(assumed) => (assumed == held).then_some(()),
                    None => self.assume(atom, held).then_some(()),
                }
            }
        }
    }

    fn formula(&mut self, expr: &'a Expr) -> Formula {
        match expr {
            Expr::Not(inner) => Formula::Not(Box::new(self.formula(inner))),
            Expr::All(list) => Formula::All(list.iter().map(|part| self.formula(part)).collect()),
            Expr::Any(list) => Formula::Any(list.iter().map(|part| self.formula(part)).collect()),
            Expr::Constant(value) => Formula::Constant(*value == Value::Yes(true)),
            atom => Formula::Atom(self.atom(atom)),
        }
    }

    fn atom(&mut self, expr: &'a Expr) -> usize {
        let known = self.atoms.iter().position(|known| std::ptr::eq(*known, expr) || *known == expr);
        known.unwrap_or_else(|| {
            self.atoms.push(expr);
            self.world.push(None);
            self.atoms.len() - 1
        })
    }

    /// Assumes it, unless what is assumed already excludes it.
    fn assume(&mut self, atom: usize, held: bool) -> bool {
        self.theory.spend(1 + self.assumed.len());
        let new = (self.atoms[atom], held);
        if self.assumed.iter().any(|other| excludes(self.theory, new, self.taken(*other))) {
            return false;
        }
        self.world[atom] = Some(held);
        self.assumed.push(atom);
        let fits = match new.0 {
            Expr::Compare { left, .. } => self.has_value(left),
            // Whether something is there tells of what it is compared with.
            Expr::Present(about) | Expr::Empty(about) => self.compared_with(about),
            Expr::In { element, list, .. } => self.compared_with(element) && self.compared_with(list),
            about => self.compared_with(about),
        };
        if !fits {
            self.retract(atom);
        }
        fits
    }

    fn retract(&mut self, atom: usize) {
        self.assumed.pop();
        self.world[atom] = None;
    }

    fn taken(&self, atom: usize) -> (&'a Expr, bool) {
        (self.atoms[atom], self.world[atom] == Some(true))
    }

    fn any(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1).filter(|_| self.theory.spend(1 + self.compound.len())) else {
            return true;
        };
        self.left = left;
        let mut open = None;
        for (formula, held) in &self.compound {
            match self.value(formula) {
                Ok(value) if value == *held => {}
                Ok(_) => return false,
                Err(atom) => open = open.or(Some(atom)),
            }
        }
        let Some(atom) = open else { return true };
        [true, false].into_iter().any(|held| {
            if !self.assume(atom, held) {
                return false;
            }
            let found = self.any();
            self.retract(atom);
            found
        })
    }

    /// The truth of a condition in this world, or the first atom that it hangs on.
    fn value(&self, formula: &Formula) -> Result<bool, usize> {
        match formula {
            Formula::Not(inner) => self.value(inner).map(|held| !held),
            Formula::All(list) => self.chain(list, false),
            Formula::Any(list) => self.chain(list, true),
            Formula::Constant(held) => Ok(*held),
            Formula::Atom(atom) => self.world[*atom].ok_or(*atom),
        }
    }

    fn chain(&self, list: &[Formula], settles: bool) -> Result<bool, usize> {
        let mut open = None;
        for formula in list {
            match self.value(formula) {
                Ok(held) if held == settles => return Ok(settles),
                Ok(_) => {}
                Err(atom) => open = open.or(Some(atom)),
            }
        }
        open.map_or(Ok(!settles), Err)
    }

    /// Whether everything that is compared with this, with a part of it or with what it is a part of, still has a value.
    fn compared_with(&self, about: &Expr) -> bool {
        let near = |side: &Expr| side == about || is_part(side, about) || is_part(about, side);
        self.assumed.iter().all(|atom| match self.atoms[*atom] {
            Expr::Compare { left, right, .. } if near(left) || near(right) => self.has_value(left),
            _ => true,
        })
    }

    /// Whether there is a value, or none, that stands to all that it is compared with as is assumed.
    fn has_value(&self, term: &Expr) -> bool {
        let compared: Vec<Compared<'_>> = self.assumed.iter().filter_map(|atom| self.comparison(*atom, term)).collect();
        (!self.is_absent(term) && self.there(&compared)) || (!self.is_present(term) && self.nothing(&compared))
    }

    fn comparison(&self, atom: usize, term: &Expr) -> Option<Compared<'a>> {
        let (expr, held) = self.taken(atom);
        match expr {
            Expr::Compare { left, comparison, right, fold } if **left == *term => {
                Some(Compared { comparison: *comparison, right, fold: *fold, held })
            }
            _ => None,
        }
    }

    /// Whether it can be so when the left side is absent.
    fn nothing(&self, compared: &[Compared<'_>]) -> bool {
        compared.iter().all(|one| {
            let either = |relation| one.comparison.holds(relation) == one.held;
            (!self.is_present(one.right) && either(Relation::BothAbsent))
                || (!self.is_absent(one.right) && either(Relation::OneAbsent))
        })
    }

    /// Whether it can be so when the left side is there.
    fn there(&self, compared: &[Compared<'_>]) -> bool {
        let numbers: Vec<(&Compared<'_>, i128)> =
            compared.iter().filter_map(|one| Some((one, number(one.right)?))).collect();
        // If any number will do, one next to a constant does.
        let mut candidates = numbers.iter().flat_map(|(_, n)| [n - 1, *n, n + 1]);
        let fits = |value: i128| {
            numbers.iter().all(|(one, number)| one.comparison.holds(value.cmp(number).into()) == one.held)
        };
        if !numbers.is_empty() && !candidates.any(fits) {
            return false;
        }
        compared.iter().enumerate().all(|(place, one)| {
            let with = &compared[..place];
            match one.right {
                Expr::Constant(Value::Absent) => one.comparison.holds(Relation::OneAbsent) == one.held,
                Expr::Constant(_) if one.equals() => with.iter().all(|other| !other.equals() || !differ(one, other)),
                Expr::Constant(_) => true,
                _ => {
                    let same = with.iter().filter(|other| other.right == one.right && other.fold == one.fold);
                    let open = same.fold(one.open(), |open, other| open & other.open());
                    let mut left = open & (bit(Relation::OneAbsent) | ORDER);
                    if self.is_present(one.right) {
                        left &= ORDER;
                    }
                    if self.is_absent(one.right) {
                        left &= bit(Relation::OneAbsent);
                    }
                    left != 0
                }
            }
        })
    }

    /// Whether it is there in this world, for certain.
    fn is_present(&self, term: &Expr) -> bool {
        surely(self.theory, term) || self.assumed.iter().any(|atom| tells_presence(self.taken(*atom), term))
    }

    /// Whether it is absent in this world, for certain.
    fn is_absent(&self, term: &Expr) -> bool {
        matches!(term, Expr::Constant(Value::Absent))
            || self.assumed.iter().any(|atom| match self.taken(*atom) {
                (Expr::Present(about), false) => **about == *term || is_part(term, about),
                _ => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use program::{Comparison, Expr, Known as Fact, SettingId, Value};

    use super::{Known, Theory};

    fn possible(known: &[Known]) -> bool {
        super::possible(known, &|expr| *expr == Expr::Setting(SettingId(0)))
    }

    fn certain(known: &[Known], condition: &Expr) -> Option<bool> {
        Theory { sure: &|_| false, work: &std::cell::Cell::new(u64::MAX) }.certain(known, condition)
    }

    fn tls() -> Expr {
        Expr::Present(Box::new(Expr::Known(Fact::Tls)))
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
    fn what_excludes_itself_is_impossible() {
        assert!(!possible(&[(tls(), true), (Expr::Not(Box::new(tls())), true)]));
        assert!(possible(&[(tls(), true)]));
        let either = Expr::Any(vec![tls(), setting(Comparison::Equal, 1)]);
        assert!(!possible(&[(either.clone(), true), (tls(), false), (setting(Comparison::Unequal, 1), true)]));
        assert_eq!(certain(&[(either, true), (tls(), false)], &setting(Comparison::Greater, 0)), Some(true));
    }

    #[test]
    fn numbers_are_compared_with_constants() {
        let check = |a: (Comparison, i64), b: (Comparison, i64), expected: bool| {
            assert_eq!(possible(&[(setting(a.0, a.1), true), (setting(b.0, b.1), true)]), expected, "{a:?} {b:?}");
        };
        check((Comparison::Greater, 4), (Comparison::AtMost, 3), false);
        check((Comparison::Greater, 3), (Comparison::Less, 5), true);
        check((Comparison::Greater, 3), (Comparison::Less, 4), false);
        check((Comparison::Equal, 1), (Comparison::Equal, 2), false);
        check((Comparison::Unequal, 1), (Comparison::Unequal, 2), true);
    }

    #[test]
    fn a_part_of_what_is_absent_is_absent() {
        let whole = Expr::Setting(SettingId(1));
        let part = Expr::Field(Box::new(whole.clone()), program::Field::Domain);
        let present = |expr: &Expr| Expr::Present(Box::new(expr.clone()));
        assert!(!possible(&[(present(&whole), false), (present(&part), true)]));
        assert!(possible(&[(present(&whole), true), (present(&part), false)]));
    }

    #[test]
    fn what_is_absent_is_neither_less_nor_greater() {
        let optional = |comparison| Expr::Compare {
            left: Box::new(Expr::Setting(SettingId(1))),
            comparison,
            right: Box::new(Expr::Constant(Value::Number(3))),
            fold: false,
        };
        let there = Expr::Present(Box::new(Expr::Setting(SettingId(1))));
        let neither = [(optional(Comparison::Greater), false), (optional(Comparison::AtMost), false)];
        assert!(possible(&neither));
        assert!(!possible(&[neither.to_vec(), vec![(there.clone(), true)]].concat()));
        assert!(possible(&[neither.to_vec(), vec![(there.clone(), false)]].concat()));
        assert!(!possible(&[(there.clone(), false), (optional(Comparison::Less), true)]));
        assert!(possible(&[(there, false), (optional(Comparison::Unequal), true)]));
    }

    #[test]
    fn what_is_absent_is_empty() {
        let about = || Box::new(Expr::Setting(SettingId(1)));
        assert!(possible(&[(Expr::Present(about()), false), (Expr::Empty(about()), true)]));
        assert!(!possible(&[(Expr::Present(about()), false), (Expr::Empty(about()), false)]));
        let part = Expr::Field(about(), program::Field::Index(0));
        assert!(!possible(&[(Expr::Present(about()), false), (Expr::Empty(Box::new(part)), false)]));
    }

    #[test]
    fn two_absent_values_are_equal() {
        let (a, b) = (Expr::Setting(SettingId(1)), Expr::Setting(SettingId(2)));
        let present = |expr: &Expr| Expr::Present(Box::new(expr.clone()));
        let equal = Expr::Compare {
            left: Box::new(a.clone()),
            comparison: Comparison::Equal,
            right: Box::new(b.clone()),
            fold: false,
        };
        assert!(possible(&[(present(&a), false), (equal.clone(), true)]));
        assert!(!possible(&[(present(&a), false), (present(&b), true), (equal, true)]));
    }
}
