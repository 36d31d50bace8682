//! The servers that are held against each other: each started on ports of its own, in a folder of its own, with mail
//! discarded unless it says otherwise, and ended with all that it started.
//!
//! Never: leaves a server behind.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::{
    connection::Target,
    cores::be_a_server,
    process::Tree,
    workload::{Need, Workload},
};

/// How long a server may take to begin.
const START_MOST: Duration = Duration::from_secs(60);
/// How long it may take to end before it is killed.
const END_MOST: Duration = Duration::from_secs(10);

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its name on the command line and in the table.
    pub name: &'static str,
    /// Whether it has STARTTLS.
    pub starttls: bool,
    /// Whether it has a port that begins with TLS.
    pub implicit: bool,
    /// Whether it stores what it takes in a Maildir, written through.
    pub stores: bool,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Saywhen {
        sink: &'static str,
        log: &'static str,
    },
    Floor,
    /// A script under `bench/opponents`.
    Script,
}

const fn script(name: &'static str, starttls: bool, stores: bool) -> Kind {
    Kind { name, starttls, implicit: false, stores, how: How::Script }
}

const fn ours(name: &'static str, sink: &'static str, log: &'static str, stores: bool) -> Kind {
    Kind { name, starttls: true, implicit: true, stores, how: How::Saywhen { sink, log } }
}

/// All of them. The floor stands there twice: its ratio to itself is the noise of the machine.
pub const KINDS: [Kind; 14] = [
    Kind { name: "floor", starttls: true, implicit: true, stores: false, how: How::Floor },
    ours("saywhen", "discard: true", "warning", false),
    Kind { name: "floor-again", starttls: true, implicit: true, stores: false, how: How::Floor },
    ours("saywhen-logging", "discard: true", "info", false),
    script("smtp-sink", false, false),
    script("opensmtpd", true, false),
    script("haraka", true, false),
    script("smtp-server", true, false),
    script("aiosmtpd", true, false),
    script("mailin", true, false),
    ours("saywhen-maildir", "maildir: mail", "warning", true),
    script("postfix-maildir", false, true),
    script("opensmtpd-maildir", false, true),
    ours("saywhen-logging-maildir", "maildir: mail", "info", true),
];

/// A running server.
pub struct Server {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub target: Target,
    child: Child,
    folder: TempDir,
}

impl Kind {
    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.into_iter().find(|kind| kind.name == name)
    }

    /// Whether it can do that work.
    pub fn can(self, work: &Workload) -> bool {
        let secure = match work.needs {
            Need::Nothing => true,
            Need::StartTls => self.starttls,
            Need::ImplicitTls => self.implicit,
        };
        secure && self.stores == work.name.starts_with("stored")
    }

    /// Starts one, and waits until it greets. `binaries` is the folder of `saywhen` and `floor`.
    ///
    /// # Errors
    /// It cannot be started, ends, or does not greet in time; its output is in the error.
    pub fn start(self, binaries: &Path) -> io::Result<Server> {
        let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let ports = free_ports(2)?;
        let (clear, tls) = (ports[0], ports[1]);
        let [certificate, key] = certificate(binaries, folder.path())?;
        let command = match self.how {
            How::Saywhen { sink, log } => {
                let protocols = root().join("protocols");
                let listeners = [("smtp", clear, "starttls"), ("smtp", tls, "implicit")];
                fs::write(folder.path().join("config.yaml"), configuration(&protocols, &listeners, sink, log))?;
                let mut command = Command::new(binaries.join("saywhen"));
                command.args(["run", "--config", "config.yaml"]);
                command
            }
            How::Floor => {
                let mut command = Command::new(binaries.join("floor"));
                command.args([clear, tls].map(|port| format!("127.0.0.1:{port}"))).args([&certificate, &key]);
                command
            }
            How::Script => {
                let mut command = Command::new(root().join("bench/opponents").join(self.name));
                command.arg(clear.to_string()).arg(folder.path()).args([&certificate, &key]);
                command
            }
        };
        if matches!(self.how, How::Saywhen { .. }) {
            give_away(folder.path())?;
        }
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let target = Target { clear: at(clear), tls: self.implicit.then(|| at(tls)) };
        self.launch(command, folder, target)
    }

    /// Starts saywhen with so many protocols, each of them smtp under a name of its own, and on a port of its own.
    ///
    /// # Errors
    /// The same.
    pub fn start_with(self, protocols: usize, binaries: &Path) -> io::Result<Server> {
        let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let place = folder.path().join("protocols");
        fs::create_dir(&place)?;
        let shipped = fs::read_to_string(root().join("protocols/smtp.proto.dsl"))?;
        let ports = free_ports(protocols)?;
        let names: Vec<String> = (0..protocols).map(|number| format!("smtp{number}")).collect();
        for name in &names {
            let text = shipped.replacen("protocol smtp ", &format!("protocol {name} "), 1);
            fs::write(place.join(name).with_extension("proto.dsl"), text)?;
        }
        let listeners: Vec<_> =
            names.iter().zip(&ports).map(|(name, port)| (name.as_str(), *port, "starttls")).collect();
        let text = configuration(&place, &listeners, "discard: true", "warning");
        fs::write(folder.path().join("config.yaml"), text + "pid_file: saywhen.pid\n")?;
        certificate(binaries, folder.path())?;
        give_away(folder.path())?;
        let mut command = Command::new(binaries.join("saywhen"));
        command.args(["run", "--config", "config.yaml"]);
        let last = ports.last().ok_or(io::ErrorKind::InvalidInput)?;
        let target = Target { clear: SocketAddr::from((Ipv4Addr::LOCALHOST, *last)), tls: None };
        self.launch(command, folder, target)
    }

    fn launch(self, mut command: Command, folder: TempDir, target: Target) -> io::Result<Server> {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let output = fs::File::create(folder.path().join("output.log"))?;
        be_a_server()?;
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let mut server = Server { kind: self, target, child, folder };
        server.wait_until_it_greets()?;
        Ok(server)
    }
}

impl Server {
    /// Its processes.
    pub fn tree(&self) -> Tree {
        Tree::of(self.child.id())
    }

    /// How many files lie in its folders of new mail.
    pub fn stored(&self) -> usize {
        files(self.folder.path(), false)
    }

    /// The folder that it works in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn wait_until_it_greets(&mut self) -> io::Result<()> {
        let end = Instant::now() + START_MOST;
        loop {
            let output = || fs::read_to_string(self.folder.path().join("output.log")).unwrap_or_default();
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("{} ended with {status}: {}", self.kind.name, output())));
            }
            if greets(self.target.clear).is_ok() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(io::Error::other(format!("{} does not greet: {}", self.kind.name, output())));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Each ends what it has started: some make a session of their own, which a leader of a group could not.
        let Ok(process) = i32::try_from(self.child.id()) else { return };
        let _ = kill(Pid::from_raw(process), Signal::SIGTERM);
        let end = Instant::now() + END_MOST;
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn greets(address: SocketAddr) -> io::Result<()> {
    use io::{Read, Write};
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut code = [0; 3];
    stream.read_exact(&mut code)?;
    stream.write_all(b"QUIT\r\n")?;
    // What follows is read, so that no server meets a reset.
    let _ = stream.read_to_end(&mut Vec::new());
    if code == *b"220" { Ok(()) } else { Err(io::Error::other("no greeting")) }
}

/// How many files lie below a folder in folders named `new`.
fn files(folder: &Path, new: bool) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path(), entry.file_name() == "new"),
            _ => usize::from(new),
        })
        .sum()
}

/// `listeners` are protocols with their ports and how they begin TLS.
fn configuration(protocols: &Path, listeners: &[(&str, u16, &str)], sink: &str, log: &str) -> String {
    let settings = "settings: { our_domains: [example.com, example.org] }";
    let listeners = listeners.iter().map(|(protocol, port, tls)| {
        format!("  - {{ listen: \"127.0.0.1:{port}\", protocol: {protocol}, tls: {tls}, {settings} }}\n")
    });
    let listeners: String = listeners.collect();
    let run_as = if nix::unistd::geteuid().is_root() { "run_as: { user: nobody, group: nogroup }\n" } else { "" };
    format!(
        "server_name: mail.example.com
listeners:
{listeners}protocols: {}
reload: {{ watch: false }}
tls: {{ certificate: cert.pem, key: key.pem }}
databases: {{ default: {{ url: \"sqlite:saywhen.db\", schema: {} }} }}
sinks: {{ inbox: {{ {sink} }} }}
log: {{ file: saywhen.log, level: {log} }}
limits: {{ connections: 100000, per_address: 100000, memory: 8GiB }}
{run_as}",
        protocols.display(),
        root().join("data/schema.sql").display()
    )
}

/// A self-signed pair, made by our own verb.
fn certificate(binaries: &Path, folder: &Path) -> io::Result<[PathBuf; 2]> {
    let pair = ["cert.pem", "key.pem"].map(|name| folder.join(name));
    let made = Command::new(binaries.join("saywhen"))
        .args(["cert", "--name", "mail.example.com"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()?;
    if made.success() { Ok(pair) } else { Err(io::Error::other("no certificate can be made")) }
}

/// A server that is started as root goes on as nobody.
fn give_away(folder: &Path) -> io::Result<()> {
    if nix::unistd::geteuid().is_root() {
        Command::new("chown").args(["-R", "nobody:nogroup"]).arg(folder).status()?;
    }
    Ok(())
}

fn free_ports(many: usize) -> io::Result<Vec<u16>> {
    let sockets = (0..many).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<io::Result<Vec<_>>>()?;
    sockets.iter().map(|socket| socket.local_addr().map(|address| address.port())).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
