//! Questions to a server that runs, through its control socket.
//!
//! Never: starts or ends anything itself.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};

use super::holder;
use crate::exit::{Exit, Fault};

/// How long an answer may take: a reload plays its conversations before it answers.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most octets of an answer.
const ANSWER_MOST: u64 = 16 * 1024 * 1024;

/// The number of the server whose PID file that is; none when it does not run.
///
/// # Errors
/// The file cannot be read.
pub fn running(pid_file: &Path) -> Result<Option<i32>, Fault> {
    holder(pid_file).map_err(|error| {
        let message = format!("the PID file `{}` cannot be read: {error}", pid_file.display());
        Fault::new(Exit::Denied, message, "ask as root, or as the user that the server runs as")
    })
}

/// Asks one question, `status`, `reload` or `stop`.
///
/// # Errors
/// Nobody answers there, or the right to ask is missing.
pub fn ask(control: &Path, question: &str) -> Result<Value, Fault> {
    exchange(control, question).map_err(|error| {
        let message = format!("no answer through `{}`: {error}", control.display());
        match error.kind() {
            io::ErrorKind::PermissionDenied => {
                Fault::new(Exit::Denied, message, "ask as root, or as a member of the group that the server runs as")
            }
            _ => Fault::new(Exit::Findings, message, "the log of the server may say more"),
        }
    })
}

fn exchange(control: &Path, question: &str) -> io::Result<Value> {
    let mut stream = UnixStream::connect(control)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{}\n", json!({ "ask": question })).as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(ANSWER_MOST)).read_line(&mut line)?;
    serde_json::from_str(&line).map_err(|_| io::Error::new(io::ErrorKind::UnexpectedEof, "the answer breaks off"))
}
