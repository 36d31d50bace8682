//! Statements: what the grammar read, as [`Statement`].
//!
//! Never: follows a path or asks where one ends.

use super::{
    answer,
    expression::{self, expression},
    node::{Built, Node},
    number,
    syntax::Rule,
    text,
    types::type_ref,
};
use crate::tree::{
    ArmDef, AskDef, AwaitDef, Block, EachDef, Expr, FindDef, LetValue, Name, Statement, StatementKind, StringText,
};

/// How many `else if` one `if` may have, and how many values one `let`.
const MOST_BRANCHES: usize = 64;

/// `{ … }`
pub(super) fn block(node: &Node) -> Built<Block> {
    let statements = node.parts().map(|part| statement(&part)).collect::<Built<_>>()?;
    Ok(Block { statements, span: node.span() })
}

/// One statement.
pub(super) fn statement(node: &Node) -> Built<Statement> {
    Ok(Statement { kind: kind(node)?, span: node.span() })
}

fn kind(node: &Node) -> Built<StatementKind> {
    let mut parts = node.parts();
    Ok(match node.rule() {
        Rule::broken => StatementKind::Broken,
        Rule::let_value => StatementKind::Let(parts.name(Rule::ident)?, let_value(node, &parts.collect::<Vec<_>>())?),
        Rule::require => StatementKind::Require(expression(&parts.any()?)?, otherwise(&parts.any()?)?),
        Rule::if_else => if_else(node)?,
        Rule::ask => ask(node)?,
        Rule::say => StatementKind::Say(answer::answer(&parts.any()?)?),
        Rule::reply => StatementKind::Reply(answer::answer(&parts.any()?)?),
        Rule::silent => StatementKind::Silent,
        Rule::receive => StatementKind::Receive {
            into: expression::path(&parts.one(Rule::path)?),
            most: expression(&parts.one(Rule::bound)?.only()?)?,
            outcomes: answer::outcomes(parts)?,
        },
        Rule::add => StatementKind::Add(
            expression(&parts.any()?)?,
            expression::path(&parts.any()?),
            parts.next().map(|node| otherwise(&node)).transpose()?,
        ),
        Rule::remove | Rule::find => in_list(node)?,
        Rule::count => {
            StatementKind::Count { name: parts.name(Rule::ident)?, per_flight: parts.maybe(Rule::per_flight).is_some() }
        }
        Rule::log => StatementKind::Log(parts.name(Rule::name)?, text::string(&parts.any()?)?),
        Rule::pause => StatementKind::Pause(expression(&parts.any()?)?),
        Rule::for_each | Rule::answer_each => StatementKind::ForEach(Box::new(EachDef {
            answers: node.rule() == Rule::answer_each,
            item: parts.name(Rule::ident)?,
            list: expression(&parts.one(Rule::sum)?)?,
            within: within(parts.maybe(Rule::within))?,
            body: block(&parts.one(Rule::block)?)?,
        })),
        Rule::prepend => StatementKind::Prepend {
            header: text::plain(&parts.one(Rule::plain)?),
            lines: parts.run(Rule::string).iter().map(text::string).collect::<Built<Vec<StringText>>>()?,
            to: expression::path(&parts.one(Rule::path)?),
        },
        Rule::start_tls => StatementKind::StartTls(parts.name(Rule::ident)?),
        Rule::goto => StatementKind::Goto {
            state: parts.name(Rule::ident)?,
            with: with(parts.maybe(Rule::with))?,
            without: parts.maybe(Rule::without).map_or(Vec::new(), |list| list.parts().map(|n| n.name()).collect()),
        },
        Rule::stay => StatementKind::Stay(with(parts.maybe(Rule::with))?),
        Rule::close => StatementKind::Close,
        Rule::run => StatementKind::Run(parts.name(Rule::ident)?),
        Rule::connect => StatementKind::Connect {
            host: expression(&parts.one(Rule::sum)?)?,
            port: expression(&parts.one(Rule::sum)?)?,
            within: within(parts.maybe(Rule::within))?,
        },
        Rule::await_answer => StatementKind::Await(await_def(node)?),
        Rule::send => StatementKind::Send(parts.map(|part| send_part(&part)).collect::<Built<_>>()?),
        Rule::send_lines => StatementKind::SendLines(expression(&parts.any()?)?),
        Rule::secure => StatementKind::Secure { verified: parts.maybe(Rule::unverified).is_none() },
        Rule::give => StatementKind::Give(
            parts.name(Rule::name)?,
            parts.maybe(Rule::arguments).map_or(Ok(Vec::new()), |arguments| expression::expressions(&arguments))?,
        ),
        _ => return node.fault(),
    })
}

/// What stands behind the `else` of a `require`.
fn otherwise(node: &Node) -> Built<Block> {
    match node.rule() {
        Rule::give => Ok(Block { statements: vec![statement(node)?], span: node.span() }),
        _ => answer::one_liner(node),
    }
}

/// What looks through a list.
fn in_list(node: &Node) -> Built<StatementKind> {
    let mut parts = node.parts();
    if node.rule() == Rule::remove {
        return Ok(StatementKind::Remove(expression(&parts.any()?)?, expression::path(&parts.any()?)));
    }
    Ok(StatementKind::Find(Box::new(FindDef {
        item: parts.name(Rule::ident)?,
        list: expression(&parts.one(Rule::sum)?)?,
        only: expression(&parts.one(Rule::where_clause)?.only()?)?,
        otherwise: parts.next().map(|node| otherwise(&node)).transpose()?,
    })))
}

fn send_part(node: &Node) -> Built<(StringText, Option<Expr>)> {
    if node.rule() == Rule::string {
        return Ok((text::string(node)?, None));
    }
    let mut parts = node.parts();
    Ok((text::string(&parts.one(Rule::string)?)?, parts.next().map(|when| expression(&when)).transpose()?))
}

fn await_def(node: &Node) -> Built<AwaitDef> {
    let mut parts = node.parts();
    let head = parts.one(Rule::await_head)?;
    let within = within(head.parts().maybe(Rule::within))?;
    let (mut arms, mut others, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let mut inner = part.parts();
        match part.rule() {
            Rule::arm => arms.push(ArmDef {
                status: inner.name(Rule::status_class)?,
                text: inner.maybe(Rule::template).map(|template| text::template(&template)).transpose()?,
                code: caught(inner.maybe(Rule::caught_code))?,
                lines: caught(inner.maybe(Rule::caught_lines))?,
                body: block(&inner.one(Rule::block)?)?,
            }),
            Rule::otherwise => {
                let name = caught(inner.maybe(Rule::caught_code))?;
                others.push((name, block(&inner.one(Rule::block)?)?, part.span()));
            }
            Rule::silence => silent.push((block(&inner.one(Rule::block)?)?, part.span())),
            _ => {}
        }
    }
    Ok(AwaitDef { within, arms, otherwise: others, silent, span: head.span() })
}

fn caught(node: Option<Node>) -> Built<Option<Name>> {
    node.map(|caught| Ok(caught.only()?.name())).transpose()
}

fn with(node: Option<Node>) -> Built<Vec<(Name, Expr)>> {
    node.map_or(Ok(Vec::new()), |list| expression::pairs(list.parts(), Rule::ident))
}

fn within(node: Option<Node>) -> Built<Option<Expr>> {
    node.map(|within| expression(&within.only()?)).transpose()
}

/// The values of a `let`, each standing in for the one before it.
fn let_value(node: &Node, values: &[Node]) -> Built<LetValue> {
    let Some((first, rest)) = values.split_first() else { return node.fault() };
    if rest.len() >= MOST_BRANCHES {
        number::too_long(first, MOST_BRANCHES);
        return let_value(node, &values[..1]);
    }
    if first.rule() == Rule::prompt {
        let mut parts = first.parts();
        return Ok(LetValue::Prompt {
            answer: answer::answer(&parts.one(Rule::answer)?)?,
            ty: type_ref(&parts.one(Rule::type_ref)?)?,
            span: first.span(),
        });
    }
    let instead = if rest.is_empty() { None } else { Some(Box::new(let_value(node, rest)?)) };
    Ok(LetValue::Value(expression(first)?, instead))
}

/// An `if` with its `else if`s, which the tree holds one inside the other.
fn if_else(node: &Node) -> Built<StatementKind> {
    let mut parts = node.parts();
    let condition = expression(&parts.one(Rule::expr)?)?;
    let then = block(&parts.one(Rule::block)?)?;
    let mut branches = parts.run(Rule::else_if);
    let mut otherwise = parts.maybe(Rule::block).map(|last| block(&last)).transpose()?;
    if let Some(extra) = branches.get(MOST_BRANCHES) {
        number::too_long(extra, MOST_BRANCHES);
        branches.truncate(MOST_BRANCHES);
    }
    for branch in branches.iter().rev() {
        let mut parts = branch.parts();
        let condition = expression(&parts.one(Rule::expr)?)?;
        let body = block(&parts.one(Rule::block)?)?;
        let span = condition.span.to(otherwise.as_ref().map_or(body.span, |other| other.span));
        let inner = Statement { kind: StatementKind::If(condition, body, otherwise), span };
        otherwise = Some(Block { statements: vec![inner], span });
    }
    Ok(StatementKind::If(condition, then, otherwise))
}

fn ask(node: &Node) -> Built<StatementKind> {
    let mut parts = node.parts();
    let head = parts.one(Rule::ask_head)?;
    let outcomes = answer::outcomes(parts)?;
    let mut parts = head.parts();
    let name = parts.name(Rule::ident)?;
    let arguments = expression::expressions(&parts.one(Rule::arguments)?)?;
    let using = parts.maybe(Rule::using).map(|using| Ok(using.only()?.name())).transpose()?;
    let within = within(parts.maybe(Rule::within))?;
    Ok(StatementKind::Ask(AskDef { name, arguments, using, within, outcomes, span: head.span() }))
}
