//! What every key of the configuration means, in words: the manual's page of the file is made from this table.
//!
//! What a key takes and its default are not written here: they are what the reader says as it reads.
//!
//! Never: read when a configuration is; a test holds the table against the keys that the reader accepts.

use std::{collections::BTreeMap, io, path::Path};

use diagnostic::FileId;

use super::{
    expand::Surroundings,
    node,
    read::{Origin, Reader},
    sections,
};

/// What is said of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its path: `log.level`; `NAME` is a name of the operator's choice, `[]` each entry of a list.
    pub path: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it takes, where one value is taken.
    pub takes: Option<String>,
    /// What holds without it.
    pub default: Option<String>,
}

/// A configuration with one of everything that is not there by itself, so that the reader comes by every key.
const EXEMPLAR: &str = "\
listeners: [{ listen: [\"2525\", \"unix:run/saywhen.sock\"], protocol: NAME }]
databases: { NAME: { url: \"postgres://user@db.example.com/name\" } }
log: { file: saywhen.log }
run_as: { user: saywhen }
sinks: { NAME: { relay: \"mail.example.net:25\", protocol: NAME, client: send } }
folders: { NAME: plans/ }
";

/// Path and meaning, in the order of the page.
const KEYS: &[(&str, &str)] = &[
    ("server_name", "The name in banners, trace headers and a self-signed certificate."),
    ("listeners", "The addresses to listen on and the protocol of each: a list with one entry per listener."),
    (
        "listeners[].listen",
        "One address or a list of them: a bare port (\"2525\"), which means all IPv4 and IPv6 addresses; \
         \"127.0.0.1:2525\"; \"::1/2525\" or \"[::1]:2525\". With an address, port 0 lets the system choose a \
         port, which the log and `status` show; a reload keeps it. \"unix:/path\" is the file of a UNIX socket. \
         The account that the server runs as creates it, replaces one that a dead server left behind, and removes \
         it at the end. If a service manager passes a socket with that address or path, the server uses that one.",
    ),
    (
        "listeners[].as",
        "The address that protocols see for peers of a UNIX socket, which have none. By default it is an \
         unspecified address, so no list of networks that trusts this machine includes them. The log always names \
         the socket, and `limits.per_address` and `limits.connections_per_minute` count all peers of a socket \
         together.",
    ),
    (
        "listeners[].mode",
        "The permissions of the file of a UNIX socket: whoever may write to it may connect. A folder created for \
         it can be entered by everybody.",
    ),
    (
        "listeners[].group",
        "The group of the file of a UNIX socket. The account that the server runs as must be a member.",
    ),
    ("listeners[].protocol", "The protocol: the name of a file NAME.proto.dsl in the folder `protocols`."),
    (
        "listeners[].tls",
        "When TLS begins: never, when the protocol starts it, or before the first octet. Without it, a listener \
         offers what its protocol supports.",
    ),
    (
        "listeners[].proxy_protocol",
        "Networks of proxies, and `unix` for the peers of a UNIX socket. Their connections begin with a PROXY \
         header, version 1 or 2, and the peer is the one that the header names.",
    ),
    (
        "listeners[].settings",
        "Values for the settings declared at the top of the protocol's file, each of the type declared there.",
    ),
    (
        "listeners[].conversation",
        "Whether to log every line that both sides send on this listener, regardless of `log.conversation`.",
    ),
    ("protocols", "The folder of the protocols."),
    ("reload", "When and how the configuration and its files are read again while the server runs."),
    ("reload.watch", "Whether to reload when a file changes: the configuration, a protocol, a certificate."),
    ("reload.debounce", "How long all files must be unchanged before they are read."),
    ("reload.replay", "A folder of transcripts. A new version that fails one of them is refused."),
    ("tls", "The server's certificate, and the authorities it trusts."),
    ("tls.certificate", "A PEM file with the whole chain, the server's own certificate first."),
    ("tls.key", "A PEM file with the private key."),
    (
        "tls.self_signed",
        "Whether to create both files if neither exists. Clients that verify certificates will refuse the result.",
    ),
    (
        "tls.authorities",
        "A PEM file with the authorities to trust when the server connects to another one as a client.",
    ),
    (
        "databases",
        "The databases that `sql` statements use, by name. Statements that name none use the one called \
         `default`.",
    ),
    (
        "databases.NAME.url",
        "The location of the database. The embedded database is a file. Connections to a database server require \
         TLS, unless it is on this machine.",
    ),
    ("databases.NAME.schema", "A file of SQL that is executed once, when the file of an embedded database is created."),
    ("databases.NAME.password", "The password for a database server, preferably as ${file:PATH}. It is never shown."),
    (
        "databases.NAME.tls",
        "Whether to connect to a database server over TLS. Its certificate must be for the host in the URL.",
    ),
    (
        "databases.NAME.authorities",
        "A PEM file of the authorities to trust for this database server; no other is trusted.",
    ),
    ("databases.NAME.socket", "A local socket: for MySQL its file, for PostgreSQL the folder that contains it."),
    ("databases.NAME.connections", "The maximum number of connections to a database server."),
    ("dns", "How names are looked up."),
    ("dns.servers", "`system`, or a list of addresses with ports: [\"127.0.0.1:5353\"]."),
    ("dns.timeout", "How long one query to one server may take."),
    ("spool", "Where a message is kept while it is being received."),
    ("run_as", "The account the server switches to when it is started as root."),
    ("run_as.user", "The user. It cannot be root."),
    ("run_as.group", "The group. The default is the user's own."),
    ("run_as.directory", "The server's working directory. It is created if it does not exist."),
    (
        "run_as.root",
        "The directory that becomes the server's root of the file system. Everything it uses must be below it.",
    ),
    ("run_as.keep_low_ports", "Whether a reload may bind ports below 1024: `yes` keeps that one capability."),
    ("pid_file", "The file with the process number, locked while the server runs. Without it there is no such file."),
    ("control", "The control socket. By default it is next to `pid_file`, with the ending `.sock`."),
    ("spool.directory", "The folder for messages larger than `spool.memory`. The files have no names."),
    ("spool.memory", "The maximum number of octets that one session keeps in memory."),
    ("sinks", "The destinations of delivered messages, by name. A listener's settings choose among them."),
    ("sinks.NAME.maildir", "A Maildir in that folder."),
    (
        "sinks.NAME.files",
        "A folder with the files of each owner, for protocols that store files. It takes no messages.",
    ),
    (
        "sinks.NAME.detail",
        "The characters that separate a detail from the local part, if each local part has its own Maildir: a \
         message for ann+shop goes to ann, unless ann+shop has a Maildir. The default is `+`; an empty text \
         separates nothing.",
    ),
    (
        "sinks.NAME.domain",
        "The domain of addresses and accounts without one, if folders are by domain. The default is \
         `server_name`.",
    ),
    (
        "sinks.NAME.discard",
        "No destination: messages are thrown away, for benchmarks and honeypots. The log says so at the start.",
    ),
    (
        "sinks.NAME.relay",
        "Another server. It must have accepted a message before our client is told that the message is accepted.",
    ),
    ("sinks.NAME.protocol", "The protocol to speak with that server."),
    ("sinks.NAME.client", "The `public client` of that protocol to use."),
    ("sinks.NAME.settings", "Values for the client's parameters and the protocol's settings."),
    ("folders", "Folders from which protocols may read files, by name."),
    ("folders.NAME", "The folder. Its files are read and never written, and links in it are not followed."),
    ("log", "What is logged, and where."),
    ("log.file", "The log file."),
    (
        "log.rotate",
        "When to start a new file: at local midnight, before the file would exceed a size, or never. Old files \
         are named by their day or time: saywhen.log.2026-11-21. Only with `log.file`.",
    ),
    ("log.keep", "The number of old files to keep. Not with `rotate: never`."),
    ("log.level", "The lowest level to log. `warn` is the same as `warning`."),
    ("log.format", "Text for people, or one JSON object per line."),
    ("log.conversation", "Whether to log every line that both sides send, with passwords masked. This fills disks."),
    (
        "metrics",
        "The address of the page for Prometheus, http://ADDRESS/metrics. It has no password: restrict who can \
         reach it.",
    ),
    ("limits", "Limits on simultaneous and repeated use."),
    ("limits.connections", "The maximum number of simultaneous sessions."),
    ("limits.per_address", "The maximum number of simultaneous sessions of one address; for IPv6, of one /64."),
    (
        "limits.connections_per_minute",
        "The maximum number of new connections of one address per minute, and in one burst; for IPv6, of one /64.",
    ),
    (
        "limits.memory",
        "Octets of memory for sessions and payloads. When it is used up, payloads go to the spool's files, and \
         new sessions are told that the server is full.",
    ),
    (
        "limits.slowest",
        "The minimum average rate in octets per second, for a payload that has lasted longer than the protocol's \
         idle limit, and for a peer that has taken longer than `limits.stalled` to read.",
    ),
    ("limits.stalled", "How long a peer may read nothing of what it was sent."),
    (
        "limits.passwords_per_minute",
        "The maximum number of password checks for one address per minute; for IPv6, for one /64.",
    ),
    ("shutdown_grace", "How long sessions may take to end when the server stops."),
];

/// Every key of the configuration, in the order of the page.
pub fn described() -> Vec<Described> {
    let reader = read();
    let defaults = reader.shown.iter().filter(|shown| shown.origin == Origin::Default);
    let defaults: BTreeMap<String, &str> = defaults.map(|shown| (general(&shown.path), &*shown.value)).collect();
    let takes: BTreeMap<String, &str> = reader.takes.iter().map(|(path, takes)| (general(path), *takes)).collect();
    let describe = |(path, about): &(&'static str, &'static str)| Described {
        path,
        about,
        takes: takes.get(*path).map(ToString::to_string),
        default: defaults.get(*path).map(ToString::to_string),
    };
    KEYS.iter().map(describe).collect()
}

/// The first listener stands for each.
fn general(path: &str) -> String {
    path.replace("[0]", "[]")
}

fn read() -> Reader<'static> {
    let mut reader = Reader::new(EXEMPLAR, &Nothing);
    if let Ok(root) = node::read(FileId(0), EXEMPLAR) {
        sections::config(&mut reader, &root, Path::new(""));
    }
    reader
}

/// The exemplar expands nothing.
struct Nothing;

impl Surroundings for Nothing {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn file(&self, _: &str) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exemplar_is_a_configuration() {
        let found: Vec<String> = read().diagnostics.iter().map(|finding| finding.message.to_string()).collect();
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn every_key_that_is_accepted_is_described_and_no_other() {
        let mut accepted: Vec<String> = read().known.iter().map(|path| general(path)).collect();
        accepted.sort();
        accepted.dedup();
        let missing: Vec<&String> = accepted.iter().filter(|key| !KEYS.iter().any(|(path, _)| path == *key)).collect();
        assert!(missing.is_empty(), "describe these keys in config/keys.rs: {missing:?}");
        let idle: Vec<&str> =
            KEYS.iter().map(|(path, _)| *path).filter(|key| !accepted.iter().any(|a| a == key)).collect();
        assert!(idle.is_empty(), "nothing reads these keys, or the exemplar does not come by them: {idle:?}");
    }

    #[test]
    fn what_a_key_takes_and_its_default_come_from_the_reader() {
        let described = described();
        let level = described.iter().find(|key| key.path == "log.level").expect("a key");
        assert_eq!(level.takes.as_deref(), Some("debug, info, warning or error"));
        assert_eq!(level.default.as_deref(), Some("info"));
    }
}
