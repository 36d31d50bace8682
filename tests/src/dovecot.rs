//! A real Dovecot, in a folder of its own on ports of its own: it gives out mail, and answers transcripts.
//!
//! Never: touches the Dovecot of the machine, and never leaves processes behind: who drops a [`Dovecot`] ends it.

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{free_ports, is_root, tool};

/// How long it may take to start.
const MOST: Duration = Duration::from_secs(30);

/// A running Dovecot. `ann@example.com` and `bob@example.com` have accounts with the password `s3cret`, under TLS alone.
///
/// It listens on 127.0.0.2: who comes from the very address that it listens on is trusted by it as under TLS.
pub struct Dovecot {
    child: Child,
    folder: TempDir,
    /// Where it gives mail out over POP3, with STLS.
    pub pop3: u16,
    /// Where it does so over IMAP, with STARTTLS.
    pub imap: u16,
}

/// The address that it listens on.
pub const DOVECOT: &str = "127.0.0.2";

impl Dovecot {
    /// Starts it and waits until it takes connections.
    ///
    /// # Panics
    /// These tests do not run as root, Dovecot is not installed, or it does not start; its log is shown.
    pub fn start() -> Dovecot {
        assert!(is_root(), "Dovecot is started by root alone");
        for _ in 0..5 {
            let [pop3, imap] = free_ports();
            let folder = tempfile::Builder::new().prefix("saywhen-dovecot-").tempdir().expect("a folder can be made");
            write(folder.path(), pop3, imap);
            let mut dovecot = Dovecot { child: spawn(folder.path()), folder, pop3, imap };
            if dovecot.wait_until_it_serves() {
                return dovecot;
            }
        }
        panic!("no free ports in five tries")
    }

    /// Its folder; mail lies in `mail/DOMAIN/LOCAL_PART`, Maildirs of the user `mail`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder().join(name)).unwrap_or_default();
        read("output.log") + &read("log")
    }

    /// `false` when a port was taken by another process.
    fn wait_until_it_serves(&mut self) -> bool {
        let end = Instant::now() + MOST;
        while [self.pop3, self.imap].iter().any(|port| TcpStream::connect((DOVECOT, *port)).is_err()) {
            if let Some(status) = self.child.try_wait().expect("Dovecot can be waited for") {
                let log = self.log();
                assert!(log.contains("in use"), "Dovecot ended with {status}:\n{log}");
                return false;
            }
            assert!(Instant::now() < end, "Dovecot does not serve:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // Asked to end, it ends all that it started.
        let number = self.child.id().to_string();
        let _ = Command::new("/bin/kill").args(["-s", "TERM", "--", &number]).stderr(Stdio::null()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while self.child.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < end {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the log of Dovecot ----\n{}", self.log());
        }
    }
}

fn write(folder: &Path, pop3: u16, imap: u16) {
    let place = folder.display();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("its rights can be set");
    let made = tool("openssl", "openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=dovecot.example.net", "-keyout"])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "openssl makes no certificate");
    let accounts = "ann@example.com:{PLAIN}s3cret::::::\nbob@example.com:{PLAIN}s3cret::::::\n";
    let config = format!(
        "protocols = pop3 imap
base_dir = {place}/run
state_dir = {place}/run
log_path = {place}/log
listen = {DOVECOT}
ssl = yes
ssl_cert = <{place}/cert.pem
ssl_key = <{place}/key.pem
auth_mechanisms = plain
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{place}/mail/%d/%n
passdb {{
  driver = passwd-file
  args = {place}/passwd
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={place}/mail/%u
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"
    );
    for (name, text) in [("dovecot.conf", config.as_str()), ("passwd", accounts)] {
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
    fs::create_dir(folder.join("mail")).expect("the folder can be written");
    let given = tool("chown", "coreutils").arg("mail:mail").arg(folder.join("mail")).status().expect("chown runs");
    assert!(given.success(), "the folder cannot be given away");
}

fn spawn(folder: &Path) -> Child {
    let output = fs::File::create(folder.join("output.log")).expect("a log can be made");
    tool("dovecot", "dovecot-pop3d dovecot-imapd")
        .args(["-F", "-c"])
        .arg(folder.join("dovecot.conf"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(output.try_clone().expect("a log has two writers"))
        .stderr(output)
        .spawn()
        .expect("Dovecot can be started")
}
