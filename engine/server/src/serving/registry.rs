//! The sessions that there are, and how far each is, for those who ask.
//!
//! Never: makes a session wait for somebody who looks. A session that goes on writes one number.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    task::Context,
};

use atomic_waker::AtomicWaker;
use machine::Service;
use program::StateId;

use crate::endpoint::Endpoint;

/// The sessions that there are.
#[derive(Default)]
pub struct Registry {
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Entry>>>,
}

/// How far one session is; giving it up is leaving.
pub struct Registration {
    sessions: Arc<Registry>,
    number: u64,
    entry: Arc<Entry>,
}

/// What others see of a session.
struct Entry {
    listener: Endpoint,
    service: Mutex<Arc<Service>>,
    state: AtomicU16,
    /// The task that runs it.
    waker: AtomicWaker,
}

/// One session as it was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Where it came in.
    pub listener: Endpoint,
    /// What it speaks.
    pub service: Arc<Service>,
    /// The number of its state.
    pub state: StateId,
}

impl Registry {
    /// A session begins that came in there.
    pub fn enter(self: &Arc<Self>, service: &Arc<Service>, listener: Endpoint) -> Registration {
        let state = AtomicU16::new(service.program().start.0);
        let entry =
            Arc::new(Entry { listener, service: Mutex::new(service.clone()), state, waker: AtomicWaker::new() });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, entry.clone());
        Registration { sessions: Arc::clone(self), number, entry }
    }

    /// All of them, in the order that they began in.
    pub fn seen(&self) -> Vec<Seen> {
        let open = self.lock();
        let mut entries: Vec<(u64, Arc<Entry>)> = open.iter().map(|(number, entry)| (*number, entry.clone())).collect();
        drop(open);
        entries.sort_unstable_by_key(|(number, _)| *number);
        entries.into_iter().map(|(_, entry)| entry.seen()).collect()
    }

    /// Lets every session look whether there is news of the server: that costs a session nothing until it happens.
    pub fn wake(&self) {
        let entries: Vec<Arc<Entry>> = self.lock().values().cloned().collect();
        entries.iter().for_each(|entry| entry.waker.wake());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Entry>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn seen(&self) -> Seen {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        Seen {
            listener: self.listener.clone(),
            service: service.clone(),
            state: StateId(self.state.load(Ordering::Relaxed)),
        }
    }
}

impl Registration {
    /// From now on this task is woken when there is news.
    pub fn listens(&self, context: &Context<'_>) {
        self.entry.waker.register(context.waker());
    }

    /// It is in that state now.
    pub fn is_in(&self, state: StateId) {
        self.entry.state.store(state.0, Ordering::Relaxed);
    }

    /// It goes on with another service, in that state.
    pub fn moved(&self, service: &Arc<Service>, state: StateId) {
        let mut present = self.entry.service.lock().unwrap_or_else(PoisonError::into_inner);
        *present = service.clone();
        self.is_in(state);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.number);
    }
}
