//! Looks at what stands somewhere already: most conditions and most texts ask for nothing else.
//!
//! Never: makes a value; what is not there already is evaluated.

use std::{borrow::Cow, net::IpAddr};

use program::{Expr, Field, Known, Pure, Value};

use super::{
    Fault, Kind, Scope, View,
    functions::{ascii, size},
    view::address_part,
};

impl<'a> Scope<'a> {
    /// What an expression yields, where that can be seen without making it.
    pub(crate) fn look(&self, expr: &'a Expr) -> Option<Kind<'a>> {
        match expr {
            Expr::Constant(_) | Expr::Setting(_) | Expr::Slot(_) => self.find(expr).map(Kind::from),
            Expr::Known(known) => self.look_at_known(*known),
            Expr::Capture(hole) => match self.session.as_ref()?.line.capture(*hole) {
                View::Text(text) => Some(Kind::Text(text)),
                View::There(value) => Some(Kind::from(value)),
                View::New(_) => None,
            },
            Expr::Field(whole, field) => match self.find(expr) {
                Some(value) => Some(Kind::from(value)),
                None => part(self.look(whole)?, *field),
            },
            Expr::Pure(Pure::Size, arguments) => size(self.look(arguments.first()?)?).ok().map(Kind::Number),
            Expr::Pure(Pure::Ascii, arguments) => ascii(self.look(arguments.first()?)?).ok().map(Kind::Yes),
            _ => None,
        }
    }

    /// Where the value of an expression stands.
    #[inline]
    pub(super) fn find(&self, expr: &'a Expr) -> Option<&'a Value> {
        match expr {
            Expr::Constant(value) => Some(value),
            Expr::Setting(id) => self.settings.get(usize::from(id.0)),
            Expr::Slot(slot) => self.session.as_ref()?.slots.get(usize::from(slot.0)),
            Expr::Capture(hole) => self.session.as_ref()?.line.value(*hole),
            Expr::Field(whole, Field::Index(index)) => match self.find(whole)? {
                Value::Record(record) => record.fields.get(usize::from(*index)),
                absent @ Value::Absent => Some(absent),
                _ => None,
            },
            _ => None,
        }
    }

    /// Shows what an expression yields to somebody.
    pub(crate) fn shown<T>(&self, expr: &'a Expr, look: impl FnOnce(Kind<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.look(expr) {
            Some(kind) => look(kind),
            None => {
                let view = self.evaluate(expr)?;
                let seen = look(view.kind());
                if let View::New(value) = view {
                    self.pool.forget(value);
                }
                seen
            }
        }
    }

    fn look_at_known(&self, known: Known) -> Option<Kind<'a>> {
        if known == Known::LocalName {
            return Some(Kind::from(self.name));
        }
        let sight = self.session.as_ref()?;
        let ip = |ip: IpAddr| Some(Kind::Ip(ip));
        match known {
            Known::PeerIp => ip(sight.peer.ip),
            Known::LocalIp => ip(sight.peer.local_ip),
            Known::Tls | Known::TlsVersion => Some(sight.tls.map_or(Kind::Absent, |tls| Kind::Text(tls.version))),
            Known::SessionId => Some(Kind::Text(&sight.id.0)),
            _ => None,
        }
    }
}

/// A part of it. A part of what is absent is absent.
fn part(whole: Kind<'_>, field: Field) -> Option<Kind<'_>> {
    match (whole, field) {
        (Kind::Absent, _) => Some(Kind::Absent),
        (Kind::Address(address), field) => match address_part(address, field)? {
            None => Some(Kind::Absent),
            Some(Cow::Borrowed(text)) => Some(Kind::Text(text)),
            Some(Cow::Owned(_)) => None,
        },
        _ => None,
    }
}
