//! The value of a text from the wire, by its type.
//!
//! Never: takes more than the form of the type allows.

use program::{LexemeId, Program, Secret, Type, Value, a_labels};
use regex_automata::{Anchored, Input};

use super::{address, name, number, params, path, text, written::written_text};
use crate::pool::Pool;

/// The value of a text of that type, or nothing if it has not the type's form. Bounds on length (`at most`) are not
/// part of a form. Types that never stand in a line have no value.
///
/// A secret keeps the octets of the text that its inner type would keep. A set of parameters may be empty here: that
/// is what an optional part that is missing amounts to.
pub fn decode(program: &Program, ty: &Type, text: &str) -> Option<Value> {
    decode_into(program, ty, text, &Pool::default())
}

/// The same, with memory of the pool.
pub(crate) fn decode_into(program: &Program, ty: &Type, text: &str, pool: &Pool) -> Option<Value> {
    match ty {
        Type::Text => kept(text, pool, text::is_text),
        Type::Word => kept(text, pool, text::is_word),
        Type::Number { least, most } => number::number(text).filter(|n| least <= n && n <= most).map(Value::Number),
        Type::Size => number::size(text).map(Value::Number),
        Type::YesNo => yes_no(text),
        Type::Ip => text.parse().ok().map(Value::Ip),
        Type::Network => address::network(text).map(Value::Network),
        Type::Domain if name::is_domain(text) => named(text, pool),
        Type::HeloName if name::is_host(text) => named(text, pool),
        Type::Domain | Type::HeloName => None,
        Type::ReversePath => path::reverse(text, false, pool).map(Value::Address),
        Type::ForwardPath => path::forward(text, false, pool).map(Value::Address),
        Type::LenientReversePath => path::reverse(text, true, pool).map(Value::Address),
        Type::LenientForwardPath => path::forward(text, true, pool).map(Value::Address),
        Type::Base64 => text::base64(text).map(|text| pool.text_value(text)),
        Type::Lexical(id) => kept(text, pool, |text| fits(program, *id, text, pool)),
        Type::Params(id) => params::params(program, *id, text, pool),
        Type::Optional(inner) => decode_into(program, inner, text, pool),
        Type::Written(writing) => written_text(*writing, text, pool).map(Value::Text),
        Type::List(inner) => listed(program, inner, text, pool),
        Type::Secret(inner) => match decode_into(program, inner, text, pool)? {
            Value::Text(text) => Some(Value::Secret(Secret::new(text.as_bytes()))),
            _ => Some(Value::Secret(Secret::new(text.as_bytes()))),
        },
        Type::Duration | Type::Time | Type::Octets | Type::Sink | Type::Record(_) => None,
    }
}

/// The text itself, if it is of that form.
fn kept(text: &str, pool: &Pool, form: impl Fn(&str) -> bool) -> Option<Value> {
    form(text).then(|| pool.text_value(text))
}

/// Several values, one blank between them.
fn listed(program: &Program, ty: &Type, text: &str, pool: &Pool) -> Option<Value> {
    let mut list = pool.list();
    for text in text.split(' ') {
        list.push(decode_into(program, ty, text, pool)?);
    }
    Some(Value::List(list))
}

fn yes_no(text: &str) -> Option<Value> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("yes") || is("no")).then(|| Value::Yes(is("yes")))
}

/// Whether the text fits a type that the file declared.
fn fits(program: &Program, id: LexemeId, text: &str, pool: &Pool) -> bool {
    let Some(lexeme) = program.lexemes.get(usize::from(id.0)) else { return false };
    let dfa = &lexeme.template.dfa;
    pool.with_cache(dfa, |cache| dfa.is_match(cache, Input::new(text).anchored(Anchored::Yes)))
}

/// The most octets of a domain in A-labels that was written in others (RFC 1035 section 2.3.4).
const NAME_MOST: usize = 255;

/// A name in A-labels; none where it has no room in the DNS.
fn named(text: &str, pool: &Pool) -> Option<Value> {
    let labels = a_labels(text);
    (text.is_ascii() || labels.len() <= NAME_MOST).then(|| pool.text_value(&labels))
}
