//! A session in memory: the shipped protocol, octets in, answers counted. No socket, no runtime, no clock.
//!
//! Never: measures itself; benches and counts do, around it.

use std::{fs, io, net::Ipv4Addr, path::Path, sync::Arc, time::Duration};

use diagnostic::Sources;
use machine::{Binding, Body, Effect, Effects, Given, Input, Machine, Now, Peer, Service};
use program::{CallId, Outcome, PayloadId, SessionId, Target, Value, Values};

/// One session of a protocol.
pub struct Memory {
    machine: Machine,
    world: World,
    elapsed: Duration,
    counting: fn(&mut dyn FnMut()),
}

/// What the machine wants, and what it gets.
struct World {
    sent: usize,
    answers: u64,
    call: Option<(CallId, Target)>,
    stored: Option<PayloadId>,
    id: Value,
}

/// The protocol of that name among the shipped ones, bound to ordinary settings.
///
/// # Errors
/// It is not there, or does not compile.
pub fn shipped(name: &str) -> io::Result<Arc<Service>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols").join(format!("{name}.proto.dsl"));
    service(&fs::read_to_string(path)?)
}

/// A protocol, bound to ordinary settings.
///
/// # Errors
/// It does not compile.
pub fn service(text: &str) -> io::Result<Arc<Service>> {
    let mut sources = Sources::default();
    let file = sources.add("measured.proto.dsl", text);
    let (program, findings) = grammar::compile(&sources, file, actions::signatures());
    let program = program.ok_or_else(|| io::Error::other(format!("{findings:?}")))?;
    let domains = Given::List(vec!["example.com".into(), "example.org".into()]);
    let settings = program.settings.iter().any(|setting| &*setting.name == "our_domains");
    let settings = if settings { vec![("our_domains".into(), domains)] } else { Vec::new() };
    let binding = Binding { name: "mail.example.com".into(), settings, ..Binding::default() };
    Service::bind(Arc::new(program), &binding).map(Arc::new).map_err(|faults| io::Error::other(format!("{faults:?}")))
}

impl Memory {
    /// A session that has greeted.
    pub fn new(service: Arc<Service>) -> Memory {
        let local = Ipv4Addr::LOCALHOST.into();
        let peer = Peer { ip: local, port: 40_000, local_ip: local, local_port: 25, tls: None };
        let machine = Machine::new(service, peer, SessionId("s".into()));
        let world = World { sent: 0, answers: 0, call: None, stored: None, id: Value::Text("1".into()) };
        let mut session = Memory { machine, world, elapsed: Duration::from_secs(1), counting: |work| work() };
        session.feed(Input::Open);
        session
    }

    /// Says that, and has all calls answered that come of it; gives how many octets were answered.
    pub fn say(&mut self, octets: &[u8]) -> usize {
        self.world.sent = 0;
        self.feed(Input::Bytes(octets));
        self.world.sent
    }

    /// How many answers were given so far.
    pub fn answers(&self) -> u64 {
        self.world.answers
    }

    /// Has every input that the machine takes from now on carried out by somebody who counts. What the world does with
    /// effects is counted, too; it asks for no memory.
    pub fn count_with(&mut self, counting: fn(&mut dyn FnMut())) {
        self.counting = counting;
    }

    fn feed(&mut self, input: Input<'_>) {
        self.elapsed += Duration::from_micros(50);
        let now = Now { elapsed: self.elapsed, unix: 1_795_000_000 };
        let mut next = Some(input);
        while next.is_some() {
            let Memory { machine, world, counting, .. } = self;
            counting(&mut || {
                if let Some(input) = next.take() {
                    machine.feed(now, input, world);
                }
            });
            next = if let Some(id) = self.world.stored.take() {
                Some(Input::Stored(id))
            } else {
                let call = self.world.call.take();
                call.map(|(id, target)| Input::Outcome(id, self.world.outcome(&target)))
            };
        }
    }
}

impl World {
    /// The first outcome, which is the good one.
    fn outcome(&self, target: &Target) -> Outcome {
        let values = match target {
            Target::Action(signature) => signature.outcomes[0].values.iter().map(|(_, ty)| match ty {
                program::Type::Number { .. } => Value::Number(0),
                _ => self.id.clone(),
            }),
            Target::Statement(_) | Target::Client(_) => return Outcome { index: 0, values: Values::new() },
        };
        Outcome { index: 0, values: values.collect() }
    }
}

impl Effects for World {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, .. } => {
                self.sent += octets.len();
                self.answers += 1;
            }
            Effect::Call(call) => self.call = Some((call.id, call.target)),
            Effect::Body(Body::End(id)) => self.stored = Some(id),
            _ => {}
        }
    }
}
