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
        let [clear, tls] = free_ports()?;
        let [certificate, key] = certificate(binaries, folder.path())?;
        let mut command = match self.how {
            How::Saywhen { sink, log } => {
                fs::write(folder.path().join("config.yaml"), configuration(clear, tls, sink, log))?;
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
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        if matches!(self.how, How::Saywhen { .. }) {
            give_away(folder.path())?;
        }
        let output = fs::File::create(folder.path().join("output.log"))?;
        be_a_server()?;
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let target = Target { clear: at(clear), tls: self.implicit.then(|| at(tls)) };
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

fn configuration(clear: u16, tls: u16, sink: &str, log: &str) -> String {
    let protocols = root().join("protocols");
    let run_as = if nix::unistd::geteuid().is_root() { "run_as: { user: nobody, group: nogroup }\n" } else { "" };
    format!(
        "server_name: mail.example.com
listeners:
  - {{ listen: \"127.0.0.1:{clear}\", protocol: smtp, tls: starttls, settings: {{ our_domains: [example.com, example.org] }} }}
  - {{ listen: \"127.0.0.1:{tls}\", protocol: smtp, tls: implicit, settings: {{ our_domains: [example.com, example.org] }} }}
protocols: {}
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

fn free_ports() -> io::Result<[u16; 2]> {
    let sockets = [TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?];
    let [clear, tls] = sockets.each_ref().map(|socket| socket.local_addr().map(|address| address.port()));
    Ok([clear?, tls?])
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
