//! The program as an administrator has it: a folder with a configuration, and the verbs of the command line.
//!
//! Never: leaves a server behind: who drops an [`Installed`] ends its server.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{binary, give_away, root, run_as};

/// A folder with a configuration.
pub struct Installed {
    folder: TempDir,
}

/// What a verb said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// What it wrote, standard error behind standard output.
    pub text: String,
}

impl Installed {
    /// The shipped protocol, mail into `mail/`, log, PID file and control socket in `run/`, and these listeners in the
    /// words of the configuration. `extra` are further lines.
    ///
    /// # Panics
    /// The folder cannot be written.
    pub fn new(listeners: &str, extra: &str) -> Installed {
        let folder = tempfile::Builder::new().prefix("saywhen-test-").tempdir().expect("a folder can be made");
        let installed = Installed { folder };
        let own = if extra.contains("run_as:") { "" } else { run_as() };
        installed.write(
            "config.yaml",
            &format!(
                "server_name: mail.example.com
listeners:
{listeners}
protocols: protocols/
tls: {{ certificate: cert.pem, key: key.pem, self_signed: when_missing }}
databases:
  default: {{ url: \"sqlite:saywhen.db\", schema: schema.sql }}
sinks:
  inbox: {{ maildir: \"mail\" }}
log: {{ file: run/saywhen.log }}
pid_file: run/saywhen.pid
{own}{extra}"
            ),
        );
        let shipped = |path: &str| fs::read_to_string(root().join(path)).expect("what is shipped can be read");
        installed.write("schema.sql", &shipped("data/schema.sql"));
        installed.write("protocols/smtp.proto.dsl", &shipped("protocols/smtp.proto.dsl"));
        give_away(installed.path());
        installed
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// What is in a file of it; nothing when there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Writes a file of it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("the folder can be written");
        fs::write(file, text).expect("the folder can be written");
    }

    /// Replaces words of a file that stand there once.
    ///
    /// # Panics
    /// They do not stand there once.
    pub fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Runs a verb in its folder and waits for its end.
    ///
    /// # Panics
    /// The program cannot be run.
    pub fn saywhen(&self, words: &[&str]) -> Said {
        // A file, not a pipe: a server that kept standard error open would keep a pipe's reader waiting.
        let out = tempfile::NamedTempFile::new().expect("a file can be made");
        let status = Command::new(binary())
            .args(words)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(out.reopen().expect("a file has two writers"))
            .stderr(fs::OpenOptions::new().append(true).open(out.path()).expect("a file has two writers"))
            .status()
            .expect("the program can be run");
        let text = fs::read_to_string(out.path()).expect("what was said can be read");
        Said { code: status.code().unwrap_or_else(|| -status.signal().unwrap_or(1)), text }
    }

    /// Waits until its server has logged that: its log is written behind its answers.
    ///
    /// # Panics
    /// It has not, within ten seconds.
    #[track_caller]
    pub fn logs(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.read("run/saywhen.log").contains(words) {
            assert!(Instant::now() < end, "the log does not say `{words}`");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The number of its server, as the PID file says it.
    ///
    /// # Panics
    /// There is none.
    pub fn pid(&self) -> u32 {
        let text = self.read("run/saywhen.pid");
        text.trim().parse().unwrap_or_else(|_| panic!("no PID file; the log:\n{}", self.read("run/saywhen.log")))
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if self.file("run/saywhen.pid").exists() {
            let _ = self.saywhen(&["stop"]);
        }
        if std::thread::panicking() {
            eprintln!("---- the server's log ----\n{}", self.read("run/saywhen.log"));
        }
    }
}
