//! Types: references to them, fields, and lexical types in ABNF.
//!
//! Never: asks whether a type exists or whether an ABNF rule is regular.

use std::sync::Arc;

use super::{
    expression::expression,
    node::{Built, Node},
    number,
    syntax::Rule,
    text,
};
use crate::tree::{Abnf, Expr, FieldDef, Name, TypeBody, TypeDef, TypeKind, TypeRef};

/// How many `list of` may follow one another.
const MOST_LISTS: usize = 8;

/// `secret list of text? at most 10`: what stands around the kind belongs to the outermost list.
pub(super) fn type_ref(node: &Node) -> Built<TypeRef> {
    let mut parts = node.parts();
    let secret = parts.maybe(Rule::secret).is_some();
    let mut lists = parts.run(Rule::list_mark);
    if let Some(extra) = lists.get(MOST_LISTS) {
        number::too_long(extra, MOST_LISTS);
        lists.truncate(MOST_LISTS);
    }
    let name = parts.name(Rule::type_name)?;
    let optional = parts.maybe(Rule::maybe_mark).is_some();
    let most = parts.maybe(Rule::bound).map(|bound| expression(&bound.only()?)).transpose()?;

    let end = name.span;
    let mut ty = TypeRef { span: end, kind: TypeKind::Named(name), most: None, optional: false, secret: false };
    for list in lists.iter().rev() {
        let span = list.span().to(end);
        ty = TypeRef { kind: TypeKind::List(Box::new(ty)), most: None, optional: false, secret: false, span };
    }
    Ok(TypeRef { most, optional, secret, span: node.span(), ..ty })
}

/// `{ name : type = default … }` and `(name: type, …)`
pub(super) fn fields(node: &Node) -> Built<Vec<FieldDef>> {
    node.parts().filter(|part| part.rule() == Rule::field).map(|part| field(&part)).collect()
}

/// `{ name = default … }`: the lines of `settings` that declare nothing.
pub(super) fn defaults(node: &Node) -> Built<Vec<(Name, Expr)>> {
    let defaults = node.parts().filter(|part| part.rule() == Rule::default_value);
    defaults
        .map(|part| {
            let mut parts = part.parts();
            Ok((parts.name(Rule::name)?, expression(&parts.one(Rule::expr)?)?))
        })
        .collect()
}

/// `type NAME = …`
pub(super) fn type_def(node: &Node) -> Built<TypeDef> {
    let mut parts = node.parts();
    let name = parts.name(Rule::type_name)?;
    let body = parts.any()?;
    let body = match body.rule() {
        Rule::params => TypeBody::Params(params(&body)?),
        Rule::range => {
            let mut parts = body.parts();
            let of = parts.name(Rule::type_name)?;
            TypeBody::Range(of, number::whole(&parts.any()?), number::whole(&parts.any()?))
        }
        _ => TypeBody::Abnf(alternation(&body)?),
    };
    Ok(TypeDef { name, body, span: node.span() })
}

fn field(node: &Node) -> Built<FieldDef> {
    let mut parts = node.parts();
    Ok(FieldDef {
        name: parts.name(Rule::name)?,
        ty: type_ref(&parts.one(Rule::type_ref)?)?,
        default: parts.maybe(Rule::expr).map(|value| expression(&value)).transpose()?,
    })
}

fn params(node: &Node) -> Built<Vec<(Name, Option<TypeRef>)>> {
    let params = node.parts().filter(|part| part.rule() == Rule::param);
    params
        .map(|param| {
            let mut parts = param.parts();
            let keyword = text::plain(&parts.one(Rule::plain)?);
            Ok((keyword, parts.maybe(Rule::type_ref).map(|ty| type_ref(&ty)).transpose()?))
        })
        .collect()
}

fn alternation(node: &Node) -> Built<Abnf> {
    let choices: Vec<Abnf> = node.parts().map(|part| concatenation(&part)).collect::<Built<_>>()?;
    Ok(alone_or(choices, Abnf::Alternation))
}

fn concatenation(node: &Node) -> Built<Abnf> {
    let elements: Vec<Abnf> = node.parts().map(|part| repetition(&part)).collect::<Built<_>>()?;
    Ok(alone_or(elements, Abnf::Concatenation))
}

fn alone_or(mut parts: Vec<Abnf>, many: fn(Vec<Abnf>) -> Abnf) -> Abnf {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

fn repetition(node: &Node) -> Built<Abnf> {
    let mut parts = node.parts();
    let repeat = parts.maybe(Rule::repeat);
    let element = element(&parts.one(Rule::element)?)?;
    let Some(repeat) = repeat else { return Ok(element) };
    let bound = |digits: &str| digits.parse::<u32>().unwrap_or_else(|_| number::small(&repeat));
    let (least, most) = match repeat.text().split_once('*') {
        None => (bound(repeat.text()), Some(bound(repeat.text()))),
        Some((least, most)) => {
            let least = if least.is_empty() { 0 } else { bound(least) };
            (least, (!most.is_empty()).then(|| bound(most)))
        }
    };
    Ok(Abnf::Repetition(least, most, Box::new(element)))
}

fn element(node: &Node) -> Built<Abnf> {
    let inner = node.only()?;
    match inner.rule() {
        Rule::abnf_group => alternation(&inner.only()?),
        Rule::abnf_option => Ok(Abnf::Repetition(0, Some(1), Box::new(alternation(&inner.only()?)?))),
        Rule::abnf_value => Ok(value(&inner)),
        Rule::abnf_text => {
            let written = inner.text();
            let exact = written.starts_with("%s") || written.starts_with("%S");
            let quoted = written.split_once('"').map_or("", |(_, rest)| rest);
            let text = Arc::from(quoted.strip_suffix('"').unwrap_or(quoted));
            Ok(Abnf::Text { text, exact, span: inner.span() })
        }
        _ => Ok(Abnf::Rule(inner.name())),
    }
}

/// `%x41-5A`, `%x41.42`, `%d13`
fn value(node: &Node) -> Abnf {
    let (base, digits) = node.text().split_at(2);
    let radix = match base {
        "%d" | "%D" => 10,
        "%b" | "%B" => 2,
        _ => 16,
    };
    let number = |digits: &str| {
        u32::from_str_radix(digits, radix).unwrap_or_else(|_| {
            number::too_large(node);
            0
        })
    };
    match digits.split_once('-') {
        Some((first, last)) => Abnf::Range(number(first), number(last), node.span()),
        None => Abnf::Values(digits.split('.').map(number).collect(), node.span()),
    }
}
