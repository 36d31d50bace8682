//! Whether conditions can hold together.
//!
//! Never: says that they cannot when they can. Past its bounds it says that they can.

use program::{Comparison, Expr, Value};

/// How many partial worlds are looked at for one question.
const MOST_WORLDS: usize = 20_000;

/// A condition, and whether it holds.
pub(crate) type Known = (Expr, bool);

/// Whether all of these can be as they are said to be.
pub(crate) fn possible<'a>(known: impl IntoIterator<Item = &'a Known>) -> bool {
    Search::new(known).is_some_and(|mut search| search.any())
}

/// What is certain of a condition.
pub(crate) fn certain(known: &[Known], condition: &Expr) -> Option<bool> {
    if let Expr::Constant(Value::Yes(held)) = condition {
        return Some(*held);
    }
    let with = |held: bool| {
        let asked = (condition.clone(), held);
        possible(known.iter().chain([&asked]))
    };
    match (with(true), with(false)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The conditions that a condition is made of.
pub(crate) fn atoms<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Not(inner) => atoms(inner, into),
        Expr::All(list) | Expr::Any(list) => list.iter().for_each(|expr| atoms(expr, into)),
        Expr::Constant(_) => {}
        atom if into.contains(&atom) => {}
        atom => into.push(atom),
    }
}

/// A condition in terms of numbered atoms.
enum Formula {
    Atom(usize),
    Constant(bool),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

struct Search<'a> {
    atoms: Vec<&'a Expr>,
    /// What is to hold, or not, and is more than an atom.
    compound: Vec<(Formula, bool)>,
    /// What is assumed of each atom.
    world: Vec<Option<bool>>,
    /// The atoms that something is assumed of.
    assumed: Vec<usize>,
    left: usize,
}

impl<'a> Search<'a> {
    /// None when two of the conditions contradict each other in so many words.
    fn new(known: impl IntoIterator<Item = &'a Known>) -> Option<Search<'a>> {
        let mut search = Search {
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
            (Expr::Constant(Value::Yes(is)), _) => (*is == held).then_some(()),
            (atom, _) => {
                let atom = self.atom(atom);
                match self.world[atom] {
                    Some(assumed) => (assumed == held).then_some(()),
                    None if self.fits(atom, held) => {
                        self.assume(atom, held);
                        Some(())
                    }
                    None => None,
                }
            }
        }
    }

    fn formula(&mut self, expr: &'a Expr) -> Formula {
        match expr {
            Expr::Not(inner) => Formula::Not(Box::new(self.formula(inner))),
            Expr::All(list) => Formula::All(list.iter().map(|part| self.formula(part)).collect()),
            Expr::Any(list) => Formula::Any(list.iter().map(|part| self.formula(part)).collect()),
            Expr::Constant(Value::Yes(held)) => Formula::Constant(*held),
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

    fn assume(&mut self, atom: usize, held: bool) {
        self.world[atom] = Some(held);
        self.assumed.push(atom);
    }

    /// Whether nothing that is assumed excludes it.
    fn fits(&self, atom: usize, held: bool) -> bool {
        self.assumed.iter().all(|other| {
            let other_held = self.world[*other] == Some(true);
            !excludes((self.atoms[atom], held), (self.atoms[*other], other_held))
        })
    }

    fn any(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return true };
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
            if !self.fits(atom, held) {
                return false;
            }
            self.assume(atom, held);
            let found = self.any();
            self.assumed.pop();
            self.world[atom] = None;
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
}

/// Whether two atoms cannot be so at once.
fn excludes(a: (&Expr, bool), b: (&Expr, bool)) -> bool {
    one_way(a, b) || one_way(b, a)
}

fn one_way((a, a_held): (&Expr, bool), (b, b_held): (&Expr, bool)) -> bool {
    match (a, b) {
        (
            Expr::Compare { left, comparison, right, fold },
            Expr::Compare { left: other_left, comparison: other, right: other_right, fold: other_fold },
        ) if left == other_left => {
            if right == other_right && fold == other_fold {
                return relation(*comparison, a_held) & relation(*other, b_held) == 0;
            }
            match (&**right, &**other_right) {
                (Expr::Constant(x), Expr::Constant(y)) => match (number(x), number(y)) {
                    (Some(x), Some(y)) => !meet((*comparison, a_held, x), (*other, b_held, y)),
                    // One thing is not equal to two different constants.
                    _ => differ(x, y, *fold || *other_fold) && equal(*comparison, a_held) && equal(*other, b_held),
                },
                _ => false,
            }
        }
        // A part of what is absent is absent, and what is absent is neither empty, nor in a list, nor equal to anything.
        (Expr::Present(whole), other) if !a_held => match other {
            Expr::Present(part) => b_held && is_part(part, whole),
            Expr::Empty(inner) => b_held && (inner == whole || is_part(inner, whole)),
            Expr::In { element, .. } => b_held && (element == whole || is_part(element, whole)),
            Expr::Compare { left, comparison, right, .. } => {
                equal(*comparison, b_held)
                    && [left, right].into_iter().any(|side| side == whole || is_part(side, whole))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether nothing equals both constants.
fn differ(x: &Value, y: &Value, fold: bool) -> bool {
    match (x, y) {
        (Value::Text(x), Value::Text(y)) if fold => !x.eq_ignore_ascii_case(y),
        _ => !fold && x != y,
    }
}

/// Whether all is known of how two conditions go together: both compare one thing with constants.
pub(crate) fn settled(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Compare { left, right, .. }, Expr::Compare { left: other_left, right: other_right, .. }) => {
            left == other_left && matches!((&**right, &**other_right), (Expr::Constant(_), Expr::Constant(_)))
        }
        _ => false,
    }
}

fn is_part(part: &Expr, whole: &Expr) -> bool {
    match part {
        Expr::Field(base, _) => **base == *whole || is_part(base, whole),
        _ => false,
    }
}

fn equal(comparison: Comparison, held: bool) -> bool {
    relation(comparison, held) == 2
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => Some(i128::from(*number)),
        Value::Duration(duration) => i128::try_from(duration.as_millis()).ok(),
        Value::Time(time) => Some(i128::from(*time)),
        _ => None,
    }
}

/// Whether some whole number stands so to both constants.
fn meet(a: (Comparison, bool, i128), b: (Comparison, bool, i128)) -> bool {
    let fits = |(comparison, held, constant): (Comparison, bool, i128), value: i128| {
        let side = match value.cmp(&constant) {
            std::cmp::Ordering::Less => 1,
            std::cmp::Ordering::Equal => 2,
            std::cmp::Ordering::Greater => 4,
        };
        relation(comparison, held) & side != 0
    };
    // If any number does, one next to a constant does.
    [a.2, b.2].into_iter().flat_map(|n| [n - 1, n, n + 1]).any(|value| fits(a, value) && fits(b, value))
}

/// Which of less (1), equal (2), greater (4) a comparison leaves open.
fn relation(comparison: Comparison, held: bool) -> u8 {
    let open = match comparison {
        Comparison::Less => 1,
        Comparison::Equal => 2,
        Comparison::AtMost => 3,
        Comparison::Greater => 4,
        Comparison::Unequal => 5,
        Comparison::AtLeast => 6,
    };
    if held { open } else { 7 - open }
}

#[cfg(test)]
mod tests {
    use program::{Comparison, Expr, Known as Fact, SettingId, Value};

    use super::{certain, possible};

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
}
