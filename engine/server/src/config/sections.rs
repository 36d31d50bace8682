//! The keys of the file, section by section, each with its default.
//!
//! Never: looks at the machine it runs on.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actions::sink;

use super::{
    Config, Dns, Limits, Relay, Reload, Sink, Spool, TlsFiles, daemon, databases, listeners, log,
    node::{Kind, Node},
    quantity::{Period, Size},
    read::{Origin, Reader, Section, part, path, positive, yes_or_no},
    rules::{CONTRADICTION, MISSING_KEY, WRONG_VALUE},
};

const KEYS: &[&str] = &[
    "server_name",
    "listeners",
    "protocols",
    "reload",
    "tls",
    "run_as",
    "pid_file",
    "control",
    "databases",
    "dns",
    "spool",
    "sinks",
    "folders",
    "log",
    "limits",
    "metrics",
    "shutdown_grace",
];

/// Reads the whole file.
pub(super) fn config(reader: &mut Reader<'_>, root: &Node, folder: &Path) -> Option<Config> {
    let root = reader.section(root, "", KEYS);
    let server_name = reader.value(&root, "server_name", "localhost".to_string(), "a host name", host_name);
    let listeners = listeners::listeners(reader, &root, folder);
    let protocols = folder.join(reader.value(&root, "protocols", "protocols/".to_string(), "a folder", path));
    let protocols_span = root.node("protocols").map_or(root.span, |node| node.span);
    let reload = reload(reader, &root, folder);
    let tls = tls(reader, &root, folder);
    let run_as = daemon::run_as(reader, &root, folder);
    let (pid_file, control) = daemon::places(reader, &root, folder);
    let databases = databases::databases(reader, &root, folder);
    let dns = dns(reader, &root);
    let spool = spool(reader, &root, folder);
    let sinks = sinks(reader, &root, folder);
    let folders = folders(reader, &root, folder);
    let log = log::log(reader, &root, folder);
    let limits = limits(reader, &root);
    const METRICS: &str = "an address and a port, such as \"127.0.0.1:9095\"";
    let metrics = reader
        .given(&root, "metrics", METRICS, |text| text.parse::<SocketAddr>().ok().filter(|address| address.port() > 0));
    if root.node("metrics").is_none() {
        reader.show("metrics".to_string(), "off".to_string(), Origin::Default);
    }
    let grace = Period(Duration::from_secs(30));
    let shutdown_grace = reader.value(&root, "shutdown_grace", grace, Period::WANTS, Period::parse).0;
    Some(Config {
        server_name,
        listeners,
        protocols,
        protocols_span,
        reload,
        tls,
        run_as,
        pid_file,
        control,
        databases,
        dns,
        spool,
        sinks,
        folders,
        log,
        limits,
        metrics,
        shutdown_grace,
    })
}

fn reload(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Reload {
    let section = part(reader, root, "reload", &["watch", "debounce", "replay"]);
    let watch = reader.value(&section, "watch", true, "true or false", yes_or_no);
    let debounce = Period(Duration::from_millis(200));
    let debounce = reader.value(&section, "debounce", debounce, Period::WANTS, Period::parse).0;
    let replay = reader.given(&section, "replay", "a folder", path).map(|replay| folder.join(replay));
    if section.node("replay").is_none() {
        reader.show(section.path("replay"), "none".to_string(), Origin::Default);
    }
    Reload { watch, debounce, replay }
}

fn tls(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> TlsFiles {
    let section = part(reader, root, "tls", &["certificate", "key", "self_signed", "authorities"]);
    let certificate = folder.join(reader.value(&section, "certificate", "cert.pem".to_string(), "a file", path));
    let key = folder.join(reader.value(&section, "key", "key.pem".to_string(), "a file", path));
    let self_signed = reader.value(&section, "self_signed", "never", "when_missing or never", |text| match text {
        "when_missing" => Some("when_missing"),
        "never" => Some("never"),
        _ => None,
    });
    if certificate == key {
        // One file for both would be overwritten by its other half when a pair is made.
        let help = "give each a file of its own";
        reader.fault(&CONTRADICTION, section.span, "`certificate` and `key` are one file", help);
    }
    let authorities = reader.given(&section, "authorities", "a file", path).map(|file| folder.join(file));
    if section.node("authorities").is_none() {
        reader.show(section.path("authorities"), "those of the system".to_string(), Origin::Default);
    }
    let span = root.node("tls").map_or(root.span, |node| node.span);
    TlsFiles { certificate, key, self_signed: self_signed == "when_missing", authorities, span }
}

fn dns(reader: &mut Reader<'_>, root: &Section<'_>) -> Dns {
    const WANTS: &str = "`system`, or a list of addresses with ports: [\"127.0.0.1:5353\"]";
    let section = part(reader, root, "dns", &["servers", "timeout"]);
    let mut servers = None;
    match section.node("servers") {
        None => reader.show(section.path("servers"), "system".to_string(), Origin::Default),
        Some(node) => {
            let path = section.path("servers");
            for scalar in reader.scalars(node, &path) {
                match (scalar.text.as_str(), scalar.text.parse::<SocketAddr>()) {
                    ("system", _) if matches!(node.kind, Kind::Scalar(_)) => {}
                    (_, Ok(address)) if address.port() > 0 => servers.get_or_insert_with(Vec::new).push(address),
                    _ => reader.misfit(&scalar, "servers", WANTS),
                }
                reader.show(path.clone(), scalar.shown(), scalar.origin);
            }
            if node.kind == Kind::List(Vec::new()) {
                reader.fault(&WRONG_VALUE, node.span, "`dns.servers` names no server", format!("it takes {WANTS}"));
            }
        }
    }
    let timeout = Period(Duration::from_secs(5));
    let wants = "a span of time from 1ms, such as 5s";
    let parse = |text: &str| Period::parse(text).filter(|period| !period.0.is_zero());
    Dns { servers, timeout: reader.value(&section, "timeout", timeout, wants, parse).0 }
}

fn spool(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Spool {
    let section = part(reader, root, "spool", &["directory", "memory"]);
    let directory = folder.join(reader.value(&section, "directory", "spool/".to_string(), "a folder", path));
    let memory = reader.value(&section, "memory", Size(256 << 10), Size::WANTS, Size::parse).0;
    Spool { directory, memory }
}

fn folders(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Vec<(Arc<str>, PathBuf)> {
    let Some(node) = root.node("folders") else { return Vec::new() };
    let names: Vec<&str> = reader.names(node, "folders").entries().iter().map(|(name, _)| *name).collect();
    let section = reader.section(node, "folders", &names);
    let places = names.iter().filter_map(|name| {
        let place = reader.given(&section, name, "a folder", path)?;
        Some((Arc::from(*name), folder.join(place)))
    });
    places.collect()
}

fn sinks(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Vec<(Arc<str>, Sink)> {
    let Some(node) = root.node("sinks") else { return Vec::new() };
    let names = reader.names(node, "sinks");
    let mut sinks = Vec::new();
    for (name, node) in names.entries() {
        let kind = |key: &str| matches!(&node.kind, Kind::Map(entries) if entries.iter().any(|(own, ..)| own == key));
        let known: &[&str] = if kind("relay") { RELAY } else { FOLDERS };
        let section = reader.section(node, &names.path(name), known);
        let maildir = reader.given(
            &section,
            "maildir",
            "a path, with no other braces than `{domain}` and `{local_part}`",
            |text| path(text).filter(|text| sink::Maildir::new(text).is_ok()),
        );
        let files = reader.given(
            &section,
            "files",
            "a path with `{local_part}` in it, and with no other braces than that and `{domain}`",
            |text| path(text).filter(|text| sink::Drawers::new(text).is_ok()),
        );
        let detail = detail(reader, &section, maildir.as_deref());
        let domain = domain(reader, &section, maildir.as_deref().or(files.as_deref()));
        let discard = reader.given(&section, "discard", "true", |text| yes_or_no(text).filter(|yes| *yes));
        let given =
            ["maildir", "files", "discard", "relay"].into_iter().filter(|key| section.node(key).is_some()).count();
        if given > 1 {
            let message = format!("the sink `{name}` goes to two places");
            reader.fault(&CONTRADICTION, node.span, message, "keep one of `maildir`, `files`, `discard` and `relay`");
        } else if given == 0 {
            let message = format!("the sink `{name}` has no destination");
            let help = "write `maildir: FOLDER`, `files: FOLDER`, `relay: \"HOST:PORT\"`, or `discard: true`";
            reader.fault(&MISSING_KEY, node.span, message, help);
        } else if section.node("relay").is_some() {
            let relay = relay(reader, &section);
            sinks.extend(relay.map(|relay| (Arc::from(*name), Sink::Relay(Box::new(relay)))));
        } else {
            let maildir = maildir.map(|path| Sink::Maildir { path: folder.join(path), detail, domain: domain.clone() });
            let files = files.map(|path| Sink::Files { path: folder.join(path), domain });
            sinks.extend(maildir.or(files).or(discard.map(|_| Sink::Discard)).map(|sink| (Arc::from(*name), sink)));
        }
    }
    sinks
}

/// What begins the detail of a local part where nothing else is said (RFC 5233).
const DETAIL: &str = "+";

/// The keys of a sink that is a folder, or nowhere.
const FOLDERS: &[&str] = &["maildir", "files", "detail", "domain", "discard", "relay"];

/// The keys of a sink that is another server, and those that contradict it.
const RELAY: &[&str] = &["relay", "protocol", "client", "settings", "maildir", "files", "detail", "domain", "discard"];

/// What begins the detail of a local part, where each has a Maildir of its own.
fn detail(reader: &mut Reader<'_>, section: &Section<'_>, maildir: Option<&str>) -> String {
    const WANTS: &str = "a mark, such as \"+\", or \"\" for none";
    let given = reader.given(section, "detail", WANTS, |text| is_mark(text).then(|| text.to_string()));
    needs_path(reader, section, ("detail", "{local_part}"), maildir);
    given.unwrap_or_else(|| DETAIL.to_string())
}

/// The domain of an address that has none, where folders are by domain.
fn domain(reader: &mut Reader<'_>, section: &Section<'_>, path: Option<&str>) -> Option<String> {
    let given = reader.given(section, "domain", "a domain, such as example.com", host_name);
    needs_path(reader, section, ("domain", "{domain}"), path);
    given
}

/// Tells that a key stands there without the path that it is about.
fn needs_path(reader: &mut Reader<'_>, section: &Section<'_>, (key, part): (&str, &str), path: Option<&str>) {
    if let Some(node) = section.node(key)
        && !path.is_some_and(|path| path.contains(part))
    {
        let message = format!("`{key}` says nothing here: no path has `{part}` in it");
        let help = "take it away, or write  maildir: \"mail/{domain}/{local_part}\"";
        reader.fault(&CONTRADICTION, node.span, message, help);
    }
}

/// Whether a text can part a local part: printable ASCII that stands in one without quotes.
fn is_mark(text: &str) -> bool {
    text.len() <= 8 && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"\"@()<>,;:[]\\/".contains(&octet))
}

fn relay(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<Relay> {
    const WANTS: &str = "a host and a port: \"mail.example.net:25\", \"192.0.2.1:25\", \"[2001:db8::1]:25\"";
    let there = reader.given(section, "relay", WANTS, |text| host_and_port(text).map(|_| text.to_string()));
    let protocol = listeners::protocol(reader, section);
    let client = match section.node("client") {
        None => {
            reader.missing(section, "client", "name a `public client` of the protocol");
            None
        }
        Some(node) => {
            let word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.is_empty();
            let name = reader.given(section, "client", "the name of a client: letters, digits and `_`", |text| {
                word(text).then(|| text.to_string())
            });
            name.map(|name| (name, node.span))
        }
    };
    let settings = listeners::settings(reader, section);
    let (host, port) = host_and_port(&there?)?;
    Some(Relay { host, port, protocol: protocol?, client: client?, settings, span: section.span })
}

/// `host:port` or `[ipv6]:port`.
pub fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
        None => host_name(host)?,
    };
    Some((host, port))
}

/// Below this the program itself leaves no room for anybody.
const MEMORY_LEAST: u64 = 64 << 20;

fn limits(reader: &mut Reader<'_>, root: &Section<'_>) -> Limits {
    const WANTS: &str = "a number of at least 1";
    const KEYS: &[&str] = &[
        "connections",
        "per_address",
        "connections_per_minute",
        "memory",
        "slowest",
        "stalled",
        "passwords_per_minute",
    ];
    let section = part(reader, root, "limits", KEYS);
    let per_minute = |text: &str| positive(text).and_then(|number| u32::try_from(number).ok());
    let connections_per_minute = reader.given(&section, "connections_per_minute", WANTS, per_minute);
    if section.node("connections_per_minute").is_none() {
        reader.show(section.path("connections_per_minute"), "as many as come".to_string(), Origin::Default);
    }
    let enough = |text: &str| Size::parse(text).filter(|size| size.0 >= MEMORY_LEAST);
    let stalled = |text: &str| Period::parse(text).filter(|period| !period.0.is_zero());
    let slowest = |text: &str| Size::parse(text).filter(|size| size.0 > 0);
    Limits {
        connections: reader.value(&section, "connections", 10_000, WANTS, positive),
        per_address: reader.value(&section, "per_address", 100, WANTS, positive),
        connections_per_minute,
        memory: reader.value(&section, "memory", Size(1 << 30), "a number of octets from 64MiB", enough).0,
        slowest: reader.value(&section, "slowest", Size(500), "octets per second, at least 1", slowest).0,
        stalled: reader.value(&section, "stalled", Period(Duration::from_secs(60)), "a span from 1ms", stalled).0,
        passwords_per_minute: reader.value(&section, "passwords_per_minute", 60, WANTS, per_minute),
    }
}

/// A host name: labels of letters, digits and hyphens, parted by dots (RFC 1123 section 2.1), U-labels as A-labels.
pub fn host_name(text: &str) -> Option<String> {
    let text = &*program::a_labels(text);
    let label = |label: &str| {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
    };
    (text.len() <= 253 && text.split('.').all(label)).then(|| text.to_string())
}
