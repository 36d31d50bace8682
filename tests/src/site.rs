//! The built server with a configuration of the test's own, in a folder of its own.
//!
//! Never: says what the server speaks; listeners, sinks and settings are the test's. `Server` is the ready-made one.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{binary, free_ports, give_away, root, run_as, server::GATHER};

/// How long it may take to start, or to log something.
const MOST: Duration = Duration::from_secs(60);

/// What a site is started with.
pub struct SiteSetup {
    config: String,
    tables: String,
    files: Vec<(String, String)>,
    wrapper: Vec<String>,
    alone: bool,
}

/// A running server.
pub struct Site {
    child: Child,
    folder: TempDir,
    /// The ports that stood as `{0}`, `{1}` … in its configuration.
    pub ports: Vec<u16>,
}

impl SiteSetup {
    /// A configuration in which `{0}` to `{3}` are free ports. Where it does not name them itself, protocols, TLS, a
    /// database with the shipped tables and the user to run as are added.
    pub fn new(config: &str) -> SiteSetup {
        SiteSetup { config: config.into(), tables: String::new(), files: Vec::new(), wrapper: Vec::new(), alone: false }
    }

    /// Adds to the tables of the embedded database.
    #[must_use]
    pub fn sql(mut self, text: &str) -> SiteSetup {
        self.tables += text;
        self.tables += "\n";
        self
    }

    /// Writes a file into its folder.
    #[must_use]
    pub fn file(mut self, name: &str, text: &str) -> SiteSetup {
        self.files.push((name.into(), text.into()));
        self
    }

    /// Runs the server under a command that gives it a network of its own; then nobody waits for its ports.
    #[must_use]
    pub fn apart(mut self, wrapper: &[&str]) -> SiteSetup {
        self.wrapper = wrapper.iter().map(ToString::to_string).collect();
        self.alone = true;
        self
    }

    /// Starts it and waits until every port answers.
    ///
    /// # Panics
    /// The server ends, or does not answer in time; its log is shown.
    pub fn start(self) -> Site {
        for _ in 0..5 {
            if let Some(site) = self.try_start() {
                return site;
            }
        }
        panic!("no free port in five tries")
    }

    fn try_start(&self) -> Option<Site> {
        let folder = tempfile::Builder::new().prefix("saywhen-site-").tempdir().expect("a folder can be made");
        let ([a, b], [c, d]) = (free_ports(), free_ports());
        let mut config = self.config.clone();
        let mut ports = Vec::new();
        for (place, port) in [a, b, c, d].into_iter().enumerate() {
            let mark = format!("{{{place}}}");
            if config.contains(&mark) {
                config = config.replace(&mark, &port.to_string());
                ports.push(port);
            }
        }
        if !config.ends_with('\n') {
            config.push('\n');
        }
        for (key, line) in [
            ("protocols:", format!("protocols: {}\n", root().join("protocols").display())),
            ("tls: {", "tls: { certificate: cert.pem, key: key.pem, self_signed: when_missing }\n".into()),
            ("databases:", "databases: { default: { url: \"sqlite:saywhen.db\", schema: schema.sql } }\n".into()),
            ("run_as:", run_as().into()),
        ] {
            if !config.lines().any(|line| line.starts_with(key)) {
                config += &line;
            }
        }
        let tables = fs::read_to_string(root().join("data/schema.sql")).expect("the shipped schema") + &self.tables;
        let own = [("config.yaml".to_owned(), config), ("schema.sql".to_owned(), tables)];
        for (name, text) in own.iter().chain(&self.files) {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be written");
            fs::write(path, text).expect("the folder can be written");
        }
        give_away(folder.path());
        let child = spawn(folder.path(), &self.wrapper);
        let mut site = Site { child, folder, ports };
        (self.alone || site.wait_until_it_serves()).then_some(site)
    }
}

impl Site {
    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The number of its process, or of what it runs under.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it has logged; what it says gathers for a moment before it is written.
    pub fn log(&self) -> String {
        thread::sleep(GATHER);
        fs::read_to_string(self.folder().join("output.log")).unwrap_or_default()
    }

    /// Waits until it has logged that.
    ///
    /// # Panics
    /// It does not, within half a minute.
    #[track_caller]
    pub fn logs(&self, words: &str) {
        let end = Instant::now() + MOST;
        while !self.log().contains(words) {
            assert!(Instant::now() < end, "the log does not say `{words}`:\n{}", self.log());
        }
    }

    fn wait_until_it_serves(&mut self) -> bool {
        let end = Instant::now() + MOST;
        while self.ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                let log = self.log();
                assert!(log.contains("cannot listen"), "the server ended with {status}:\n{log}");
                return false;
            }
            assert!(Instant::now() < end, "it does not listen:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}

fn spawn(folder: &Path, wrapper: &[String]) -> Child {
    let log = fs::File::create(folder.join("output.log")).expect("a log can be made");
    let mut command = match wrapper.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary());
            command
        }
        None => Command::new(binary()),
    };
    command
        .args(["run", "--config", "config.yaml"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log has two writers"))
        .stderr(log)
        .spawn()
        .expect("the binary runs")
}
