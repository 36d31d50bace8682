//! Expressions: names, types and what is known to be present.
//!
//! Never: emits an instruction; an expression never waits.

use std::{net::IpAddr, sync::Arc, time::Duration};

use diagnostic::Span;
use program::{Comparison, Expr, Known, Network, Piece, Shape, Text, Type, Value};

use crate::{
    check::{types, work::Part},
    compile::{
        Compiler,
        add::Held,
        flow::Path,
        known::{Thing, Truth},
        place::{Typed, dotted},
        scope::Scope,
    },
    rules,
    tree::{self, ExprKind, Name, StringPart, StringText},
};

/// What a condition teaches when it holds, and when it does not.
#[derive(Default)]
pub(super) struct Lesson {
    pub(super) held: Vec<Truth>,
    pub(super) failed: Vec<Truth>,
}

impl Compiler<'_> {
    /// Lowers an expression. `want` is the type that its place asks for, when it asks for one; whether the result fits
    /// is told by [`Compiler::fit`].
    pub(super) fn expr(&mut self, scope: &Scope, path: &Path, expr: &tree::Expr, want: Option<&Type>) -> Typed {
        let value = self.wide_expr(scope, path, expr, want);
        self.narrowed(scope, path, value, want)
    }

    fn wide_expr(&mut self, scope: &Scope, path: &Path, expr: &tree::Expr, want: Option<&Type>) -> Typed {
        self.keep(Part::Bodies, 1);
        match &expr.kind {
            ExprKind::Number(n) => number(*n, want),
            ExprKind::Size(n) => Typed::new(Expr::Constant(Value::Number(*n)), Type::Size),
            ExprKind::Duration(ms) => {
                Typed::new(Expr::Constant(Value::Duration(Duration::from_millis(*ms))), Type::Duration)
            }
            ExprKind::Yes(yes) => Typed::new(Expr::Constant(Value::Yes(*yes)), Type::YesNo),
            ExprKind::Text(text) => self.text_value(scope, path, text, want),
            ExprKind::List(list) => self.list(scope, path, list, want),
            ExprKind::Record(name, fields) => self.record(scope, path, name, fields),
            ExprKind::Call(name, arguments) => self.function(scope, path, name, arguments),
            ExprKind::Path(names) => self.read(scope, path, names),
            ExprKind::Plus(a, b) => self.sum(scope, path, a, b, Expr::Plus),
            ExprKind::Minus(a, b) => self.sum(scope, path, a, b, Expr::Minus),
            ExprKind::When(value, condition) => self.when(scope, path, value, condition),
            ExprKind::Broken => Typed::broken(),
            _ => self.condition(scope, path, expr).0,
        }
    }

    /// Lowers an expression and sees that it is there and fits the type.
    pub(super) fn expr_of(&mut self, scope: &Scope, path: &Path, expr: &tree::Expr, want: &Type) -> Expr {
        let value = self.expr(scope, path, expr, Some(want));
        self.fit(&value, want, expr);
        value.expr
    }

    /// Tells when a value does not fit where it stands.
    pub(super) fn fit(&mut self, value: &Typed, want: &Type, expr: &tree::Expr) {
        let Some(ty) = &value.ty else { return };
        if types::fits(ty, want) {
            return;
        }
        let (certain, optional) = types::certain(ty);
        if optional && types::fits(certain, want) {
            self.tell_absent(expr.span, &shown(expr), &value.expr);
        } else if matches!(certain, Type::Secret(_)) {
            self.tell_secret(expr.span);
        } else {
            if let Some(range) = types::range(types::certain(want).0).filter(|_| types::is_number(certain)) {
                return self.tell_range(expr, range);
            }
            let (is, wants) = (types::words(&self.model, ty), types::words(&self.model, want));
            self.findings.mend(
                &rules::types::MISMATCH,
                expr.span,
                format!("this is a {is}"),
                format!("a {wants} is wanted here"),
            );
        }
    }

    /// Tells that a secret would leave its custody.
    pub(super) fn tell_secret(&mut self, span: Span) {
        self.findings.mend(
            &rules::secrets::LEAK,
            span,
            "a secret may not go here",
            "give it only to an action or a statement that declares it takes a secret",
        );
    }

    /// A value that is there, of any type.
    pub(super) fn certain(&mut self, scope: &Scope, path: &Path, expr: &tree::Expr, want: Option<&Type>) -> Typed {
        let mut value = self.expr(scope, path, expr, want);
        if let Some(Type::Optional(inner)) = value.ty {
            self.tell_absent(expr.span, &shown(expr), &value.expr);
            value.ty = Some(*inner);
        }
        value
    }

    /// A condition, and what it teaches.
    pub(super) fn condition(&mut self, scope: &Scope, path: &Path, expr: &tree::Expr) -> (Typed, Lesson) {
        let yes = |expr| Typed::new(expr, Type::YesNo);
        match &expr.kind {
            ExprKind::Not(inner) => {
                let (value, lesson) = self.condition(scope, path, inner);
                (yes(Expr::Not(Box::new(value.expr))), Lesson { held: lesson.failed, failed: lesson.held })
            }
            ExprKind::And(list) => self.chain(scope, path, list, true),
            ExprKind::Or(list) => self.chain(scope, path, list, false),
            ExprKind::Present(inner, wanted) => {
                let value = self.expr(scope, path, inner, None);
                let there = Thing::of(&value.expr).map(Truth::Present).into_iter().collect();
                // Version and cipher are there under TLS, and only then.
                let is_tls = matches!(value.expr, Expr::Known(Known::Tls | Known::TlsVersion | Known::TlsCipher));
                let missing = is_tls.then_some(Truth::InTheClear).into_iter().collect();
                let present = Expr::Present(Box::new(value.expr));
                if *wanted {
                    (yes(present), Lesson { held: there, failed: missing })
                } else {
                    (yes(Expr::Not(Box::new(present))), Lesson { held: missing, failed: there })
                }
            }
            ExprKind::Empty(inner, wanted) => {
                let value = self.certain(scope, path, inner, None);
                self.check_countable(&value, inner.span);
                let empty = Expr::Empty(Box::new(value.expr));
                let (held, failed) = Truth::of_condition(&empty);
                if *wanted {
                    (yes(empty), Lesson { held, failed })
                } else {
                    (yes(Expr::Not(Box::new(empty))), Lesson { held: failed, failed: held })
                }
            }
            ExprKind::Compare(a, comparison, b) => {
                let value = self.compare(scope, path, a, *comparison, b);
                let (held, failed) = Truth::of_condition(&value.expr);
                (value, Lesson { held, failed })
            }
            ExprKind::In(element, list) => (self.element_of(scope, path, element, list), Lesson::default()),
            _ => {
                let value = self.expr(scope, path, expr, Some(&Type::YesNo));
                self.fit(&value, &Type::YesNo, expr);
                (yes(value.expr), Lesson::default())
            }
        }
    }

    /// `{a if b}` in a text: what the condition teaches holds for the value, and where it does not hold nothing stands there.
    fn when(&mut self, scope: &Scope, path: &Path, value: &tree::Expr, condition: &tree::Expr) -> Typed {
        let (condition, lesson) = self.condition(scope, path, condition);
        let mut here = path.clone();
        here.known.learn(lesson.held);
        self.lowered.only_if.push(condition.expr.clone());
        let value = self.certain(scope, &here, value, None);
        self.lowered.only_if.pop();
        Typed { expr: Expr::When(Box::new(condition.expr), Box::new(value.expr)), ty: value.ty }
    }

    /// `a and b and c`: what the left ones teach holds for the right ones.
    fn chain(&mut self, scope: &Scope, path: &Path, list: &[tree::Expr], all: bool) -> (Typed, Lesson) {
        let mut here = path.clone();
        let mut parts = Vec::new();
        let mut lessons = Vec::new();
        let outer = self.lowered.only_if.len();
        for part in list {
            let (value, lesson) = self.condition(scope, &here, part);
            self.lowered.only_if.push(if all { value.expr.clone() } else { Expr::Not(Box::new(value.expr.clone())) });
            parts.push(value.expr);
            here.known.learn(if all { &lesson.held } else { &lesson.failed }.iter().cloned());
            lessons.push(lesson);
        }
        self.lowered.only_if.truncate(outer);
        let every = |of: fn(&Lesson) -> &Vec<Truth>| lessons.iter().flat_map(of).cloned().collect::<Vec<_>>();
        let shared = |of: fn(&Lesson) -> &Vec<Truth>| {
            let first = lessons.first().map(of).into_iter().flatten();
            first.filter(|known| lessons.iter().all(|lesson| of(lesson).contains(known))).cloned().collect::<Vec<_>>()
        };
        if all {
            let lesson = Lesson { held: every(|lesson| &lesson.held), failed: shared(|lesson| &lesson.failed) };
            (Typed::new(Expr::All(parts), Type::YesNo), lesson)
        } else {
            let lesson = Lesson { held: shared(|lesson| &lesson.held), failed: every(|lesson| &lesson.failed) };
            (Typed::new(Expr::Any(parts), Type::YesNo), lesson)
        }
    }

    fn compare(&mut self, scope: &Scope, path: &Path, a: &tree::Expr, comparison: Comparison, b: &tree::Expr) -> Typed {
        let mut left = self.certain(scope, path, a, None);
        let right = self.certain(scope, path, b, left.ty.as_ref());
        if matches!(&a.kind, ExprKind::Text(_)) {
            left = self.certain(scope, path, a, right.ty.as_ref());
        }
        let mut fold = false;
        if let (Some(x), Some(y)) = (&left.ty, &right.ty) {
            fold = types::folds(x) || types::folds(y) || self.folds_literal(a) || self.folds_literal(b);
            let ordered = matches!(x, Type::Duration | Type::Time) || types::is_number(x);
            let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
            if matches!(x, Type::Secret(_)) || matches!(y, Type::Secret(_)) {
                self.tell_secret(if matches!(x, Type::Secret(_)) { a.span } else { b.span });
            } else if !types::comparable(x, y) {
                let (x, y) = (types::words(&self.model, x), types::words(&self.model, y));
                let span = a.span.to(b.span);
                self.findings.mend(
                    &rules::types::MISMATCH,
                    span,
                    format!("a {x} is compared with a {y}"),
                    "compare things of one kind",
                );
            } else if !(equality || ordered) || matches!(x, Type::List(_) | Type::Record(_) | Type::Octets) {
                let x = types::words(&self.model, x);
                self.findings.mend(
                    &rules::types::NOT_COMPARABLE,
                    a.span.to(b.span),
                    format!("a {x} cannot be compared like this"),
                    "numbers, sizes and times have an order; texts are equal or not; lists have a size(…)",
                );
            }
        }
        let [left, right] = [left, right].map(|side| Box::new(if fold { in_one_case(side.expr) } else { side.expr }));
        Typed::new(Expr::Compare { left, comparison, right, fold }, Type::YesNo)
    }

    fn element_of(&mut self, scope: &Scope, path: &Path, element: &tree::Expr, list: &tree::Expr) -> Typed {
        let haystack = self.certain(scope, path, list, None);
        let inner = match &haystack.ty {
            Some(Type::List(inner)) => Some((**inner).clone()),
            Some(Type::Network) => Some(Type::Network),
            // A text that the file writes down: looking for it takes time in proportion to the other text alone.
            Some(ty) if types::is_text(ty) && is_written(element) => Some(Type::Text),
            Some(other) => {
                let words = types::words(&self.model, other);
                self.findings.mend(
                    &rules::types::MISMATCH,
                    list.span,
                    format!("this is a {words}"),
                    "a list, or a network, is wanted behind `in`; a text that the file writes down may be in a text",
                );
                None
            }
            None => None,
        };
        let want = inner.as_ref().filter(|inner| !matches!(inner, Type::Network));
        let needle = self.certain(scope, path, element, want);
        let mut fold = false;
        if let (Some(inner), Some(ty)) = (&inner, &needle.ty) {
            fold = types::folds(inner) || types::folds(ty) || self.folds_literal(element) || self.folds_literal(list);
            let network = matches!((inner, ty), (Type::Network, Type::Ip));
            if !network && !types::comparable(inner, ty) {
                let (ty, inner) = (types::words(&self.model, ty), types::words(&self.model, inner));
                self.findings.mend(
                    &rules::types::MISMATCH,
                    element.span,
                    format!("a {ty} is never in a list of {inner}"),
                    format!("put a {inner} on the left"),
                );
            }
        }
        let [element, list] =
            [needle, haystack].map(|side| Box::new(if fold { in_one_case(side.expr) } else { side.expr }));
        Typed::new(Expr::In { element, list, fold }, Type::YesNo)
    }

    /// Whether the author wrote a text down here: it is compared as literal text is matched, without regard to case
    /// unless the wire says otherwise.
    pub(super) fn folds_literal(&self, expr: &tree::Expr) -> bool {
        let written = match &expr.kind {
            ExprKind::Text(_) => true,
            ExprKind::List(list) => list.iter().any(|part| matches!(part.kind, ExprKind::Text(_))),
            _ => false,
        };
        written && !self.model.wire.exact_case()
    }

    /// Whether it is a path, or a list of them.
    pub(super) fn check_path(&mut self, value: &Typed, span: Span) {
        let each = |ty: &Type| matches!(ty, Type::ReversePath | Type::ForwardPath);
        if let Some(ty) = &value.ty
            && !matches!(ty, Type::List(inner) if each(inner))
            && !each(ty)
        {
            let words = types::words(&self.model, ty);
            let help = "`reverse_path`, `forward_path` and lists of them are";
            self.findings.mend(&rules::types::MISMATCH, span, format!("a {words} is no path"), help);
        }
    }

    pub(super) fn check_countable(&mut self, value: &Typed, span: Span) {
        if let Some(ty) = &value.ty
            && !(types::is_text(ty)
                || matches!(ty, Type::List(_) | Type::Octets | Type::ReversePath | Type::ForwardPath))
        {
            let words = types::words(&self.model, ty);
            self.findings.mend(
                &rules::types::MISMATCH,
                span,
                format!("a {words} has no size"),
                "texts, lists and payloads have one",
            );
        }
    }

    fn sum(
        &mut self,
        scope: &Scope,
        path: &Path,
        a: &tree::Expr,
        b: &tree::Expr,
        make: fn(Box<Expr>, Box<Expr>) -> Expr,
    ) -> Typed {
        let left = self.certain(scope, path, a, None);
        let right = self.certain(scope, path, b, left.ty.as_ref());
        let (Some(x), Some(y)) = (&left.ty, &right.ty) else { return Typed::broken() };
        let fits = (types::is_number(x) && types::is_number(y))
            || (matches!(x, Type::Duration | Type::Time) && *y == Type::Duration);
        if !fits {
            let (x, y) = (types::words(&self.model, x), types::words(&self.model, y));
            self.findings.mend(
                &rules::types::MISMATCH,
                a.span.to(b.span),
                format!("a {x} and a {y} have no sum"),
                "add numbers to numbers and times to times; write texts as \"{a}{b}\"",
            );
            return Typed::broken();
        }
        let ty = if *x == Type::Size || *y == Type::Size { Type::Size } else { widest(x) };
        Typed::new(make(Box::new(left.expr), Box::new(right.expr)), ty)
    }

    fn list(&mut self, scope: &Scope, path: &Path, list: &[tree::Expr], want: Option<&Type>) -> Typed {
        let inner = match want.map(|ty| types::certain(ty).0) {
            Some(Type::List(inner)) => Some((**inner).clone()),
            _ => None,
        };
        let mut ty = inner.clone();
        let mut parts = Vec::new();
        for part in list {
            let value = self.certain(scope, path, part, inner.as_ref());
            match (&ty, &value.ty) {
                (Some(ty), Some(_)) => self.fit(&value, &ty.clone(), part),
                (None, found) => ty = found.clone(),
                _ => {}
            }
            parts.push(value.expr);
        }
        let constants: Option<Vec<Value>> = parts
            .iter()
            .map(|part| if let Expr::Constant(value) = part { Some(value.clone()) } else { None })
            .collect();
        let expr = constants.map_or(Expr::List(parts), |values| Expr::Constant(Value::List(values)));
        Typed { expr, ty: Some(Type::List(Box::new(ty.unwrap_or(Type::Text)))) }
    }

    fn record(&mut self, scope: &Scope, path: &Path, name: &Name, fields: &[(Name, tree::Expr)]) -> Typed {
        let Some(Type::Record(shape)) = self.model.types.get(&*name.text).cloned() else {
            let names: Vec<&str> = self.model.shapes.iter().map(|shape| &*shape.name).collect();
            self.findings.unknown(&rules::names::UNKNOWN_TYPE, name, "record", names);
            return Typed::broken();
        };
        self.model.use_type(&name.text);
        let mut values: Vec<Option<Expr>> = vec![None; shape.fields.len()];
        for (field, expr) in fields {
            let Some(place) = shape.index(&field.text) else {
                self.findings.misspelt(
                    &rules::names::UNKNOWN_FIELD,
                    field.span,
                    format!("`{}` has no part called `{}`", name.text, field.text),
                    &field.text,
                    shape.fields.iter().map(|(name, _)| &**name),
                );
                continue;
            };
            let want = shape.fields[place].1.clone();
            let value = self.expr_of(scope, path, expr, &want);
            self.check_held(scope, path, &Held { shape: &shape, field: place, value: &value, expr });
            values[place] = Some(value);
        }
        self.check_fields(name, &shape, &values);
        Typed::new(Expr::Record(shape.clone(), values), Type::Record(shape))
    }

    /// Lists and payloads begin empty, optional values absent; everything else must be given.
    fn check_fields(&mut self, name: &Name, shape: &Arc<Shape>, values: &[Option<Expr>]) {
        for ((field, ty), value) in shape.fields.iter().zip(values) {
            if value.is_none() && !matches!(ty, Type::List(_) | Type::Octets | Type::Optional(_)) {
                self.findings.mend(
                    &rules::types::FIELD_MISSING,
                    name.span,
                    format!("the new `{}` has no `{field}`", name.text),
                    format!("write  {} {{ {field}: … }}", name.text),
                );
            }
        }
    }

    pub(super) fn check_text(&mut self, value: &Typed, span: Span) {
        if let Some(ty) = &value.ty
            && !(types::is_text(ty) || matches!(ty, Type::ReversePath | Type::ForwardPath))
        {
            let words = types::words(&self.model, ty);
            let help = "texts and paths have letters to look at";
            self.findings.mend(&rules::types::MISMATCH, span, format!("a {words} is no text"), help);
        }
    }

    /// A string where a value is wanted: a constant of the type, or a text with values in it.
    fn text_value(&mut self, scope: &Scope, path: &Path, text: &StringText, want: Option<&Type>) -> Typed {
        let help = "a text is a part of one line: let each line be a text of its own";
        self.check_line_ends(text, "a line end inside a text", help);
        let literal: Option<String> = text
            .parts
            .iter()
            .map(|part| if let StringPart::Literal(literal, _) = part { Some(&**literal) } else { None })
            .collect();
        let Some(literal) = literal else {
            let pieces = self.pieces(scope, path, text);
            return Typed::new(Expr::Text(pieces), Type::Text);
        };
        self.keep(Part::Bodies, literal.len() / 64);
        let want = want.map(|ty| types::certain(ty).0).map(|ty| if let Type::Secret(inner) = ty { inner } else { ty });
        match want {
            None | Some(Type::Text | Type::Sink) => {
                let ty = want.cloned().unwrap_or(Type::Text);
                Typed::new(Expr::Constant(Value::Text(literal.into())), ty)
            }
            Some(ty) => match self.constant(ty, &literal) {
                Some(value) => Typed::new(Expr::Constant(value), ty.clone()),
                None if types::is_text(ty) || matches!(ty, Type::Ip | Type::Network) => {
                    let words = types::words(&self.model, ty);
                    self.findings.mend(
                        &rules::types::MISFIT,
                        text.span,
                        format!("`{literal}` is no {words}"),
                        format!("write a {words}"),
                    );
                    Typed::broken()
                }
                None => Typed::new(Expr::Constant(Value::Text(literal.into())), Type::Text),
            },
        }
    }

    /// The constant of a type that a text stands for.
    fn constant(&self, ty: &Type, text: &str) -> Option<Value> {
        match ty {
            Type::Ip => text.parse::<IpAddr>().ok().map(Value::Ip),
            Type::Network => network(text).map(Value::Network),
            ty if types::is_text(ty) => {
                let fits = self.model.language(ty).is_some_and(|language| language.accepts(text.as_bytes()));
                let text = if types::folds(ty) { program::a_labels(text) } else { text.into() };
                fits.then(|| Value::Text((*text).into()))
            }
            _ => None,
        }
    }

    /// A string as a text with values in it.
    pub(super) fn pieces(&mut self, scope: &Scope, path: &Path, text: &StringText) -> Text {
        self.pieces_of(scope, path, &text.parts)
    }

    /// Some parts of a string.
    pub(super) fn pieces_of(&mut self, scope: &Scope, path: &Path, parts: &[StringPart]) -> Text {
        let mut pieces: Text = Vec::new();
        self.keep(Part::Bodies, parts.len());
        for part in parts {
            match part {
                StringPart::Literal(literal, _) => pieces.push(Piece::Literal(literal.clone())),
                StringPart::Value(expr) => {
                    let value = self.certain(scope, path, expr, None);
                    self.check_printable(&value, expr);
                    pieces.push(match value.expr {
                        Expr::Constant(Value::Text(literal)) => Piece::Literal(literal.into()),
                        other => Piece::Value(other),
                    });
                }
            }
        }
        pieces
    }

    pub(super) fn check_printable(&mut self, value: &Typed, expr: &tree::Expr) {
        let Some(ty) = &value.ty else { return };
        let inner = if let Type::List(inner) = ty { inner } else { ty };
        match inner {
            Type::Secret(_) => self.tell_secret(expr.span),
            Type::Octets | Type::Record(_) | Type::Params(_) | Type::List(_) => {
                let words = types::words(&self.model, ty);
                self.findings.mend(
                    &rules::types::NOT_PRINTABLE,
                    expr.span,
                    format!("a {words} has no text"),
                    "name one of its parts, or its size(…)",
                );
            }
            _ => {}
        }
    }
}

fn number(n: i64, want: Option<&Type>) -> Typed {
    let ty = match want.map(|ty| types::certain(ty).0) {
        Some(Type::Size) => Type::Size,
        Some(range @ Type::Number { least, most }) if (*least..=*most).contains(&n) => range.clone(),
        _ => types_number(),
    };
    Typed::new(Expr::Constant(Value::Number(n)), ty)
}

fn widest(ty: &Type) -> Type {
    if types::is_number(ty) { types_number() } else { ty.clone() }
}

/// The type `number` without bounds of its own.
pub(super) fn types_number() -> Type {
    crate::lexical::builtin("number").unwrap_or(Type::Size)
}

/// An expression as the author would write it in a condition.
fn shown(expr: &tree::Expr) -> String {
    match &expr.kind {
        ExprKind::Path(names) => dotted(names),
        _ => "this".into(),
    }
}

fn network(text: &str) -> Option<Network> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(most);
    if prefix > most {
        return None;
    }
    // What is behind the prefix does not count, so it is zero, as in networks that are read.
    let address = match address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::from(std::net::Ipv4Addr::from_bits(ip.to_bits() & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::from(std::net::Ipv6Addr::from_bits(ip.to_bits() & mask))
        }
    };
    Some(Network { address, prefix })
}

/// Whether it is a text without values in it.
fn is_written(expr: &tree::Expr) -> bool {
    match &expr.kind {
        ExprKind::Text(text) => text.parts.iter().all(|part| matches!(part, StringPart::Literal(..))),
        _ => false,
    }
}

/// What is written down, where case does not count: in lower case, so that two conditions that mean the same are the same.
fn in_one_case(expr: Expr) -> Expr {
    fn lower(value: Value) -> Value {
        match value {
            Value::Text(text) => Value::Text(text.to_ascii_lowercase().as_str().into()),
            Value::List(list) => Value::List(list.iter().cloned().map(lower).collect()),
            value => value,
        }
    }
    if let Expr::Constant(value) = expr { Expr::Constant(lower(value)) } else { expr }
}
