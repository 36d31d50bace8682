//! A real Postfix, in a folder of its own on a port of its own: it takes mail from a test and hands it to a server under
//! test, asks that server's policy, or answers transcripts.
//!
//! Never: touches the Postfix of the machine, and never leaves processes behind: who drops a [`Postfix`] ends it.

use std::{
    fmt::Write as _,
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{free_ports, is_root, tool};

/// Where Debian keeps the programs that `master` starts.
const DAEMONS: &str = "/usr/lib/postfix/sbin";

/// How long it may take to start, or to log something.
const MOST: Duration = Duration::from_secs(30);

/// When it ends by itself, should this process be killed before it can end it. In seconds.
const LIFE: &str = "600";

/// The services that take, queue and send; nothing is delivered to this machine, and no folder is a jail.
const SERVICES: &str = "\
cleanup   unix  n  -  n  -      0  cleanup
qmgr      unix  n  -  n  300    1  qmgr
rewrite   unix  -  -  n  -      -  trivial-rewrite
bounce    unix  -  -  n  -      0  bounce
defer     unix  -  -  n  -      0  bounce
trace     unix  -  -  n  -      0  bounce
verify    unix  -  -  n  -      1  verify
tlsmgr    unix  -  -  n  1000?  1  tlsmgr
proxymap  unix  -  -  n  -      -  proxymap
smtp      unix  -  -  n  -      -  smtp
lmtp      unix  -  -  n  -      -  lmtp
error     unix  -  -  n  -      -  error
retry     unix  -  -  n  -      -  error
discard   unix  -  -  n  -      -  discard
showq     unix  n  -  n  -      -  showq
anvil     unix  -  -  n  -      1  anvil
scache    unix  -  -  n  -      1  scache
postlog   unix-dgram n - n -    1  postlogd
";

/// What a Postfix is started with.
#[derive(Default)]
pub struct PostfixSetup {
    parameters: String,
    services: String,
    tables: Vec<(String, String)>,
}

/// A running Postfix. It takes mail from this machine for every domain, looks no name up, and tries again after a second.
pub struct Postfix {
    child: Child,
    folder: TempDir,
    /// Where it takes mail, on 127.0.0.1.
    pub port: u16,
}

impl PostfixSetup {
    /// Mail is taken and thrown away, unless `default_transport` or `transport_maps` say where to.
    pub fn new() -> PostfixSetup {
        PostfixSetup::default()
    }

    /// Sets a parameter of `main.cf`; it takes the place of what this room would say. `{folder}` is its own folder.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> PostfixSetup {
        let _ = writeln!(self.parameters, "{name} = {value}");
        self
    }

    /// Adds a line of `master.cf`.
    #[must_use]
    pub fn service(mut self, line: &str) -> PostfixSetup {
        let _ = writeln!(self.services, "{line}");
        self
    }

    /// Writes a file into its folder, for `texthash:{folder}/NAME` say.
    #[must_use]
    pub fn table(mut self, name: &str, text: &str) -> PostfixSetup {
        self.tables.push((name.into(), text.into()));
        self
    }

    /// Starts it and waits until it takes connections.
    ///
    /// # Panics
    /// These tests do not run as root, Postfix is not installed, or it does not start; its log is shown.
    pub fn start(self) -> Postfix {
        assert!(is_root(), "Postfix is started by root alone");
        for _ in 0..5 {
            let [port, _] = free_ports();
            let folder = tempfile::Builder::new().prefix("saywhen-postfix-").tempdir().expect("a folder can be made");
            self.write(folder.path(), port);
            check(folder.path());
            let mut postfix = Postfix { child: spawn(folder.path()), folder, port };
            if postfix.wait_until_it_serves() {
                return postfix;
            }
        }
        panic!("no free port in five tries")
    }

    fn write(&self, folder: &Path, port: u16) {
        let place = folder.display().to_string();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("its rights can be set");
        // The queue is root's, and what Postfix keeps beside it is its own, made by `postfix check`.
        fs::create_dir(folder.join("queue")).expect("the folder can be written");
        let own = format!(
            "compatibility_level = 3.6
daemon_directory = {DAEMONS}
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
myhostname = postfix.example.net
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard
notify_classes =
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"
        );
        // A second line for one parameter would be taken, with a warning.
        let names: Vec<&str> =
            self.parameters.lines().filter_map(|line| line.split_once(" = ")).map(|pair| pair.0).collect();
        let own = own.lines().filter(|line| line.split_once(" =").is_none_or(|(name, _)| !names.contains(&name)));
        let mut main: String = own.map(|line| format!("{line}\n")).collect();
        main += &self.parameters.replace("{folder}", &place);
        let master = format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}{}", self.services);
        for (name, text) in [("main.cf", &main), ("master.cf", &master)] {
            fs::write(folder.join(name), text).expect("the folder can be written");
        }
        for (name, text) in &self.tables {
            fs::write(folder.join(name), text).expect("the folder can be written");
        }
    }
}

impl Postfix {
    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder().join(name)).unwrap_or_default();
        read("output.log") + &read("log")
    }

    /// Waits until it has logged a line that has all of these words, and gives that line.
    ///
    /// # Panics
    /// It does not, within half a minute.
    #[track_caller]
    pub fn logs(&self, words: &[&str]) -> String {
        let end = Instant::now() + MOST;
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| words.iter().all(|word| line.contains(word))) {
                return line.to_owned();
            }
            assert!(Instant::now() < end, "Postfix does not log {words:?}:\n{log}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// `false` when the port was taken by another process.
    fn wait_until_it_serves(&mut self) -> bool {
        let end = Instant::now() + MOST;
        loop {
            if let Some(status) = self.child.try_wait().expect("Postfix can be waited for") {
                let log = self.log();
                assert!(log.contains("in use"), "Postfix ended with {status}:\n{log}");
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            assert!(Instant::now() < end, "Postfix does not serve:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // Asked to end, it ends all that it started; they are of the group that it has made.
        let group = format!("-{}", self.child.id());
        let signal = |name: &str, whom: &str| {
            let _ = Command::new("/bin/kill").args(["-s", name, "--", whom]).stderr(Stdio::null()).status();
        };
        signal("TERM", &self.child.id().to_string());
        let end = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        signal("KILL", &group);
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the log of Postfix ----\n{}", self.log());
        }
    }
}

/// Lets it look at its configuration and make what is missing in its folders.
fn check(folder: &Path) {
    let output = tool("postfix", "postfix").arg("-c").arg(folder).arg("check").output().expect("postfix can be run");
    let said = [output.stdout, output.stderr].concat();
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert!(output.status.success(), "postfix check: {}{log}", String::from_utf8_lossy(&said));
    // It warns of folders that it has only just made.
    let _ = fs::remove_file(folder.join("log"));
}

fn spawn(folder: &Path) -> Child {
    let output = fs::File::create(folder.join("output.log")).expect("a log can be made");
    Command::new(PathBuf::from(DAEMONS).join("master"))
        .arg("-c")
        .arg(folder)
        .args(["-s", "-e", LIFE])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("MAIL_CONFIG", folder)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a log has two writers"))
        .stderr(output)
        .spawn()
        .expect("Postfix can be started")
}
