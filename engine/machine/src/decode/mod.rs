//! From the text of a hole or of a setting to its value.
//!
//! Never: matches; what comes here has already fitted the automaton of its type.

use program::{Program, Type, Value};

/// The value of a text of that type, or nothing when it is out of bounds.
pub(crate) fn decode(program: &Program, ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::Number { least, most } => {
            text.parse().ok().filter(|number| least <= number && number <= most).map(Value::Number)
        }
        Type::Size => text.parse().ok().map(Value::Number),
        Type::Optional(inner) => decode(program, inner, text),
        Type::Secret(inner) => match decode(program, inner, text)? {
            Value::Text(text) => Some(Value::Secret(program::Secret::new(text.as_bytes()))),
            other => Some(other),
        },
        Type::ReversePath | Type::ForwardPath => {
            let text = text.strip_prefix('<')?.strip_suffix('>')?;
            let address = program::Address { text: text.into(), at: text.rfind('@') };
            Some(Value::Address(std::sync::Arc::new(address)))
        }
        _ => Some(Value::Text(text.into())),
    }
}

/// The value of a setting as an operator writes it.
pub(crate) fn setting(ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::YesNo => match text {
            "yes" => Some(Value::Yes(true)),
            "no" => Some(Value::Yes(false)),
            _ => None,
        },
        Type::Number { .. } | Type::Size => text.parse().ok().map(Value::Number),
        _ => Some(Value::Text(text.into())),
    }
}
