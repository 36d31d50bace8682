//! Keyword parameters (RFC 5321 §4.1.2): `KEYWORD` and `KEYWORD=value`, blanks between them.
//!
//! In guards a parameter reads as `params.size is present` and `params.size <= 10 MB`: one that is not given is absent,
//! one that stands without a value is `yes`.
//!
//! Never: takes a keyword twice, and never drops one: what is not declared is listed in `unknown`.

use std::sync::Arc;

use program::{Keyword, ParamsId, Program, Secret, Value};

use super::{decode_into, text::is_international};
use crate::pool::Pool;

/// The record of a set of parameters. Nothing, if a parameter is ill-formed, doubled, has a value that does not fit,
/// has a value where it takes none, or has none where it takes one.
pub(super) fn params(program: &Program, id: ParamsId, text: &str, pool: &Pool) -> Option<Value> {
    let ty = program.params.get(usize::from(id.0))?;
    if text.starts_with(' ') || text.ends_with(' ') {
        return None;
    }
    let mut record = pool.record(&ty.shape);
    let fields = &mut Arc::make_mut(&mut record).fields;
    fields.resize(ty.keywords.len(), Value::Absent);
    let mut unknown = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    let secret = matches!(ty.shape.fields.last(), Some((_, unknown)) if program.holds_secret(unknown));
    for param in text.split(' ').filter(|param| !param.is_empty()) {
        let (keyword, value) = parted(param)?;
        match ty.keywords.iter().position(|declared| declared.text.eq_ignore_ascii_case(keyword)) {
            Some(place) if fields[place] == Value::Absent => {
                fields[place] = value_of(program, &ty.keywords[place], value, pool)?;
            }
            None if !others.iter().any(|other| other.eq_ignore_ascii_case(keyword)) => {
                others.push(keyword);
                let value = if secret { Value::Secret(Secret::new(param.as_bytes())) } else { pool.text_value(param) };
                pool.push(&mut unknown, value);
            }
            _ => return None,
        }
    }
    fields.push(Value::List(unknown));
    Some(Value::Record(record))
}

/// Keyword and value, both well-formed.
fn parted(param: &str) -> Option<(&str, Option<&str>)> {
    let (keyword, value) = match param.split_once('=') {
        Some((keyword, value)) => (keyword, Some(value)),
        None => (param, None),
    };
    (is_keyword(keyword) && value.is_none_or(is_value)).then_some((keyword, value))
}

fn value_of(program: &Program, keyword: &Keyword, value: Option<&str>, pool: &Pool) -> Option<Value> {
    match (keyword.value, value) {
        (None, None) => Some(Value::Yes(true)),
        (Some(lexeme), Some(value)) => {
            let lexeme = program.lexemes.get(usize::from(lexeme.0))?;
            decode_into(program, &lexeme.ty, value, pool)
        }
        _ => None,
    }
}

/// A keyword: letters, digits and hyphens, no hyphen in front.
fn is_keyword(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
}

/// A value: anything but blanks, `=` and control characters.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|character| matches!(character, '!'..='<' | '>'..='~') || is_international(character))
}
