//! What a configuration means: the types that the rest of the server works with.
//!
//! Never: holds a text that is still to be understood, but for the settings of protocols, which are theirs to read.

use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use diagnostic::Span;
use machine::Given;
use program::Network;

use super::address::Address;
use crate::endpoint::{FileRights, LocalPeers};

/// What the operator means.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name in banners and trace headers.
    pub server_name: String,
    /// What is listened on.
    pub listeners: Vec<Listener>,
    /// The folder of the protocols, `NAME.proto.dsl` by name.
    pub protocols: PathBuf,
    /// Where `protocols` stands in the file, for findings about it.
    pub protocols_span: Span,
    /// When and how all of this is read again.
    pub reload: Reload,
    /// The certificate and its key.
    pub tls: TlsFiles,
    /// Whom a server that was started as root goes on as.
    pub run_as: Option<RunAs>,
    /// The file that holds the number of the process.
    pub pid_file: Option<PathBuf>,
    /// The socket that the server is asked through; always there beside a `pid_file`.
    pub control: Option<PathBuf>,
    /// Databases by name.
    pub databases: Vec<Database>,
    /// How names are looked up.
    pub dns: Dns,
    /// Where payloads wait.
    pub spool: Spool,
    /// Where messages go, by name.
    pub sinks: Vec<(Arc<str>, Sink)>,
    /// Folders that files are read from, by name.
    pub folders: Vec<(Arc<str>, PathBuf)>,
    /// What is logged, and where to.
    pub log: Log,
    /// How much at once.
    pub limits: Limits,
    /// Where the metrics are shown; absent: nowhere.
    pub metrics: Option<SocketAddr>,
    /// How long sessions have to end when the server ends.
    pub shutdown_grace: Duration,
}

/// When and how the configuration is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload {
    /// Whether a file that changes makes it so.
    pub watch: bool,
    /// How long no file may change before it begins.
    pub debounce: Duration,
    /// The folder of the transcripts that a new version must pass.
    pub replay: Option<PathBuf>,
}

/// One entry of `listeners`.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Its addresses; at least one.
    pub addresses: Vec<(Address, Span)>,
    /// The name of its protocol, and where it stands.
    pub protocol: (String, Span),
    /// What it says of TLS; absent: what its protocol can do.
    pub tls: Option<(TlsMode, Span)>,
    /// Values for the settings of the protocol.
    pub settings: Vec<Setting>,
    /// Whether its conversations are logged; absent: as the log says.
    pub conversation: Option<bool>,
    /// Whose connections begin with a PROXY header.
    pub proxies: Vec<Network>,
    /// What holds for peers of its UNIX sockets.
    pub local: LocalPeers,
    /// Who may connect to its UNIX sockets.
    pub file: FileRights,
    /// Where the entry stands.
    pub span: Span,
}

/// A value for a setting of a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// The value, not yet of a type.
    pub given: Given,
    /// Whether it must not be shown.
    pub secret: bool,
    /// Where it stands.
    pub span: Span,
}

/// When TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Never.
    Off,
    /// When the protocol says so.
    Starttls,
    /// Before the first octet.
    Implicit,
}

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, PEM, our own certificate first.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
    /// Whether both are made when neither is there.
    pub self_signed: bool,
    /// The authorities that clients believe, PEM; absent: those of the system.
    pub authorities: Option<PathBuf>,
    /// Where `tls` stands.
    pub span: Span,
}

/// Whom a server that was started as root goes on as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAs {
    /// The name of the user.
    pub user: String,
    /// The name of the group; absent: the user's own.
    pub group: Option<String>,
    /// The folder that the server works in; made when it is missing.
    pub directory: Option<PathBuf>,
    /// What the server takes for the root of the file system. The configuration and all that it names lie below it.
    pub root: Option<PathBuf>,
    /// Whether it may go on binding ports below 1024.
    pub keep_low_ports: bool,
}

/// One database.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its name, `default` being what statements ask that name none.
    pub name: Arc<str>,
    /// Where it is.
    pub place: Place,
    /// Where it stands.
    pub span: Span,
}

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file of its own.
    Embedded {
        /// The file; `:memory:` ends with the process.
        file: PathBuf,
        /// Applied when the file is made.
        schema: Option<PathBuf>,
    },
    /// On a server.
    Server(DatabaseServer),
}

/// A database on a server; its password is not shown.
#[derive(Clone)]
pub struct DatabaseServer(pub actions::world::Server);

/// How names are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The servers; absent: those of the system.
    pub servers: Option<Vec<SocketAddr>>,
    /// How long one try may take.
    pub timeout: Duration,
}

/// Where payloads wait.
#[derive(Debug, Clone)]
pub struct Spool {
    /// For what exceeds the memory.
    pub directory: PathBuf,
    /// The most octets that one session keeps in memory.
    pub memory: u64,
}

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// A Maildir in that folder.
    Maildir {
        /// The folder, with `{domain}` and `{local_part}` in it where there are several.
        path: PathBuf,
        /// What begins the detail of a local part; empty where none does.
        detail: String,
        /// The domain of an address that has none; absent: our own name.
        domain: Option<String>,
    },
    /// A folder of files for each owner.
    Files {
        /// The folder, with `{domain}` and `{local_part}` in it.
        path: PathBuf,
        /// The domain of an owner that has none; absent: our own name.
        domain: Option<String>,
    },
    /// Nowhere.
    Discard,
    /// Another server.
    Relay(Box<Relay>),
}

/// Another server that messages are handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The protocol that is spoken, and where its name stands.
    pub protocol: (String, Span),
    /// The client of that protocol that is asked, and where its name stands.
    pub client: (String, Span),
    /// Values for parameters of the client and settings of the protocol.
    pub settings: Vec<Setting>,
    /// Where the entry stands.
    pub span: Span,
}

/// What is logged, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The file; absent: standard error.
    pub file: Option<PathBuf>,
    /// The least grave line that is written.
    pub level: program::Level,
    /// Its form.
    pub format: LogFormat,
    /// Whether conversations are written too, where a listener does not say.
    pub conversation: bool,
    /// When the file is turned over.
    pub turning: Turning,
}

/// When the file of the log is turned over, and what becomes of old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turning {
    /// When a new file begins.
    pub rotate: Rotate,
    /// How many old files stay; at least 1.
    pub keep: usize,
}

/// When a new file of the log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotate {
    /// Never.
    Never,
    /// At local midnight.
    Daily,
    /// Before the file would have more octets than that.
    Size(u64),
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sessions.
    pub connections: usize,
    /// Sessions of one address; for IPv6 of one /64.
    pub per_address: usize,
    /// New connections of one address in a minute; for IPv6 of one /64. Absent: as many as come.
    pub connections_per_minute: Option<u32>,
    /// Octets of memory for payloads and sessions.
    pub memory: u64,
    /// Octets per second that a payload, or a peer that reads, must make on the average.
    pub slowest: u64,
    /// How long a peer may read nothing of what it was sent.
    pub stalled: Duration,
    /// Passwords that are checked for one address in a minute; for IPv6 for one /64.
    pub passwords_per_minute: u32,
}

impl fmt::Debug for DatabaseServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.0;
        write!(f, "{:?} {}@{}:{}/{}", server.engine, server.user, server.host, server.port, server.database)
    }
}
