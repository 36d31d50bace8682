//! Expressions: what the grammar read, as [`Expr`].
//!
//! Never: knows what a name means.

use program::Comparison;

use super::{
    node::{Built, Node},
    number,
    syntax::Rule,
    text,
};
use crate::tree::{Expr, ExprKind, Name};

/// How many terms one sum may have; the tree of a sum is as deep as the sum is long.
const MOST_TERMS: usize = 64;

/// `expr`, `conj`, `negation`, `comparison`, `sum` and what they are made of.
pub(super) fn expression(node: &Node) -> Built<Expr> {
    // Most of these hold nothing but the next; going down without a call keeps deep nesting off the stack.
    let mut node = node.clone();
    loop {
        let mut parts = node.parts();
        let first = match node.rule() {
            Rule::expr | Rule::conj | Rule::negation | Rule::comparison | Rule::sum => parts.any()?,
            _ => return operand(&node),
        };
        if parts.peek().is_some() {
            return operation(&node);
        }
        node = first;
    }
}

/// Several operands, or one that is denied.
fn operation(node: &Node) -> Built<Expr> {
    match node.rule() {
        Rule::expr => Ok(Expr { kind: ExprKind::Or(expressions(node)?), span: node.span() }),
        Rule::conj => Ok(Expr { kind: ExprKind::And(expressions(node)?), span: node.span() }),
        Rule::comparison => comparison(node),
        Rule::sum => sum(node),
        _ => {
            let denied = node.parts().last().map_or_else(|| node.fault(), |inner| expression(&inner))?;
            Ok(Expr { kind: ExprKind::Not(Box::new(denied)), span: node.span() })
        }
    }
}

fn operand(node: &Node) -> Built<Expr> {
    let kind = match node.rule() {
        Rule::quantity => number::quantity(node)?,
        Rule::number => ExprKind::Number(number::whole(node)),
        Rule::string => ExprKind::Text(text::string(node)?),
        Rule::yes => ExprKind::Yes(true),
        Rule::no => ExprKind::Yes(false),
        Rule::list => ExprKind::List(expressions(node)?),
        Rule::record_value => record(node)?,
        Rule::call => call(node)?,
        Rule::path => ExprKind::Path(path(node)),
        Rule::group => expression(&node.only()?)?.kind,
        _ => return node.fault(),
    };
    Ok(Expr { kind, span: node.span() })
}

fn record(node: &Node) -> Built<ExprKind> {
    let mut parts = node.parts();
    Ok(ExprKind::Record(parts.name(Rule::ident)?, pairs(parts, Rule::name)?))
}

fn call(node: &Node) -> Built<ExprKind> {
    let mut parts = node.parts();
    Ok(ExprKind::Call(parts.name(Rule::ident)?, expressions(&parts.one(Rule::arguments)?)?))
}

/// The expressions inside a node, in their order.
pub(super) fn expressions(node: &Node) -> Built<Vec<Expr>> {
    node.parts().map(|part| expression(&part)).collect()
}

/// The words of `a.b.c`.
pub(super) fn path(node: &Node) -> Vec<Name> {
    node.parts().map(|part| part.name()).collect()
}

/// `a = x, b = y`, or `a: x, b: y`: names of one rule, each with its value.
pub(super) fn pairs<'a>(nodes: impl Iterator<Item = Node<'a>>, word: Rule) -> Built<Vec<(Name, Expr)>> {
    nodes
        .map(|pair| {
            let mut parts = pair.parts();
            Ok((parts.name(word)?, expression(&parts.any()?)?))
        })
        .collect()
}

fn comparison(node: &Node) -> Built<Expr> {
    let mut parts = node.parts();
    let left = expression(&parts.one(Rule::sum)?)?;
    let Some(tail) = parts.next() else { return Ok(left) };
    let left = Box::new(left);
    let kind = match tail.rule() {
        Rule::comparison_sign => {
            let sign = match tail.text().trim_end() {
                "==" => Comparison::Equal,
                "!=" => Comparison::Unequal,
                "<" => Comparison::Less,
                "<=" => Comparison::AtMost,
                ">" => Comparison::Greater,
                ">=" => Comparison::AtLeast,
                _ => return tail.fault(),
            };
            ExprKind::Compare(left, sign, Box::new(expression(&parts.one(Rule::sum)?)?))
        }
        Rule::quality => {
            let mut parts = tail.parts();
            let positive = parts.maybe(Rule::not_mark).is_none();
            match parts.any()?.rule() {
                Rule::present => ExprKind::Present(left, positive),
                Rule::absent => ExprKind::Present(left, !positive),
                _ => ExprKind::Empty(left, positive),
            }
        }
        _ => ExprKind::In(left, Box::new(expression(&tail.only()?)?)),
    };
    Ok(Expr { kind, span: node.span() })
}

fn sum(node: &Node) -> Built<Expr> {
    let mut parts = node.parts();
    let mut left = expression(&parts.any()?)?;
    let mut terms = 1;
    while let Some(sign) = parts.maybe(Rule::sum_sign) {
        let right = parts.any()?;
        terms += 1;
        if terms > MOST_TERMS {
            number::too_long(&sign, MOST_TERMS);
            return Ok(Expr { kind: ExprKind::Broken, span: node.span() });
        }
        let right = expression(&right)?;
        let span = left.span.to(right.span);
        let (left_box, right) = (Box::new(left), Box::new(right));
        let kind = match sign.text() {
            "+" => ExprKind::Plus(left_box, right),
            _ => ExprKind::Minus(left_box, right),
        };
        left = Expr { kind, span };
    }
    Ok(left)
}
