//! `saywhen send`: runs a client of a protocol by hand and prints the conversation.
//!
//! Never: knows what is said, or takes a secret on the command line.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actions::{
    Payload, Payloads,
    sink::Sinks,
    world::{Ceiling, Configuration, Databases, Real, Servers, World},
};
use machine::{Binding, Service};
use program::{Client, LineEnd, Octets, Outcome, PayloadId, Program, SessionId, Type, Value};

use super::{
    builtin,
    options::{Given, Options},
};
use crate::{
    client::{Caller, Errand, Side, Witness},
    config::{host_and_port, host_name},
    exit::{Exit, Fault},
    findings::Findings,
    protocols::{ENDING, Protocols, name_of},
    startup::opening,
};

/// What may follow `send`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each --NAME is a parameter of the client; yes-or-no ones take no value, lists may be repeated, and the value of a secret
one is read from a file: --NAME-file FILE. Without any it says what is missing. Lines of a text that end in
LF alone are sent as the wire ends them. Exit code 0: the server gave the client's first outcome; 1: any other.

  saywhen send 127.0.0.1:2525 --from ann@example.net --to bob@example.com message.eml
")]
pub(super) struct Arguments {
    /// The protocol: the built-in one by its name, or a file NAME.proto.dsl
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
    /// The `public client` of the protocol that is run
    #[arg(long, value_name = "NAME", default_value = "send")]
    client: String,
    /// Trust the authorities in this PEM file instead of the system's
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,
    /// Whom to connect to
    #[arg(value_name = "HOST:PORT")]
    server: String,
    /// The client's parameters, then the file with what is sent, `-` for standard input
    #[arg(value_name = "--NAME VALUE … FILE", trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let Some(program) = protocol(arguments.protocol.as_deref())? else { return Ok(Exit::Protocol) };
    let client = client(&program, &arguments.client)?;
    let (host, port) = host_and_port(&arguments.server).ok_or_else(|| {
        let help = "write mail.example.net:25, 192.0.2.1:25 or [2001:db8::1]:25";
        Fault::new(Exit::Usage, format!("`{}` is no host and port", arguments.server), help)
    })?;
    let options = Options::read(&program, &client, &arguments.rest)?;
    let body = options.file.as_deref().map(|file| body(file, program.wire.line_end)).transpose()?;
    let length = body.as_ref().map_or(0, Vec::len) as u64;
    let eight_bit = body.as_ref().is_some_and(|body| !body.is_ascii());
    let values =
        client.parameters.iter().zip(options.given).map(|(parameter, given)| match (&*parameter.name, given) {
            (_, Given::Value(value)) => Some(value),
            (_, Given::Body) => Some(Value::Octets(Octets { id: Some(PayloadId(0)), length })),
            ("host", Given::Nothing) => Some(Value::Text(host.as_str().into())),
            ("port", Given::Nothing) => Some(Value::Number(port.into())),
            ("eight_bit", Given::Nothing) if parameter.ty == Type::YesNo => Some(Value::Yes(eight_bit)),
            (_, Given::Nothing) => None,
        });
    let errand = Errand {
        service: service(&program)?,
        client: client.clone(),
        arguments: values.collect(),
        payloads: Arc::new(Load(Payload::Memory(body.unwrap_or_default().into()))),
        session: SessionId("send".into()),
        within: None,
        witness: Some(Arc::new(Printed)),
    };
    let outcome = talk(errand, arguments.authorities.as_deref())?;
    say(&format!("\n{}", shown(&client, &outcome)));
    Ok(if outcome.index == 0 { Exit::Done } else { Exit::Findings })
}

/// The built-in protocol, or that of a file; none when it does not compile, which is told.
fn protocol(named: Option<&str>) -> Result<Option<Arc<Program>>, Fault> {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let own = name_of(builtin::PROTOCOL.0.as_ref()).unwrap_or_default();
    let name = match named {
        Some(file) if file.ends_with(ENDING) => {
            let text = fs::read_to_string(file).map_err(|error| unread(file, &error))?;
            let name = name_of(file.as_ref()).unwrap_or_default();
            protocols.add(name, file, &text, &mut findings);
            name
        }
        Some(name) if name != own => {
            let message = format!("`{name}` is not built in");
            return Err(Fault::new(Exit::Usage, message, format!("name a file, or `{own}`")));
        }
        _ => {
            protocols.add_within(&builtin::Embedded, own, builtin::PROTOCOL, &mut findings);
            own
        }
    };
    findings.complain();
    Ok(protocols.named(name).flatten().cloned())
}

fn client(program: &Program, name: &str) -> Result<Arc<Client>, Fault> {
    let public = || program.clients.iter().filter(|client| client.public);
    if let Some(client) = public().find(|client| *client.name == *name) {
        return Ok(client.clone());
    }
    let names: Vec<&str> = public().map(|client| &*client.name).collect();
    let help = match (diagnostic::nearest(name, names.iter().copied()), names.is_empty()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, false) => format!("it has: {}", names.join(", ")),
        (None, true) => "write `public client …` in it".to_string(),
    };
    Err(Fault::new(Exit::Usage, format!("the protocol `{}` has no public client `{name}`", program.name), help))
}

/// The protocol with its defaults; our name is that of this machine.
fn service(program: &Arc<Program>) -> Result<Arc<Service>, Fault> {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).and_then(|n| host_name(&n));
    let binding = Binding { name: name.unwrap_or_else(|| "localhost".into()), ..Binding::default() };
    Service::bind(program.clone(), &binding).map(Arc::new).map_err(|errors| {
        let message = format!("the protocol `{}` has settings without a default: {errors:?}", program.name);
        Fault::new(Exit::Usage, message, "give them defaults")
    })
}

/// What is sent. A line end that is LF alone, as files have it, becomes that of the wire.
fn body(file: &str, end: LineEnd) -> Result<Vec<u8>, Fault> {
    let mut octets = Vec::new();
    let read = match file {
        "-" => io::stdin().lock().read_to_end(&mut octets).map(drop),
        path => fs::read(path).map(|text| octets = text),
    };
    read.map_err(|error| unread(file, &error))?;
    if end == LineEnd::Lf {
        return Ok(octets);
    }
    let mut sent = Vec::with_capacity(octets.len() + octets.len() / 32);
    for (place, octet) in octets.iter().enumerate() {
        if *octet == b'\n' && place.checked_sub(1).is_none_or(|before| octets[before] != b'\r') {
            sent.push(b'\r');
        }
        sent.push(*octet);
    }
    Ok(sent)
}

fn unread(file: &str, error: &io::Error) -> Fault {
    Fault::new(Exit::Usage, format!("`{file}` cannot be read: {error}"), "name a file that can be read")
}

fn talk(errand: Errand, authorities: Option<&Path>) -> Result<Outcome, Fault> {
    let dialer = Arc::new(opening::dialer(authorities)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Fault::new(
            Exit::Denied,
            format!("threads cannot be started: {error}"),
            "raise the limit of tasks for this user",
        )
    })?;
    let world = Real::open(Configuration {
        host: "localhost".into(),
        servers: Servers::System,
        timeout: Duration::from_secs(5),
        databases: Databases::default(),
        sinks: Sinks::default(),
        folders: BTreeMap::new(),
        // A client checks nobody's password.
        passwords_per_minute: 0,
        ceiling: Arc::new(Ceiling::none()),
    });
    let world: Arc<dyn World> = Arc::new(
        world.map_err(|faults| Fault::new(Exit::Config, faults.join("; "), "mend the system's name servers"))?,
    );
    dialer.knows(&world);
    let outcome = runtime.block_on(dialer.call(errand));
    runtime.shutdown_timeout(Duration::from_secs(3));
    Ok(outcome)
}

fn shown(client: &Client, outcome: &Outcome) -> String {
    let values = outcome.values.iter().map(|value| match value {
        Value::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    });
    let values: Vec<String> = values.collect();
    let name = client.outcomes.get(outcome.index).map_or("", |outcome| &outcome.name);
    if values.is_empty() { name.to_string() } else { format!("{name}: {}", values.join(", ")) }
}

/// A line for standard output; who closes the pipe has seen enough.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints the conversation as it goes.
struct Printed;

impl Witness for Printed {
    fn line(&self, side: Side, line: &str) {
        say(&format!("{}: {line}", if side == Side::Client { "C" } else { "S" }));
    }
}

/// The one payload.
struct Load(Payload);

impl Payloads for Load {
    fn payload(&self, _: PayloadId) -> Option<Payload> {
        Some(self.0.clone())
    }
}
