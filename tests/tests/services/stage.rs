//! Calls on the real world, and what they answer as a text.

use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use actions::{
    Actions, Payload, Payloads, signatures,
    sink::Sinks,
    world::{Ceiling, Configuration, Database, Databases, Real, Servers},
};
use program::{
    Call, CallId, Gives, Origin, Outcome, PayloadId, Secret, SessionId, Shape, Statement, Target, Type, Value,
};
use tokio::runtime::Builder;

/// Whole numbers without bounds.
pub(crate) const ANY: Type = Type::Number { least: i64::MIN, most: i64::MAX };

/// No payloads.
struct Nothing;

impl Payloads for Nothing {
    fn payload(&self, _: PayloadId) -> Option<Payload> {
        None
    }
}

/// Runs a future on a runtime as the server has it.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime can be made").block_on(work)
}

/// A world with these databases and these name servers.
pub(crate) fn configuration(databases: &[(&str, Database)], servers: &[SocketAddr]) -> Configuration {
    let databases: BTreeMap<String, Database> =
        databases.iter().map(|(name, database)| ((*name).to_owned(), database.clone())).collect();
    Configuration {
        host: "mail.example.com".to_owned(),
        servers: Servers::These(servers.to_vec()),
        timeout: Duration::from_millis(500),
        databases: Databases(databases),
        sinks: Sinks::default(),
        folders: BTreeMap::new(),
        passwords_per_minute: 100_000,
        ceiling: Arc::new(Ceiling::none()),
    }
}

/// Actions on one database, `default`.
pub(crate) fn on(database: Database) -> Actions {
    open(configuration(&[("default", database)], &[]))
}

/// Actions on name servers.
pub(crate) fn asking(servers: &[SocketAddr]) -> Actions {
    open(configuration(&[], servers))
}

pub(crate) fn open(configuration: Configuration) -> Actions {
    Actions::new(Arc::new(Real::open(configuration).unwrap_or_else(|faults| panic!("{faults:?}"))))
}

pub(crate) fn shape(columns: &[(&str, Type)]) -> Arc<Shape> {
    let fields = columns.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect();
    Arc::new(Shape { name: "row".into(), fields })
}

/// `sql asked(parameters) gives … as TEXT`.
pub(crate) fn statement(parameters: &[(&str, Type)], gives: Gives, text: &str) -> Arc<Statement> {
    Arc::new(Statement {
        name: "asked".into(),
        database: "default".into(),
        parameters: parameters.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect(),
        gives,
        text: text.into(),
        origin: Origin { file: 0, line: 1, column: 1 },
    })
}

/// A statement without parameters that gives one number, `n`.
pub(crate) fn number(text: &str) -> Arc<Statement> {
    statement(&[], Gives::Row(shape(&[("n", ANY)])), text)
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Asks a statement, and prints its outcome.
pub(crate) async fn ask(actions: &Actions, asked: &Arc<Statement>, arguments: Vec<Value>) -> String {
    ask_within(actions, asked, arguments, Duration::from_secs(20)).await
}

/// The same with a time limit.
pub(crate) async fn ask_within(
    actions: &Actions,
    asked: &Arc<Statement>,
    arguments: Vec<Value>,
    within: Duration,
) -> String {
    let target = Target::Statement(asked.clone());
    let call = Call { within, ..call(target.clone(), arguments) };
    shown(&target, &actions.run(call, Arc::new(Nothing)).await)
}

/// Carries out a statement that gives nothing.
pub(crate) async fn perform(actions: &Actions, text: &str) {
    let answer = ask(actions, &statement(&[], Gives::Nothing, text), Vec::new()).await;
    assert!(answer.starts_with("done("), "{text}: {answer}");
}

/// Asks an action, and prints its outcome.
pub(crate) async fn act(actions: &Actions, action: &str, arguments: Vec<Value>, within: Duration) -> String {
    let signature = signatures().iter().find(|signature| *signature.name == *action).expect("there is such an action");
    let target = Target::Action(signature.clone());
    let call = Call { within, ..call(target.clone(), arguments) };
    shown(&target, &actions.run(call, Arc::new(Nothing)).await)
}

/// Checks a password against what a statement gives.
pub(crate) async fn log_in(actions: &Actions, using: &Arc<Statement>, login: &str, password: &str) -> String {
    let signature = signatures().iter().find(|signature| &*signature.name == "check_password");
    let target = Target::Action(signature.expect("there is such an action").clone());
    let arguments = vec![text(login), Value::Secret(Secret::new(password.as_bytes()))];
    let call = Call { using: Some(using.clone()), ..call(target.clone(), arguments) };
    shown(&target, &actions.run(call, Arc::new(Nothing)).await)
}

fn call(target: Target, arguments: Vec<Value>) -> Call {
    Call {
        id: CallId(1),
        session: SessionId("s1".into()),
        peer: "192.0.2.1".parse().expect("it is an address"),
        target,
        arguments: arguments.into(),
        using: None,
        within: Duration::from_secs(20),
    }
}

fn shown(target: &Target, outcome: &Outcome) -> String {
    let name = target.outcomes()[outcome.index];
    let values: Vec<String> = outcome.values.iter().map(|value| format!("{value:?}")).collect();
    if values.is_empty() { name.to_owned() } else { format!("{name}({})", values.join(", ")) }
}

#[track_caller]
pub(crate) fn starts(answer: &str, wanted: &str) {
    assert!(answer.starts_with(wanted), "{answer}, not {wanted}…");
}

/// Waits until a server takes statements; its port is open earlier.
pub(crate) fn await_ready(database: &Database) {
    let end = std::time::Instant::now() + Duration::from_secs(60);
    let ready = async {
        let actions = on(database.clone());
        loop {
            let answer = ask_within(&actions, &number("SELECT 1 AS n"), Vec::new(), Duration::from_secs(5)).await;
            if answer.starts_with("row(") {
                return;
            }
            assert!(std::time::Instant::now() < end, "{answer}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    // On a thread of its own: whoever waits may be within a runtime.
    std::thread::scope(|scope| scope.spawn(|| run(ready)).join().expect("the server takes statements"));
}
