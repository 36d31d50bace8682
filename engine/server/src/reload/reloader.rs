//! One reload after the other: asked for, prepared, put in service, told, and compared with what was before.
//!
//! Never: has two under way at once, or leaves one half done because nobody waits for it any more.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Instant, SystemTime},
};

use actions::world::Real;
use tokio::{
    runtime::Handle,
    sync::{Mutex, oneshot},
    task::spawn_blocking,
};

use super::{
    compared::{Change, Waiting, conversations},
    prepare::{Former, Prepared, prepare},
    seen::{Seen, Wanted},
};
use crate::{
    config::{Address, Config},
    exit::Exit,
    protocols::Protocols,
    serving::{
        reload_report::{Last, Report, Why},
        state::ServerState,
    },
    startup::{sandbox::Held, supervisor},
    tls::Pair,
};

/// Reloads a running server. Clones are the same one.
#[derive(Clone)]
pub struct Reloader(Arc<Inner>);

struct Inner {
    server_state: Arc<ServerState>,
    begun: Begun,
    /// Held by the reload that has its turn, to the end of its report.
    turn: Mutex<()>,
    /// How many wait for theirs.
    waiting: Waiting,
    present: Mutex<Present>,
}

/// What a server began with.
pub struct Begun {
    /// The configuration's file.
    pub path: PathBuf,
    /// What it meant.
    pub config: Arc<Config>,
    /// The protocols of its folder.
    pub protocols: Protocols,
    /// Databases, name servers and sinks.
    pub world: Arc<Real>,
    /// The certificate, where there is TLS.
    pub pair: Option<Pair>,
    /// Its files as they were.
    pub seen: Seen,
    /// What the sandbox lets it reach.
    pub held: Held,
}

/// What the version in service is made of.
struct Present {
    config: Arc<Config>,
    protocols: Protocols,
    world: Arc<Real>,
    pair: Option<Pair>,
}

impl Reloader {
    /// For a server that began with that.
    pub fn new(server_state: Arc<ServerState>, begun: Begun) -> Reloader {
        let present = Present {
            config: begun.config.clone(),
            protocols: begun.protocols.clone(),
            world: begun.world.clone(),
            pair: begun.pair.clone(),
        };
        let (turn, waiting, present) = (Mutex::default(), Waiting::default(), Mutex::new(present));
        Reloader(Arc::new(Inner { server_state, begun, turn, waiting, present }))
    }

    /// Reads everything anew and puts it in service, if nothing is wrong with it. It comes to its end even if nobody
    /// waits for it. Must be called within a runtime.
    pub async fn reload(&self, why: Why) -> Report {
        let inner = self.0.clone();
        let done = tokio::spawn(async move { inner.reload(why, oneshot::channel().0).await }).await;
        done.unwrap_or_else(|_| broken())
    }

    /// Like [`Reloader::reload`], but waits no longer than until it is decided what is in service.
    pub(super) async fn decide(&self, why: Why) {
        let inner = self.0.clone();
        let (decided, is_decided) = oneshot::channel();
        tokio::spawn(async move { inner.reload(why, decided).await });
        // A reload that was broken off is decided, too.
        let _ = is_decided.await;
    }

    /// The files as they were when the server began.
    pub(super) fn seen(&self) -> Seen {
        self.0.begun.seen.clone()
    }

    /// What is to be watched by the configuration in service.
    pub(super) async fn wanted(&self) -> Wanted {
        Wanted::of(&self.0.begun.path, &self.0.present.lock().await.config)
    }
}

impl Inner {
    async fn reload(&self, why: Why, decided: oneshot::Sender<()>) -> Report {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _turn = self.turn.lock().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        tracing::info!("reload begins: asked for by {why}");
        supervisor::reloading();
        let began = Instant::now();
        let (mut report, changes) = self.attempt(&mut *self.present.lock().await).await;
        let took = began.elapsed();
        if report.is_in_service() {
            tracing::info!("reload {}", report.verdict);
            report.lines.iter().for_each(|line| tracing::info!("reload: {line}"));
        } else {
            tracing::error!("reload {}", report.verdict);
            report.lines.iter().for_each(|line| tracing::error!("reload: {line}"));
        }
        supervisor::ready(&format!("serving; the reload was {}", report.verdict));
        self.server_state.reloaded(Last { at: SystemTime::now(), took, why, report: report.clone() });
        // Nobody need have waited for it.
        let _ = decided.send(());
        // The new version serves, and that is told; only who wants the whole report waits for this.
        let played = conversations(changes, self.waiting.clone()).await;
        played.iter().for_each(|line| tracing::info!("reload: {line}"));
        self.server_state.compared(&played);
        report.lines.extend(played);
        report
    }

    async fn attempt(&self, present: &mut Present) -> (Report, Vec<Change>) {
        let former = Former {
            path: self.begun.path.clone(),
            begun: self.begun.config.clone(),
            present: present.config.clone(),
            held: self.begun.held.clone(),
            protocols: present.protocols.clone(),
            world: present.world.clone(),
            pair: present.pair.clone(),
            version: self.server_state.present(),
            listening: self.server_state.endpoints(),
        };
        match spawn_blocking(move || on_a_stack_of_its_own(|| prepare(&former))).await {
            Ok(Some(Ok(mut prepared))) => {
                let changes = std::mem::take(&mut prepared.changes);
                prepared.lines.extend(taken_up(&prepared.world).await);
                (self.put(present, prepared), changes)
            }
            Ok(Some(Err(report))) => (report, Vec::new()),
            Ok(None) | Err(_) => (broken(), Vec::new()),
        }
    }

    /// The one step.
    fn put(&self, present: &mut Present, mut prepared: Prepared) -> Report {
        let gone: Vec<_> = self
            .server_state
            .endpoints()
            .into_iter()
            .filter(|at| !prepared.version.listeners.contains_key(at))
            .collect();
        for (written, endpoint, unbound) in std::mem::take(&mut prepared.unbound) {
            prepared.version.listeners.remove(&endpoint);
            // A bare port does without IPv6 on a machine that has none, as at the start.
            if !(matches!(written, Address::Every(_)) && unbound.no_family) {
                prepared.restart.push(format!("listener {endpoint} is new: {}", unbound.fault.message));
            }
        }
        self.server_state.put(Arc::new(prepared.version));
        match (&present.pair, prepared.pair) {
            (Some(pair), Some(fresh)) => pair.renew(&fresh),
            (None, fresh) => present.pair = fresh,
            (Some(_), None) => {}
        }
        if let Err(error) = self.server_state.open(prepared.sockets) {
            prepared.restart.push(format!("a new listener cannot be served: {error}"));
        }
        for (path, rights) in prepared.rights {
            if let Err(error) = rights.give(&path) {
                prepared.restart.push(format!("the rights of the socket `{}`: {error}", path.display()));
            }
        }
        self.server_state.close(&gone);
        prepared.lines.extend(gone.iter().map(|endpoint| format!("listens on {endpoint} no more")));
        present.config = prepared.config;
        (present.protocols, present.world) = (prepared.protocols, prepared.world);
        Report::taken(prepared.restart, prepared.lines)
    }
}

/// Opens the files of databases that were replaced, which nothing is wrong with as far as can be seen. Tells what became of it.
async fn taken_up(world: &Real) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, became) in world.take_up().await {
        lines.push(match became {
            Ok(()) => format!("the database `{name}`: its file was replaced, and the new one is open"),
            Err(why) => {
                tracing::error!(
                    "the database `{name}`: its file was replaced, and the new one cannot be opened: {why}"
                );
                format!("the database `{name}`: its file was replaced, and the new one cannot be opened: {why}")
            }
        });
    }
    lines
}

/// How deep the stack is that protocols are read on. What a file nests is bounded; this is far more than that takes.
const STACK: usize = 32 << 20;

/// Reads new files in a thread with a stack as large as the one that a program begins with, or larger: none if it broke.
/// Meanwhile sessions are served.
fn on_a_stack_of_its_own<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let runtime = Handle::current();
    thread::scope(|scope| {
        let work = move || {
            let _inside = runtime.enter();
            work()
        };
        let thread = thread::Builder::new().name("reload".into()).stack_size(STACK).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// A fault of ours on the way.
fn broken() -> Report {
    Report::refused(Exit::Findings, vec!["a fault of this program broke the reload off".into()])
}
