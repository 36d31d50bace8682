//! Calls on the real world, for the tests of this crate.
//!
//! Never: part of the product.

#![allow(dead_code, clippy::unwrap_used)]

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use actions::{
    Actions, Payload, Payloads, signatures,
    sink::{Maildir, Sink, Sinks},
    world::{Ceiling, Configuration, Database, Databases, Embedded, Real, Schema, Servers},
};
use program::{
    Address, Call, CallId, Octets, Outcome, PayloadId, Record, SessionId, Shape, Statement, Target, Type, Value,
};

/// One payload, number 1.
pub(crate) struct Kept(pub(crate) Option<Payload>);

impl Payloads for Kept {
    fn payload(&self, id: PayloadId) -> Option<Payload> {
        self.0.clone().filter(|_| id == PayloadId(1))
    }
}

/// A world with a maildir `inbox` and a sink `void` below the folder, and name servers that nobody asks.
pub(crate) fn configuration(folder: &Path) -> Configuration {
    let maildir = Maildir::new(folder.join("mail").to_str().unwrap()).unwrap();
    let sinks = [("inbox".to_owned(), Sink::Maildir(Arc::new(maildir))), ("void".to_owned(), Sink::Discard)];
    Configuration {
        host: "mail.example/com:1".to_owned(),
        servers: Servers::These(Vec::new()),
        timeout: Duration::from_millis(300),
        databases: Databases::default(),
        sinks: Sinks(sinks.into()),
        folders: BTreeMap::new(),
        passwords_per_minute: 60,
        ceiling: Arc::new(Ceiling::none()),
    }
}

/// The same with one database `default` of that schema.
pub(crate) fn with_database(folder: &Path, schema: &str) -> Configuration {
    let schema = Some(Schema::Text(schema.to_owned()));
    let database = Database::Embedded(Embedded { path: folder.join("db/test.db"), schema });
    Configuration { databases: Databases([("default".to_owned(), database)].into()), ..configuration(folder) }
}

/// The configuration with that change to its one database.
pub(crate) fn edited(mut configuration: Configuration, edit: impl FnOnce(&mut Embedded)) -> Configuration {
    if let Some(Database::Embedded(embedded)) = configuration.databases.0.get_mut("default") {
        edit(embedded);
    }
    configuration
}

pub(crate) fn open(configuration: Configuration) -> Actions {
    Actions::new(Arc::new(Real::open(configuration).unwrap()))
}

pub(crate) fn target(action: &str) -> Target {
    Target::Action(signatures().iter().find(|signature| *signature.name == *action).unwrap().clone())
}

pub(crate) fn call(target: Target, arguments: Vec<Value>) -> Call {
    Call {
        id: CallId(1),
        session: SessionId("s1".into()),
        peer: "192.0.2.1".parse().unwrap(),
        target,
        arguments: arguments.into(),
        using: None,
        within: Duration::from_secs(20),
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Runs a call and prints its outcome.
pub(crate) async fn ask(actions: &Actions, call: Call, payload: Option<Payload>) -> String {
    let target = call.target.clone();
    shown(&target, &actions.run(call, Arc::new(Kept(payload))).await)
}

pub(crate) async fn ask_statement(actions: &Actions, statement: &Arc<Statement>, arguments: Vec<Value>) -> String {
    ask(actions, call(Target::Statement(statement.clone()), arguments), None).await
}

pub(crate) fn shown(target: &Target, outcome: &Outcome) -> String {
    let name = target.outcomes()[outcome.index];
    let values: Vec<String> = outcome.values.iter().map(|value| format!("{value:?}")).collect();
    if values.is_empty() { name.to_owned() } else { format!("{name}({})", values.join(", ")) }
}

/// A message from ann to bob and eve, with two header fields in front of payload 1.
pub(crate) fn mail(length: u64) -> Value {
    let fields = [
        ("sender", Type::ReversePath),
        ("recipients", Type::List(Box::new(Type::ForwardPath))),
        ("body", Type::Octets),
    ];
    let fields = fields.map(|(name, ty)| (name.into(), ty)).to_vec();
    let address = |text: &str| Value::Address(Address { text: text.into(), at: text.find('@') });
    Value::from(Record {
        shape: Arc::new(Shape { name: "mail".into(), fields }),
        fields: vec![
            address("ann@example.net"),
            Value::List(vec![address("bob@example.com"), address("eve@example.com")]),
            Value::Octets(Octets { id: (length > 0).then_some(PayloadId(1)), length }),
        ]
        .into(),
        headers: ["Return-Path: <ann@example.net>".into(), "Received: from a\r\n\tby b".into()].into(),
    })
}

pub(crate) fn memory(octets: &[u8]) -> Option<Payload> {
    Some(Payload::Memory(octets.to_vec().into()))
}
