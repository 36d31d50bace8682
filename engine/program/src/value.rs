//! The values that sessions keep and actions exchange.
//!
//! Never: lets a secret be printed. [`Secret`] has no `Debug` and no `Display`.

use std::{borrow::Cow, fmt, net::IpAddr, sync::Arc, time::Duration};

use smallvec::SmallVec;

use crate::{PayloadId, Type, Words, a_labels};

/// A value that a session keeps, or that goes into or comes out of an action.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing: an optional value that is not there.
    #[default]
    Absent,
    /// `yes` or `no`.
    Yes(bool),
    /// A number or a size.
    Number(i64),
    /// A span of time.
    Duration(Duration),
    /// Seconds since 1970-01-01 UTC.
    Time(i64),
    /// `text`, `word`, `domain` (in A-labels), `base64`, a lexical type, the name of a sink.
    Text(Words),
    /// A path with its parts.
    Address(Address),
    /// An address of the network.
    Ip(IpAddr),
    /// A network.
    Network(Network),
    /// A payload.
    Octets(Octets),
    /// A list.
    List(Vec<Value>),
    /// A record, a row, a set of parameters. Shared until somebody changes it.
    Record(Arc<Record>),
    /// What must not be shown.
    Secret(Secret),
}

/// Octets that must not be shown. Not `Debug`, not `Display`; it is read with [`Secret::expose`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

/// A reverse or forward path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address as it was written, without angle brackets and source route; empty for the null path.
    pub text: Words,
    /// The octet where the `@` stands that parts local part and domain, if there is one.
    pub at: Option<usize>,
}

/// An address with a prefix length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// The address; the octets behind the prefix are zero.
    pub address: IpAddr,
    /// How many leading bits count: 0 to 32, or 0 to 128.
    pub prefix: u8,
}

/// A payload: the machine knows its id and its length, the spool has its octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Octets {
    /// Its name in the spool; absent while it is empty and was never begun.
    pub id: Option<PayloadId>,
    /// Its length in octets.
    pub length: u64,
}

/// A record with its shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The names and types of the fields.
    pub shape: Arc<Shape>,
    /// The values, in the order of the shape.
    pub fields: Fields,
    /// What `prepend header` put in front, the latest first: whole header fields without the final line end.
    pub headers: Headers,
}

/// The values of a record; those of most stand in the record's own memory.
pub type Fields = SmallVec<[Value; 8]>;

/// Header fields in front of a record.
pub type Headers = SmallVec<[Words; 2]>;

/// The fields of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The name of the record, the statement or the parameter type.
    pub name: Arc<str>,
    /// Names and types, in the order of the file.
    pub fields: Vec<(Arc<str>, Type)>,
}

impl Value {
    /// How many octets it keeps beside its own ones, about. What it shares with others counts by its part: who weighs all
    /// that share it has the whole.
    #[inline]
    pub fn weight(&self) -> u64 {
        match self {
            Value::Text(text) | Value::Address(Address { text, .. }) => text.weight(),
            Value::List(list) if list.capacity() == 0 => 0,
            Value::List(_) | Value::Record(_) | Value::Secret(_) => self.weight_of_parts(),
            Value::Absent
            | Value::Yes(_)
            | Value::Number(_)
            | Value::Duration(_)
            | Value::Time(_)
            | Value::Ip(_)
            | Value::Network(_)
            | Value::Octets(_) => 0,
        }
    }

    fn weight_of_parts(&self) -> u64 {
        match self {
            Value::List(list) => {
                let own = list.capacity() * size_of::<Value>();
                own as u64 + list.iter().map(Value::weight).sum::<u64>()
            }
            Value::Record(record) => record.weight() / Arc::strong_count(record) as u64,
            Value::Secret(secret) => (secret.0.len() + BLOCK) as u64 / Arc::strong_count(&secret.0) as u64,
            _ => 0,
        }
    }
}

/// What a block of memory takes beside what is in it: two counts of those who share it.
pub(crate) const BLOCK: usize = 16;

impl Secret {
    /// Takes octets into custody.
    pub fn new(octets: &[u8]) -> Secret {
        Secret(octets.into())
    }

    /// The octets, for the one action that was declared to take them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Address {
    /// The part before the `@`, or the whole text when there is none.
    pub fn local(&self) -> &str {
        &self.text[..self.at.unwrap_or(self.text.len())]
    }

    /// The address as RFC 5321 §4.1.2 has it: a local part with dots at its end, or one behind the other, stands in quotes.
    #[inline]
    pub fn written(&self) -> Cow<'_, str> {
        // Most have no dot at all.
        match self.text.as_bytes()[..self.at.unwrap_or(self.text.len())].contains(&b'.') {
            true => self.quoted_if_odd(),
            false => Cow::Borrowed(&self.text),
        }
    }

    fn quoted_if_odd(&self) -> Cow<'_, str> {
        let local = self.local();
        if local.starts_with('"') || !(local.ends_with('.') || local.starts_with('.') || local.contains("..")) {
            return Cow::Borrowed(&self.text);
        }
        Cow::Owned(format!("\"{local}\"{}", &self.text[local.len()..]))
    }

    /// The domain behind the `@`, in A-labels. An address literal (`[192.0.2.1]`) is no domain, so there it is absent.
    pub fn domain(&self) -> Option<Cow<'_, str>> {
        self.written_domain().map(a_labels)
    }

    /// The domain behind the `@` as it is written; none where there is no domain.
    #[inline]
    pub fn written_domain(&self) -> Option<&str> {
        self.at.map(|at| &self.text[at + 1..]).filter(|domain| !domain.starts_with('['))
    }

    /// The whole address, its domain in A-labels: the form that is stored and looked up.
    pub fn mailbox(&self) -> Cow<'_, str> {
        match self.at {
            Some(at) if !self.text[at..].is_ascii() => {
                Cow::Owned(format!("{}{}", &self.text[..=at], a_labels(&self.text[at + 1..])))
            }
            _ => Cow::Borrowed(&self.text),
        }
    }
}

impl Record {
    /// A record without headers.
    pub fn new(shape: Arc<Shape>, fields: impl IntoIterator<Item = Value>) -> Record {
        Record { shape, fields: fields.into_iter().collect(), headers: Headers::new() }
    }

    /// How many octets it takes, about.
    pub fn weight(&self) -> u64 {
        let mut octets = size_of::<Record>() + BLOCK;
        if self.fields.spilled() {
            octets += self.fields.capacity() * size_of::<Value>();
        }
        if self.headers.spilled() {
            octets += self.headers.capacity() * size_of::<Words>();
        }
        let headers: u64 = self.headers.iter().map(Words::weight).sum();
        octets as u64 + self.fields.iter().map(Value::weight).sum::<u64>() + headers
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.shape.index(name).and_then(|index| self.fields.get(index))
    }
}

impl Shape {
    /// The place of the field of that name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|(field, _)| &**field == name)
    }
}

impl Network {
    /// Whether the address lies in the network. An IPv4-mapped IPv6 address counts as the IPv4 address it maps.
    pub fn contains(&self, address: IpAddr) -> bool {
        fn shared(a: &[u8], b: &[u8], bits: u8) -> bool {
            let (whole, rest) = (usize::from(bits / 8), bits % 8);
            a[..whole] == b[..whole] && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0)
        }
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => shared(&a.octets(), &b.octets(), self.prefix),
            (IpAddr::V6(a), IpAddr::V6(b)) => shared(&a.octets(), &b.octets(), self.prefix),
            _ => false,
        }
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Value {
        Value::Record(Arc::new(record))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent => f.write_str("absent"),
            Value::Yes(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Value::Number(number) => number.fmt(f),
            Value::Duration(duration) => duration.fmt(f),
            Value::Time(time) => write!(f, "@{time}"),
            Value::Text(text) => text.fmt(f),
            Value::Address(address) => write!(f, "<{}>", address.text),
            Value::Ip(ip) => ip.fmt(f),
            Value::Network(network) => write!(f, "{}/{}", network.address, network.prefix),
            Value::Octets(octets) => octets.fmt(f),
            Value::List(list) => list.fmt(f),
            Value::Record(record) => {
                f.write_str(&record.shape.name)?;
                let names = record.shape.fields.iter().map(|(name, _)| name);
                f.debug_map().entries(names.zip(&record.fields)).finish()
            }
            Value::Secret(_) => f.write_str("***"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_small_enough_to_be_moved_about() {
        assert!(size_of::<Value>() <= 40, "{} octets", size_of::<Value>());
    }

    #[test]
    fn all_that_share_a_value_weigh_what_it_takes() {
        let text = Value::Text("x".repeat(1000).into());
        let shape = Arc::new(Shape { name: "r".into(), fields: Vec::new() });
        let mut record = Record::new(shape, [text.clone(), Value::Number(1)]);
        record.headers.push("y".repeat(3000).into());
        let record = Value::from(record);
        let whole = record.weight();
        assert!((3500..5000).contains(&whole), "{whole}");
        drop(text);
        let list = Value::List(vec![record.clone(), record]);
        let (own, whole) = (2 * size_of::<Value>() as u64, list.weight());
        assert!((own + 4000..own + 5000).contains(&whole), "{whole}");
        assert_eq!(Value::List(Vec::new()).weight() + Value::Number(7).weight(), 0);
        assert!(Value::Secret(Secret::new(&[0; 100])).weight() >= 100);
    }
}
