//! Types as the author writes them, and which type fits where.
//!
//! Never: looks at a value.

use std::sync::Arc;

use program::{Shape, Type};

use crate::{
    check::{findings::Findings, model::Model},
    lexical, rules,
    tree::{TypeKind, TypeRef},
};

/// The type that a reference means; nothing when it names none, which is told.
pub(crate) fn resolve(model: &Model<'_>, written: &TypeRef, findings: &mut Findings) -> Option<Type> {
    let mut ty = match &written.kind {
        TypeKind::List(element) => Type::List(Box::new(resolve(model, element, findings)?)),
        TypeKind::Named(name) => match named(model, &name.text) {
            Some(ty) => {
                model.use_type(&name.text);
                ty
            }
            None => {
                let mut names: Vec<&str> = lexical::names().collect();
                names.extend(model.types.keys());
                findings.misspelt(
                    &rules::names::UNKNOWN_TYPE,
                    name.span,
                    format!("no type is called `{}`", name.text),
                    &name.text,
                    names,
                );
                return None;
            }
        },
    };
    if written.secret && !matches!(ty, Type::Secret(_)) {
        ty = Type::Secret(Box::new(ty));
    }
    if written.optional {
        ty = Type::Optional(Box::new(ty));
    }
    Some(ty)
}

/// A declared type, a built-in one, or `secret` alone, which is a secret text.
fn named(model: &Model<'_>, name: &str) -> Option<Type> {
    if name == "secret" {
        return Some(Type::Secret(Box::new(Type::Text)));
    }
    model.types.get(name).cloned().or_else(|| lexical::builtin(name))
}

/// The type without `Optional`, and whether it was there.
pub(crate) fn certain(ty: &Type) -> (&Type, bool) {
    match ty {
        Type::Optional(inner) => (inner, true),
        _ => (ty, false),
    }
}

/// Whether its values are texts.
pub(crate) fn is_text(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Text
            | Type::Word
            | Type::Domain
            | Type::HeloName
            | Type::Base64
            | Type::Sink
            | Type::Lexical(_)
            | Type::Written(_)
    )
}

/// Whether a secret is in a value of that type: the value itself, an element, a part.
pub(crate) fn holds_secret(model: &Model<'_>, ty: &Type) -> bool {
    let fields = |shape: &Shape| shape.fields.iter().any(|(_, ty)| holds_secret(model, ty));
    match ty {
        Type::Secret(_) => true,
        Type::List(inner) | Type::Optional(inner) => holds_secret(model, inner),
        Type::Record(shape) => fields(shape),
        Type::Params(id) => fields(&model.params[usize::from(id.0)].shape),
        _ => false,
    }
}

/// Whether its values are numbers.
pub(crate) fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Number { .. } | Type::Size)
}

/// Whether case does not count when its values are compared.
pub(crate) fn folds(ty: &Type) -> bool {
    matches!(certain(ty).0, Type::Domain | Type::HeloName)
}

/// Whether values of the two types can be compared with `==`.
pub(crate) fn comparable(a: &Type, b: &Type) -> bool {
    let (a, b) = (certain(a).0, certain(b).0);
    a == b || (is_text(a) && is_text(b)) || (is_number(a) && is_number(b))
}

/// Whether a value of type `from` may stand where `to` is wanted.
pub(crate) fn fits(from: &Type, to: &Type) -> bool {
    match (from, to) {
        _ if from == to => true,
        (Type::Optional(from), Type::Optional(to)) => fits(from, to),
        (from, Type::Optional(to)) => fits(from, to),
        (Type::Secret(from), Type::Secret(to)) => fits(from, to),
        (Type::Secret(_) | Type::Optional(_), _) => false,
        (from, Type::Secret(to)) => fits(from, to),
        (Type::List(from), Type::List(to)) => fits(from, to),
        (from, Type::Text) if is_text(from) => true,
        (Type::Domain, Type::HeloName) => true,
        (Type::Word | Type::Lexical(_), Type::Word) => true,
        (from, to) if range(to).is_none() => is_number(from) && is_number(to),
        (from, to) => match (range(from), range(to)) {
            (Some(from), Some(to)) => to.0 <= from.0 && from.1 <= to.1,
            _ => false,
        },
    }
}

/// The bounds of a number that has bounds of its own: `number` has none, and sums of it lie anywhere.
pub(crate) fn range(ty: &Type) -> Option<(i64, i64)> {
    match (ty, lexical::builtin("number")) {
        (Type::Number { least, most }, Some(Type::Number { least: 0, most: plain })) => {
            (*least > 0 || *most < plain).then_some((*least, *most))
        }
        _ => None,
    }
}

/// The least type that holds the values of both, when there is one. It is the same whichever comes first, and joining
/// never leads back to a type that was left: the types that are learnt round after round rest on that.
pub(crate) fn join(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        _ if a == b => a.clone(),
        (Type::Optional(a), Type::Optional(b)) => Type::Optional(Box::new(join(a, b)?)),
        (Type::Optional(inner), other) | (other, Type::Optional(inner)) => {
            Type::Optional(Box::new(join(inner, other)?))
        }
        (Type::Secret(a), Type::Secret(b)) => Type::Secret(Box::new(join(a, b)?)),
        (Type::Secret(inner), other) | (other, Type::Secret(inner)) => Type::Secret(Box::new(join(inner, other)?)),
        (Type::List(a), Type::List(b)) => Type::List(Box::new(join(a, b)?)),
        (Type::Number { least: a, most: b }, Type::Number { least: c, most: d }) => {
            Type::Number { least: *a.min(c), most: *b.max(d) }
        }
        (Type::Size, other) | (other, Type::Size) if is_number(other) => Type::Size,
        (Type::Domain, Type::HeloName) | (Type::HeloName, Type::Domain) => Type::HeloName,
        (Type::Word, Type::Lexical(_)) | (Type::Lexical(_), Type::Word) => Type::Word,
        (a, b) if is_text(a) && is_text(b) => Type::Text,
        _ => return None,
    })
}

/// The type with every range of numbers made as wide as `number` is.
pub(crate) fn widened(ty: &Type) -> Type {
    let inner = |ty: &Type| Box::new(widened(ty));
    match ty {
        Type::Number { .. } => lexical::builtin("number").unwrap_or(Type::Size),
        Type::Optional(ty) => Type::Optional(inner(ty)),
        Type::Secret(ty) => Type::Secret(inner(ty)),
        Type::List(ty) => Type::List(inner(ty)),
        other => other.clone(),
    }
}

/// The type in the language's words.
pub(crate) fn words(model: &Model<'_>, ty: &Type) -> String {
    match ty {
        Type::Lexical(id) => model.lexemes[usize::from(id.0)].name.to_string(),
        Type::Params(id) => model.params[usize::from(id.0)].name.to_string(),
        Type::Record(shape) => shape.name.to_string(),
        Type::List(element) => format!("list of {}", words(model, element)),
        Type::Optional(inner) => format!("{} that may be absent", words(model, inner)),
        Type::Secret(inner) => format!("secret {}", words(model, inner)),
        one => match (one.word(), range(one)) {
            (Some(word), Some((least, most))) => format!("{word} from {least} to {most}"),
            (word, _) => word.unwrap_or("value").to_owned(),
        },
    }
}

/// The type of a field of a value, or nothing when it has no such field.
pub(crate) fn field(ty: &Type, name: &str) -> Option<(program::Field, Type)> {
    match ty {
        Type::ReversePath | Type::ForwardPath => Some(match name {
            "local" => (program::Field::Local, Type::Text),
            "domain" => (program::Field::Domain, Type::Optional(Box::new(Type::Domain))),
            "address" => (program::Field::Address, Type::Text),
            _ => return None,
        }),
        Type::Record(shape) => record_field(shape, name),
        _ => None,
    }
}

fn record_field(shape: &Arc<Shape>, name: &str) -> Option<(program::Field, Type)> {
    let index = shape.index(name)?;
    Some((program::Field::Index(index as u16), shape.fields[index].1.clone()))
}

/// The names of the fields that a value of this type has.
pub(crate) fn field_names(ty: &Type) -> Vec<&str> {
    match ty {
        Type::ReversePath | Type::ForwardPath => vec!["local", "domain", "address"],
        Type::Record(shape) => shape.fields.iter().map(|(name, _)| &**name).collect(),
        _ => Vec::new(),
    }
}
