//! The keys of `listeners`.
//!
//! Never: knows whether a protocol exists or what its settings are.

use std::net::SocketAddr;

use diagnostic::{Diagnostic, Span};
use machine::{Given, decode::network};
use program::Network;

use super::{
    Listener, Setting, TlsMode,
    address::{Address, FORMS},
    node::{Kind, Node},
    read::{Origin, Reader, Section, yes_or_no},
    rules::{CONTRADICTION, NOT_AN_ADDRESS, WRONG_VALUE},
};

const KEYS: &[&str] = &["listen", "protocol", "tls", "settings", "conversation", "proxy_protocol"];
const LISTEN_HELP: &str = "write `listen: \"2525\"`, or one address and a port";

/// Reads all listeners.
pub(super) fn listeners(reader: &mut Reader<'_>, root: &Section<'_>) -> Vec<Listener> {
    let Some(node) = root.node("listeners") else {
        reader.missing(root, "listeners", "name at least one: listeners: [{ listen: \"2525\", protocol: NAME }]");
        return Vec::new();
    };
    let Kind::List(items) = &node.kind else {
        let help = "write each one behind a `-`: `- listen: \"2525\"`, and its other keys under `listen`";
        reader.fault(&WRONG_VALUE, node.span, "`listeners` is a list", help);
        return Vec::new();
    };
    let listeners: Vec<Listener> =
        items.iter().enumerate().filter_map(|(index, item)| listener(reader, item, index)).collect();
    clashes(reader, &listeners);
    listeners
}

fn listener(reader: &mut Reader<'_>, node: &Node, index: usize) -> Option<Listener> {
    let section = reader.section(node, &format!("listeners[{index}]"), KEYS);
    let addresses = addresses(reader, &section);
    let protocol = protocol(reader, &section);
    let tls = reader.given(&section, "tls", "off, starttls or implicit", TlsMode::parse);
    let tls = tls.zip(section.node("tls").map(|node| node.span));
    let settings = settings(reader, &section);
    let conversation = reader.given(&section, "conversation", "true or false", yes_or_no);
    let proxies = proxies(reader, &section);
    Some(Listener { addresses, protocol: protocol?, tls, settings, conversation, proxies, span: section.span })
}

fn proxies(reader: &mut Reader<'_>, section: &Section<'_>) -> Vec<Network> {
    const WANTS: &str = "networks of proxies: [127.0.0.1/32, \"2001:db8::/64\"]";
    let Some(node) = section.node("proxy_protocol") else { return Vec::new() };
    let path = section.path("proxy_protocol");
    let mut networks = Vec::new();
    for scalar in reader.scalars(node, &path) {
        match network(&scalar.text) {
            Some(network) => networks.push(network),
            None => reader.misfit(&scalar, "proxy_protocol", WANTS),
        }
        reader.show(path.clone(), scalar.shown(), scalar.origin);
    }
    if node.kind == Kind::List(Vec::new()) {
        reader.fault(&WRONG_VALUE, node.span, "`proxy_protocol` names nobody", format!("it takes {WANTS}"));
    }
    networks
}

fn addresses(reader: &mut Reader<'_>, section: &Section<'_>) -> Vec<(Address, Span)> {
    let path = section.path("listen");
    let Some(node) = section.node("listen") else {
        reader.missing(section, "listen", LISTEN_HELP);
        return Vec::new();
    };
    let scalars = reader.scalars(node, &path);
    if scalars.is_empty() && node.kind == Kind::List(Vec::new()) {
        reader.fault(&NOT_AN_ADDRESS, node.span, "`listen` names no address", LISTEN_HELP);
    }
    let mut addresses = Vec::new();
    for scalar in scalars {
        match scalar.text.parse::<Address>() {
            Ok(address) => {
                reader.show(path.clone(), address.to_string(), scalar.origin);
                addresses.push((address, scalar.span));
            }
            Err(error) => {
                let message = format!("`{}` is no address to listen on: {error}", scalar.shown());
                reader.fault(&NOT_AN_ADDRESS, scalar.span, message, format!("write {FORMS}"));
            }
        }
    }
    addresses
}

pub(super) fn protocol(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<(String, Span)> {
    let Some(node) = section.node("protocol") else {
        reader.missing(section, "protocol", "name the protocol: a file NAME.proto.dsl in the folder `protocols`");
        return None;
    };
    let name = reader.given(section, "protocol", "the name of a protocol: letters, digits, `-` and `_`", |text| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        (!text.is_empty() && text.chars().all(fits)).then(|| text.to_string())
    })?;
    Some((name, node.span))
}

pub(super) fn settings(reader: &mut Reader<'_>, section: &Section<'_>) -> Vec<Setting> {
    let Some(node) = section.node("settings") else { return Vec::new() };
    let names = reader.names(node, section.path("settings").as_str());
    let mut settings = Vec::new();
    for (name, node) in names.entries() {
        let path = names.path(name);
        let scalars = reader.scalars(node, &path);
        let secret = scalars.iter().any(|scalar| scalar.secret);
        let given = match &node.kind {
            Kind::List(items) if items.len() == scalars.len() => {
                Given::List(scalars.iter().map(|scalar| scalar.text.clone()).collect())
            }
            Kind::Scalar(_) if scalars.len() == 1 => Given::Text(scalars[0].text.clone()),
            _ => continue,
        };
        let shown: Vec<String> = scalars.iter().map(|scalar| scalar.shown()).collect();
        let shown = if matches!(given, Given::List(_)) { format!("[{}]", shown.join(", ")) } else { shown.concat() };
        let origin =
            scalars.into_iter().map(|s| s.origin).next().unwrap_or_else(|| Origin::Line(reader.line(node.span)));
        reader.show(path, shown, origin);
        settings.push(Setting { name: (*name).to_string(), given, secret, span: node.span });
    }
    settings
}

/// Two listeners cannot have one socket, but where the system chooses the port, and the unspecified address takes its port on every other one.
fn clashes(reader: &mut Reader<'_>, listeners: &[Listener]) {
    let mut taken: Vec<(SocketAddr, Span)> = Vec::new();
    for (address, span) in listeners.iter().flat_map(|listener| &listener.addresses) {
        let sockets = address.sockets();
        let first = taken.iter().find(|(other, _)| sockets.iter().any(|socket| clash(*socket, *other)));
        if let Some((_, first)) = first {
            let finding = Diagnostic::new(&CONTRADICTION, *span, format!("`{address}` is listened on twice"));
            reader.diagnostics.push(finding.other(*first, "here first").help("give one of them another port"));
        }
        taken.extend(sockets.into_iter().map(|socket| (socket, *span)));
    }
}

fn clash(a: SocketAddr, b: SocketAddr) -> bool {
    if a.port() == 0 {
        return false;
    }
    let every = a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() == b.port() && a.is_ipv4() == b.is_ipv4() && (a.ip() == b.ip() || every)
}

impl TlsMode {
    fn parse(text: &str) -> Option<TlsMode> {
        match text {
            // YAML has a word of its own for `off`; as written it is still this one.
            "off" => Some(TlsMode::Off),
            "starttls" => Some(TlsMode::Starttls),
            "implicit" => Some(TlsMode::Implicit),
            _ => None,
        }
    }
}
