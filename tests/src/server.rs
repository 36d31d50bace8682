//! The built server, run in a folder of its own on ports of its own.
//!
//! Never: leaves a process behind: who drops a [`Server`] ends it.

use std::{
    env,
    fmt::Write as _,
    fs,
    net::TcpListener,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::Client;

/// How long a server may take to begin to serve, under strace on a busy machine included.
const START_MOST: Duration = Duration::from_secs(60);
/// More than lines of the log gather before they are written.
pub(crate) const GATHER: Duration = Duration::from_millis(50);

/// `$6$` of the word `s3cret`.
const HASH: &str = "$6$saywhen$kgQ.KRmkYVIxkFytkElW42MoYunsDAb0FIIMDhDB5BLXDFBZnzHMvoT7pTzIKk.tsftvPYubiCri7t0QSUKJy.";

/// What a server is started with.
#[derive(Default)]
pub struct Setup {
    settings: String,
    domains: Option<String>,
    sinks: String,
    authorities: String,
    proxies: String,
    extra: String,
    listener: String,
    others: String,
    rows: String,
    edits: Vec<(String, String)>,
    wrapper: Vec<String>,
}

/// A running server.
pub struct Server {
    child: Child,
    folder: TempDir,
    /// The port that begins in the clear.
    pub port: u16,
    /// The port that begins with TLS.
    pub tls_port: u16,
}

impl Setup {
    /// The shipped protocol, mail into `mail/`, and a user `ann@example.com` whose password is `s3cret`.
    pub fn new() -> Setup {
        Setup::default()
    }

    /// Sets a setting of the protocol, in the words of the configuration.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Setup {
        let _ = write!(self.settings, ", {name}: {value}");
        self
    }

    /// Takes mail for these domains instead of `example.com` and `example.org`.
    #[must_use]
    pub fn ours(mut self, domains: &str) -> Setup {
        self.domains = Some(domains.into());
        self
    }

    /// Adds a sink, with what it is in the words of the configuration.
    #[must_use]
    pub fn sink(mut self, name: &str, what: &str) -> Setup {
        let _ = writeln!(self.sinks, "  {name}: {what}");
        self
    }

    /// Believes the authorities of a PEM file.
    #[must_use]
    pub fn believing(mut self, file: &Path) -> Setup {
        self.authorities = format!(", authorities: \"{}\"", file.display());
        self
    }

    /// Takes PROXY headers from these networks at the port that begins in the clear.
    #[must_use]
    pub fn proxies(mut self, networks: &str) -> Setup {
        self.proxies = format!("    proxy_protocol: {networks}\n");
        self
    }

    /// Adds lines to the configuration.
    #[must_use]
    pub fn with(mut self, lines: &str) -> Setup {
        self.extra.push_str(lines);
        self.extra.push('\n');
        self
    }

    /// Adds a key to the listener that begins in the clear.
    #[must_use]
    pub fn on_listener(mut self, line: &str) -> Setup {
        self.listener.push_str("    ");
        self.listener.push_str(line);
        self.listener.push('\n');
        self
    }

    /// Adds a listener, in the words of the configuration: `{ listen: …, protocol: … }`, of any shipped protocol.
    #[must_use]
    pub fn also(mut self, listener: &str) -> Setup {
        let _ = writeln!(self.others, "  - {listener}");
        self
    }

    /// Adds a statement to the schema of its database.
    #[must_use]
    pub fn rows(mut self, statement: &str) -> Setup {
        let _ = writeln!(self.rows, "{statement};");
        self
    }

    /// Replaces words of the protocol, whatever blanks stand between them, in the server's own copy.
    #[must_use]
    pub fn edit(mut self, from: &str, to: &str) -> Setup {
        self.edits.push((from.into(), to.into()));
        self
    }

    /// Runs the server through another program, `strace` say.
    #[must_use]
    pub fn under(mut self, wrapper: &[&str]) -> Setup {
        self.wrapper = wrapper.iter().map(ToString::to_string).collect();
        self
    }

    /// Starts a server and waits until it answers. Another process may take a port before the server binds it: then
    /// it is tried again with other ports.
    ///
    /// # Panics
    /// The server ends, or does not answer in time; its log is shown.
    pub fn start(self) -> Server {
        for _ in 0..5 {
            if let Some(server) = self.try_start() {
                return server;
            }
        }
        panic!("no free port in five tries")
    }

    fn try_start(&self) -> Option<Server> {
        let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
        let [port, tls_port] = free_ports();
        self.write(folder.path(), port, tls_port);
        give_away(folder.path());
        let child = spawn(folder.path(), &self.wrapper);
        let mut server = Server { child, folder, port, tls_port };
        server.wait_until_it_serves().then_some(server)
    }

    fn write(&self, folder: &Path, port: u16, tls_port: u16) {
        let domains = self.domains.as_deref().unwrap_or("example.com, example.org");
        let settings = format!("{{ our_domains: [{domains}]{} }}", self.settings);
        let run_as = if self.extra.contains("run_as:") { "" } else { run_as() };
        let config = format!(
            "server_name: mail.example.com
listeners:
  - listen: \"127.0.0.1:{port}\"
    protocol: smtp
    tls: starttls
    settings: {settings}
{}{}  - listen: \"127.0.0.1:{tls_port}\"
    protocol: smtp
    tls: implicit
    settings: {settings}
{}protocols: protocols/
tls: {{ certificate: cert.pem, key: key.pem, self_signed: when_missing{} }}
databases:
  default: {{ url: \"sqlite:saywhen.db\", schema: schema.sql }}
sinks:
  inbox: {{ maildir: \"mail\" }}
{}{}{run_as}",
            self.listener, self.proxies, self.others, self.authorities, self.sinks, self.extra
        );
        fs::write(folder.join("config.yaml"), config).expect("the folder can be written");
        let mut schema = fs::read_to_string(root().join("data/schema.sql")).expect("the shipped schema");
        let _ = writeln!(schema, "INSERT INTO accounts (login, pw_hash) VALUES ('ann@example.com', '{HASH}');");
        schema += &self.rows;
        fs::write(folder.join("schema.sql"), schema).expect("the folder can be written");
        let mut protocol = fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("the shipped protocol");
        for (from, to) in &self.edits {
            protocol = edited(&protocol, from, to);
        }
        fs::create_dir(folder.join("protocols")).expect("the folder can be written");
        fs::write(folder.join("protocols/smtp.proto.dsl"), protocol).expect("the folder can be written");
        let others = if self.others.is_empty() { &[][..] } else { &["lmtp", "pop3", "submission"] };
        for name in others.iter().map(|name| format!("protocols/{name}.proto.dsl")) {
            fs::copy(root().join(&name), folder.join(&name)).expect("the folder can be written");
        }
    }
}

impl Server {
    /// The folder it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its mail.
    pub fn mail(&self) -> PathBuf {
        self.folder().join("mail")
    }

    /// Its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder().join("cert.pem")
    }

    /// All that it has logged; what it says gathers for a moment before it is written.
    pub fn log(&self) -> String {
        thread::sleep(GATHER);
        fs::read_to_string(self.folder().join("output.log")).unwrap_or_default()
    }

    /// Waits until it has logged that: its log is written behind its answers.
    ///
    /// # Panics
    /// It does not, within ten seconds.
    #[track_caller]
    pub fn logs(&self, words: &str) {
        self.logs_often(words, 1);
    }

    /// Waits until it has logged that so many times, or more often.
    ///
    /// # Panics
    /// It does not, within ten seconds.
    #[track_caller]
    pub fn logs_often(&self, words: &str, times: usize) {
        let end = Instant::now() + Duration::from_secs(10);
        while self.log().matches(words).count() < times {
            assert!(Instant::now() < end, "the log does not say `{words}` {times} times:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory, in KiB.
    ///
    /// # Panics
    /// It has ended.
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the server runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a running process has memory");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number of KiB")
    }

    /// Starts it again in the same folder, on the same ports, after it has ended.
    ///
    /// # Panics
    /// It does not answer in time, or cannot have its ports back.
    pub fn start_again(&mut self) {
        self.child = spawn(self.folder.path(), &[]);
        assert!(self.wait_until_it_serves(), "its ports are gone");
    }

    /// Sends it a signal by name, `TERM` or `INT` say.
    ///
    /// # Panics
    /// The shell refuses.
    pub fn signal(&self, name: &str) {
        let status = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", name, &self.pid().to_string()]).status();
        assert!(status.expect("a shell can be run").success(), "cannot send SIG{name}");
    }

    /// Waits for its end; nothing when it lasts longer.
    ///
    /// # Panics
    /// The process cannot be waited for.
    pub fn wait(&mut self, most: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + most;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return Some(status);
            }
            if Instant::now() > end {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// `false` when a port was taken by another process.
    fn wait_until_it_serves(&mut self) -> bool {
        let end = Instant::now() + START_MOST;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                let log = self.log();
                assert!(log.to_lowercase().contains("in use"), "the server ended with {status}:\n{log}");
                return false;
            }
            if let Ok(mut client) = Client::connect(self.port) {
                let greeting = client.answer();
                if greeting.is_ok_and(|answer| answer.code == 220) {
                    client.quit();
                    return true;
                }
            }
            assert!(Instant::now() < end, "the server does not answer:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}

fn spawn(folder: &Path, wrapper: &[String]) -> Child {
    let binary = binary().to_string_lossy().into_owned();
    let words: Vec<&str> = wrapper.iter().map(String::as_str).chain([binary.as_str()]).collect();
    let log = fs::File::create(folder.join("output.log")).expect("a log can be made");
    Command::new(words[0])
        .args(&words[1..])
        .args(["run", "--config", "config.yaml"])
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .stdout(log.try_clone().expect("a log has two writers"))
        .stderr(log)
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", words[0]))
}

/// The line of a configuration that a server needs which is started by the user of these tests: root is refused.
pub fn run_as() -> &'static str {
    if is_root() { "run_as: { user: nobody, group: nogroup }\n" } else { "" }
}

/// Gives a folder, and all in it, to whom [`run_as`] names.
///
/// # Panics
/// It is not ours to give.
pub fn give_away(folder: &Path) {
    if is_root() {
        let status = Command::new("chown").args(["-R", "nobody:nogroup"]).arg(folder).status();
        assert!(status.is_ok_and(|status| status.success()), "cannot give {} away", folder.display());
    }
}

/// Whether these tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The root of the workspace.
///
/// # Panics
/// Never: this crate lies in it.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the workspace")
}

/// The binary: `SAYWHEN_BIN`, or the one that `cargo build` makes, built once per run so that it is never stale.
///
/// # Panics
/// It does not build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = env::var_os("SAYWHEN_BIN") {
            return PathBuf::from(given);
        }
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // What cargo tells a test of its crate is no news for others: the build scripts of some would run again.
        let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in names.filter(|name| ours(name)) {
            command.env_remove(name);
        }
        let built =
            command.args(["build", "--quiet", "--package", "server", "--bin", "saywhen"]).current_dir(root()).status();
        assert!(built.is_ok_and(|status| status.success()), "`cargo build -p server --bin saywhen` fails");
        let tests = env::current_exe().expect("a process knows its file");
        let folder = tests.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
        folder.join("saywhen")
    })
}

/// Two ports that nobody uses just now.
///
/// # Panics
/// There are none.
pub fn free_ports() -> [u16; 2] {
    let sockets = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a port is free"));
    sockets.each_ref().map(|socket| socket.local_addr().expect("a bound socket has an address").port())
}

/// A text in which some words stand exactly once, replaced.
fn edited(text: &str, from: &str, to: &str) -> String {
    let words: Vec<&str> = from.split_whitespace().collect();
    let ends: Vec<(usize, usize)> = text
        .match_indices(words[0])
        .filter_map(|(start, _)| words_end(&text[start..], &words).map(|length| (start, start + length)))
        .collect();
    assert_eq!(ends.len(), 1, "`{from}` stands {} times in the protocol", ends.len());
    let (start, end) = ends[0];
    [&text[..start], to, &text[end..]].concat()
}

/// Behind the words, when a text begins with them.
fn words_end(text: &str, words: &[&str]) -> Option<usize> {
    let mut rest = text;
    for word in words {
        rest = rest.trim_start().strip_prefix(word)?;
    }
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_hits_words_whatever_blanks_stand_between_them() {
        assert_eq!(edited("a  idle   5\n minutes b", "idle 5 minutes", "idle 1 second"), "a  idle 1 second b");
    }
}
