//! Texts: with `{values}`, with `{holes}` and `[optional parts]`, and without either.
//!
//! Never: leaves an escape unresolved.

use std::sync::Arc;

use diagnostic::Span;

use super::{
    expression::expression,
    node::{Built, Node},
    syntax::Rule,
    types::type_ref,
};
use crate::tree::{Expr, ExprKind, Name, Pattern, PatternPart, StringPart, StringText};

/// `"text with {values}"`
pub(super) fn string(node: &Node) -> Built<StringText> {
    let mut parts = Vec::new();
    let mut literal = Literal::default();
    for part in node.parts() {
        match part.rule() {
            Rule::value => {
                parts.extend(literal.take().map(|(text, span)| StringPart::Literal(text, span)));
                parts.push(StringPart::Value(value(&part)?));
            }
            _ => literal.push(&part),
        }
    }
    parts.extend(literal.take().map(|(text, span)| StringPart::Literal(text, span)));
    Ok(StringText { parts, span: node.span() })
}

/// `{value}`, `{value if condition}`
fn value(node: &Node) -> Built<Expr> {
    let mut parts = node.parts();
    let value = expression(&parts.one(Rule::expr)?)?;
    Ok(match parts.maybe(Rule::expr) {
        None => value,
        Some(condition) => {
            Expr { kind: ExprKind::When(Box::new(value), Box::new(expression(&condition)?)), span: node.span() }
        }
    })
}

/// `"text"`
pub(super) fn plain(node: &Node) -> Name {
    let mut literal = Literal::default();
    for part in node.parts() {
        literal.push(&part);
    }
    Name { text: Arc::from(literal.text), span: node.span() }
}

/// `"VERB {hole: type}[ {rest}]"`, or `request`
pub(super) fn template(node: &Node) -> Built<Pattern> {
    if node.rule() == Rule::request_mark {
        return Ok(Pattern { parts: vec![PatternPart::Request(node.span())], span: node.span() });
    }
    Ok(Pattern { parts: template_parts(node)?, span: node.span() })
}

/// The text that a template begins with, or `request`.
pub(super) fn opening(node: &Node) -> Built<Pattern> {
    if node.rule() == Rule::request_mark {
        return template(node);
    }
    let Name { text, span } = plain(node);
    Ok(Pattern { parts: vec![PatternPart::Literal(text, span)], span })
}

fn template_parts(node: &Node) -> Built<Vec<PatternPart>> {
    let mut parts = Vec::new();
    let mut literal = Literal::default();
    for part in node.parts() {
        let special = match part.rule() {
            Rule::hole => {
                let mut inner = part.parts();
                let name = inner.name(Rule::ident)?;
                let ty = inner.maybe(Rule::type_ref).map(|ty| type_ref(&ty)).transpose()?;
                PatternPart::Hole { name, ty, span: part.span() }
            }
            Rule::optional => PatternPart::Optional(template_parts(&part)?, part.span()),
            _ => {
                literal.push(&part);
                continue;
            }
        };
        parts.extend(literal.take().map(|(text, span)| PatternPart::Literal(text, span)));
        parts.push(special);
    }
    parts.extend(literal.take().map(|(text, span)| PatternPart::Literal(text, span)));
    Ok(parts)
}

/// Literal text in the making: characters and escapes that stand side by side.
#[derive(Default)]
struct Literal {
    text: String,
    span: Option<Span>,
}

impl Literal {
    fn push(&mut self, part: &Node) {
        let written = part.text();
        match part.rule() {
            Rule::string_escape | Rule::plain_escape | Rule::template_escape | Rule::optional_escape => {
                self.text.extend(resolve(written));
            }
            _ => self.text.push_str(written),
        }
        let span = part.whole_span();
        self.span = Some(self.span.map_or(span, |before| before.to(span)));
    }

    fn take(&mut self) -> Option<(Arc<str>, Span)> {
        let span = self.span.take()?;
        Some((Arc::from(std::mem::take(&mut self.text)), span))
    }
}

/// The character that an escape stands for: `\n`, `{{`.
fn resolve(escape: &str) -> Option<char> {
    let last = escape.chars().last()?;
    if !escape.starts_with('\\') {
        return Some(last);
    }
    Some(match last {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    })
}
