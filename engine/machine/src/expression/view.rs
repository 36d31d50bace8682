//! A value as it is seen while an expression is evaluated.
//!
//! Never: copies text that it can borrow.

use std::{borrow::Cow, net::IpAddr, sync::Arc, time::Duration};

use program::{Address, Field, Network, Octets, Record, Secret, Value};

use super::Fault;
use crate::pool::Pool;

/// What an expression yields: something that is there already, or something new.
#[derive(Debug)]
pub(crate) enum View<'a> {
    /// A value that stands somewhere.
    There(&'a Value),
    /// A part of the line or of a value.
    Text(&'a str),
    /// A new value.
    New(Value),
}

/// The same for all three, for those who look only.
#[derive(Clone, Copy)]
pub(crate) enum Kind<'a> {
    Absent,
    Yes(bool),
    Number(i64),
    Duration(Duration),
    Time(i64),
    Text(&'a str),
    Address(&'a Address),
    Ip(IpAddr),
    Network(Network),
    Octets(Octets),
    List(&'a [Value]),
    Record(&'a Record),
    Secret(&'a Secret),
}

impl<'a> View<'a> {
    /// Looks at it.
    pub(crate) fn kind(&self) -> Kind<'_> {
        match self {
            View::There(value) => Kind::from(*value),
            View::Text(text) => Kind::Text(text),
            View::New(value) => Kind::from(value),
        }
    }

    /// Keeps it.
    pub(crate) fn into_value(self, pool: &Pool) -> Value {
        match self {
            View::There(value) => pool.copy(value),
            View::Text(text) => pool.text_value(text),
            View::New(value) => value,
        }
    }

    /// A part of it. A part of what is absent is absent.
    pub(crate) fn part(self, field: Field) -> Result<View<'a>, Fault> {
        const FOREIGN: Fault = Fault(&"a value has no such part");
        match self {
            View::There(Value::Absent) | View::New(Value::Absent) => Ok(View::New(Value::Absent)),
            View::There(Value::Record(record)) => match field {
                Field::Index(index) => record.fields.get(usize::from(index)).map(View::There).ok_or(FOREIGN),
                _ => Err(FOREIGN),
            },
            View::New(Value::Record(mut record)) => match field {
                Field::Index(index) => {
                    let field = Arc::make_mut(&mut record).fields.get_mut(usize::from(index));
                    field.map(|field| View::New(std::mem::take(field))).ok_or(FOREIGN)
                }
                _ => Err(FOREIGN),
            },
            View::There(Value::Address(address)) => Ok(match address_part(address, field).ok_or(FOREIGN)? {
                None => View::New(Value::Absent),
                Some(Cow::Borrowed(text)) => View::Text(text),
                Some(Cow::Owned(text)) => View::New(Value::Text(text.into())),
            }),
            View::New(Value::Address(address)) => {
                let part = address_part(&address, field).ok_or(FOREIGN)?;
                Ok(View::New(part.map_or(Value::Absent, |text| Value::Text((*text).into()))))
            }
            _ => Err(FOREIGN),
        }
    }
}

/// The part of an address, if it has such a field, and whether the part is there.
pub(super) fn address_part(address: &Address, field: Field) -> Option<Option<Cow<'_, str>>> {
    match field {
        Field::Local => Some(Some(address.local().into())),
        Field::Domain => Some(address.domain()),
        Field::Address => Some(Some(address.mailbox())),
        Field::Index(_) => None,
    }
}

impl<'a> From<&'a Value> for Kind<'a> {
    fn from(value: &'a Value) -> Kind<'a> {
        match value {
            Value::Absent => Kind::Absent,
            Value::Yes(yes) => Kind::Yes(*yes),
            Value::Number(number) => Kind::Number(*number),
            Value::Duration(duration) => Kind::Duration(*duration),
            Value::Time(time) => Kind::Time(*time),
            Value::Text(text) => Kind::Text(text),
            Value::Address(address) => Kind::Address(address),
            Value::Ip(ip) => Kind::Ip(*ip),
            Value::Network(network) => Kind::Network(*network),
            Value::Octets(octets) => Kind::Octets(*octets),
            Value::List(list) => Kind::List(list),
            Value::Record(record) => Kind::Record(record),
            Value::Secret(secret) => Kind::Secret(secret),
        }
    }
}
