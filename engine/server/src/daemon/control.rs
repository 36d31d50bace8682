//! The control socket: one question and one answer, each a line of JSON.
//!
//! `{"ask": "status"}`, `{"ask": "reload"}` and `{"ask": "stop"}`; the answer is an object, `{"error": "…"}` when the
//! question is none of them. Whoever may write to the socket may ask: its owner and its group.
//!
//! Never: waits for a slow asker longer than it says, reads more than it says, or lets a silent asker keep another one
//! out.

use std::{
    fs, io,
    os::unix::{fs::PermissionsExt, net::UnixListener as Socket},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    exit::{Exit, Fault},
    reload::Reloader,
    serving::{
        askers::{Askers, Progress},
        reload_report::Why,
        state::ServerState,
        status::Status,
    },
};

/// The most octets of a question.
const QUESTION_MOST: u64 = 4 * 1024;
/// How long an asker may take to ask, and to read its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait when there are no descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// What answers the questions.
pub struct Desk {
    /// What is shown.
    pub server_state: Arc<ServerState>,
    /// What reloads.
    pub reloader: Reloader,
}

impl Desk {
    /// What the server is doing.
    fn status(&self) -> Value {
        serde_json::to_value(Status::of(&self.server_state))
            .unwrap_or_else(|error| json!({ "error": error.to_string() }))
    }

    /// Reads everything anew, and says what came of it.
    async fn reload(&self) -> Value {
        let report = self.reloader.reload(Why::Command).await;
        serde_json::to_value(report).unwrap_or_else(|error| json!({ "error": error.to_string() }))
    }
}

/// The socket in service. It is removed when this is dropped.
#[derive(Debug)]
pub struct Control {
    path: PathBuf,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Control {
    /// Listens on a path, for the owner and the group. The lock of the PID file must be held: then a socket that is
    /// there already is left over. Must be called within a runtime.
    ///
    /// # Errors
    /// The path cannot be listened on.
    pub fn open(path: &Path, desk: Arc<Desk>) -> Result<Control, Fault> {
        let socket = bind(path).map_err(|error| {
            let message = format!("the control socket `{}` cannot be made: {error}", path.display());
            let help = "mend its folder, or name another under `control`; a path has 107 octets at the most";
            Fault::new(Exit::Denied, message, help)
        })?;
        let stop = Arc::new(Notify::new());
        let task = tokio::spawn(serve(socket, desk, Arc::clone(&stop)));
        Ok(Control { path: path.to_path_buf(), stop, task })
    }

    /// Waits until somebody asks the server to end.
    pub async fn told_to_stop(&self) {
        self.stop.notified().await;
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
        // The next server removes what is left over.
        let _ = fs::remove_file(&self.path);
    }
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let socket = Socket::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    socket.set_nonblocking(true)?;
    UnixListener::from_std(socket)
}

async fn serve(socket: UnixListener, desk: Arc<Desk>, stop: Arc<Notify>) {
    let mut askers = Askers::default();
    loop {
        match socket.accept().await {
            Ok((stream, _)) => {
                let (desk, stop) = (Arc::clone(&desk), Arc::clone(&stop));
                let answer = |progress: Progress| async move {
                    // An asker that goes away needs no answer.
                    let _ = converse(stream, &desk, &stop, &progress).await;
                };
                askers.admit(answer).await;
            }
            Err(_) => sleep(BREATH).await,
        }
    }
}

async fn converse(stream: UnixStream, desk: &Desk, stop: &Notify, progress: &Progress) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut question = String::new();
    let mut reader = BufReader::new(reader.take(QUESTION_MOST));
    timeout(PATIENCE, reader.read_line(&mut question)).await??;
    progress.asked();
    let asked = serde_json::from_str::<Value>(&question).ok();
    let (answer, ends) = match asked.as_ref().and_then(|asked| asked["ask"].as_str()) {
        Some("status") => (desk.status(), false),
        Some("reload") => (desk.reload().await, false),
        Some("stop") => (json!({ "stopping": true, "pid": std::process::id() }), true),
        _ => (json!({ "error": "a question is {\"ask\": \"status\"}, \"reload\" or \"stop\"" }), false),
    };
    let line = format!("{answer}\n");
    // Who asks the server to end is told so, whoever else comes.
    if !ends {
        progress.answered();
    }
    let told = timeout(PATIENCE, writer.write_all(line.as_bytes())).await;
    if ends {
        tracing::info!("asked to end through the control socket");
        stop.notify_one();
    }
    told?
}
