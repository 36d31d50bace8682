//! Handlers: the head with its template, and the payload that a command may carry.
//!
//! Never: compares one handler with another.

use super::{
    answer,
    expression::expression,
    node::{Built, Node},
    syntax::Rule,
    text,
};
use crate::tree::{HandlerDef, Name, OutcomeDef, PayloadDef};

/// The handlers among these nodes.
pub(super) fn handlers<'a>(nodes: impl Iterator<Item = Node<'a>>) -> Built<Vec<HandlerDef>> {
    nodes.filter(|node| node.rule() == Rule::handler).map(|node| handler(&node)).collect()
}

fn handler(node: &Node) -> Built<HandlerDef> {
    let mut parts = node.parts();
    let overrides = parts.maybe(Rule::override_mark).map(|mark| mark.span());
    let head = parts.one(Rule::handler_head)?;
    let body = answer::body(&parts.any()?)?;

    let mut parts = head.parts();
    let pattern = text::template(&parts.any()?)?;
    let (mut alone, mut quiet, mut guard, mut payload) = (None, None, None, None);
    for part in parts {
        match part.rule() {
            Rule::alone => alone = Some(part.span()),
            Rule::quiet => quiet = Some(part.span()),
            Rule::guard => guard = Some(expression(&part.only()?)?),
            _ => payload = Some(payload_def(&part)?),
        }
    }
    Ok(HandlerDef { overrides, taken: 0, pattern, alone, quiet, guard, payload, body, span: head.span() })
}

fn payload_def(node: &Node) -> Built<PayloadDef> {
    let mut parts = node.parts();
    let count = match parts.maybe(Rule::counted) {
        Some(_) => None,
        None => Some(expression(&parts.one(Rule::sum)?)?),
    };
    let name = parts.name(Rule::ident)?;
    let most = expression(&parts.one(Rule::bound)?.only()?)?;
    let refused = answer::body(&parts.any()?)?;
    let failed = parts.maybe(Rule::payload_failed).map(|failed| payload_failed(&failed)).transpose()?;
    Ok(PayloadDef { count, name, most, refused, failed, span: node.span() })
}

fn payload_failed(node: &Node) -> Built<OutcomeDef> {
    let word = node.span();
    let mut parts = node.parts();
    let values = answer::outcome_values(parts.maybe(Rule::outcome_values));
    let body = answer::body(&parts.any()?)?;
    let word = diagnostic::Span { end: word.start + "failed".len() as u32, ..word };
    Ok(OutcomeDef { name: Name { text: "failed".into(), span: word }, values, body })
}
