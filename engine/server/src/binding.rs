//! Listeners and protocols brought together: each listener's protocol, TLS, settings, sinks and databases fit, or a
//! finding says what does not.
//!
//! Never: opens anything. `check` and `run` both go through here.

use std::{path::Path, sync::Arc};

use diagnostic::{Diagnostic, Span, nearest};
use machine::{BindError, Binding, Service};
use program::{Program, Type, Value};

use crate::{
    config::{
        Config, Listener, Origin, Shown, TlsMode,
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
    let mut protocols = Protocols::default();
    let wanted = |name: &str| all || config.listeners.iter().any(|listener| listener.protocol.0 == name);
    if let Err((path, error)) = protocols.add_folder(&config.protocols, wanted, findings) {
        let message = format!("`{}` cannot be read: {error}", path.display());
        let help = "name the folder that holds the protocols: `protocols: FOLDER`";
        findings.list.push(Diagnostic::new(&UNUSABLE_FILE, config.protocols_span, message).help(help));
    }
    protocols
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
        }
        databases(config, listener, program, &mut faults);
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
    let binding = Binding { name: config.server_name.clone(), settings, converse: config.log.conversation };
    match Service::bind(program.clone(), &binding) {
        Ok(service) => Some(service),
        Err(errors) => {
            faults.extend(errors.into_iter().map(|error| refused(error, listener, program)));
            None
        }
    }
}

fn refused(error: BindError, listener: &Listener, program: &Program) -> Diagnostic {
    let setting = |name: &str| listener.settings.iter().find(|setting| setting.name == name);
    let place = |name: &str| setting(name).map_or(listener.span, |setting| setting.span);
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
        BindError::Missing { name } => {
            let message = format!("the protocol `{}` needs the setting `{name}`", program.name);
            Diagnostic::new(&REFUSED_SETTING, listener.span, message).help(format!("write `settings: {{ {name}: … }}`"))
        }
    }
}

/// Every setting that names a sink names one that there is.
fn sinks(config: &Config, listener: &Listener, service: &Service, faults: &mut Vec<Diagnostic>) {
    for setting in service.program().settings.iter().filter(|setting| setting.ty == Type::Sink) {
        let Some(Value::Text(sink)) = service.setting(&setting.name) else { continue };
        if config.sinks.iter().any(|(name, _)| name == sink) {
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

/// Every statement asks a database that there is.
fn databases(config: &Config, listener: &Listener, program: &Program, faults: &mut Vec<Diagnostic>) {
    let mut missing: Vec<&str> = Vec::new();
    for statement in &program.statements {
        let known = config.databases.iter().any(|database| database.name == statement.database);
        if known || missing.contains(&&*statement.database) {
            continue;
        }
        missing.push(&statement.database);
        let message = format!(
            "the protocol `{}` asks the database `{}`, and there is none of that name",
            program.name, statement.database
        );
        let help = format!("write `databases: {{ {0}: {{ url: \"sqlite:data/{0}.db\" }} }}`", statement.database);
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
