//! The start of a daemon: a process of its own session, which says one word when it serves.
//!
//! The word goes through the child's standard output, a pipe to its parent. Faults go to standard error, which it has
//! of its parent until it serves; from then on it has neither.
//!
//! Never: says that a server serves which does not.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, setsid};

use crate::exit::{Exit, Fault};

/// What a child says when it serves.
const READY: &str = "ready";

/// What came of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It serves, as that process.
    Serves(u32),
    /// It ended with that code, and has said why.
    Ended(i32),
}

/// Starts a server from a configuration, and waits for its word.
///
/// # Errors
/// No process can be started.
pub fn spawn(config: &Path, further: &[String]) -> Result<Word, Fault> {
    let unstarted = |error: io::Error| {
        let help = "see whether the program is still where it was, and how many processes this user may have";
        Fault::new(Exit::Denied, format!("the server cannot be started: {error}"), help)
    };
    let program = env::current_exe().map_err(unstarted)?;
    let mut child = Command::new(program)
        .args(["run", "--detached", "--config"])
        .arg(config)
        .args(further)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(unstarted)?;
    let mut word = String::new();
    if let Some(output) = child.stdout.take() {
        // A child that breaks off has ended, or is about to.
        let _ = BufReader::new(output).read_line(&mut word);
    }
    if word.trim() == READY {
        return Ok(Word::Serves(child.id()));
    }
    let status = child.wait().map_err(unstarted)?;
    // Ended by a signal: somebody, or the kernel, wanted it so.
    Ok(Word::Ended(status.code().unwrap_or(1)))
}

/// Makes this process the leader of a session of its own: the terminal that started it may go.
///
/// # Errors
/// It leads a group already, as a process that a shell started does.
pub fn detach() -> Result<Detached, Fault> {
    let undone = |why: String| {
        let help = "leave `--detached` to `saywhen start`";
        Fault::new(Exit::Usage, format!("this process cannot have a session of its own: {why}"), help)
    };
    setsid().map_err(|errno| undone(errno.to_string()))?;
    let null = OpenOptions::new().read(true).write(true).open("/dev/null");
    null.map(Detached).map_err(|error| undone(format!("/dev/null: {error}")))
}

/// A process of a session of its own, with what stands for its terminal later on.
#[derive(Debug)]
pub struct Detached(File);

impl Detached {
    /// Says the word, and lets go of the terminal: standard input, output and error are `/dev/null` from here on.
    pub fn serves(&self) {
        let mut output = io::stdout();
        // A parent that is gone does not wait for it.
        let _ = output.write_all(format!("{READY}\n").as_bytes()).and_then(|()| output.flush());
        let let_go = dup2_stdin(&self.0).and_then(|()| dup2_stdout(&self.0)).and_then(|()| dup2_stderr(&self.0));
        if let Err(errno) = let_go {
            tracing::warn!("the terminal cannot be let go: {errno}");
        }
    }
}
