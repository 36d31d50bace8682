//! A server with accounts and boxes, as an operator would set it up: mail comes in by one listener, and other listeners,
//! in the clear and under TLS, speak the protocol that is to be tried.
//!
//! Never: outlives its test.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{binary, free_ports, give_away, root, run_as, server::GATHER};

/// The hash of `s3cret`.
const HASH: &str = "$6$saywhen$kgQ.KRmkYVIxkFytkElW42MoYunsDAb0FIIMDhDB5BLXDFBZnzHMvoT7pTzIKk.tsftvPYubiCri7t0QSUKJy.";

/// A server with the accounts ann@example.com and bob@example.com, whose password is `s3cret`.
pub struct Office {
    child: Child,
    folder: tempfile::TempDir,
    /// The port that takes mail.
    pub smtp: u16,
    /// The port of the protocol where TLS must be asked for.
    pub clear: u16,
    /// The port of the protocol under TLS.
    pub secure: u16,
}

impl Office {
    /// Starts one that speaks this protocol.
    ///
    /// # Panics
    /// It does not start.
    pub fn open(protocol: &str) -> Office {
        let folder = tempfile::Builder::new().prefix("saywhen-office-").tempdir().expect("a folder can be made");
        let ([smtp, clear], [secure, _]) = (free_ports(), free_ports());
        let config = format!(
            "server_name: mail.example.com
listeners:
  - {{ listen: \"127.0.0.1:{smtp}\", protocol: smtp, settings: {{ our_domains: [example.com] }} }}
  - {{ listen: \"127.0.0.1:{clear}\", protocol: {protocol}, tls: starttls }}
  - {{ listen: \"127.0.0.1:{secure}\", protocol: {protocol}, tls: implicit }}
protocols: {}
tls: {{ certificate: cert.pem, key: key.pem, self_signed: when_missing }}
databases: {{ default: {{ url: \"sqlite:saywhen.db\", schema: schema.sql }} }}
sinks:
  inbox: {{ maildir: \"mail/{{domain}}/{{local_part}}\" }}
  scripts: {{ files: \"sieve/{{domain}}/{{local_part}}\" }}
{}",
            root().join("protocols").display(),
            run_as()
        );
        fs::write(folder.path().join("config.yaml"), config).expect("the folder can be written");
        let mut schema = fs::read_to_string(root().join("data/schema.sql")).expect("the shipped schema");
        for login in ["ann", "bob"] {
            schema += &format!("INSERT INTO accounts (login, pw_hash) VALUES ('{login}@example.com', '{HASH}');\n");
        }
        fs::write(folder.path().join("schema.sql"), schema).expect("the folder can be written");
        give_away(folder.path());
        let log = fs::File::create(folder.path().join("output.log")).expect("a log can be made");
        let child = Command::new(binary())
            .args(["run", "--config", "config.yaml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log has two writers"))
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let office = Office { child, folder, smtp, clear, secure };
        let end = Instant::now() + Duration::from_secs(60);
        while [smtp, clear, secure].iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            assert!(Instant::now() < end, "it does not listen:\n{}", office.log());
            thread::sleep(Duration::from_millis(20));
        }
        office
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What it has logged; what it says gathers for a moment before it is written.
    pub fn log(&self) -> String {
        thread::sleep(GATHER);
        fs::read_to_string(self.path().join("output.log")).unwrap_or_default()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.log());
        }
    }
}
