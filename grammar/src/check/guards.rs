//! Whether two guards can hold at once.
//!
//! Never: evaluates with real values. Each distinct test is an atom that holds or does not; equalities of one thing
//! with different constants exclude each other.

use program::{Comparison, Expr, Value};

/// Past this many different tests in two guards they are taken to be able to hold together.
const ATOMS_MOST: usize = 12;

/// Whether some session can make both guards true; no guard is always true.
pub(crate) fn compatible(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    let guards: Vec<&Expr> = a.into_iter().chain(b).collect();
    let mut atoms = Vec::new();
    guards.iter().for_each(|guard| collect(guard, &mut atoms));
    if atoms.len() > ATOMS_MOST {
        return true;
    }
    (0..1_u32 << atoms.len()).any(|world| {
        let holds = |atom: &Expr| atoms.iter().position(|other| *other == atom).is_some_and(|n| world >> n & 1 == 1);
        possible(&atoms, world) && guards.iter().all(|guard| value(guard, &holds))
    })
}

/// Whether a guard can hold at all.
pub(crate) fn satisfiable(guard: &Expr) -> bool {
    compatible(Some(guard), None)
}

fn collect<'e>(guard: &'e Expr, atoms: &mut Vec<&'e Expr>) {
    match guard {
        Expr::Not(inner) => collect(inner, atoms),
        Expr::All(list) | Expr::Any(list) => list.iter().for_each(|inner| collect(inner, atoms)),
        Expr::Constant(_) => {}
        atom => {
            if !atoms.contains(&atom) {
                atoms.push(atom);
            }
        }
    }
}

fn value(guard: &Expr, holds: &dyn Fn(&Expr) -> bool) -> bool {
    match guard {
        Expr::Not(inner) => !value(inner, holds),
        Expr::All(list) => list.iter().all(|inner| value(inner, holds)),
        Expr::Any(list) => list.iter().any(|inner| value(inner, holds)),
        Expr::Constant(Value::Yes(yes)) => *yes,
        atom => holds(atom),
    }
}

/// Whether the atoms can have these truth values together.
fn possible(atoms: &[&Expr], world: u32) -> bool {
    let holds = |n: usize| world >> n & 1 == 1;
    for (n, a) in atoms.iter().enumerate() {
        for (m, b) in atoms.iter().enumerate().skip(n + 1) {
            if excludes(a, holds(n), b, holds(m)) {
                return false;
            }
        }
    }
    true
}

fn excludes(a: &Expr, a_holds: bool, b: &Expr, b_holds: bool) -> bool {
    match (a, b) {
        (
            Expr::Compare { left, comparison, right, fold },
            Expr::Compare { left: other_left, comparison: other, right: other_right, fold: other_fold },
        ) if left == other_left => {
            let same = right == other_right && fold == other_fold;
            match (comparison, other) {
                (Comparison::Equal, Comparison::Equal) => {
                    // One thing is not equal to two different constants.
                    a_holds && b_holds && differ(right, other_right, *fold || *other_fold)
                }
                _ if same => relation(*comparison, a_holds) & relation(*other, b_holds) == 0,
                _ => false,
            }
        }
        // What is absent is not empty, and a thing that is empty is there.
        (Expr::Present(x), Expr::Empty(y)) => x == y && !a_holds && b_holds,
        (Expr::Empty(y), Expr::Present(x)) => x == y && !b_holds && a_holds,
        _ => false,
    }
}

/// Whether both are constants, and nothing equals both. Case does not part them where one comparison passes over it.
fn differ(a: &Expr, b: &Expr, fold: bool) -> bool {
    let (Expr::Constant(a), Expr::Constant(b)) = (a, b) else { return false };
    match (a, b) {
        (Value::Text(a), Value::Text(b)) if fold => !a.eq_ignore_ascii_case(b),
        (Value::Text(a), Value::Text(b)) => a != b,
        // An IPv4 address equals itself mapped into IPv6.
        (Value::Ip(a), Value::Ip(b)) => a.to_canonical() != b.to_canonical(),
        (Value::Number(a), Value::Number(b)) | (Value::Time(a), Value::Time(b)) => a != b,
        (Value::Duration(a), Value::Duration(b)) => a != b,
        (Value::Yes(a), Value::Yes(b)) => a != b,
        (Value::Network(a), Value::Network(b)) => a != b,
        _ => false,
    }
}

/// Which of less (1), equal (2), greater (4) a comparison leaves open.
fn relation(comparison: Comparison, holds: bool) -> u8 {
    let open = match comparison {
        Comparison::Less => 1,
        Comparison::Equal => 2,
        Comparison::AtMost => 3,
        Comparison::Greater => 4,
        Comparison::Unequal => 5,
        Comparison::AtLeast => 6,
    };
    if holds { open } else { 7 - open }
}

#[cfg(test)]
mod tests {
    use program::{Comparison, Expr, Known, SettingId, Value};

    use super::compatible;

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
