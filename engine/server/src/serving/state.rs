//! State that survives a reload: the sockets, whether the server is ending, and the version in service.
//!
//! Never: makes a version; a start and a reload do.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use tokio::{sync::watch, task::JoinHandle};

use crate::{
    endpoint::{Endpoint, ListeningSocket},
    serving::{
        listener,
        reload_report::{Last, Verdict},
        version::{Phase, Version},
        watch::ServerWatch,
    },
};

/// State that survives a reload.
pub struct ServerState {
    since: SystemTime,
    version: watch::Sender<Arc<Version>>,
    phase: watch::Sender<Phase>,
    listeners: Mutex<Vec<Listening>>,
    last: Mutex<Option<Last>>,
    /// By verdict.
    reloads: [AtomicU64; Verdict::ALL.len()],
}

/// One socket.
struct Listening {
    endpoint: Endpoint,
    /// Whether it still accepts. After that it waits for its sessions.
    open: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl ServerState {
    /// With that version in service, and no socket yet.
    pub fn new(version: Version) -> Arc<ServerState> {
        Arc::new(ServerState {
            since: SystemTime::now(),
            version: watch::Sender::new(Arc::new(version)),
            phase: watch::Sender::new(Phase::Serving),
            listeners: Mutex::default(),
            last: Mutex::default(),
            reloads: Default::default(),
        })
    }

    /// When the server began to serve.
    pub fn since(&self) -> SystemTime {
        self.since
    }

    /// The version in service.
    pub fn present(&self) -> Arc<Version> {
        self.version.borrow().clone()
    }

    /// What is listened on.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let listeners = self.lock();
        let open = listeners.iter().filter(|listening| *listening.open.borrow());
        open.map(|listening| listening.endpoint.clone()).collect()
    }

    /// What became of the latest reload.
    pub fn last_reload(&self) -> Option<Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many reloads came to that.
    pub fn reloads(&self, verdict: Verdict) -> u64 {
        self.reloads[verdict as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn reloaded(&self, last: Last) {
        self.reloads[last.report.verdict as usize].fetch_add(1, Ordering::Relaxed);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    /// What the latest reload changes for peers was found out.
    pub(crate) fn compared(&self, lines: &[String]) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter_mut().for_each(|last| last.report.lines.extend_from_slice(lines));
    }

    /// Puts a version in service: every connection that is accepted from now on begins with it.
    pub(crate) fn put(&self, version: Arc<Version>) {
        let sessions = version.shared.sessions.clone();
        self.version.send_replace(version);
        sessions.wake();
    }

    /// Accepts on sockets whose endpoints the version in service knows. Must be called within a runtime.
    ///
    /// # Errors
    /// The runtime cannot take a socket.
    pub(crate) fn open(&self, sockets: Vec<ListeningSocket>) -> io::Result<()> {
        let version = self.present();
        let mut listeners = self.lock();
        listeners.retain(|listening| !listening.task.is_finished());
        for socket in sockets {
            let endpoint = socket.endpoint().clone();
            let Some(listener_settings) = version.listeners.get(&endpoint) else { continue };
            let socket = socket.serve()?;
            let open = watch::Sender::new(true);
            let (phase, news) = (self.phase.subscribe(), self.version.subscribe());
            let watch = ServerWatch { phase, version: news, endpoint: endpoint.clone() };
            let inside = (version.shared.clone(), listener_settings.clone());
            let task = tokio::spawn(listener::accept(watch, inside, socket, open.subscribe()));
            listeners.push(Listening { endpoint, open, task });
        }
        Ok(())
    }

    /// Accepts no more on these; the sessions that came in there go on.
    pub(crate) fn close(&self, endpoints: &[Endpoint]) {
        for listening in self.lock().iter().filter(|listening| endpoints.contains(&listening.endpoint)) {
            listening.open.send_replace(false);
        }
    }

    /// Accepts no more, and lets every session end. Gives what waits for them.
    pub(crate) fn end(&self) -> Vec<JoinHandle<()>> {
        self.phase.send_replace(Phase::Ending);
        self.present().shared.sessions.wake();
        std::mem::take(&mut *self.lock()).into_iter().map(|listening| listening.task).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Listening>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
