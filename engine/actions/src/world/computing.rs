//! Threads of their own for jobs that compute for long and take much memory: checks of passwords.
//!
//! The C library keeps a block for each thread that ever took a large one. So these are few threads, no more than there
//! are processors, one that worked last works next, and each counts what it may have kept for as long as it lives.
//!
//! Never: has more jobs under way than threads, or begins one that there is no memory for.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Ceiling, Room};

/// The largest block that the C library may keep when it is free: a larger one goes back to the system at once.
const KEPT: u64 = 32 << 20;

/// The threads, and who waits for them.
pub(super) struct Computing {
    places: Arc<Semaphore>,
    ceiling: Arc<Ceiling>,
    idle: Arc<Idle>,
}

/// The threads that have nothing to do, the one that worked last at the end.
type Idle = Mutex<Vec<Sender<Job>>>;

/// What a thread is to do.
struct Job {
    octets: u64,
    job: Box<dyn FnOnce() + Send>,
    /// The way to the thread itself, for the next job.
    thread: Sender<Job>,
    /// Held until the thread is idle, whether or not somebody waits for the job.
    _place: OwnedSemaphorePermit,
    done: oneshot::Sender<()>,
}

impl Computing {
    /// So many threads at the most, made when they are needed; their memory is counted there.
    pub(super) fn new(most: usize, ceiling: Arc<Ceiling>) -> Computing {
        Computing { places: Arc::new(Semaphore::new(most.max(1))), ceiling, idle: Arc::default() }
    }

    /// Runs a job that takes so many octets, when its turn comes. It is dropped where there is no memory for it, or no
    /// thread.
    pub(super) async fn run(&self, octets: u64, job: Box<dyn FnOnce() + Send>) {
        // The semaphore is never closed. Were it, the job would be dropped, and whoever waits for it would see that.
        let Ok(_place) = self.places.clone().acquire_owned().await else { return };
        let latest = lock(&self.idle).pop();
        let Some(thread) = latest.or_else(|| begin(&self.idle, self.ceiling.room())) else { return };
        let (done, is_done) = oneshot::channel();
        if thread.send(Job { octets, job, thread: thread.clone(), _place, done }).is_ok() {
            // A job that is dropped is done, too.
            let _ = is_done.await;
        }
    }
}

/// A new thread; none where the system has none.
fn begin(idle: &Arc<Idle>, room: Room) -> Option<Sender<Job>> {
    let (give, jobs) = channel();
    let idle = Arc::downgrade(idle);
    let work = move || work(&jobs, &idle, room);
    thread::Builder::new().name("compute".into()).spawn(work).is_ok().then_some(give)
}

/// Jobs, until there is nobody left to give one.
fn work(jobs: &Receiver<Job>, idle: &Weak<Idle>, mut room: Room) {
    while let Ok(Job { octets, job, thread, _place, done }) = jobs.recv() {
        if room.resize(room.octets().max(octets)) {
            // A job that panics drops its channel: whoever waits for its answer sees that.
            let _ = catch_unwind(AssertUnwindSafe(job));
            // Making it smaller cannot fail.
            room.resize(room.octets().min(KEPT));
        } else {
            drop(job);
        }
        if let Some(idle) = idle.upgrade() {
            lock(&idle).push(thread);
        }
        // Who asked may be gone.
        let _ = done.send(());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn one_thread_serves_jobs_that_come_one_after_the_other_and_counts_what_it_may_keep() {
        let ceiling = Arc::new(Ceiling::new(128 << 20));
        let computing = Computing::new(4, ceiling.clone());
        let (say, said) = mpsc::channel();
        for _ in 0..5 {
            let say = say.clone();
            let job = move || say.send(thread::current().id()).unwrap();
            computing.run(16 << 20, Box::new(job)).await;
        }
        let ids: Vec<_> = said.try_iter().collect();
        assert_eq!(ids.len(), 5);
        assert!(ids.iter().all(|id| *id == ids[0]), "one thread");
        assert_eq!(ceiling.taken(), 16 << 20, "and its block");
        computing.run(90 << 20, Box::new(|| ())).await;
        assert_eq!(ceiling.taken(), 32 << 20, "a larger block goes back to the system");
    }

    #[tokio::test]
    async fn a_job_that_there_is_no_memory_for_is_not_run_and_one_that_panics_costs_no_thread() {
        let ceiling = Arc::new(Ceiling::new(128 << 20));
        let mut others = ceiling.room();
        assert!(others.resize(90 << 20));
        let computing = Computing::new(1, ceiling);
        let (say, said) = mpsc::channel();
        let job = |say: &mpsc::Sender<u8>, number| {
            let say = say.clone();
            Box::new(move || say.send(number).unwrap())
        };
        computing.run(16 << 20, job(&say, 1)).await;
        computing.run(1 << 20, Box::new(|| panic!("on purpose"))).await;
        computing.run(4 << 20, job(&say, 2)).await;
        assert_eq!(said.recv_timeout(Duration::from_secs(5)), Ok(2));
        assert!(said.try_recv().is_err());
    }
}
