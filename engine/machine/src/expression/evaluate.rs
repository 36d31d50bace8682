//! Evaluates expressions against what a listener and a session know.
//!
//! Never: allocates for a comparison, a condition or a text that is only printed.

use std::{fmt::Write, net::IpAddr, sync::Arc};

use program::{Expr, Known, Piece, Program, SessionId, Shape, StateId, Value, Words, absent, unset};
use smallvec::{Array, SmallVec};

use super::{
    Fault, Kind, View, bounded, compare,
    functions::size,
    print::{print_literal, put},
    print_bounded,
};
use crate::{Peer, Tls, matcher::Line, pool::Pool, service::Secrets};

/// What expressions can see.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The settings, in order.
    pub(crate) settings: &'a [Value],
    /// `local.name`.
    pub(crate) name: &'a Value,
    /// Where new values come from.
    pub(crate) pool: &'a Pool,
    /// The session; while a program is being bound there is none.
    pub(crate) session: Option<Sight<'a>>,
}

/// What expressions can see of a session.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub(crate) program: &'a Program,
    pub(crate) slots: &'a [Value],
    pub(crate) secrets: &'a Secrets,
    pub(crate) line: &'a Line,
    pub(crate) peer: &'a Peer,
    pub(crate) tls: Option<&'a Tls>,
    pub(crate) id: &'a SessionId,
    pub(crate) state: StateId,
    /// Wall-clock seconds.
    pub(crate) unix: i64,
}

impl<'a> Scope<'a> {
    /// The value of an expression.
    pub(crate) fn evaluate(&self, expr: &'a Expr) -> Result<View<'a>, Fault> {
        Ok(match expr {
            Expr::Constant(value) => View::There(value),
            Expr::Setting(id) => {
                View::There(self.settings.get(usize::from(id.0)).ok_or(Fault(&"a setting is not bound"))?)
            }
            Expr::Slot(slot) => {
                View::There(self.sight()?.slots.get(usize::from(slot.0)).ok_or(Fault(&"a slot does not exist"))?)
            }
            Expr::Capture(hole) => self.sight()?.line.capture(*hole),
            Expr::Field(whole, field) => self.evaluate(whole)?.part(*field)?,
            Expr::Known(known) => self.known(*known)?,
            Expr::Text(pieces) => {
                let mut text = self.pool.blank();
                for piece in pieces {
                    self.print(std::slice::from_ref(piece), text.edit())?;
                    bounded(&text)?;
                }
                View::New(Value::Text(text))
            }
            Expr::List(items) => View::New(self.list(items)?),
            Expr::Record(shape, fields) => View::New(self.record(shape, fields)?),
            Expr::Plus(left, right) => View::New(plus(self.evaluate(left)?.kind(), self.evaluate(right)?.kind())?),
            Expr::Minus(left, right) => View::New(minus(self.evaluate(left)?.kind(), self.evaluate(right)?.kind())?),
            Expr::Pure(pure, arguments) => self.pure(*pure, arguments)?,
            Expr::When(condition, value) => match self.holds(condition)? {
                true => self.evaluate(value)?,
                false => View::New(Value::Absent),
            },
            Expr::Not(_)
            | Expr::All(_)
            | Expr::Any(_)
            | Expr::Compare { .. }
            | Expr::Present(_)
            | Expr::Empty(_)
            | Expr::In { .. } => View::New(Value::Yes(self.holds(expr)?)),
        })
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &'a Expr) -> Result<bool, Fault> {
        match condition {
            Expr::Constant(Value::Yes(yes)) => Ok(*yes),
            Expr::Not(inner) => Ok(!self.holds(inner)?),
            Expr::All(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Any(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expr::Compare { left, comparison, right, fold } => {
                self.asked(left, |left| self.asked(right, |right| compare::compares(left, *comparison, right, *fold)))
            }
            Expr::Present(inner) => match self.find(inner) {
                Some(value) => Ok(!matches!(value, Value::Absent)),
                None => self.shown(inner, |kind| Ok(!matches!(kind, Kind::Absent))),
            },
            Expr::Empty(inner) => self.shown(inner, is_empty),
            Expr::In { element, list, fold } => {
                self.shown(list, |list| self.asked(element, |element| compare::contains(list, element, *fold)))
            }
            other => self.shown(other, |kind| match kind {
                Kind::Yes(yes) => Ok(yes),
                Kind::Absent => Ok(absent::IS_YES),
                _ => Err(Fault(&"a condition is neither yes nor no")),
            }),
        }
    }

    /// Looks at a side of a comparison. The line that is refused is compared as it came, also where none of it may be
    /// shown.
    fn asked<T>(&self, expr: &'a Expr, look: impl FnOnce(Kind<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match expr {
            Expr::Known(Known::Verb) => look(self.sight()?.line.asked_word().kind()),
            Expr::Known(Known::Line) => look(self.sight()?.line.asked().kind()),
            other => self.shown(other, look),
        }
    }

    /// A number; what is absent or negative is 0.
    pub(crate) fn number(&self, expr: &'a Expr) -> Result<u64, Fault> {
        self.shown(expr, |kind| match kind {
            Kind::Number(number) => Ok(u64::try_from(number).unwrap_or(0)),
            Kind::Octets(octets) => Ok(octets.length),
            Kind::Absent => Ok(0),
            _ => Err(Fault(&"a bound is no number")),
        })
    }

    /// A span of time.
    pub(crate) fn duration(&self, expr: &'a Expr) -> Result<std::time::Duration, Fault> {
        match self.evaluate(expr)?.kind() {
            Kind::Duration(duration) => Ok(duration),
            _ => Err(Fault(&"a time limit is no span of time")),
        }
    }

    /// Appends a text with values in it.
    pub(crate) fn print<W: Write>(&self, pieces: &'a [Piece], out: &mut W) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Literal(text) => put(text, out),
                Piece::Value(Expr::Known(Known::PeerLiteral)) => print_literal(self.sight()?.peer.ip, out),
                Piece::Value(expr) => self.shown(expr, |kind| print_bounded(kind, out))?,
                Piece::When(condition, text) => {
                    if self.holds(condition)? {
                        put(text, out);
                    }
                }
            }
        }
        Ok(())
    }

    /// The value of an expression, to be kept.
    pub(crate) fn value(&self, expr: &'a Expr) -> Result<Value, Fault> {
        Ok(self.evaluate(expr)?.into_value(self.pool))
    }

    /// New values, in order.
    pub(crate) fn values<A: Array<Item = Value>>(&self, exprs: &'a [Expr]) -> Result<SmallVec<A>, Fault> {
        let mut values = SmallVec::new();
        for expr in exprs {
            values.push(self.value(expr)?);
        }
        Ok(values)
    }

    fn list(&self, items: &'a [Expr]) -> Result<Value, Fault> {
        let mut list = self.pool.list();
        for item in items {
            list.push(self.value(item)?);
        }
        Ok(Value::List(list))
    }

    fn record(&self, shape: &Arc<Shape>, fields: &'a [Option<Expr>]) -> Result<Value, Fault> {
        let mut record = self.pool.record(shape);
        let values = &mut Arc::make_mut(&mut record).fields;
        for (index, (_, ty)) in shape.fields.iter().enumerate() {
            values.push(match fields.get(index).and_then(Option::as_ref) {
                Some(expr) => self.value(expr)?,
                None => unset(ty),
            });
        }
        Ok(Value::Record(record))
    }

    fn known(&self, known: Known) -> Result<View<'a>, Fault> {
        if known == Known::LocalName {
            return Ok(View::There(self.name));
        }
        let sight = self.sight()?;
        let tls = |part: fn(&'a Tls) -> &'a str| match sight.tls {
            Some(tls) => View::Text(part(tls)),
            None => View::New(Value::Absent),
        };
        Ok(match known {
            Known::PeerIp => View::New(Value::Ip(sight.peer.ip)),
            Known::PeerLiteral => View::New(Value::Text(literal(sight.peer.ip, self.pool))),
            Known::PeerPort => View::New(Value::Number(sight.peer.port.into())),
            Known::LocalIp => View::New(Value::Ip(sight.peer.local_ip)),
            Known::LocalPort => View::New(Value::Number(sight.peer.local_port.into())),
            Known::LocalName => View::There(self.name),
            Known::Tls | Known::TlsVersion => tls(|tls| tls.version),
            Known::TlsCipher => tls(|tls| &tls.cipher),
            Known::SessionId => View::Text(&sight.id.0),
            Known::Now => View::New(Value::Time(sight.unix)),
            Known::Usage => View::Text(sight.line.usage(sight.program)),
            Known::Expected => match sight.program.states.get(usize::from(sight.state.0)) {
                Some(state) => View::Text(&state.expected),
                None => return Err(Fault(&"a state does not exist")),
            },
            Known::Verb => sight.line.word(sight.program, sight.secrets),
            Known::Tag => match (sight.line.tag(sight.program), &sight.program.wire.tag) {
                (View::Text(""), Some(tag)) => View::Text(&tag.missing),
                (tag, _) => tag,
            },
            Known::Line => sight.line.shown(sight.program, sight.secrets),
        })
    }

    pub(crate) fn sight(&self) -> Result<Sight<'a>, Fault> {
        self.session.ok_or(Fault(&"a listener cannot know what a session knows"))
    }
}

fn plus(left: Kind<'_>, right: Kind<'_>) -> Result<Value, Fault> {
    Ok(match (left, right) {
        (Kind::Absent, _) | (_, Kind::Absent) => Value::Absent,
        (Kind::Number(a), Kind::Number(b)) => Value::Number(a.saturating_add(b)),
        (Kind::Duration(a), Kind::Duration(b)) => Value::Duration(a.saturating_add(b)),
        (Kind::Time(a), Kind::Duration(b)) | (Kind::Duration(b), Kind::Time(a)) => {
            Value::Time(a.saturating_add(i64::try_from(b.as_secs()).unwrap_or(i64::MAX)))
        }
        _ => return Err(Fault(&"values of different types are added")),
    })
}

fn minus(left: Kind<'_>, right: Kind<'_>) -> Result<Value, Fault> {
    Ok(match (left, right) {
        (Kind::Absent, _) | (_, Kind::Absent) => Value::Absent,
        (Kind::Number(a), Kind::Number(b)) => Value::Number(a.saturating_sub(b)),
        (Kind::Duration(a), Kind::Duration(b)) => Value::Duration(a.saturating_sub(b)),
        (Kind::Time(a), Kind::Duration(b)) => {
            Value::Time(a.saturating_sub(i64::try_from(b.as_secs()).unwrap_or(i64::MAX)))
        }
        (Kind::Time(a), Kind::Time(b)) => {
            Value::Duration(std::time::Duration::from_secs(u64::try_from(a.saturating_sub(b)).unwrap_or(0)))
        }
        _ => return Err(Fault(&"values of different types are subtracted")),
    })
}

fn is_empty(kind: Kind<'_>) -> Result<bool, Fault> {
    match kind {
        Kind::Absent => Ok(absent::IS_EMPTY),
        _ => Ok(size(kind)? == 0),
    }
}

/// An address as an address literal without its brackets (RFC 5321 §4.1.3).
fn literal(ip: IpAddr, pool: &Pool) -> Words {
    let mut text = pool.text("");
    print_literal(ip, text.edit());
    text
}
