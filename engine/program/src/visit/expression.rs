//! What an expression is made of.
//!
//! Never: simplifies; that is `simplify`'s.

use crate::{Expr, Piece};

impl Expr {
    /// Its direct parts, in the order in which they are evaluated.
    pub fn children(&self) -> impl Iterator<Item = &Expr> {
        type Parts<'e> = ([Option<&'e Expr>; 2], &'e [Expr], &'e [Option<Expr>], &'e [Piece]);
        let none = [None, None];
        let (pair, list, fields, pieces): Parts<'_> = match self {
            Expr::Constant(_) | Expr::Setting(_) | Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) => {
                (none, &[], &[], &[])
            }
            Expr::Field(a, _) | Expr::Not(a) | Expr::Present(a) | Expr::Empty(a) => ([Some(a), None], &[], &[], &[]),
            Expr::Compare { left: a, right: b, .. }
            | Expr::In { element: a, list: b, .. }
            | Expr::Plus(a, b)
            | Expr::Minus(a, b)
            | Expr::When(a, b) => ([Some(a), Some(b)], &[], &[], &[]),
            Expr::All(list) | Expr::Any(list) | Expr::List(list) | Expr::Pure(_, list) => (none, list, &[], &[]),
            Expr::Record(_, fields) => (none, &[], fields, &[]),
            Expr::Text(pieces) => (none, &[], &[], pieces),
        };
        let pieces = pieces.iter().filter_map(Piece::expr);
        pair.into_iter().flatten().chain(list).chain(fields.iter().flatten()).chain(pieces)
    }

    /// The same expression with other direct parts.
    #[must_use]
    pub fn map(&self, part: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
        fn list(parts: &[Expr], part: &mut dyn FnMut(&Expr) -> Expr) -> Vec<Expr> {
            parts.iter().map(part).collect()
        }
        let mut boxed = |expr: &Expr| Box::new(part(expr));
        match self {
            Expr::Constant(_) | Expr::Setting(_) | Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) => self.clone(),
            Expr::Field(whole, field) => Expr::Field(boxed(whole), *field),
            Expr::Not(inner) => Expr::Not(boxed(inner)),
            Expr::Present(inner) => Expr::Present(boxed(inner)),
            Expr::Empty(inner) => Expr::Empty(boxed(inner)),
            Expr::Compare { left, comparison, right, fold } => {
                Expr::Compare { left: boxed(left), comparison: *comparison, right: boxed(right), fold: *fold }
            }
            Expr::In { element, list, fold } => Expr::In { element: boxed(element), list: boxed(list), fold: *fold },
            Expr::Plus(a, b) => Expr::Plus(boxed(a), boxed(b)),
            Expr::Minus(a, b) => Expr::Minus(boxed(a), boxed(b)),
            Expr::When(condition, value) => Expr::When(boxed(condition), boxed(value)),
            Expr::All(parts) => Expr::All(list(parts, part)),
            Expr::Any(parts) => Expr::Any(list(parts, part)),
            Expr::List(parts) => Expr::List(list(parts, part)),
            Expr::Pure(function, arguments) => Expr::Pure(*function, list(arguments, part)),
            Expr::Record(shape, fields) => {
                Expr::Record(shape.clone(), fields.iter().map(|field| field.as_ref().map(&mut *part)).collect())
            }
            Expr::Text(pieces) => Expr::Text(pieces.iter().map(|piece| piece.map(part)).collect()),
        }
    }

    /// Whether it has more parts than that, itself counted.
    pub fn is_larger_than(&self, most: usize) -> bool {
        let mut parts = 0;
        self.has(&mut |_| {
            parts += 1;
            parts > most
        })
    }

    /// Looks at it and at everything in it, the outermost first, until what is sought is found. Tells whether it was.
    pub fn has<'e>(&'e self, sought: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        sought(self) || self.children().any(|part| part.has(sought))
    }

    /// Looks at it and at everything in it, the outermost first.
    pub fn each<'e>(&'e self, look: &mut dyn FnMut(&'e Expr)) {
        self.has(&mut |part| {
            look(part);
            false
        });
    }

    /// Looks at the conditions that it is made of: what `not`, `and` and `or` put together. A constant is none.
    pub fn atoms<'e>(&'e self, look: &mut dyn FnMut(&'e Expr)) {
        match self {
            Expr::Not(_) | Expr::All(_) | Expr::Any(_) => self.children().for_each(|part| part.atoms(look)),
            Expr::Constant(_) => {}
            atom => look(atom),
        }
    }
}

impl Piece {
    /// What is evaluated for it.
    pub fn expr(&self) -> Option<&Expr> {
        match self {
            Piece::Literal(_) => None,
            Piece::Value(expr) | Piece::When(expr, _) => Some(expr),
        }
    }

    /// The same, to be changed.
    pub fn expr_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Piece::Literal(_) => None,
            Piece::Value(expr) | Piece::When(expr, _) => Some(expr),
        }
    }

    /// The same piece with another expression.
    #[must_use]
    pub fn map(&self, part: &mut dyn FnMut(&Expr) -> Expr) -> Piece {
        match self {
            Piece::Literal(text) => Piece::Literal(text.clone()),
            Piece::Value(expr) => Piece::Value(part(expr)),
            Piece::When(condition, text) => Piece::When(part(condition), text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Comparison, Expr, Field, Known, Piece, Pure, SettingId, Shape, Slot, Value};

    fn slot(number: u16) -> Expr {
        Expr::Slot(Slot(number))
    }

    fn boxed(number: u16) -> Box<Expr> {
        Box::new(slot(number))
    }

    /// Every form, its parts slots 0, 1, …, and how many they are.
    fn forms() -> Vec<(Expr, u16)> {
        let two = || vec![slot(0), slot(1)];
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let compare = Expr::Compare { left: boxed(0), comparison: Comparison::Less, right: boxed(1), fold: true };
        let text = vec![Piece::Value(slot(0)), Piece::Literal("x".into()), Piece::When(slot(1), "y".into())];
        vec![
            (Expr::Constant(Value::Absent), 0),
            (Expr::Setting(SettingId(3)), 0),
            (slot(7), 0),
            (Expr::Capture(2), 0),
            (Expr::Known(Known::Now), 0),
            (Expr::Field(boxed(0), Field::Domain), 1),
            (Expr::Not(boxed(0)), 1),
            (Expr::Present(boxed(0)), 1),
            (Expr::Empty(boxed(0)), 1),
            (Expr::All(two()), 2),
            (Expr::Any(two()), 2),
            (Expr::List(two()), 2),
            (Expr::Pure(Pure::Matches, two()), 2),
            (compare, 2),
            (Expr::In { element: boxed(0), list: boxed(1), fold: false }, 2),
            (Expr::Plus(boxed(0), boxed(1)), 2),
            (Expr::Minus(boxed(0), boxed(1)), 2),
            (Expr::When(boxed(0), boxed(1)), 2),
            (Expr::Text(text), 2),
            (Expr::Record(shape, vec![Some(slot(0)), None, Some(slot(1))]), 2),
        ]
    }

    #[test]
    fn every_part_is_a_child_in_order() {
        for (expr, parts) in forms() {
            let found: Vec<Expr> = expr.children().cloned().collect();
            assert_eq!(found, (0..parts).map(slot).collect::<Vec<_>>(), "{expr:?}");
        }
    }

    #[test]
    fn a_mapped_expression_has_the_mapped_children_and_is_else_the_same() {
        for (expr, parts) in forms() {
            assert_eq!(expr.map(&mut Expr::clone), expr);
            let other = expr.map(&mut |part| Expr::Not(Box::new(part.clone())));
            let found: Vec<Expr> = other.children().cloned().collect();
            assert_eq!(found, (0..parts).map(|part| Expr::Not(boxed(part))).collect::<Vec<_>>(), "{expr:?}");
            assert_eq!(std::mem::discriminant(&other), std::mem::discriminant(&expr));
        }
    }

    #[test]
    fn what_lies_deep_is_found_from_the_outermost_in() {
        let inner = Expr::Text(vec![Piece::When(Expr::Present(boxed(1)), "x".into())]);
        let expr = Expr::All(vec![Expr::Empty(Box::new(inner)), slot(2)]);
        let mut seen = 0;
        assert!(expr.has(&mut |part| {
            seen += 1;
            *part == slot(1)
        }));
        assert_eq!(seen, 5);
        let mut slots = Vec::new();
        expr.each(&mut |part| slots.extend(if let Expr::Slot(slot) = part { Some(slot.0) } else { None }));
        assert_eq!(slots, [1, 2]);
    }

    #[test]
    fn atoms_are_what_conditions_are_put_together_of() {
        let compare = Expr::Plus(boxed(4), boxed(5));
        let yes = Expr::Constant(Value::Yes(true));
        let expr = Expr::Any(vec![Expr::Not(Box::new(Expr::All(vec![slot(0), yes]))), compare.clone()]);
        let mut found = Vec::new();
        expr.atoms(&mut |atom| found.push(atom.clone()));
        assert_eq!(found, [slot(0), compare]);
    }
}
