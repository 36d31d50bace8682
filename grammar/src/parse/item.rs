//! Items at the top level: what the grammar read, as [`Item`].
//!
//! Never: compares one item with another.

use super::{
    answer,
    expression::{self, expression},
    handler,
    node::{Built, Node},
    number, statement,
    syntax::Rule,
    text, types, wire,
};
use crate::tree::{
    AnswerRule, ClientDef, Condition, Event, Expr, Header, Item, Name, OffersDef, PromiseDef, RecordDef, ReloadDef,
    RoutineDef, SqlDef, SqlGives, StateDef,
};

/// What a piece of a file is.
pub(super) enum Piece {
    /// The first line.
    Header(Header),
    /// An item.
    Item(Item),
}

/// A piece of a file.
pub(super) fn piece(node: &Node) -> Built<Piece> {
    if node.rule() == Rule::header { Ok(Piece::Header(header(node)?)) } else { Ok(Piece::Item(item(node)?)) }
}

fn header(node: &Node) -> Built<Header> {
    let mut parts = node.parts();
    let name = parts.name(Rule::name)?;
    let base = parts.maybe(Rule::base).map(|base| Ok(base.only()?.name())).transpose()?;
    let title = parts.maybe(Rule::plain).map(|title| text::plain(&title));
    let version = number::small(&parts.one(Rule::number)?);
    let edition = match parts.maybe(Rule::edition) {
        Some(edition) => (number::small(&edition.only()?), edition.span()),
        None => (1, node.span()),
    };
    Ok(Header { name, base, title, version, edition, span: node.span() })
}

fn item(node: &Node) -> Built<Item> {
    let span = node.span();
    let mut parts = node.parts();
    Ok(match node.rule() {
        Rule::import => Item::Import(text::plain(&parts.any()?)),
        Rule::rename => Item::Rename(text::plain(&parts.one(Rule::plain)?), text::plain(&parts.one(Rule::plain)?)),
        Rule::removal => {
            let promise = parts.maybe(Rule::removed_promise);
            let kind = promise.or_else(|| parts.maybe(Rule::removed_kind)).map(|kind| kind.name());
            let names = parts.map(|part| if part.rule() == Rule::plain { text::plain(&part) } else { part.name() });
            Item::Remove(kind, names.collect())
        }
        Rule::before => {
            let command = text::opening(&parts.any()?)?;
            Item::Before(command, statement::block(&parts.one(Rule::block)?)?)
        }
        Rule::override_item => {
            let mark = parts.one(Rule::override_mark)?.span();
            Item::Override(mark, Box::new(item(&parts.any()?)?))
        }
        Rule::settings => Item::Settings(types::fields(node)?, types::defaults(node)?, span),
        Rule::wire => Item::Wire(wire::items(node)?, span),
        Rule::type_def => Item::Type(types::type_def(node)?),
        Rule::record => {
            Item::Record(RecordDef { name: parts.name(Rule::ident)?, fields: types::fields(&parts.any()?)?, span })
        }
        Rule::sql => Item::Sql(sql(node)?),
        Rule::offers => {
            Item::Offers(OffersDef { name: parts.name(Rule::ident)?, lines: answer::lines(&parts.any()?)?, span })
        }
        Rule::state => Item::State(state(node)?),
        Rule::during => {
            let states = parts.run(Rule::ident).iter().map(Node::name).collect();
            Item::During(states, handler::handlers(parts)?, span)
        }
        Rule::anytime => Item::Anytime(handler::handlers(parts)?, span),
        Rule::routine => Item::Routine(RoutineDef {
            name: parts.name(Rule::ident)?,
            needs: facts(parts.maybe(Rule::facts))?,
            body: statement::block(&parts.one(Rule::block)?)?,
            span,
        }),
        Rule::unexpected => Item::Unexpected(rules(node)?, span),
        Rule::limits => Item::Limits(rules(node)?, span),
        Rule::promise => Item::Promise(promise(node)?),
        Rule::reload => Item::Reload(reload(node)?),
        Rule::client => Item::Client(client(node)?),
        _ => return node.fault(),
    })
}

fn sql(node: &Node) -> Built<SqlDef> {
    let mut parts = node.parts();
    let name = parts.name(Rule::ident)?;
    let parameters = types::fields(&parts.one(Rule::parameters)?)?;
    let database = parts.maybe(Rule::database).map(|database| Ok(database.only()?.name())).transpose()?;
    let gives = parts.any()?;
    let gives = match gives.rule() {
        Rule::nothing => SqlGives::Nothing,
        Rule::fields => SqlGives::Row(types::fields(&gives)?),
        _ => {
            let mut parts = gives.parts();
            SqlGives::Rows(types::fields(&parts.one(Rule::fields)?)?, expression(&parts.one(Rule::bound)?.only()?)?)
        }
    };
    let text = parts.map(|part| text::plain(&part)).collect();
    Ok(SqlDef { name, parameters, database, gives, text, span: node.span() })
}

fn state(node: &Node) -> Built<StateDef> {
    let mut parts = node.parts();
    let start = parts.maybe(Rule::start_mark).is_some();
    let name = parts.name(Rule::ident)?;
    let facts = facts(parts.maybe(Rule::facts))?;
    let title = parts.maybe(Rule::plain).map(|title| text::plain(&title));
    let (enters, others): (Vec<Node>, Vec<Node>) = parts.partition(|part| part.rule() == Rule::enter);
    let (leaves, others): (Vec<Node>, Vec<Node>) = others.into_iter().partition(|part| part.rule() == Rule::leave);
    let blocks = |nodes: Vec<Node>| nodes.iter().map(|it| Ok((statement::block(&it.only()?)?, it.span()))).collect();
    let (enters, leaves): (Built<_>, Built<_>) = (blocks(enters), blocks(leaves));
    let handlers = handler::handlers(others.into_iter())?;
    Ok(StateDef { start, name, facts, title, enters: enters?, leaves: leaves?, handlers, span: node.span() })
}

fn facts(node: Option<Node>) -> Built<Vec<(Name, bool)>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    node.parts()
        .map(|fact| {
            let mut parts = fact.parts();
            Ok((parts.name(Rule::ident)?, parts.maybe(Rule::maybe_mark).is_some()))
        })
        .collect()
}

/// The lines of `unexpected` and `limits`.
fn rules(node: &Node) -> Built<Vec<AnswerRule>> {
    let lines = node.parts().filter(|part| part.rule() != Rule::broken);
    lines
        .map(|line| {
            let mut parts = line.parts();
            let words = parts.one(Rule::rule_words)?;
            let mut verbs = Vec::new();
            while let Some(verb) = parts.maybe(Rule::plain) {
                verbs.push(text::plain(&verb));
            }
            let within = parts.maybe(Rule::within);
            let amount = match &within {
                Some(within) => Some(expression(&within.only()?)?),
                None => parts.maybe(Rule::sum).map(|sum| expression(&sum)).transpose()?,
            };
            Ok(AnswerRule {
                words: words.parts().map(|word| word.name()).collect(),
                amount,
                within: within.is_some(),
                verbs,
                body: answer::body(&parts.any()?)?,
                span: words.span(),
            })
        })
        .collect()
}

fn client(node: &Node) -> Built<ClientDef> {
    let mut parts = node.parts();
    let public = parts.maybe(Rule::public_mark).map(|mark| mark.span());
    let name = parts.name(Rule::ident)?;
    let parameters = types::fields(&parts.one(Rule::parameters)?)?;
    let variants = parts.run(Rule::variant);
    let variants = variants
        .iter()
        .map(|variant| {
            let mut parts = variant.parts();
            let name = parts.name(Rule::name)?;
            let values = parts.maybe(Rule::parameters).map_or(Ok(Vec::new()), |values| types::fields(&values))?;
            Ok((name, values))
        })
        .collect::<Built<_>>()?;
    let body = statement::block(&parts.one(Rule::block)?)?;
    Ok(ClientDef { public, name, parameters, variants, body, span: node.span() })
}

fn promise(node: &Node) -> Built<PromiseDef> {
    let mut parts = node.parts();
    let text = text::plain(&parts.one(Rule::plain)?);
    let event = parts.any()?;
    let inner = event.only()?;
    let event = match event.rule() {
        Rule::event_ask => Event::Ask(inner.name()),
        Rule::event_reply => Event::Reply(inner.name()),
        Rule::event_in => Event::In(inner.name()),
        Rule::event_add => Event::Add(expression::path(&inner)),
        Rule::event_on => Event::On(text::template(&inner)?),
        _ => return event.fault(),
    };
    let unless = condition(&parts.one(Rule::condition)?)?;
    Ok(PromiseDef { text, event, unless, span: node.span() })
}

fn reload(node: &Node) -> Built<ReloadDef> {
    let mut def = ReloadDef { finish: Vec::new(), moves: Vec::new(), span: node.span() };
    for part in node.parts() {
        match part.rule() {
            Rule::finish_old => {
                let quantity = part.only()?;
                def.finish.push(Expr { kind: number::quantity(&quantity)?, span: quantity.span() });
            }
            Rule::move_at => def.moves.extend(part.parts().map(|state| state.name())),
            _ => {}
        }
    }
    Ok(def)
}

fn condition(node: &Node) -> Built<Condition> {
    let mut any = node
        .parts()
        .map(|part| match part.rule() {
            Rule::answered => {
                let mut parts = part.parts();
                Ok(Condition::Answered(parts.name(Rule::ident)?, parts.name(Rule::name)?))
            }
            _ => Ok(Condition::Holds(expression(&part)?)),
        })
        .collect::<Built<Vec<_>>>()?;
    if any.len() == 1 { Ok(any.remove(0)) } else { Ok(Condition::Any(any)) }
}
