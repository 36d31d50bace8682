//! Expressions: their values, by the names that are known where they are.
//!
//! Never: waits, or changes anything.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    net::IpAddr,
    time::Duration,
};

use grammar::tree::{Expr, ExprKind, FieldDef, Item, Name, StringPart, StringText};
use machine::Tls;
use program::Comparison;

use super::{
    Protocol, Start, Violation, functions,
    types::Type,
    value::{Fault, Record, Value},
};

/// The names of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Bound in the body, the innermost last.
    pub(super) locals: Vec<(String, Value)>,
    /// The holes of the line.
    pub(super) holes: Vec<(String, Value)>,
    /// The facts that a routine needs: it sees no others.
    pub(super) needs: Option<Vec<String>>,
    /// Whether it is a line of `unexpected` or `limits`: it sees no facts, but what was said.
    pub(super) outside: bool,
}

/// The line that is carried out.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// What the line begins with, where it is a command.
    pub(super) verb: String,
    /// The line, or its verb where a secret may be in it.
    pub(super) line: String,
    /// How the command that claims it is used.
    pub(super) usage: String,
    /// The word before the command.
    pub(super) tag: Option<String>,
    /// What is shown of it to those who look for faults.
    pub(super) raw: String,
}

/// What an expression can see.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) start: &'a Start,
    pub(super) settings: &'a [(String, Value)],
    pub(super) state: &'a str,
    pub(super) facts: &'a BTreeMap<String, Value>,
    pub(super) names: &'a Names,
    pub(super) said: &'a Said,
    pub(super) tls: Option<&'a Tls>,
    pub(super) unix: i64,
    /// Where it is told that something absent is used; nowhere, where that is no fault.
    pub(super) told: Option<&'a RefCell<Vec<Violation>>>,
    /// Whether it is the condition of a promise: a fact that the state does not have is absent there.
    pub(super) promised: bool,
    /// Set where it sees what the client said.
    pub(super) repeats: &'a Cell<bool>,
}

impl Sight<'_> {
    /// The value of an expression.
    pub(super) fn value(&self, expr: &Expr) -> Result<Value, Fault> {
        Ok(match &expr.kind {
            ExprKind::Number(number) | ExprKind::Size(number) => Value::Number(*number),
            ExprKind::Duration(milliseconds) => Value::Duration(Duration::from_millis(*milliseconds)),
            ExprKind::Yes(yes) => Value::Yes(*yes),
            ExprKind::Text(text) => Value::Text(self.text(text)?),
            ExprKind::When(value, condition) => match self.holds(condition)? {
                true => self.there(value)?,
                false => Value::Absent,
            },
            ExprKind::List(list) => Value::List(list.iter().map(|expr| self.there(expr)).collect::<Result<_, _>>()?),
            ExprKind::Record(name, fields) => self.record(name, fields)?,
            ExprKind::Call(name, arguments) => {
                let values = arguments.iter().map(|expr| self.there(expr)).collect::<Result<Vec<_>, _>>()?;
                functions::call(&name.text, &values)?
            }
            ExprKind::Path(path) => self.path(path)?,
            ExprKind::Plus(a, b) => functions::plus(self.there(a)?, self.there(b)?)?,
            ExprKind::Minus(a, b) => functions::minus(self.there(a)?, self.there(b)?)?,
            ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Compare(..)
            | ExprKind::Present(..)
            | ExprKind::Empty(..)
            | ExprKind::In(..) => Value::Yes(self.holds(expr)?),
            ExprKind::Broken => return Err(Fault::new("an expression could not be read")),
        })
    }

    /// The value of an expression that the language says is there.
    pub(super) fn there(&self, expr: &Expr) -> Result<Value, Fault> {
        let value = self.value(expr)?;
        if value.is_absent() && !matches!(expr.kind, ExprKind::When(..)) {
            self.tell_absent(&shown(expr));
        }
        Ok(value)
    }

    fn tell_absent(&self, what: &str) {
        if let Some(told) = self.told {
            told.borrow_mut().push(Violation::Absent(format!("`{what}` in the state `{}`", self.state)));
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, expr: &Expr) -> Result<bool, Fault> {
        Ok(match &expr.kind {
            ExprKind::Not(inner) => !self.holds(inner)?,
            ExprKind::And(list) => {
                for part in list {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                true
            }
            ExprKind::Or(list) => {
                for part in list {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                false
            }
            ExprKind::Present(inner, wanted) => self.value(inner)?.is_absent() != *wanted,
            ExprKind::Empty(inner, wanted) => (functions::size(&self.there(inner)?)? == 0) == *wanted,
            ExprKind::Compare(a, comparison, b) => {
                let fold = self.folds(a) || self.folds(b);
                compares(&self.there(a)?, *comparison, &self.there(b)?, fold)?
            }
            ExprKind::In(element, list) => {
                let fold = self.folds(element) || self.folds(list);
                let list = self.there(list)?;
                contains(&list, &self.there(element)?, fold)?
            }
            _ => match self.there(expr)? {
                Value::Yes(yes) => yes,
                Value::Absent => false,
                other => return Err(Fault(format!("a condition is {other:?}"))),
            },
        })
    }

    /// Whether the file writes a text down here: its case does not count, unless the wire says so.
    fn folds(&self, expr: &Expr) -> bool {
        let written = match &expr.kind {
            ExprKind::Text(_) => true,
            ExprKind::List(list) => list.iter().any(|expr| matches!(expr.kind, ExprKind::Text(_))),
            _ => false,
        };
        written && !self.protocol.exact_case()
    }

    /// Whether two values are equal, the second written there.
    pub(super) fn equals(&self, element: &Value, written: &Expr, value: &Value) -> Result<bool, Fault> {
        equal(element, value, self.folds(written))
    }

    /// A text with its values.
    pub(super) fn text(&self, text: &StringText) -> Result<String, Fault> {
        let mut printed = String::new();
        for part in &text.parts {
            match part {
                StringPart::Literal(literal, _) => printed.push_str(literal),
                // A text that the file writes down is put there as it is.
                StringPart::Value(Expr { kind: ExprKind::Text(inner), .. }) => printed.push_str(&self.text(inner)?),
                StringPart::Value(expr) => printed.push_str(&self.there(expr)?.shown()),
            }
        }
        Ok(printed)
    }

    fn record(&self, name: &Name, given: &[(Name, Expr)]) -> Result<Value, Fault> {
        let declared = self.protocol.tree.items.iter().find_map(|item| match item {
            Item::Record(def) if def.name.text == name.text => Some(def),
            _ => None,
        });
        let def = declared.ok_or_else(|| Fault(format!("no record is called `{}`", name.text)))?;
        let mut fields = Vec::new();
        for field in &def.fields {
            let ty = self.protocol.ty(&field.ty);
            let value = match given.iter().find(|(name, _)| name.text == field.name.text) {
                Some((_, expr)) if ty.is_optional() => ty.fitted(self.value(expr)?),
                Some((_, expr)) => ty.fitted(self.there(expr)?),
                None => ty.unset(),
            };
            self.watch_bound(field, &value);
            fields.push((field.name.text.to_string(), value));
        }
        Ok(Value::Record(Record { name: name.text.to_string(), fields, headers: Vec::new() }))
    }

    /// A field is no larger than its record says, where that is a plain number.
    fn watch_bound(&self, field: &FieldDef, value: &Value) {
        let most = match field.ty.most.as_ref().map(|most| &most.kind) {
            Some(ExprKind::Number(most) | ExprKind::Size(most)) => *most as usize,
            _ => return,
        };
        let size = match value {
            Value::List(list) => list.len(),
            Value::Octets(octets) => octets.len(),
            Value::Text(text) => text.len(),
            _ => return,
        };
        if let Some(told) = self.told.filter(|_| size > most) {
            let what = format!("`{}` holds {most} at the most, and is made with {size}", field.name.text);
            told.borrow_mut().push(Violation::Broken(what));
        }
    }

    /// A number; what is absent or negative is 0.
    pub(super) fn number(&self, expr: &Expr) -> Result<u64, Fault> {
        match self.value(expr)? {
            Value::Number(number) => Ok(u64::try_from(number).unwrap_or(0)),
            Value::Octets(octets) => Ok(octets.len() as u64),
            Value::Absent => Ok(0),
            other => Err(Fault(format!("a bound is {other:?}"))),
        }
    }

    /// A span of time.
    pub(super) fn duration(&self, expr: &Expr) -> Result<Duration, Fault> {
        match self.value(expr)? {
            Value::Duration(time) => Ok(time),
            other => Err(Fault(format!("a time limit is {other:?}"))),
        }
    }

    /// What a dotted name is, innermost first.
    pub(super) fn path(&self, path: &[Name]) -> Result<Value, Fault> {
        let (mut value, used) = self.root(path)?;
        for (place, name) in path.iter().enumerate().skip(used) {
            if value.is_absent() {
                self.tell_absent(&dotted(&path[..place]));
            }
            value = value.part(&name.text)?;
        }
        Ok(value)
    }

    fn root(&self, path: &[Name]) -> Result<(Value, usize), Fault> {
        let first = &*path[0].text;
        let named = |names: &[(String, Value)]| names.iter().rev().find(|(name, _)| name == first).cloned();
        if let Some((_, value)) = named(&self.names.locals).or_else(|| named(&self.names.holes)) {
            return Ok((value, 1));
        }
        if self.promised && self.protocol.knows_fact(first) {
            let owned = self.protocol.has_fact(self.state, first);
            return Ok((if owned { self.facts.get(first).cloned().unwrap_or_default() } else { Value::Absent }, 1));
        }
        let hidden =
            self.names.outside || self.names.needs.as_ref().is_some_and(|needs| !needs.iter().any(|n| n == first));
        if !hidden && self.protocol.has_fact(self.state, first) {
            return Ok((self.facts.get(first).cloned().unwrap_or_default(), 1));
        }
        let second = path.get(1).map(|name| &*name.text);
        let text = |text: &str| Value::Text(text.to_owned());
        let tls = |of: fn(&Tls) -> &str| self.tls.map_or(Value::Absent, |tls| text(of(tls)));
        Ok(match (first, second) {
            ("settings", Some(name)) => match self.settings.iter().find(|(setting, _)| setting == name) {
                Some((_, value)) => (value.clone(), 2),
                None => return Err(Fault(format!("no setting is called `{name}`"))),
            },
            ("peer", Some("ip")) => (Value::Ip(self.start.peer.0), 2),
            ("peer", Some("port")) => (Value::Number(self.start.peer.1.into()), 2),
            ("peer", Some("literal")) => match self.start.peer.0 {
                IpAddr::V4(ip) => (Value::Text(ip.to_string()), 2),
                IpAddr::V6(ip) => (Value::Text(format!("IPv6:{ip}")), 2),
            },
            ("local", Some("ip")) => (Value::Ip(self.start.local.0), 2),
            ("local", Some("port")) => (Value::Number(self.start.local.1.into()), 2),
            ("local", Some("name")) => (Value::Domain(self.start.name.clone()), 2),
            ("session", Some("id")) => (text(&self.start.id), 2),
            ("tls", None) => (tls(|tls| tls.version), 1),
            ("tls", Some("version")) => (tls(|tls| tls.version), 2),
            ("tls", Some("cipher")) => (tls(|tls| &tls.cipher), 2),
            ("now", None) => (Value::Time(self.unix), 1),
            ("commands", None) => (Value::Text(self.protocol.verbs().join(" ")), 1),
            ("usage", None) if self.names.outside => (text(&self.said.usage), 1),
            ("expected", None) if self.names.outside => (Value::Text(self.protocol.expected(self.state)), 1),
            ("verb" | "line", None) if self.names.outside => {
                self.repeats.set(true);
                (text(if first == "verb" { &self.said.verb } else { &self.said.line }), 1)
            }
            _ => return Err(Fault(format!("nothing is called `{}` here", dotted(path)))),
        })
    }
}

/// Whether a comparison holds. What is absent equals only what is absent, and is neither less nor greater.
fn compares(left: &Value, how: Comparison, right: &Value, fold: bool) -> Result<bool, Fault> {
    let order = || functions::order(left, right, fold);
    Ok(match how {
        Comparison::Equal => equal(left, right, fold)?,
        Comparison::Unequal => !equal(left, right, fold)?,
        _ if left.is_absent() || right.is_absent() => false,
        Comparison::Less => order()?.is_lt(),
        Comparison::AtMost => order()?.is_le(),
        Comparison::Greater => order()?.is_gt(),
        Comparison::AtLeast => order()?.is_ge(),
    })
}

/// Whether two values are equal. Domains are compared without regard to case, and texts where they `fold`.
pub(super) fn equal(left: &Value, right: &Value, fold: bool) -> Result<bool, Fault> {
    Ok(match (left, right) {
        (Value::Absent, Value::Absent) => true,
        (Value::Absent, _) | (_, Value::Absent) => false,
        (Value::Ip(a), Value::Ip(b)) => a.to_canonical() == b.to_canonical(),
        (Value::Ip(_), Value::Text(_)) => return equal(left, &Type::Ip.fitted(right.clone()), fold).or(Ok(false)),
        (Value::Text(_), Value::Ip(_)) => return equal(right, left, fold),
        (Value::Network(..), Value::Text(_)) => *left == Type::Network.fitted(right.clone()),
        (Value::Text(_), Value::Network(..)) => return equal(right, left, fold),
        (Value::List(a), Value::List(b)) => {
            let pairs = a.iter().zip(b).map(|(a, b)| equal(a, b, fold)).collect::<Result<Vec<_>, _>>()?;
            a.len() == b.len() && pairs.into_iter().all(|same| same)
        }
        (Value::Yes(_) | Value::Octets(_) | Value::Record(_) | Value::Network(..), _) => left == right,
        _ => functions::order(left, right, fold)?.is_eq(),
    })
}

/// Whether an element is in a list, an address in a network, a text in a text.
fn contains(list: &Value, element: &Value, fold: bool) -> Result<bool, Fault> {
    match (list, element) {
        (_, Value::Absent) | (Value::Absent, _) => Ok(false),
        (Value::Network(address, bits), Value::Ip(ip)) => Ok(functions::lies_in(*ip, *address, *bits)),
        (Value::List(list), element) => {
            for item in list {
                let found = match (item, element) {
                    (Value::Network(address, bits), Value::Ip(ip)) => functions::lies_in(*ip, *address, *bits),
                    _ => equal(element, item, fold)?,
                };
                if found {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (list, element) => match (list.text(), element.text()) {
            (Some(text), Some(part)) if fold => Ok(text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())),
            (Some(text), Some(part)) => Ok(text.contains(part)),
            _ => Err(Fault::new("`in` looks into something that is no list")),
        },
    }
}

/// The words of a path, joined by dots.
pub(super) fn dotted(path: &[Name]) -> String {
    path.iter().map(|name| &*name.text).collect::<Vec<_>>().join(".")
}

fn shown(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Path(path) => dotted(path),
        other => format!("{other:?}").chars().take(60).collect(),
    }
}
