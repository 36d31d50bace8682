//! Asks actions in a world of facts, and prints what they answer, for the tests of this crate.
//!
//! Never: part of the product.

#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use program::{
    Call, CallId, Gives, Octets, Origin, Outcome, PayloadId, Secret, SessionId, Shape, Statement, Target, Type, Value,
};

use crate::{
    Actions, Payload, Payloads, World,
    example::{Example, Given, Literal},
    signatures,
    world::{DnsFact, Facts, MailboxFact, Record, SqlFact},
};

/// What a call that is not answered at once is taken for.
pub(crate) const NO_ANSWER: &str = "no answer";

/// The payloads of a trial.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) HashMap<u32, Payload>);

impl Payloads for Kept {
    fn payload(&self, id: PayloadId) -> Option<Payload> {
        self.0.get(&id.0).cloned()
    }
}

/// Asks the action as the example does, and compares.
#[track_caller]
pub(crate) fn check(action: &str, example: &Example) {
    let facts = Arc::new(facts(example.given));
    let mut kept = Kept::default();
    let arguments = example.asks.iter().map(|literal| value(literal, &mut kept)).collect();
    let answer = ask(&Actions::new(facts.clone()), call(action, arguments), kept);
    assert_eq!(answer, example.answers, "{action}");
    assert_eq!(facts.unanswered(), Vec::<String>::new(), "{action} asked what no fact answers");
}

/// The same with facts, arguments and answer beside each other.
#[track_caller]
pub(crate) fn says(action: &str, given: &'static [Given], asks: &'static [Literal], answers: &'static str) {
    check(action, &Example { given, asks, answers });
}

/// Polls a call once and prints its outcome.
pub(crate) fn ask(actions: &Actions, call: Call, kept: Kept) -> String {
    let target = call.target.clone();
    let future = pin!(actions.run(call, Arc::new(kept)));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => shown(&target, &outcome),
        Poll::Pending => NO_ANSWER.to_owned(),
    }
}

/// An outcome as the examples print it.
pub(crate) fn shown(target: &Target, outcome: &Outcome) -> String {
    let name = target.outcomes()[outcome.index];
    let values: Vec<String> = outcome.values.iter().map(|value| format!("{value:?}")).collect();
    if values.is_empty() { name.to_owned() } else { format!("{name}({})", values.join(", ")) }
}

/// A call of an action, `using hash_of` where it must.
pub(crate) fn call(action: &str, arguments: Vec<Value>) -> Call {
    let signature = signatures().iter().find(|signature| *signature.name == *action).unwrap();
    let using = signature.using.then(hash_of);
    Call { using, ..to(Target::Action(signature.clone()), arguments) }
}

/// `sql NAME(parameters) gives … as TEXT`.
pub(crate) fn statement(name: &str, parameters: &[(&str, Type)], gives: Gives, text: &str) -> Arc<Statement> {
    Arc::new(Statement {
        name: name.into(),
        database: "default".into(),
        parameters: parameters.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect(),
        gives,
        text: text.into(),
        origin: Origin { file: 0, line: 1, column: 1 },
    })
}

/// A shape of these columns.
pub(crate) fn shape(columns: &[(&str, Type)]) -> Arc<Shape> {
    let fields = columns.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect();
    Arc::new(Shape { name: "row".into(), fields })
}

/// `sql hash_of(login: text) gives { hash: secret text }`.
pub(crate) fn hash_of() -> Arc<Statement> {
    let row = shape(&[("hash", Type::Secret(Box::new(Type::Text)))]);
    let text = "SELECT hash FROM users WHERE login = :login";
    statement("hash_of", &[("login", Type::Text)], Gives::Row(row), text)
}

/// A world in which these facts hold.
pub(crate) fn facts(given: &[Given]) -> Facts {
    let mut facts = Facts::new();
    for given in given {
        match given {
            Given::Dns(name, kind, []) => facts.dns_says(name, *kind, DnsFact::None),
            Given::Dns(name, kind, values) => {
                let records = values.iter().map(|text| Record::parse(*kind, text).unwrap()).collect();
                facts.dns_says(name, *kind, DnsFact::Records(records));
            }
            Given::DnsFails(name, kind) => facts.dns_says(name, *kind, DnsFact::ServFail),
            Given::DnsSilent(name, kind) => facts.dns_says(name, *kind, DnsFact::Timeout),
            Given::Hash(login, hash) => {
                let hash = Value::Secret(Secret::new(hash.as_bytes()));
                let row = SqlFact::Row(vec![("hash".into(), hash)]);
                facts.sql_gives("hash_of", &[Value::Text((*login).into())], row).unwrap();
            }
            Given::Mailbox(account, messages) => {
                let octets = messages.iter().map(|message| message.as_bytes().to_vec()).collect();
                facts.mailbox_does(account, MailboxFact::Holds(octets));
            }
            Given::NoHash(login) => {
                facts.sql_gives("hash_of", &[Value::Text((*login).into())], SqlFact::None).unwrap();
            }
        }
    }
    facts
}

/// A constant of an example as a value.
pub(crate) fn value(literal: &Literal, kept: &mut Kept) -> Value {
    match literal {
        Literal::Text(text) => Value::Text((*text).into()),
        Literal::Number(number) => Value::Number(*number),
        Literal::Message(name) => {
            let fields = vec![Value::Text((*name).into())];
            program::Record::new(shape(&[("name", Type::Text)]), fields).into()
        }
        Literal::Messages(uids) => {
            let entry = |uid: &i64| crate::world::Entry {
                uid: *uid,
                name: format!("message-{uid}").into(),
                octets: 0,
                received: 0,
                seen: false,
                fresh: true,
                flags: String::new(),
            };
            let messages = uids.iter().map(entry).collect();
            let listing = crate::world::Listing { validity: 1, next: 9, messages, room: None };
            crate::mailbox::listed(&listing, &Value::Absent)
        }
        Literal::Ip(ip) => Value::Ip(ip.parse().unwrap()),
        Literal::List(list) => Value::List(list.iter().map(|text| Value::Text((*text).into())).collect()),
        Literal::Secret(text) => Value::Secret(Secret::new(text.as_bytes())),
        Literal::Base64(octets) => Value::Text(STANDARD.encode(octets).into()),
        Literal::SecretBase64(octets) => Value::Secret(Secret::new(STANDARD.encode(octets).as_bytes())),
        Literal::Octets(octets) => payload(octets, kept),
        Literal::Mail(body) => {
            let fields = vec![payload(body, kept)];
            program::Record::new(shape(&[("body", Type::Octets)]), fields).into()
        }
    }
}

/// Keeps octets in memory; none at all have no payload.
pub(crate) fn payload(octets: &str, kept: &mut Kept) -> Value {
    if octets.is_empty() {
        return Value::Octets(Octets::default());
    }
    let id = kept.0.len() as u32;
    kept.0.insert(id, Payload::Memory(octets.as_bytes().to_vec().into()));
    Value::Octets(Octets { id: Some(PayloadId(id)), length: octets.len() as u64 })
}

pub(crate) fn to(target: Target, arguments: Vec<Value>) -> Call {
    Call {
        id: CallId(1),
        session: SessionId("s1".into()),
        peer: "192.0.2.1".parse().unwrap(),
        target,
        arguments: arguments.into(),
        using: None,
        within: Duration::from_secs(5),
    }
}

#[test]
fn every_example_holds() {
    for action in crate::TABLE {
        assert!(!action.examples.is_empty(), "{} has no example", action.name);
        for example in action.examples {
            check(action.name, example);
        }
    }
}

#[test]
fn the_table_is_in_the_order_of_the_names_and_each_has_a_page() {
    let names: Vec<&str> = signatures().iter().map(|signature| &*signature.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for signature in signatures() {
        assert_eq!(&*signature.outcomes.last().unwrap().name, "failed");
        let page = crate::explain(&signature.name).unwrap();
        for outcome in &signature.outcomes {
            assert!(
                page.contains(&format!("`{}", outcome.name)),
                "{} does not explain {}",
                signature.name,
                outcome.name
            );
        }
    }
}

#[test]
fn a_call_can_travel_between_threads() {
    fn travels<T: Send>(_: T) {}
    let actions = Actions::new(Arc::new(Facts::new()) as Arc<dyn World>);
    travels(actions.run(call("dig", Vec::new()), Arc::new(Kept::default())));
}
