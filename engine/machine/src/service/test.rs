//! Conditions in the form that is decided fastest: most ask whether something is there, empty, or large.
//!
//! Never: decides otherwise than the expression that it was made of.

use program::{Comparison, Expr, Field, Pure, Slot, Value, a_labels};

use crate::{
    expression::{Fault, Scope, View, ascii},
    matcher::Line,
};

static THERE: Value = Value::Yes(true);

const FOREIGN: Fault = Fault(&"values of different types are compared");

/// A condition.
#[derive(Debug)]
pub(crate) enum Test {
    /// The listener decides it.
    Decided(bool),
    /// Whether a value is present.
    Present(Spot, bool),
    /// Whether a part of a path is present.
    Part(Spot, Field, bool),
    /// Whether a text, a list or a payload is empty. What is absent is.
    Empty(Spot, bool),
    /// Whether a value is `yes`.
    Yes(Spot, bool),
    /// Whether a text, or a part of a path, is one of these; the flag before the last: without regard to ASCII case.
    Among(Spot, Option<Field>, Box<[Box<str>]>, bool, bool),
    /// Whether a text or a path is plain ASCII.
    Ascii(Spot, bool),
    /// How a list or a payload compares in size.
    Size(Spot, Comparison, i64, bool),
    /// All of them.
    All(Vec<Test>),
    /// Any of them.
    Any(Vec<Test>),
    /// Something else, which has to be evaluated.
    Other(Expr, bool),
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    root: Root,
    field: Option<u16>,
}

#[derive(Debug, Clone, Copy)]
enum Root {
    Slot(Slot),
    Hole(u8),
}

impl Test {
    /// That the condition holds, or that it does not.
    pub(crate) fn of(condition: &Expr, wanted: bool, settings: &[Value]) -> Test {
        let several = |parts: &[Expr]| parts.iter().map(|part| Test::of(part, wanted, settings)).collect();
        let other = || Test::Other(condition.clone(), wanted);
        match condition {
            Expr::Constant(Value::Yes(yes)) => Test::Decided(*yes == wanted),
            Expr::Not(inner) => Test::of(inner, !wanted, settings),
            // Not all of them: any is not.
            Expr::All(parts) if wanted => Test::All(several(parts)),
            Expr::All(parts) => Test::Any(several(parts)),
            Expr::Any(parts) if wanted => Test::Any(several(parts)),
            Expr::Any(parts) => Test::All(several(parts)),
            Expr::Present(inner) => match Spot::of_part(inner) {
                Some((spot, None)) => Test::Present(spot, wanted),
                Some((spot, Some(part))) => Test::Part(spot, part, wanted),
                None => other(),
            },
            Expr::Empty(inner) => Spot::of(inner).map_or_else(other, |spot| Test::Empty(spot, wanted)),
            Expr::Compare { left, comparison, right, fold } => match (&**left, &**right) {
                (part, Expr::Constant(Value::Text(text)))
                    if matches!(comparison, Comparison::Equal | Comparison::Unequal)
                        && let Some((spot, part)) = Spot::of_part(part) =>
                {
                    let wanted = (*comparison == Comparison::Equal) == wanted;
                    Test::Among(spot, part, [text.as_str().into()].into(), *fold, wanted)
                }
                (Expr::Pure(Pure::Size, arguments), right) => {
                    match (arguments.first().and_then(Spot::of), known(right, settings)) {
                        (Some(spot), Some(Value::Number(number))) => Test::Size(spot, *comparison, *number, wanted),
                        _ => other(),
                    }
                }
                _ => other(),
            },
            Expr::In { element, list, fold } => match (Spot::of_part(element), texts(list, settings)) {
                (_, Some(texts)) if texts.is_empty() => Test::Decided(!wanted),
                (Some((spot, part)), Some(texts)) => Test::Among(spot, part, texts, *fold, wanted),
                _ => other(),
            },
            Expr::Pure(Pure::Ascii, arguments) => {
                arguments.first().and_then(Spot::or_hole).map_or_else(other, |spot| Test::Ascii(spot, wanted))
            }
            _ => Spot::of(condition).map_or_else(other, |spot| Test::Yes(spot, wanted)),
        }
    }

    /// Whether an expression is a condition, and nothing else.
    pub(super) fn is_one(expr: &Expr) -> bool {
        use Expr::{All, Any, Compare, Empty, In, Not, Present};
        matches!(expr, All(_) | Any(_) | Compare { .. } | Empty(_) | In { .. } | Not(_) | Present(_))
    }

    /// Whether it holds; `slow` evaluates what has to be.
    pub(crate) fn holds(
        &self,
        slots: &[Value],
        line: &Line,
        slow: &dyn Fn(&Expr) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        match self {
            Test::All(parts) => {
                for part in parts {
                    if !part.look(slots, line, slow)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Any(parts) => {
                for part in parts {
                    if part.look(slots, line, slow)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            one => one.look(slots, line, slow),
        }
    }

    /// Whether it holds for a session.
    pub(crate) fn holds_in(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        let sight = scope.sight()?;
        self.holds(sight.slots, sight.line, &|condition| {
            let scope: Scope<'_> = *scope;
            scope.holds(condition)
        })
    }

    /// The same; it stands where it is called, so that what has no parts costs no call.
    #[inline(always)]
    fn look(&self, slots: &[Value], line: &Line, slow: &dyn Fn(&Expr) -> Result<bool, Fault>) -> Result<bool, Fault> {
        Ok(match self {
            Test::Decided(decided) => *decided,
            Test::Present(spot, wanted) => !matches!(spot.value(slots, line)?, Value::Absent) == *wanted,
            Test::Part(spot, part, wanted) => spot.has(*part, slots, line)? == *wanted,
            Test::Empty(spot, wanted) => (size(spot.value(slots, line)?)? == 0) == *wanted,
            Test::Yes(spot, wanted) => match spot.value(slots, line)? {
                Value::Yes(yes) => yes == wanted,
                Value::Absent => !wanted,
                _ => return Err(Fault(&"a condition is neither yes nor no")),
            },
            Test::Among(spot, part, texts, fold, wanted) => {
                let same = |text: &str, other: &str| {
                    text.len() == other.len() && (text == other || (*fold && text.eq_ignore_ascii_case(other)))
                };
                spot.is_such(*part, slots, line, |text| texts.iter().any(|one| same(text, one)))? == *wanted
            }
            Test::Ascii(spot, wanted) => match spot.value(slots, line)? {
                Value::Address(address) => address.text.is_ascii() == *wanted,
                Value::Text(text) => text.is_ascii() == *wanted,
                other => match spot.span(line) {
                    Some(text) => text.is_ascii() == *wanted,
                    None => ascii(other.into())? == *wanted,
                },
            },
            Test::Size(spot, comparison, number, wanted) => {
                let size = size(spot.value(slots, line)?)?;
                let holds = match comparison {
                    Comparison::Equal => size == *number,
                    Comparison::Unequal => size != *number,
                    Comparison::Less => size < *number,
                    Comparison::AtMost => size <= *number,
                    Comparison::Greater => size > *number,
                    Comparison::AtLeast => size >= *number,
                };
                holds == *wanted
            }
            Test::All(_) | Test::Any(_) => self.holds(slots, line, slow)?,
            Test::Other(condition, wanted) => slow(condition)? == *wanted,
        })
    }
}

impl Spot {
    /// Where the value of an expression stands, if it is one that stands somewhere.
    fn of(expr: &Expr) -> Option<Spot> {
        match expr {
            Expr::Slot(slot) => Some(Spot { root: Root::Slot(*slot), field: None }),
            Expr::Field(whole, Field::Index(index)) => match &**whole {
                Expr::Slot(slot) => Some(Spot { root: Root::Slot(*slot), field: Some(*index) }),
                Expr::Capture(hole) => Some(Spot { root: Root::Hole(*hole), field: Some(*index) }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The same, or a hole, whose octets may stand for themselves.
    fn or_hole(expr: &Expr) -> Option<Spot> {
        match expr {
            Expr::Capture(hole) => Some(Spot { root: Root::Hole(*hole), field: None }),
            _ => Spot::of(expr),
        }
    }

    /// The same for a part of it.
    fn of_part(expr: &Expr) -> Option<(Spot, Option<Field>)> {
        match expr {
            Expr::Field(whole, part @ (Field::Local | Field::Domain | Field::Address)) => {
                Spot::or_hole(whole).map(|spot| (spot, Some(*part)))
            }
            _ => Spot::or_hole(expr).map(|spot| (spot, None)),
        }
    }

    /// The text of a hole whose octets stand for themselves.
    #[inline]
    fn span<'l>(&self, line: &'l Line) -> Option<&'l str> {
        match (self.root, self.field) {
            (Root::Hole(hole), None) => match line.capture(hole) {
                View::Text(text) => Some(text),
                View::There(_) | View::New(_) => None,
            },
            _ => None,
        }
    }

    /// Whether the text there, or that of a part of the path there, is such a one; what is absent is not.
    #[inline]
    fn is_such(
        &self,
        part: Option<Field>,
        slots: &[Value],
        line: &Line,
        such: impl Fn(&str) -> bool,
    ) -> Result<bool, Fault> {
        Ok(match (self.value(slots, line)?, part) {
            (Value::Absent, _) => false,
            (Value::Address(address), Some(Field::Domain)) => address
                .written_domain()
                .is_some_and(|domain| such(domain) || (!domain.is_ascii() && such(&a_labels(domain)))),
            (Value::Address(address), Some(Field::Local)) => such(address.local()),
            (Value::Address(address), Some(Field::Address)) => such(&address.mailbox()),
            (Value::Address(address), None) => such(&address.text),
            (Value::Text(text), None) => such(text),
            (_, None) if let Some(text) = self.span(line) => such(text),
            _ => return Err(FOREIGN),
        })
    }

    /// Whether there is a path that has such a part.
    #[inline]
    fn has(&self, part: Field, slots: &[Value], line: &Line) -> Result<bool, Fault> {
        match (self.value(slots, line)?, part) {
            (Value::Absent, _) => Ok(false),
            (Value::Address(address), Field::Domain) => Ok(address.written_domain().is_some()),
            (Value::Address(_), Field::Address | Field::Local) => Ok(true),
            _ => Err(FOREIGN),
        }
    }

    #[inline]
    fn value<'a>(&self, slots: &'a [Value], line: &'a Line) -> Result<&'a Value, Fault> {
        let root = match self.root {
            Root::Slot(slot) => slots.get(usize::from(slot.0)).ok_or(Fault(&"a slot does not exist"))?,
            // A hole whose octets stand for themselves has no value; it is there.
            Root::Hole(hole) => line.value(hole).unwrap_or(&THERE),
        };
        match (self.field, root) {
            (None, root) => Ok(root),
            (Some(_), Value::Absent) => Ok(root),
            (Some(field), Value::Record(record)) => {
                record.fields.get(usize::from(field)).ok_or(Fault(&"a value has no such part"))
            }
            (Some(_), _) => Err(Fault(&"a value has no such part")),
        }
    }
}

/// The texts of a list that the listener knows; none when they are no texts, or are not known yet.
fn texts(list: &Expr, settings: &[Value]) -> Option<Box<[Box<str>]>> {
    let Value::List(list) = known(list, settings)? else { return None };
    list.iter().map(|value| if let Value::Text(text) = value { Some(text.as_str().into()) } else { None }).collect()
}

/// A value that the listener knows.
fn known<'a>(expr: &'a Expr, settings: &'a [Value]) -> Option<&'a Value> {
    match expr {
        Expr::Setting(id) => settings.get(usize::from(id.0)),
        Expr::Constant(value) => Some(value),
        _ => None,
    }
}

fn size(value: &Value) -> Result<i64, Fault> {
    crate::expression::size(value.into())
}
