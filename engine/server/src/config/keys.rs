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
    ("server_name", "The name in banners and trace headers, and in a self-signed certificate."),
    ("listeners", "What is listened on, and what is spoken there: a list, one entry per listener."),
    (
        "listeners[].listen",
        "One address or a list of them: a bare port (\"2525\"), which is every IPv4 and every IPv6 address; \
         \"127.0.0.1:2525\"; \"::1/2525\" or \"[::1]:2525\". With an address, port 0 has the system choose one, which the \
         log and `status` say; a reload keeps it. \"unix:/path\" is the file of a UNIX socket: made by the user that the \
         server goes on as, in the place of one that a dead server left, and removed at the end. A socket that a service \
         manager hands over with that address or path is used instead of a new one.",
    ),
    (
        "listeners[].as",
        "The address that protocols see of peers of a UNIX socket, who have none. By itself it is nobody's, so that no list \
         of networks that trusts this machine holds for them. The log names the socket in any case, and \
         `limits.per_address` and `limits.connections_per_minute` hold for all peers of a socket together.",
    ),
    (
        "listeners[].mode",
        "The rights of the file of a UNIX socket: who may write may connect. A folder that is made for it may be entered by \
         everybody.",
    ),
    ("listeners[].group", "The group of the file of a UNIX socket; the user that the server goes on as must be in it."),
    ("listeners[].protocol", "The protocol: the name of a file NAME.proto.dsl in the folder `protocols`."),
    (
        "listeners[].tls",
        "When TLS begins: never, when the protocol says so, or before the first octet. Without it a listener does \
         what its protocol can do.",
    ),
    (
        "listeners[].proxy_protocol",
        "Networks of proxies, and `unix` for the peers of a UNIX socket: their connections begin with a PROXY header, version \
         1 or 2, and whom it names is the peer.",
    ),
    (
        "listeners[].settings",
        "Values for the settings at the top of the protocol's file, each of the type it has there.",
    ),
    (
        "listeners[].conversation",
        "Whether every line that both sides say here is written down, whatever `log.conversation` says.",
    ),
    ("protocols", "The folder of the protocols."),
    ("reload", "When and how all of this is read again while the server runs."),
    (
        "reload.watch",
        "Whether it is read again when a file of it changes: the configuration, a protocol, a certificate.",
    ),
    ("reload.debounce", "How long no file may change before it is read."),
    ("reload.replay", "A folder of transcripts; a new version that breaks one of them is refused."),
    ("tls", "The certificate of the server, and whom it believes."),
    ("tls.certificate", "A PEM file with the whole chain, our own certificate first."),
    ("tls.key", "A PEM file with the private key."),
    ("tls.self_signed", "Whether both are made when neither is there. Clients that verify will refuse such a pair."),
    ("tls.authorities", "A PEM file with the authorities that are believed where we are the client."),
    ("databases", "What `sql` statements ask, by name; statements that name none ask the one called `default`."),
    (
        "databases.NAME.url",
        "Where it is. The embedded database is a file; TLS is required on the way to a server, unless it is this \
         machine.",
    ),
    ("databases.NAME.schema", "A file of SQL that is carried out once, when the file of an embedded database is made."),
    ("databases.NAME.password", "The password for a server; best as ${file:PATH}. It is never shown."),
    ("databases.NAME.tls", "Whether the way to a server is TLS; its certificate must be for the host in the URL."),
    ("databases.NAME.authorities", "A PEM file of who may vouch for the server; no other is believed."),
    ("databases.NAME.socket", "A local socket: for MySQL its file, for PostgreSQL the folder that it lies in."),
    ("databases.NAME.connections", "How many connections a server is asked over at most."),
    ("dns", "How names are looked up."),
    ("dns.servers", "`system`, or a list of addresses with ports: [\"127.0.0.1:5353\"]."),
    ("dns.timeout", "How long one try at one server may take."),
    ("spool", "Where a message waits while it is taken in."),
    ("run_as", "Whom a server goes on as that was started as root."),
    ("run_as.user", "The user; never root."),
    ("run_as.group", "The group; without it the user's own."),
    ("run_as.directory", "The folder that the server works in; made when it is missing."),
    ("run_as.root", "What the server takes for the root of the file system; all that it uses lies below it."),
    ("run_as.keep_low_ports", "Whether a reload may bind ports below 1024: `yes` keeps that one capability."),
    ("pid_file", "The file that holds the number of the process, locked while it serves; without it there is none."),
    ("control", "The socket that the server is asked through; by itself beside `pid_file`, ending in `.sock`."),
    ("spool.directory", "The folder for messages beyond `spool.memory`; their files have no name."),
    ("spool.memory", "The most octets that one session keeps in memory."),
    ("sinks", "Where delivered messages go, by name; a listener's settings choose among them."),
    ("sinks.NAME.maildir", "A Maildir in that folder."),
    ("sinks.NAME.files", "A folder of files for each owner, for protocols that keep some: no messages go there."),
    (
        "sinks.NAME.detail",
        "What begins the detail of a local part, where each has a Maildir of its own: a message for ann+shop goes to \
         ann, unless ann+shop has a Maildir. Without it `+`; an empty one parts nothing.",
    ),
    (
        "sinks.NAME.domain",
        "The domain of addresses and accounts that have none, where folders are by domain; without it `server_name`.",
    ),
    ("sinks.NAME.discard", "Nowhere: for benchmarks and honeypots. The log says so at the start."),
    ("sinks.NAME.relay", "Another server, which must have taken a message before our client is told that it is taken."),
    ("sinks.NAME.protocol", "The protocol that is spoken with that server."),
    ("sinks.NAME.client", "The `public client` of that protocol which is asked."),
    ("sinks.NAME.settings", "Values for the client's parameters and the protocol's settings."),
    ("folders", "Folders that protocols may read files from, by name."),
    ("folders.NAME", "The folder. Its files are read, never written, and links in it are not followed."),
    ("log", "What is logged, and where to."),
    ("log.file", "The file of the log."),
    (
        "log.rotate",
        "When a new file begins: at local midnight, before the file would be longer than a size, or never. Old ones \
         are called by their day or moment: saywhen.log.2026-11-21. Only with a `file`.",
    ),
    ("log.keep", "How many old files stay. Not with `rotate: never`."),
    ("log.level", "The least grave line that is written; `warn` is `warning`."),
    ("log.format", "Lines for people, or one JSON object per line."),
    ("log.conversation", "Whether every line that both sides say is written down, passwords masked. It fills disks."),
    (
        "metrics",
        "Where numbers for Prometheus are shown, as http://ADDRESS/metrics. There is no password: let only those who \
         may know reach it.",
    ),
    ("limits", "How much at once."),
    ("limits.connections", "Sessions at once, in all."),
    ("limits.per_address", "Sessions at once of one address; of one /64 for IPv6."),
    (
        "limits.connections_per_minute",
        "New connections of one address in a minute, and as many at once; of one /64 for IPv6.",
    ),
    (
        "limits.memory",
        "Octets of memory for sessions and payloads. Payloads that find none go into the spool's files; sessions that \
         find none hear that the server is full.",
    ),
    (
        "limits.slowest",
        "Octets per second that a payload must make on the average, once it has lasted longer than the protocol's idle \
         limit, and a peer that reads, once it has taken longer than `limits.stalled`.",
    ),
    ("limits.stalled", "How long a peer may read nothing of what it was sent."),
    ("limits.passwords_per_minute", "Passwords that are checked for one address in a minute; for one /64 for IPv6."),
    ("shutdown_grace", "How long sessions may take to end when the server ends."),
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
