//! Types as a file writes them down, and how a part of a line is read as one.
//!
//! Never: builds an automaton. An ABNF rule is tried place by place.

use std::collections::BTreeSet;

use grammar::tree::{Abnf, ExprKind, Item, Name, TypeBody, TypeKind, TypeRef};

use super::{
    Protocol,
    value::{Record, Value},
    words,
};

/// A type, its names resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Text,
    Word,
    Number(i64, i64),
    Size,
    Duration,
    Time,
    YesNo,
    Ip,
    Network,
    Domain,
    HeloName,
    ReversePath,
    ForwardPath,
    LenientReversePath,
    LenientForwardPath,
    Base64,
    Quoted,
    Literal,
    String,
    Astring,
    Octets,
    Sink,
    Abnf(Abnf),
    Params(Vec<(String, Option<Type>)>),
    /// Names, types, and whether each may be absent.
    Record(String, Vec<(String, Type)>),
    List(Box<Type>),
    Optional(Box<Type>),
    Secret(Box<Type>),
}

/// One place of a line: an octet, or octets that were counted and sent behind a piece of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sign {
    Octet(u8),
    Literal(Vec<u8>),
}

/// A line without literals.
pub(super) fn signs(octets: &[u8]) -> Vec<Sign> {
    octets.iter().map(|octet| Sign::Octet(*octet)).collect()
}

/// The octets of a part of a line, if no literal is in it.
pub(super) fn octets(line: &[Sign]) -> Option<Vec<u8>> {
    let octet = |sign: &Sign| if let Sign::Octet(octet) = sign { Some(*octet) } else { None };
    line.iter().map(octet).collect()
}

const NUMBER_MOST: i64 = 999_999_999_999_999_999;

impl Type {
    /// The type of a value that is there and may be shown.
    pub(super) fn inner(&self) -> &Type {
        match self {
            Type::Optional(inner) | Type::Secret(inner) => inner.inner(),
            other => other,
        }
    }

    /// Whether it may be absent.
    pub(super) fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Whether it must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Type::Secret(_) => true,
            Type::Optional(inner) => inner.is_secret(),
            _ => false,
        }
    }

    /// A value that is known to be of this type: a text that the file writes down becomes what it stands for.
    pub(super) fn fitted(&self, value: Value) -> Value {
        match (self.inner(), value) {
            (Type::Ip, Value::Text(text)) => text.parse().map_or(Value::Text(text), Value::Ip),
            (Type::Network, Value::Text(text)) => words::network(&text).unwrap_or(Value::Text(text)),
            (Type::Domain | Type::HeloName, Value::Text(text)) => Value::domain(&text),
            (Type::Text | Type::Word | Type::Abnf(_), Value::Domain(text)) => Value::Text(text),
            (Type::List(inner), Value::List(list)) => {
                Value::List(list.into_iter().map(|value| inner.fitted(value)).collect())
            }
            (_, value) => value,
        }
    }

    /// What a value of this type is where nothing is said of it.
    pub(super) fn unset(&self) -> Value {
        match self {
            Type::List(_) => Value::List(Vec::new()),
            Type::Octets => Value::Octets(Vec::new()),
            _ => Value::Absent,
        }
    }
}

impl Protocol {
    /// The type that is written there.
    pub(super) fn ty(&self, written: &TypeRef) -> Type {
        let mut ty = match &written.kind {
            TypeKind::Named(name) => self.named_type(&name.text).unwrap_or(Type::Text),
            TypeKind::List(inner) => Type::List(Box::new(self.ty(inner))),
        };
        if written.secret {
            ty = Type::Secret(Box::new(ty));
        }
        if written.optional {
            ty = Type::Optional(Box::new(ty));
        }
        ty
    }

    fn named_type(&self, name: &str) -> Option<Type> {
        let declared = self.tree.items.iter().find_map(|item| match item {
            Item::Type(def) if *def.name.text == *name => Some(match &def.body {
                TypeBody::Abnf(abnf) => Type::Abnf(abnf.clone()),
                TypeBody::Range(_, least, most) => Type::Number(*least, *most),
                TypeBody::Params(keywords) => Type::Params(
                    keywords
                        .iter()
                        .map(|(name, ty)| (name.text.to_string(), ty.as_ref().map(|ty| self.ty(ty))))
                        .collect(),
                ),
            }),
            Item::Record(def) if *def.name.text == *name => {
                let fields = def.fields.iter().map(|field| (field.name.text.to_string(), self.ty(&field.ty)));
                Some(Type::Record(name.to_owned(), fields.collect()))
            }
            _ => None,
        });
        declared.or_else(|| builtin(name))
    }

    /// The bound behind `at most` of a type, where it is a number that is written there.
    pub(super) fn most(written: &TypeRef) -> Option<usize> {
        match written.most.as_ref().map(|most| &most.kind) {
            Some(ExprKind::Number(most) | ExprKind::Size(most)) => usize::try_from(*most).ok(),
            _ => None,
        }
    }

    /// What a part of a line is, read as that type; nothing if it has not its form.
    pub(super) fn read(&self, ty: &Type, part: &[Sign]) -> Option<Value> {
        match ty {
            Type::Optional(inner) => return self.read(inner, part),
            Type::Secret(inner) => {
                let value = self.read(inner, part)?;
                return Some(Value::Secret(match &value {
                    Value::Text(text) | Value::Domain(text) => text.as_bytes().to_vec(),
                    _ => octets(part)?,
                }));
            }
            Type::Literal | Type::String | Type::Astring => {
                if let [Sign::Literal(counted)] = part {
                    let text = String::from_utf8(counted.clone()).ok()?;
                    return words::is_text(&text).then_some(Value::Text(text));
                }
            }
            _ => {}
        }
        let raw = octets(part)?;
        if let Type::Abnf(abnf) = ty {
            let whole = self.ends(abnf, &raw, 0).contains(&raw.len());
            return String::from_utf8(raw).ok().filter(|_| whole).map(Value::Text);
        }
        let text = String::from_utf8(raw).ok()?;
        let kept = |fits: bool| fits.then(|| Value::Text(text.clone()));
        match ty {
            Type::Text => kept(words::is_text(&text)),
            Type::Word => kept(words::is_word(&text)),
            Type::Number(least, most) => {
                let most = *most.min(&NUMBER_MOST);
                words::number(&text, 18).filter(|n| (*least..=most).contains(n)).map(Value::Number)
            }
            Type::Size => words::number(&text, 20).map(Value::Number),
            Type::YesNo => match text.to_ascii_lowercase().as_str() {
                "yes" => Some(Value::Yes(true)),
                "no" => Some(Value::Yes(false)),
                _ => None,
            },
            Type::Ip => text.parse().ok().map(Value::Ip),
            Type::Network => words::network(&text),
            Type::Domain => words::is_domain(&text).then(|| Value::domain(&text)),
            Type::HeloName => words::is_helo_name(&text).then(|| Value::domain(&text)),
            Type::ReversePath => words::path(&text, (true, false), false),
            Type::ForwardPath => words::path(&text, (false, true), false),
            Type::LenientReversePath => words::path(&text, (true, false), true),
            Type::LenientForwardPath => words::path(&text, (false, true), true),
            Type::Base64 => words::base64(&text).map(Value::Text),
            Type::Quoted | Type::String => words::quoted(&text).map(Value::Text),
            Type::Astring => words::quoted(&text).or(words::is_atom(&text).then(|| text.clone())).map(Value::Text),
            Type::Params(keywords) => self.params(keywords, &text),
            Type::List(inner) => text
                .split(' ')
                .map(|word| self.read(inner, &signs(word.as_bytes())))
                .collect::<Option<_>>()
                .map(Value::List),
            Type::Duration
            | Type::Time
            | Type::Literal
            | Type::Octets
            | Type::Sink
            | Type::Record(..)
            | Type::Abnf(_)
            | Type::Optional(_)
            | Type::Secret(_) => None,
        }
    }

    /// Keyword parameters: each at most once, and with a value exactly where one is declared.
    fn params(&self, keywords: &[(String, Option<Type>)], text: &str) -> Option<Value> {
        if text.is_empty() || text.starts_with(' ') || text.ends_with(' ') {
            return None;
        }
        let mut seen: Vec<String> = Vec::new();
        let mut record = no_params(keywords);
        let mut unknown = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let (keyword, value) = word.split_once('=').map_or((word, None), |(word, value)| (word, Some(value)));
            let form = keyword.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !keyword.starts_with('-');
            let in_value = |c: char| (c.is_ascii_graphic() && c != '=') || (!c.is_ascii() && !c.is_control());
            if !form
                || keyword.is_empty()
                || value.is_some_and(|value| value.is_empty() || !value.chars().all(in_value))
            {
                return None;
            }
            if seen.contains(&keyword.to_ascii_lowercase()) {
                return None;
            }
            seen.push(keyword.to_ascii_lowercase());
            match keywords.iter().position(|(known, _)| known.eq_ignore_ascii_case(keyword)) {
                None => unknown.push(Value::Text(word.to_owned())),
                Some(place) => {
                    record.fields[place].1 = match (&keywords[place].1, value) {
                        (None, None) => Value::Yes(true),
                        (Some(ty), Some(value)) => self.read(ty, &signs(value.as_bytes()))?,
                        _ => return None,
                    };
                }
            }
        }
        if let Some((_, list)) = record.fields.last_mut() {
            *list = Value::List(unknown);
        }
        Some(Value::Record(record))
    }

    /// Where a rule may end that begins there.
    fn ends(&self, abnf: &Abnf, octets: &[u8], from: usize) -> BTreeSet<usize> {
        let one = |fits: &dyn Fn(u8) -> bool| octets.get(from).filter(|octet| fits(**octet)).map(|_| from + 1);
        match abnf {
            Abnf::Alternation(list) => list.iter().flat_map(|abnf| self.ends(abnf, octets, from)).collect(),
            Abnf::Concatenation(list) => list.iter().fold(BTreeSet::from([from]), |places, abnf| {
                places.into_iter().flat_map(|place| self.ends(abnf, octets, place)).collect()
            }),
            Abnf::Repetition(least, most, abnf) => {
                let mut reached = BTreeSet::new();
                let mut places = BTreeSet::from([from]);
                let mut count = 0;
                loop {
                    if count >= *least {
                        let before = reached.len();
                        reached.extend(places.iter().copied());
                        if most.is_none() && reached.len() == before {
                            return reached;
                        }
                    }
                    if places.is_empty() || most.is_some_and(|most| count >= most) {
                        return reached;
                    }
                    places = places.into_iter().flat_map(|place| self.ends(abnf, octets, place)).collect();
                    count += 1;
                }
            }
            Abnf::Text { text, exact, .. } => {
                let Some(part) = octets.get(from..from + text.len()) else { return BTreeSet::new() };
                let same = if *exact { part == text.as_bytes() } else { part.eq_ignore_ascii_case(text.as_bytes()) };
                same.then_some(from + text.len()).into_iter().collect()
            }
            Abnf::Range(least, most, _) => {
                one(&|octet| (*least..=*most).contains(&u32::from(octet))).into_iter().collect()
            }
            Abnf::Values(values, _) => {
                let part = octets.get(from..from + values.len());
                let same = part.is_some_and(|part| part.iter().zip(values).all(|(a, b)| u32::from(*a) == *b));
                same.then_some(from + values.len()).into_iter().collect()
            }
            Abnf::Rule(name) => self.rule(name, octets, from),
        }
    }

    fn rule(&self, name: &Name, octets: &[u8], from: usize) -> BTreeSet<usize> {
        let declared = self.tree.items.iter().find_map(|item| match item {
            Item::Type(def) if def.name.text.eq_ignore_ascii_case(&name.text) => Some(&def.body),
            _ => None,
        });
        if let Some(TypeBody::Abnf(abnf)) = declared {
            return self.ends(abnf, octets, from);
        }
        if let Some(ty) = builtin(&name.text) {
            let fits = |end: &usize| self.read(&ty, &signs(&octets[from..*end])).is_some();
            return (from..=octets.len()).filter(fits).collect();
        }
        let next = octets.get(from).copied();
        let after = |at: usize| octets.get(at).copied();
        let one = |fits: bool| if fits { BTreeSet::from([from + 1]) } else { BTreeSet::new() };
        let blank = |octet: Option<u8>| matches!(octet, Some(b' ' | b'\t'));
        match name.text.to_ascii_uppercase().as_str() {
            "ALPHA" => one(next.is_some_and(|c| c.is_ascii_alphabetic())),
            "BIT" => one(matches!(next, Some(b'0' | b'1'))),
            "CHAR" => one(matches!(next, Some(1..=0x7f))),
            "CR" => one(next == Some(b'\r')),
            "CRLF" if next == Some(b'\r') && after(from + 1) == Some(b'\n') => BTreeSet::from([from + 2]),
            "CTL" => one(matches!(next, Some(0..=0x1f | 0x7f))),
            "DIGIT" => one(next.is_some_and(|c| c.is_ascii_digit())),
            "DQUOTE" => one(next == Some(b'"')),
            "HEXDIG" => one(next.is_some_and(|c| c.is_ascii_hexdigit())),
            "HTAB" => one(next == Some(b'\t')),
            "LF" => one(next == Some(b'\n')),
            "LWSP" => {
                let mut ends = BTreeSet::from([from]);
                let mut at = from;
                loop {
                    let fold = after(at) == Some(b'\r') && after(at + 1) == Some(b'\n') && blank(after(at + 2));
                    at += if blank(after(at)) {
                        1
                    } else if fold {
                        3
                    } else {
                        return ends;
                    };
                    ends.insert(at);
                }
            }
            "OCTET" => one(next.is_some()),
            "SP" => one(next == Some(b' ')),
            "VCHAR" => one(matches!(next, Some(0x21..=0x7e))),
            "WSP" => one(blank(next)),
            _ => BTreeSet::new(),
        }
    }
}

/// A set of parameters of which none is given.
pub(super) fn no_params(keywords: &[(String, Option<Type>)]) -> Record {
    let field = |(name, _): &(String, Option<Type>)| (field_name(name), Value::Absent);
    let fields = keywords.iter().map(field).chain([("unknown".to_owned(), Value::List(Vec::new()))]);
    Record { name: "params".to_owned(), fields: fields.collect(), headers: Vec::new() }
}

/// A name of the wire as a part is called.
pub(super) fn field_name(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn builtin(name: &str) -> Option<Type> {
    Some(match name {
        "text" => Type::Text,
        "word" => Type::Word,
        "number" => Type::Number(0, NUMBER_MOST),
        "size" => Type::Size,
        "duration" => Type::Duration,
        "time" => Type::Time,
        "yes_no" => Type::YesNo,
        "ip" => Type::Ip,
        "network" => Type::Network,
        "domain" => Type::Domain,
        "helo_name" => Type::HeloName,
        "reverse_path" => Type::ReversePath,
        "forward_path" => Type::ForwardPath,
        "lenient_reverse_path" => Type::LenientReversePath,
        "lenient_forward_path" => Type::LenientForwardPath,
        "base64" => Type::Base64,
        "quoted" => Type::Quoted,
        "literal" => Type::Literal,
        "string" => Type::String,
        "astring" => Type::Astring,
        "octets" => Type::Octets,
        "sink" => Type::Sink,
        _ => return None,
    })
}
