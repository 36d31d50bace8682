//! The lines of `wire`.
//!
//! Never: asks whether two of them agree.

use super::{
    expression::expression,
    node::{Built, Node},
    number,
    syntax::Rule,
    text, types,
};
use crate::tree::{FieldDef, Name, RequestDef, WireItem};

/// The lines of `wire { … }`.
pub(super) fn items(node: &Node) -> Built<Vec<WireItem>> {
    node.parts().filter(|part| part.rule() != Rule::broken).map(|part| item(&part)).collect()
}

fn item(node: &Node) -> Built<WireItem> {
    let span = node.span();
    let mut parts = node.parts();
    Ok(match node.rule() {
        Rule::wire_lines => {
            let crlf = parts.any()?.rule() == Rule::crlf;
            WireItem::Lines { crlf, most: expression(&parts.one(Rule::bound)?.only()?)?, span }
        }
        Rule::wire_reply => WireItem::Reply {
            form: text::string(&parts.one(Rule::string)?)?,
            blank: parts.maybe(Rule::blank_line).is_some(),
            continued: parts.maybe(Rule::string).map(|form| text::string(&form)).transpose()?,
            most: parts.maybe(Rule::bound).map(|bound| expression(&bound.only()?)).transpose()?,
            span,
        },
        Rule::wire_say => WireItem::Say(text::string(&parts.one(Rule::string)?)?, span),
        Rule::wire_prompt => WireItem::Prompt(text::string(&parts.one(Rule::string)?)?, span),
        Rule::wire_listing => WireItem::Listing { dotted: parts.any()?.rule() == Rule::dotted, span },
        Rule::wire_request => WireItem::Request(RequestDef {
            separator: text::plain(&parts.one(Rule::plain)?),
            lines: {
                let number = parts.one(Rule::number)?;
                (number::small(&number), number.span())
            },
            octets: expression(&parts.one(Rule::sum)?)?,
            attributes: parts
                .filter(|part| part.rule() != Rule::broken)
                .map(|part| attribute(&part))
                .collect::<Built<_>>()?,
            span,
        }),
        Rule::wire_refusal => WireItem::Refusal(parts.map(|part| part.name()).collect(), span),
        Rule::wire_answers => WireItem::Answers(parts.map(|part| part.name()).collect(), span),
        Rule::wire_verbs => WireItem::Verbs(parts.map(|part| text::plain(&part)).collect(), span),
        Rule::wire_patience => WireItem::Patience(
            parts
                .map(|part| {
                    let mut parts = part.parts();
                    Ok((text::plain(&parts.one(Rule::plain)?), expression(&parts.any()?)?))
                })
                .collect::<Built<Vec<(Name, _)>>>()?,
            span,
        ),
        Rule::wire_pipeline => WireItem::Pipeline(parts.any()?.rule() == Rule::yes, span),
        Rule::wire_exact => WireItem::ExactCase(span),
        Rule::wire_command => WireItem::Command {
            form: text::template(&parts.one(Rule::template)?)?,
            missing: text::plain(&parts.one(Rule::plain)?),
            span,
        },
        Rule::wire_literals => WireItem::Literals {
            most: expression(&parts.one(Rule::bound)?.only()?)?,
            ask: parts.maybe(Rule::plain).map(|ask| text::plain(&ask)),
            span,
        },
        Rule::wire_cancel => WireItem::Cancel(text::plain(&parts.one(Rule::plain)?), span),
        _ => return node.fault(),
    })
}

/// `name : type = default`, `"Name-On-The-Wire" : type`
fn attribute(node: &Node) -> Built<FieldDef> {
    let mut parts = node.parts();
    let name = parts.any()?;
    let name = if name.rule() == Rule::plain { text::plain(&name) } else { name.name() };
    let ty = types::type_ref(&parts.one(Rule::type_ref)?)?;
    let default = parts.maybe(Rule::expr).map(|default| expression(&default)).transpose()?;
    Ok(FieldDef { name, ty, default })
}
