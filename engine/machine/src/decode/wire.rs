//! The value of a text from the wire, by its type.
//!
//! Never: takes more than the form of the type allows.

use std::sync::Arc;

use program::{LexemeId, Program, Secret, Type, Value};
use regex_automata::{Anchored, Input};

use super::{address, name, number, params, path, text, written::written_text};

/// The value of a text of that type, or nothing if it has not the type's form. Bounds on length (`at most`) are not
/// part of a form. Types that never stand in a line have no value.
///
/// A secret keeps the octets of the text that its inner type would keep. A set of parameters may be empty here: that
/// is what an optional part that is missing amounts to.
pub fn decode(program: &Program, ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::Text => kept(text, text::is_text),
        Type::Word => kept(text, text::is_word),
        Type::Number { least, most } => number::number(text).filter(|n| least <= n && n <= most).map(Value::Number),
        Type::Size => number::size(text).map(Value::Number),
        Type::YesNo => yes_no(text),
        Type::Ip => text.parse().ok().map(Value::Ip),
        Type::Network => address::network(text).map(Value::Network),
        Type::Domain => kept(text, name::is_domain),
        Type::HeloName => kept(text, name::is_host),
        Type::ReversePath => path::reverse(text).map(|address| Value::Address(Arc::new(address))),
        Type::ForwardPath => path::forward(text).map(|address| Value::Address(Arc::new(address))),
        Type::Base64 => text::base64(text).map(|text| Value::Text(text.into())),
        Type::Lexical(id) => kept(text, |text| fits(program, *id, text)),
        Type::Params(id) => params::params(program, *id, text),
        Type::Optional(inner) => decode(program, inner, text),
        Type::Written(writing) => written_text(*writing, text).map(Value::Text),
        Type::List(inner) => listed(program, inner, text),
        Type::Secret(inner) => match decode(program, inner, text)? {
            Value::Text(text) => Some(Value::Secret(Secret::new(text.as_bytes()))),
            _ => Some(Value::Secret(Secret::new(text.as_bytes()))),
        },
        Type::Duration | Type::Time | Type::Octets | Type::Sink | Type::Record(_) => None,
    }
}

/// The text itself, if it is of that form.
fn kept(text: &str, form: impl Fn(&str) -> bool) -> Option<Value> {
    form(text).then(|| Value::Text(text.into()))
}

/// Several values, one blank between them.
fn listed(program: &Program, ty: &Type, text: &str) -> Option<Value> {
    text.split(' ').map(|text| decode(program, ty, text)).collect::<Option<_>>().map(Value::List)
}

fn yes_no(text: &str) -> Option<Value> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("yes") || is("no")).then(|| Value::Yes(is("yes")))
}

/// Whether the text fits a type that the file declared.
fn fits(program: &Program, id: LexemeId, text: &str) -> bool {
    let Some(lexeme) = program.lexemes.get(usize::from(id.0)) else { return false };
    let dfa = &lexeme.template.dfa;
    dfa.is_match(&mut dfa.create_cache(), Input::new(text).anchored(Anchored::Yes))
}
