//! Listeners and protocols brought together: each listener's protocol, TLS, settings, sinks and databases fit, or a
//! finding says what does not.
//!
//! Never: opens anything. `check` and `run` both go through here.

use std::{path::Path, sync::Arc};

use diagnostic::{Diagnostic, Span, nearest};
use machine::{BindError, Binding, Given, Pace, Service};
use program::{Program, Type, Value};

use crate::{
    client::FIELDS,
    config::{
        Config, Listener, Origin, Relay, Setting, Shown, Sink, TlsMode,
        rules::{CONTRADICTION, REFUSED_SETTING, UNKNOWN_NAME, UNUSABLE_FILE},
    },
    findings::Findings,
    protocols::{Protocols, starts_tls},
};

/// A listener that fits its protocol.
#[derive(Debug)]
pub struct Bound {
    /// Its place in the configuration.
    pub index: usize,
    /// What is spoken.
    pub service: Arc<Service>,
    /// When TLS begins.
    pub tls: TlsMode,
}

/// Reads and compiles the protocols that the listeners name, or all of the folder.
pub fn protocols(config: &Config, all: bool, findings: &mut Findings) -> Protocols {
    protocols_again(config, all, Protocols::default(), findings)
}

/// The same, with what is known from before.
pub fn protocols_again(config: &Config, all: bool, former: Protocols, findings: &mut Findings) -> Protocols {
    let mut protocols = Protocols::after(former);
    let relays =
        || config.sinks.iter().filter_map(|(_, sink)| if let Sink::Relay(relay) = sink { Some(relay) } else { None });
    let wanted = |name: &str| {
        all || config.listeners.iter().any(|listener| listener.protocol.0 == name)
            || relays().any(|relay| relay.protocol.0 == name)
    };
    if let Err((path, error)) = protocols.add_folder(&config.protocols, wanted, findings) {
        let message = format!("`{}` cannot be read: {error}", path.display());
        let help = "name the folder that holds the protocols: `protocols: FOLDER`";
        findings.list.push(Diagnostic::new(&UNUSABLE_FILE, config.protocols_span, message).help(help));
    }
    protocols.settled()
}

/// Binds every listener. A listener whose protocol does not compile is passed over: the protocol's own findings say
/// why. What was decided for it is added to `shown`.
pub fn bind(config: &Config, protocols: &Protocols, findings: &mut Findings, shown: &mut Vec<Shown>) -> Vec<Bound> {
    let mut bound = Vec::new();
    for (index, listener) in config.listeners.iter().enumerate() {
        let program = match protocols.named(&listener.protocol.0) {
            Some(Some(program)) => program,
            Some(None) => continue,
            None => {
                findings.list.push(no_protocol(&listener.protocol, protocols, &config.protocols));
                continue;
            }
        };
        let mut faults = Vec::new();
        let tls = tls_mode(listener, program, &mut faults);
        let service = service(config, listener, program, &mut faults);
        if let Some(service) = &service {
            sinks(config, listener, service, &mut faults);
            waits(listener, service, &mut faults);
            databases(config, listener, service, &mut faults);
        }
        let fits = faults.is_empty();
        findings.list.extend(faults);
        if let (true, Some(service)) = (fits, service) {
            if listener.tls.is_none() {
                let value = tls.word().to_string();
                shown.push(Shown { path: format!("listeners[{index}].tls"), value, origin: Origin::Protocol });
            }
            bound.push(Bound { index, service: Arc::new(service), tls });
        }
    }
    bound
}

/// A sink that is another server, with the client that it is handed messages by.
#[derive(Debug)]
pub struct BoundRelay {
    /// The name of the sink.
    pub sink: Arc<str>,
    /// The protocol, bound to its settings.
    pub service: Arc<Service>,
    /// The client.
    pub client: Arc<program::Client>,
    /// What the configuration gives to the client's parameters, in their order.
    pub given: Vec<Option<Value>>,
}

/// Binds every sink that is another server. One whose protocol does not compile is passed over.
pub fn relays(config: &Config, protocols: &Protocols, findings: &mut Findings) -> Vec<BoundRelay> {
    let mut bound = Vec::new();
    for (name, sink) in &config.sinks {
        let Sink::Relay(relay) = sink else { continue };
        match protocols.named(&relay.protocol.0) {
            Some(Some(program)) => match relay_by(config, name, relay, program) {
                Ok(relay) => bound.push(relay),
                Err(faults) => findings.list.extend(faults),
            },
            Some(None) => {}
            None => findings.list.push(no_protocol(&relay.protocol, protocols, &config.protocols)),
        }
    }
    bound
}

fn relay_by(
    config: &Config,
    name: &Arc<str>,
    relay: &Relay,
    program: &Arc<Program>,
) -> Result<BoundRelay, Vec<Diagnostic>> {
    let known = || program.clients.iter().filter(|client| client.public).map(|client| &*client.name);
    let Some(client) = program.clients.iter().find(|client| client.public && *client.name == *relay.client.0) else {
        let message = format!("the protocol `{}` has no public client `{}`", program.name, relay.client.0);
        let help = match (nearest(&relay.client.0, known()), known().next()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(_)) => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
            (None, None) => "write `public client …` in it".to_string(),
        };
        return Err(vec![Diagnostic::new(&UNKNOWN_NAME, relay.client.1, message).help(help)]);
    };
    let mut faults = Vec::new();
    for wanted in ["stored", "refused"] {
        let gives = client
            .outcomes
            .iter()
            .any(|outcome| *outcome.name == *wanted && matches!(&outcome.values[..], [(_, Type::Text)]));
        if !gives {
            let message = format!("the client `{}` never gives `{wanted}(…)` with one text", client.name);
            let help = "a client for a sink gives `stored(answer: text) | refused(why: text)`";
            faults.push(Diagnostic::new(&CONTRADICTION, relay.client.1, message).help(help));
        }
    }
    let is_parameter = |setting: &&Setting| client.parameters.iter().any(|known| *known.name == *setting.name);
    let given = parameters(relay, client, program, &mut faults);
    let settings: Vec<Setting> = relay.settings.iter().filter(|setting| !is_parameter(setting)).cloned().collect();
    let pairs = settings.iter().map(|setting| (setting.name.clone(), setting.given.clone())).collect();
    let binding = Binding { name: config.server_name.clone(), settings: pairs, ..Binding::default() };
    match Service::bind(program.clone(), &binding) {
        Ok(service) if faults.is_empty() => {
            Ok(BoundRelay { sink: name.clone(), service: Arc::new(service), client: client.clone(), given })
        }
        Ok(_) => Err(faults),
        Err(errors) => {
            let place = (&settings[..], relay.span);
            faults.extend(errors.into_iter().map(|error| refused(error, place, program)));
            Err(faults)
        }
    }
}

/// What the configuration gives to the parameters of a client. Those that neither it nor the sink gives need a default.
fn parameters(
    relay: &Relay,
    client: &program::Client,
    program: &Program,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Option<Value>> {
    let mut values = Vec::new();
    for parameter in &client.parameters {
        let setting = relay.settings.iter().find(|setting| *setting.name == *parameter.name);
        let value = setting.and_then(|setting| given_value(program, &parameter.ty, &setting.given));
        match setting {
            Some(setting) if value.is_none() => {
                let message = format!("this is no value of the parameter `{}` of `{}`", parameter.name, client.name);
                faults.push(Diagnostic::new(&REFUSED_SETTING, setting.span, message).help("write one of its type"));
            }
            None if parameter.default.is_none() && !FIELDS.contains(&&*parameter.name) => {
                let message = format!("the client `{}` needs `{}`", client.name, parameter.name);
                let help = format!("write `settings: {{ {}: … }}`", parameter.name);
                faults.push(Diagnostic::new(&REFUSED_SETTING, relay.span, message).help(help));
            }
            None if !takes(&parameter.name, &parameter.ty) => {
                let message =
                    format!("`{}` of `{}` is not of a type that a sink can give", parameter.name, client.name);
                let help = "host: text, port: number, from: reverse_path, to: list of forward_path, body: octets, eight_bit: yes_no";
                faults.push(Diagnostic::new(&CONTRADICTION, relay.client.1, message).help(help));
            }
            _ => {}
        }
        values.push(value);
    }
    values
}

/// Whether what a sink gives by that name is of the type; it gives nothing by other names.
fn takes(name: &str, ty: &Type) -> bool {
    let is_path = |ty: &Type| matches!(ty, Type::ReversePath | Type::ForwardPath);
    match name {
        "host" => matches!(ty, Type::Text | Type::Word | Type::Domain | Type::HeloName),
        "port" => matches!(ty, Type::Size | Type::Number { least: ..=1, most: 65535.. }),
        "from" => is_path(ty),
        "to" => matches!(ty, Type::List(inner) if is_path(inner)),
        "body" => *ty == Type::Octets,
        "eight_bit" => *ty == Type::YesNo,
        _ => true,
    }
}

/// A value as an operator writes it, of a client's parameter.
pub fn given_value(program: &Program, ty: &Type, given: &Given) -> Option<Value> {
    match (ty, given) {
        (Type::List(inner), Given::List(texts)) => {
            let values = texts.iter().map(|text| machine::decode::setting(program, inner, text));
            values.collect::<Option<_>>().map(Value::List)
        }
        (Type::List(inner), Given::Text(text)) => {
            machine::decode::setting(program, inner, text).map(|value| Value::List(vec![value]))
        }
        (ty, Given::Text(text)) => machine::decode::setting(program, ty, text),
        (_, Given::List(_)) => None,
    }
}

fn no_protocol((name, span): &(String, Span), protocols: &Protocols, folder: &Path) -> Diagnostic {
    let finding = Diagnostic::new(&UNKNOWN_NAME, *span, format!("there is no protocol `{name}`"));
    let known: Vec<&str> = protocols.names().collect();
    match (nearest(name, known.iter().copied()), known.is_empty()) {
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, false) => finding.help(format!("`{}` has: {}", folder.display(), known.join(", "))),
        (None, true) => finding.help(format!("write `{}{name}.proto.dsl`", folder.join("").display())),
    }
}

/// What the listener says, or what the protocol can do.
fn tls_mode(listener: &Listener, program: &Program, faults: &mut Vec<Diagnostic>) -> TlsMode {
    let starts = starts_tls(program);
    let Some((mode, span)) = listener.tls else {
        return if starts { TlsMode::Starttls } else { TlsMode::Off };
    };
    let name = &program.name;
    let (message, help) = match (mode, starts) {
        (TlsMode::Off, true) => (
            format!("the protocol `{name}` says `start tls`, and this listener has no TLS to start"),
            "say `starttls` or `implicit`, or take `start tls` out of the protocol",
        ),
        (TlsMode::Starttls, false) => {
            (format!("the protocol `{name}` never says `start tls`"), "say `implicit`, or `off`")
        }
        _ => return mode,
    };
    faults.push(Diagnostic::new(&CONTRADICTION, span, message).help(help));
    mode
}

fn service(
    config: &Config,
    listener: &Listener,
    program: &Arc<Program>,
    faults: &mut Vec<Diagnostic>,
) -> Option<Service> {
    let settings = listener.settings.iter().map(|setting| (setting.name.clone(), setting.given.clone())).collect();
    let binding = Binding {
        name: config.server_name.clone(),
        settings,
        converse: listener.conversation.unwrap_or(config.log.conversation),
        slowest: Pace(config.limits.slowest),
    };
    match Service::bind(program.clone(), &binding) {
        Ok(service) => Some(service),
        Err(errors) => {
            let place = (&listener.settings[..], listener.span);
            faults.extend(errors.into_iter().map(|error| refused(error, place, program)));
            None
        }
    }
}

fn refused(error: BindError, (settings, span): (&[Setting], Span), program: &Program) -> Diagnostic {
    let setting = |name: &str| settings.iter().find(|setting| setting.name == name);
    let place = |name: &str| setting(name).map_or(span, |setting| setting.span);
    match error {
        BindError::Unknown { name } => {
            let message = format!("the protocol `{}` has no setting `{name}`", program.name);
            let names: Vec<&str> = program.settings.iter().map(|setting| &*setting.name).collect();
            let help = match nearest(&name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has: {}", names.join(", ")),
            };
            Diagnostic::new(&UNKNOWN_NAME, place(&name), message).help(help)
        }
        BindError::Misfit { name, given, wants } => {
            let secret = setting(&name).is_some_and(|setting| setting.secret);
            let given = if secret { "***" } else { &given };
            let message = format!("`{given}` is no value of the setting `{name}`");
            Diagnostic::new(&REFUSED_SETTING, place(&name), message).help(format!("it takes {wants}"))
        }
        BindError::TooShort { limit, name } => {
            let message =
                format!("with this, `{limit}` of the protocol `{}` is over as soon as it begins", program.name);
            let help = format!("give `{name}` a second or more");
            Diagnostic::new(&REFUSED_SETTING, place(&name), message).help(help)
        }
        BindError::Missing { name } => {
            let message = format!("the protocol `{}` needs the setting `{name}`", program.name);
            Diagnostic::new(&REFUSED_SETTING, span, message).help(format!("write `settings: {{ {name}: … }}`"))
        }
    }
}

/// With its settings, a listener keeps no peer waiting for longer than the wire grants. With the defaults that was seen
/// when the protocol was checked.
fn waits(listener: &Listener, service: &Service, faults: &mut Vec<Diagnostic>) {
    let program = service.program();
    let is_time = |name: &str| program.settings.iter().any(|known| *known.name == *name && known.ty == Type::Duration);
    let Some(given) = listener.settings.iter().find(|given| is_time(&given.name)) else { return };
    let values = program.settings.iter().map(|setting| service.setting(&setting.name).cloned());
    let values: Vec<Value> = values.map(|value| value.unwrap_or(Value::Absent)).collect();
    for budget in proof::budget_with(program, &values) {
        let Some((verb, patience)) = budget.patience.as_ref().filter(|(_, patience)| budget.worst > *patience) else {
            continue;
        };
        let (worst, patience) = (budget.worst.as_secs(), patience.as_secs());
        let message = format!(
            "with these settings `{}` of `{}` may take {worst} seconds, and the peer waits {patience} for `{verb}`",
            budget.command, program.name
        );
        faults.push(Diagnostic::new(&REFUSED_SETTING, given.span, message).help("give it less time"));
    }
}

/// Every setting that names a sink names one that there is.
fn sinks(config: &Config, listener: &Listener, service: &Service, faults: &mut Vec<Diagnostic>) {
    let is_sink = |ty: &Type| *ty == Type::Sink || matches!(ty, Type::Optional(inner) if **inner == Type::Sink);
    for setting in service.program().settings.iter().filter(|setting| is_sink(&setting.ty)) {
        let Some(Value::Text(sink)) = service.setting(&setting.name) else { continue };
        if config.sinks.iter().any(|(name, _)| **name == **sink) {
            continue;
        }
        let given = listener.settings.iter().find(|given| *given.name == *setting.name);
        let place = given.map_or(listener.span, |given| given.span);
        let message = format!("the setting `{}` names the sink `{sink}`, and there is none of that name", setting.name);
        let near = nearest(sink, config.sinks.iter().map(|(name, _)| &**name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `sinks: {{ {sink}: {{ maildir: mail }} }}`"),
        };
        faults.push(Diagnostic::new(&UNKNOWN_NAME, place, message).help(help));
    }
}

/// Every statement that is asked with these settings asks a database that there is.
fn databases(config: &Config, listener: &Listener, service: &Service, faults: &mut Vec<Diagnostic>) {
    let known = |name: &str| config.databases.iter().any(|database| &*database.name == name);
    let asked = service.statements();
    let mut missing: Vec<&str> =
        asked.iter().map(|statement| &*statement.database).filter(|name| !known(name)).collect();
    missing.sort_unstable();
    missing.dedup();
    for name in missing {
        let asking: Vec<String> = asked
            .iter()
            .filter(|statement| &*statement.database == name)
            .map(|statement| format!("`{}`", statement.name))
            .collect();
        let message = format!(
            "the protocol `{}` asks the database `{name}`, and there is none of that name",
            service.program().name
        );
        let (asking, they) = (asking.join(", "), if asking.len() == 1 { "asks" } else { "ask" });
        let help = format!("{asking} {they} it: write `databases: {{ {name}: {{ url: \"sqlite:data/{name}.db\" }} }}`");
        faults.push(Diagnostic::new(&UNKNOWN_NAME, listener.protocol.1, message).help(help));
    }
}

impl TlsMode {
    /// The word of the configuration.
    pub fn word(self) -> &'static str {
        match self {
            TlsMode::Off => "off",
            TlsMode::Starttls => "starttls",
            TlsMode::Implicit => "implicit",
        }
    }
}
