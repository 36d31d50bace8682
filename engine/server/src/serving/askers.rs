//! Connections that are answered one question each. One that does not ask makes room for the next one.
//!
//! Never: keeps a new connection waiting while another one is silent, or has more of them open than its bound.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::task::{AbortHandle, JoinSet};

/// The most connections at once. Each costs a descriptor.
const MOST: usize = 32;

/// The connections that are open.
#[derive(Default)]
pub(crate) struct Askers {
    /// The oldest first.
    open: VecDeque<(Progress, AbortHandle)>,
    tasks: JoinSet<()>,
}

/// How far one connection is.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU8>);

/// Its question has not come.
const SILENT: u8 = 0;
/// Its answer is being made.
const ASKED: u8 = 1;
/// Its answer is being sent.
const ANSWERED: u8 = 2;

impl Askers {
    /// Runs one connection beside the others. Where there is no place, the oldest one that has not asked is closed, or
    /// else the oldest one that does not read its answer; where all answers are being made, it waits for one of them.
    pub(crate) async fn admit<F>(&mut self, answer: impl FnOnce(Progress) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.make_room().await;
        let progress = Progress::default();
        let task = self.tasks.spawn(answer(progress.clone()));
        self.open.push_back((progress, task));
    }

    async fn make_room(&mut self) {
        loop {
            while self.tasks.try_join_next().is_some() {}
            self.open.retain(|(_, task)| !task.is_finished());
            if self.open.len() < MOST {
                return;
            }
            let oldest = |stage| self.open.iter().position(|(progress, _)| progress.stage() == stage);
            match oldest(SILENT).or_else(|| oldest(ANSWERED)).and_then(|at| self.open.remove(at)) {
                Some((_, task)) => task.abort(),
                None => drop(self.tasks.join_next().await),
            }
        }
    }
}

impl Progress {
    /// Its whole question has come.
    pub(crate) fn asked(&self) {
        self.0.store(ASKED, Ordering::Relaxed);
    }

    /// Its answer is made: what is left is to send it.
    pub(crate) fn answered(&self) {
        self.0.store(ANSWERED, Ordering::Relaxed);
    }

    fn stage(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::{sync::oneshot, task::yield_now, time::timeout};

    use super::*;

    /// Lets one more in; what it gives ends when the connection is closed.
    async fn one(askers: &mut Askers, stage: u8) -> oneshot::Receiver<()> {
        let (open, closed) = oneshot::channel::<()>();
        let answer = |progress: Progress| async move {
            progress.0.store(stage, Ordering::Relaxed);
            let _open = open;
            pending::<()>().await;
        };
        timeout(Duration::from_secs(5), askers.admit(answer)).await.expect("nobody is kept waiting");
        yield_now().await;
        closed
    }

    #[tokio::test]
    async fn the_oldest_silent_one_makes_room_and_one_that_asked_stays() {
        let mut askers = Askers::default();
        let mut asked = one(&mut askers, ASKED).await;
        let mut reads = one(&mut askers, ANSWERED).await;
        let first = one(&mut askers, SILENT).await;
        let mut silent = Vec::new();
        for _ in 3..MOST {
            silent.push(one(&mut askers, SILENT).await);
        }
        silent.push(one(&mut askers, SILENT).await);
        assert!(first.await.is_err(), "the oldest silent one is closed");
        assert!(silent[0].try_recv() == Err(oneshot::error::TryRecvError::Empty));
        for _ in 0..200 {
            silent.push(one(&mut askers, SILENT).await);
        }
        assert!(askers.open.len() <= MOST);
        assert!(asked.try_recv() == Err(oneshot::error::TryRecvError::Empty));
        assert!(reads.try_recv() == Err(oneshot::error::TryRecvError::Empty));
        for _ in 1..MOST {
            silent.push(one(&mut askers, ASKED).await);
        }
        assert!(reads.await.is_err(), "one that does not read its answer makes room, too");
    }
}
