//! The page of an action, for a person: signature, outcomes, what they mean, examples.
//!
//! Never: holds a text about an action; those stand in the action's own file.

use std::fmt::Write;

use program::{Parameter, ParameterKind, Type};

use crate::{
    TABLE,
    action::Action,
    example::{Example, Given, Literal},
};

/// The page of the action of that name, as Markdown.
pub fn explain(name: &str) -> Option<String> {
    TABLE.iter().find(|action| action.name == name).map(|action| page(action))
}

fn page(action: &Action) -> String {
    let signature = action.signature();
    let parameters: Vec<String> = signature.parameters.iter().map(parameter).collect();
    let using = if action.using { " using STATEMENT" } else { "" };
    let mut page = format!("# `{}({}){using}`\n\n{}\n\n", action.name, parameters.join(", "), action.summary);
    let outcomes: Vec<String> = signature
        .outcomes
        .iter()
        .map(|outcome| match outcome.values.is_empty() {
            true => format!("`{}`", outcome.name),
            false => {
                let values: Vec<&str> = outcome.values.iter().map(|(name, _)| &**name).collect();
                format!("`{}({})`", outcome.name, values.join(", "))
            }
        })
        .collect();
    // Writing to a String cannot fail.
    let _ = write!(page, "Outcomes: {}\n\n{}\n", outcomes.join(" · "), action.documentation);
    for example in action.examples {
        let _ = write!(page, "\n{}", shown(action, example));
    }
    page
}

fn shown(action: &Action, example: &Example) -> String {
    let mut text = String::from("```text\n");
    for given in example.given {
        let _ = match given {
            Given::Dns(name, kind, []) => writeln!(text, "given  dns {name} {kind} none"),
            Given::Dns(name, kind, values) => {
                let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
                writeln!(text, "given  dns {name} {kind} {}", values.join(" "))
            }
            Given::DnsFails(name, kind) => writeln!(text, "given  dns {name} {kind} servfail"),
            Given::DnsSilent(name, kind) => writeln!(text, "given  dns {name} {kind} timeout"),
            Given::Hash(login, hash) => writeln!(text, "given  sql hash_of({login:?}) row {{ hash: {hash:?} }}"),
            Given::Mailbox(account, messages) => {
                let messages: Vec<String> = messages.iter().map(|message| format!("{message:?}")).collect();
                writeln!(text, "given  mailbox {account} holds {}", messages.join(" "))
            }
            Given::NoHash(login) => writeln!(text, "given  sql hash_of({login:?}) none"),
        };
    }
    let asks: Vec<String> = example.asks.iter().map(literal).collect();
    let using = if action.using { " using hash_of" } else { "" };
    let _ = write!(text, "ask {}({}){using}\n -> {}\n```\n", action.name, asks.join(", "), example.answers);
    text
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) | Literal::Secret(text) => format!("{text:?}"),
        Literal::Number(number) => number.to_string(),
        Literal::Message(name) => format!("message {{ name: {name:?} }}"),
        Literal::Messages(uids) => format!("list {{ messages: {uids:?} }}"),
        Literal::Ip(ip) => (*ip).to_owned(),
        Literal::List(list) => format!("{list:?}"),
        Literal::Base64(octets) | Literal::SecretBase64(octets) => format!("base64 {octets:?}"),
        Literal::Octets(octets) => format!("octets {octets:?}"),
        Literal::Mail(body) => format!("record {{ body: {body:?} }}"),
    }
}

fn parameter(parameter: &Parameter) -> String {
    let kind = match &parameter.kind {
        ParameterKind::Value(ty) => name(ty),
        ParameterKind::AnyOf(types) => types.iter().map(name).collect::<Vec<_>>().join(" or "),
        ParameterKind::OneOf(constants) => {
            constants.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(" or ")
        }
        ParameterKind::RecordWith(fields) => {
            let fields: Vec<String> = fields.iter().map(|(field, ty)| format!("{field}: {}", name(ty))).collect();
            format!("record with {}", fields.join(", "))
        }
    };
    format!("{}: {kind}", parameter.name)
}

/// The name of a type in the words of the language; only types that stand in signatures.
fn name(ty: &Type) -> String {
    match ty {
        Type::Record(shape) => shape.name.to_string(),
        Type::List(of) => format!("list of {}", name(of)),
        Type::Optional(of) => format!("{}?", name(of)),
        Type::Secret(of) => format!("secret {}", name(of)),
        one => one.word().unwrap_or("text").to_owned(),
    }
}
