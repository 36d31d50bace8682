//! What single conditions tell of each other, by what `program` says that they mean.
//!
//! Never: says that two exclude each other where some value, or none, makes both so.

use program::{Comparison, Expr, Field, Known as Fact, Makes, Relation, Value, absent};

use crate::logic::Theory;

/// What something is compared with.
pub(crate) struct Compared<'a> {
    pub(crate) comparison: Comparison,
    pub(crate) right: &'a Expr,
    pub(crate) fold: bool,
    pub(crate) held: bool,
}

impl Compared<'_> {
    /// Whether both sides are equal.
    pub(crate) fn equals(&self) -> bool {
        self.open() & !bit(Relation::BothAbsent) == bit(Relation::Equal)
    }

    /// The relations that it leaves open.
    pub(crate) fn open(&self) -> u8 {
        open(self.comparison, self.held)
    }
}

/// Both sides are there.
pub(crate) const ORDER: u8 =
    bit(Relation::Less) | bit(Relation::Equal) | bit(Relation::Greater) | bit(Relation::Unlike);

/// A relation in a set of them.
pub(crate) const fn bit(relation: Relation) -> u8 {
    1 << relation as u8
}

/// The relations that a comparison leaves open.
fn open(comparison: Comparison, held: bool) -> u8 {
    Relation::ALL
        .into_iter()
        .filter(|relation| comparison.holds(*relation) == held)
        .fold(0, |open, one| open | bit(one))
}

/// Whether it is there, whatever is assumed.
pub(crate) fn surely(theory: &Theory<'_>, term: &Expr) -> bool {
    match term {
        Expr::Constant(value) => *value != Value::Absent,
        Expr::Text(_) | Expr::List(_) | Expr::Record(..) => true,
        Expr::Not(_) | Expr::All(_) | Expr::Any(_) => true,
        Expr::Compare { .. } | Expr::Present(_) | Expr::Empty(_) | Expr::In { .. } => true,
        Expr::Pure(function, _) => function.form().always,
        Expr::Known(known) => !matches!(known, Fact::Tls | Fact::TlsVersion | Fact::TlsCipher),
        Expr::Field(whole, Field::Local | Field::Address) => surely(theory, whole),
        Expr::Plus(a, b) | Expr::Minus(a, b) => surely(theory, a) && surely(theory, b),
        Expr::Setting(_) | Expr::Capture(_) | Expr::Slot(_) | Expr::Field(..) => (theory.sure)(term),
        Expr::When(..) => false,
    }
}

/// Whether what is assumed of an atom is so only when the term is there.
pub(crate) fn tells_presence((atom, held): (&Expr, bool), term: &Expr) -> bool {
    let about = |expr: &Expr| expr == term || is_part(expr, term);
    match atom {
        Expr::Present(expr) => held && about(expr),
        Expr::Empty(expr) => held != absent::IS_EMPTY && about(expr),
        Expr::In { element, list, .. } => held != absent::IS_IN && (about(element) || about(list)),
        Expr::Compare { left, comparison, right, .. } => {
            let open = open(*comparison, held);
            let one = open & bit(Relation::OneAbsent) == 0;
            let both = open & bit(Relation::BothAbsent) == 0;
            let constant = |side: &Expr| matches!(side, Expr::Constant(value) if *value != Value::Absent);
            one && ((about(left) && (both || constant(right))) || (about(right) && (both || constant(left))))
        }
        Expr::Pure(function, arguments) if function.form().makes == Makes::Truth => {
            held != absent::IS_YES && arguments.iter().any(about)
        }
        Expr::Slot(_) | Expr::Capture(_) | Expr::Setting(_) | Expr::Known(_) | Expr::Field(..) => {
            held != absent::IS_YES && about(atom)
        }
        _ => false,
    }
}

/// Whether two atoms cannot be so at once.
pub(crate) fn excludes(theory: &Theory<'_>, a: (&Expr, bool), b: (&Expr, bool)) -> bool {
    one_way(theory, a, b) || one_way(theory, b, a)
}

fn one_way(theory: &Theory<'_>, (a, a_held): (&Expr, bool), (b, b_held): (&Expr, bool)) -> bool {
    match (a, b) {
        (
            Expr::Compare { left, comparison, right, fold },
            Expr::Compare { left: other_left, comparison: other, right: other_right, fold: other_fold },
        ) if left == other_left && right == other_right && fold == other_fold => {
            open(*comparison, a_held) & open(*other, b_held) == 0
        }
        // What is absent is empty, in no list, not yes, and equal to nothing that is there; and so is every part of it.
        (Expr::Present(whole), Expr::Compare { left, comparison, right, .. }) if !a_held => {
            let gone = |side: &Expr| side == &**whole || is_part(side, whole);
            let left_for = |other: &Expr| match surely(theory, other) {
                true => bit(Relation::OneAbsent),
                false => bit(Relation::OneAbsent) | bit(Relation::BothAbsent),
            };
            (gone(left) && open(*comparison, b_held) & left_for(right) == 0)
                || (gone(right) && open(*comparison, b_held) & left_for(left) == 0)
        }
        (Expr::Present(whole), other) if !a_held => tells_presence((other, b_held), whole),
        _ => false,
    }
}

/// Whether nothing equals both constants.
pub(crate) fn differ(a: &Compared<'_>, b: &Compared<'_>) -> bool {
    let (Expr::Constant(x), Expr::Constant(y)) = (a.right, b.right) else { return false };
    let fold = a.fold || b.fold;
    program::relation(x, y, fold).is_some_and(|relation| !Comparison::Equal.holds(relation))
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

/// Whether the one is a part of the other.
pub(crate) fn is_part(part: &Expr, whole: &Expr) -> bool {
    match part {
        Expr::Field(base, _) => **base == *whole || is_part(base, whole),
        _ => false,
    }
}

/// A constant that has an order.
pub(crate) fn number(value: &Expr) -> Option<i128> {
    match value {
        Expr::Constant(Value::Number(number) | Value::Time(number)) => Some(i128::from(*number)),
        Expr::Constant(Value::Duration(duration)) => i128::try_from(duration.as_nanos()).ok(),
        _ => None,
    }
}
