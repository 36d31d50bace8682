//! Serving until a signal says that it is enough; `run` and `dev` do it alike.
//!
//! Never: reads a configuration.

use std::{future::pending, net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

use crate::{
    daemon::{Control, Desk, Lock},
    exit::{Exit, Fault},
    http, log,
    note::Note,
    privileges::Unprivileged,
    reload::{Begun, Reloader, watch},
    serving::{reload_report::Why, server::Running},
    startup::{opening::Opened, supervisor},
};

/// How long tasks that cannot be cancelled, writes to a disk say, may go on after the end.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// How long a database may take to show that it is there, before the log says that it is not.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// What is served.
pub(super) struct Work {
    /// What is open.
    pub(super) opened: Opened,
    /// That rights were given up.
    pub(super) rights: Unprivileged,
    /// How long sessions may take to end.
    pub(super) grace: Duration,
    /// What it was read from, if there is anything to reload.
    pub(super) begun: Option<Begun>,
    /// The PID file and the control socket.
    pub(super) place: Option<(PathBuf, PathBuf)>,
    /// Where the metrics are shown.
    pub(super) metrics: Option<TcpListener>,
}

/// Serves what is open, and reloads it if it knows what it was read from. `ready` is called once every socket accepts.
pub(super) fn serve(work: Work, ready: impl FnOnce()) -> Result<Exit, Fault> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Fault::new(
            Exit::Denied,
            format!("threads cannot be started: {error}"),
            "raise the limit of tasks for this user",
        )
    })?;
    let exit = runtime.block_on(until_told(work, ready));
    end(runtime);
    exit
}

async fn until_told(work: Work, ready: impl FnOnce()) -> Result<Exit, Fault> {
    let Work { opened, rights, grace, begun, place, metrics } = work;
    let (mut interrupt, mut terminate) = (on(SignalKind::interrupt())?, on(SignalKind::terminate())?);
    let mut hangup = on(SignalKind::hangup())?;
    let mut again = on(SignalKind::user_defined1())?;
    let reopening = tokio::spawn(async move {
        while again.recv().await.is_some() {
            log::reopen();
        }
    });
    for note in &opened.notes {
        match note {
            Note::Plain(line) => tracing::info!("{line}"),
            Note::Warning(line) => tracing::warn!("{line}"),
        }
    }
    let running = Running::serve(opened.shared.clone(), opened.sockets, &rights).map_err(|error| {
        Fault::new(Exit::Denied, format!("a socket cannot be served: {error}"), "raise the number of open files")
    })?;
    let reloader = begun.map(|begun| Reloader::new(running.server_state().clone(), begun));
    let station = Station::take(place, &running, reloader.as_ref()).inspect_err(|fault| {
        tracing::error!("{}", fault.message);
    })?;
    let metrics = metrics.map(|socket| show_metrics(socket, &running)).transpose()?;
    tracing::info!("ready");
    supervisor::ready("serving");
    ready();
    let world = opened.world.clone();
    let sign_of_life = tokio::spawn(async move {
        for (name, why) in world.unreachable(SIGN_OF_LIFE).await {
            tracing::warn!("the database `{name}` cannot be asked: {why}; its statements fail until it can");
        }
    });
    let watching = reloader.clone().map(|reloader| tokio::spawn(watch(reloader)));
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            () = station.told_to_stop() => break,
            _ = hangup.recv() => match reloader.clone() {
                // A second signal waits for its turn behind the first; neither keeps the server from ending.
                Some(reloader) => drop(tokio::spawn(async move { reloader.reload(Why::Signal).await })),
                None => tracing::warn!("there is nothing to reload: no file was read"),
            }
        }
    }
    sign_of_life.abort();
    reopening.abort();
    watching.inspect(JoinHandle::abort);
    metrics.inspect(JoinHandle::abort);
    tracing::info!("terminated by admin");
    supervisor::stopping("sessions come to their ends");
    tokio::select! {
        left = running.end(grace) => {
            if left > 0 {
                tracing::warn!("{left} sessions were broken off after {} seconds", grace.as_secs_f64());
            }
        }
        _ = interrupt.recv() => tracing::warn!("told again: ended at once"),
    }
    tracing::info!("{}", opened.shared.counters.summary());
    Ok(Exit::Done)
}

/// Where the server is found while it serves. What it is asked through goes first, and its lock last.
struct Station {
    control: Option<Control>,
    _lock: Option<Lock>,
}

impl Station {
    fn take(
        place: Option<(PathBuf, PathBuf)>,
        running: &Running,
        reloader: Option<&Reloader>,
    ) -> Result<Station, Fault> {
        let (Some((pid_file, control)), Some(reloader)) = (place, reloader) else {
            return Ok(Station { control: None, _lock: None });
        };
        let lock = Lock::take(&pid_file)?;
        let desk = Desk { server_state: running.server_state().clone(), reloader: reloader.clone() };
        Ok(Station { control: Some(Control::open(&control, Arc::new(desk))?), _lock: Some(lock) })
    }

    async fn told_to_stop(&self) {
        match &self.control {
            Some(control) => control.told_to_stop().await,
            None => pending().await,
        }
    }
}

fn show_metrics(socket: TcpListener, running: &Running) -> Result<JoinHandle<()>, Fault> {
    let taken = socket.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(socket));
    let socket = taken.map_err(|error| {
        Fault::new(Exit::Denied, format!("the metrics cannot be shown: {error}"), "raise the number of open files")
    })?;
    Ok(tokio::spawn(http::respond(socket, running.server_state().clone())))
}

fn on(kind: SignalKind) -> Result<Signal, Fault> {
    signal(kind).map_err(|error| {
        Fault::new(Exit::Denied, format!("signals cannot be waited for: {error}"), "raise the number of open files")
    })
}

fn end(runtime: Runtime) {
    runtime.shutdown_timeout(LAST_WRITES);
}
