//! Answers, and the blocks that an answer on one line stands for.
//!
//! Never: asks whether a code fits.

use diagnostic::Span;

use super::{
    expression::expression,
    node::{Built, Node},
    statement,
    syntax::Rule,
    text,
};
use crate::tree::{Answer, AnswerLine, Block, LineCondition, OutcomeDef, Statement, StatementKind, Tail};

/// `250 2.1.0 "…"`, `OK { "…" "…" if … }`, `"…"`
pub(super) fn answer(node: &Node) -> Built<Answer> {
    let mut answer = Answer { status: None, enhanced: None, lines: Vec::new(), tail: None, span: node.span() };
    for part in node.parts() {
        match part.rule() {
            Rule::code | Rule::word_status => answer.status = Some(part.name()),
            Rule::enhanced => answer.enhanced = Some(part.name()),
            Rule::string => {
                answer.lines.push(AnswerLine::Text { text: text::string(&part)?, when: LineCondition::Always });
            }
            Rule::answer_lines => answer.lines = lines(&part)?,
            Rule::listing => answer.tail = Some(Box::new(listing(&part)?)),
            Rule::octet_run => answer.tail = Some(Box::new(octet_run(&part)?)),
            _ => return part.fault(),
        }
    }
    Ok(answer)
}

/// `listing { … }`, `listing X`, `listing each x in LIST where C as "…"`
fn listing(node: &Node) -> Built<Tail> {
    let inner = node.only()?;
    Ok(match inner.rule() {
        Rule::answer_lines => Tail::Lines(lines(&inner)?, node.span()),
        Rule::path => Tail::Of(expression(&inner)?),
        _ => {
            let mut parts = inner.parts();
            Tail::Each {
                item: parts.name(Rule::ident)?,
                list: expression(&parts.one(Rule::sum)?)?,
                only: parts.maybe(Rule::where_clause).map(|only| expression(&only.only()?)).transpose()?,
                text: text::string(&parts.one(Rule::string)?)?,
                span: node.span(),
            }
        }
    })
}

/// `octets X then "…" octets Y then crlf`
fn octet_run(node: &Node) -> Built<Tail> {
    let part = |node: Node| {
        let mut parts = node.parts();
        let octets = expression(&parts.any()?)?;
        let end = parts.any()?;
        let behind = if end.rule() == Rule::string { Some(text::string(&end)?) } else { None };
        Ok((octets, behind, node.span()))
    };
    Ok(Tail::Octets(node.parts().map(part).collect::<Built<_>>()?))
}

/// `{ "…"  "…" if accepted  each NAME }`
pub(super) fn lines(node: &Node) -> Built<Vec<AnswerLine>> {
    let mut lines = Vec::new();
    for part in node.parts() {
        match part.rule() {
            Rule::each => lines.push(AnswerLine::Each(part.only()?.name())),
            Rule::answer_line => {
                let mut parts = part.parts();
                let text = text::string(&parts.one(Rule::string)?)?;
                let when = match parts.next() {
                    None => LineCondition::Always,
                    Some(node) if node.rule() == Rule::accepted => LineCondition::Accepted(node.span()),
                    Some(node) => LineCondition::If(expression(&node)?),
                };
                lines.push(AnswerLine::Text { text, when });
            }
            _ => {}
        }
    }
    Ok(lines)
}

/// `-> ANSWER [ENDING]`, `else ANSWER [ENDING]`: a block with the answer and its ending, `stay` when none is written.
pub(super) fn one_liner(node: &Node) -> Built<Block> {
    let span = node.span();
    let mut statements = Vec::new();
    for part in node.parts() {
        statements.push(match part.rule() {
            Rule::answer => Statement { kind: StatementKind::Reply(answer(&part)?), span: part.span() },
            _ => statement::statement(&part)?,
        });
    }
    if statements.len() == 1 {
        statements.push(Statement { kind: StatementKind::Stay(Vec::new()), span: behind(span) });
    }
    Ok(Block { statements, span })
}

/// `{ … }`, or what [`one_liner`] reads.
pub(super) fn body(node: &Node) -> Built<Block> {
    match node.rule() {
        Rule::block => statement::block(node),
        _ => one_liner(node),
    }
}

/// `found(list) { … }`, for each outcome inside a node.
pub(super) fn outcomes<'a>(nodes: impl Iterator<Item = Node<'a>>) -> Built<Vec<OutcomeDef>> {
    nodes.filter(|node| node.rule() == Rule::outcome).map(|node| outcome(&node)).collect()
}

/// The names in `(a, b)`, when there are any.
pub(super) fn outcome_values(node: Option<Node>) -> Vec<crate::tree::Name> {
    node.map_or(Vec::new(), |values| values.parts().map(|value| value.name()).collect())
}

fn outcome(node: &Node) -> Built<OutcomeDef> {
    let mut parts = node.parts();
    let name = parts.name(Rule::name)?;
    let values = outcome_values(parts.maybe(Rule::outcome_values));
    Ok(OutcomeDef { name, values, body: body(&parts.any()?)? })
}

/// The empty place behind another.
fn behind(span: Span) -> Span {
    Span { start: span.end, ..span }
}
