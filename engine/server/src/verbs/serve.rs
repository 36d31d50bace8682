//! Serving until a signal says that it is enough; `run` and `dev` do it alike.
//!
//! Never: reads a configuration.

use std::time::Duration;

use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    exit::{Exit, Fault},
    log,
    opening::{Note, Opened},
    reload::{Begun, Reloader, Why},
    server::Running,
};

/// How long tasks that cannot be cancelled, writes to a disk say, may go on after the end.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// How long a database may take to show that it is there, before the log says that it is not.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Serves what is open, and reloads it if it knows what it was read from. `ready` is called once every socket accepts.
pub(super) fn serve(
    opened: Opened,
    grace: Duration,
    begun: Option<Begun>,
    ready: impl FnOnce(),
) -> Result<Exit, Fault> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Fault::new(
            Exit::Denied,
            format!("threads cannot be started: {error}"),
            "raise the limit of tasks for this user",
        )
    })?;
    let exit = runtime.block_on(until_told(opened, grace, begun, ready));
    end(runtime);
    exit
}

async fn until_told(
    opened: Opened,
    grace: Duration,
    begun: Option<Begun>,
    ready: impl FnOnce(),
) -> Result<Exit, Fault> {
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
    if nix::unistd::geteuid().is_root() {
        tracing::warn!("running as root: nothing here needs it once the ports are 1024 or above");
    }
    let running = Running::serve(opened.site.clone(), opened.sockets).map_err(|error| {
        Fault::new(Exit::Denied, format!("a socket cannot be served: {error}"), "raise the number of open files")
    })?;
    tracing::info!("ready");
    ready();
    let world = opened.world.clone();
    let sign_of_life = tokio::spawn(async move {
        for (name, why) in world.unreachable(SIGN_OF_LIFE).await {
            tracing::warn!("the database `{name}` cannot be asked: {why}; its statements fail until it can");
        }
    });
    let reloader = begun.map(|begun| Reloader::new(running.grounds().clone(), begun));
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => match reloader.clone() {
                // A second signal waits for its turn behind the first; neither keeps the server from ending.
                Some(reloader) => drop(tokio::spawn(async move { reloader.reload(Why::Signal).await })),
                None => tracing::warn!("there is nothing to reload: no file was read"),
            }
        }
    }
    sign_of_life.abort();
    reopening.abort();
    tracing::info!("terminated by admin");
    tokio::select! {
        left = running.end(grace) => {
            if left > 0 {
                tracing::warn!("{left} sessions were broken off after {} seconds", grace.as_secs_f64());
            }
        }
        _ = interrupt.recv() => tracing::warn!("told again: ended at once"),
    }
    tracing::info!("{}", opened.site.counters.summary());
    Ok(Exit::Done)
}

fn on(kind: SignalKind) -> Result<Signal, Fault> {
    signal(kind).map_err(|error| {
        Fault::new(Exit::Denied, format!("signals cannot be waited for: {error}"), "raise the number of open files")
    })
}

fn end(runtime: Runtime) {
    runtime.shutdown_timeout(LAST_WRITES);
}
