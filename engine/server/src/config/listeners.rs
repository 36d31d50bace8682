//! The keys of `listeners`.
//!
//! Never: knows whether a protocol exists or what its settings are.

use std::{net::IpAddr, path::Path};

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
use crate::endpoint::{Endpoint, FileRights, LocalPeers};

const KEYS: &[&str] =
    &["listen", "as", "mode", "group", "protocol", "tls", "settings", "conversation", "proxy_protocol"];
const LISTEN_HELP: &str = "write `listen: \"2525\"`, or one address and a port, or `unix:` and the path of a socket";

/// In the list of proxies, the peers of a UNIX socket.
const LOCAL: &str = "unix";

/// Reads all listeners.
pub(super) fn listeners(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Vec<Listener> {
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
        items.iter().enumerate().filter_map(|(index, item)| listener(reader, item, index, folder)).collect();
    clashes(reader, &listeners);
    listeners
}

fn listener(reader: &mut Reader<'_>, node: &Node, index: usize, folder: &Path) -> Option<Listener> {
    let section = reader.section(node, &format!("listeners[{index}]"), KEYS);
    let addresses = addresses(reader, &section, folder);
    let protocol = protocol(reader, &section);
    let tls = reader.given(&section, "tls", "off, starttls or implicit", TlsMode::parse);
    let tls = tls.zip(section.node("tls").map(|node| node.span));
    let settings = settings(reader, &section);
    let conversation = reader.given(&section, "conversation", "true or false", yes_or_no);
    let mut local = LocalPeers::default();
    let proxies = proxies(reader, &section, &mut local);
    let has_file = addresses.iter().any(|(address, _)| address.file().is_some());
    let file = of_files(reader, &section, has_file, &mut local);
    let span = section.span;
    Some(Listener { addresses, protocol: protocol?, tls, settings, conversation, proxies, local, file, span })
}

/// What is said of UNIX sockets, and of the peers that come through them.
fn of_files(reader: &mut Reader<'_>, section: &Section<'_>, has_file: bool, local: &mut LocalPeers) -> FileRights {
    let default = FileRights::default();
    let ip =
        reader.given(section, "as", "an address: \"192.0.2.1\" or \"2001:db8::1\"", |text| text.parse::<IpAddr>().ok());
    let mode = reader.given(section, "mode", "rights in octal: 0660, 0600 or 0666", octal);
    let group = reader.given(section, "group", "the name of a group", |text| {
        (!text.is_empty() && !text.contains('\0')).then(|| text.to_string())
    });
    if has_file {
        let own = [("as", local.ip.to_string()), ("mode", format!("{:04o}", default.mode)), ("group", OWN.to_string())];
        for (key, value) in own.into_iter().filter(|(key, _)| section.node(key).is_none()) {
            reader.show(section.path(key), value, Origin::Default);
        }
    } else {
        for node in ["as", "mode", "group"].into_iter().filter_map(|key| Some((key, section.node(key)?))) {
            let message = format!("`{}` says nothing here: no address of `listen` is a UNIX socket", node.0);
            reader.fault(&CONTRADICTION, node.1.span, message, "take it away, or write  listen: \"unix:/path\"");
        }
    }
    if let Some(node) = section.node("proxy_protocol").filter(|_| local.proxies && !has_file) {
        let message = format!("`{LOCAL}` says nothing here: no address of `listen` is a UNIX socket");
        reader.fault(&CONTRADICTION, node.span, message, "take it away, or write  listen: \"unix:/path\"");
    }
    local.ip = ip.unwrap_or(local.ip);
    FileRights { mode: mode.unwrap_or(default.mode), group }
}

/// The group of a socket's file where none is named.
const OWN: &str = "that of the process";

/// The rights of a file, as `chmod` takes them.
fn octal(text: &str) -> Option<u32> {
    let digits = text.len() >= 3 && text.bytes().all(|octet| octet.is_ascii_digit());
    u32::from_str_radix(text, 8).ok().filter(|mode| digits && *mode <= 0o777)
}

fn proxies(reader: &mut Reader<'_>, section: &Section<'_>, local: &mut LocalPeers) -> Vec<Network> {
    const WANTS: &str =
        "networks of proxies, and `unix` for the peers of a UNIX socket: [127.0.0.1/32, \"2001:db8::/64\"]";
    let Some(node) = section.node("proxy_protocol") else { return Vec::new() };
    let path = section.path("proxy_protocol");
    let mut networks = Vec::new();
    for scalar in reader.scalars(node, &path) {
        match network(&scalar.text) {
            None if scalar.text == LOCAL => local.proxies = true,
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

fn addresses(reader: &mut Reader<'_>, section: &Section<'_>, folder: &Path) -> Vec<(Address, Span)> {
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
        match scalar.text.parse::<Address>().and_then(|address| address.within(folder)) {
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
    let mut taken: Vec<(Endpoint, Span)> = Vec::new();
    for (address, span) in listeners.iter().flat_map(|listener| &listener.addresses) {
        let sockets = address.endpoints();
        let first = taken.iter().find(|(other, _)| sockets.iter().any(|socket| clash(socket, other)));
        if let Some((_, first)) = first {
            let finding = Diagnostic::new(&CONTRADICTION, *span, format!("`{address}` is listened on twice"));
            reader
                .diagnostics
                .push(finding.other(*first, "here first").help("give one of them another port, or another path"));
        }
        taken.extend(sockets.into_iter().map(|socket| (socket, *span)));
    }
}

fn clash(a: &Endpoint, b: &Endpoint) -> bool {
    let (Some(a), Some(b)) = (a.inet(), b.inet()) else { return a == b };
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
