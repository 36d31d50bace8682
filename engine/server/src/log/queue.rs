//! What is said gathers here for the one thread that writes it down.
//!
//! Never: makes anyone wait for a disk. What finds no room is counted instead.

use std::{
    mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    time::Duration,
};

/// The most octets that wait.
const OCTETS: usize = 8 << 20;
/// How long lines gather behind the first one, so that many of them cost one waking and one write.
const GATHER: Duration = Duration::from_millis(10);
/// What is kept between two batches.
const KEPT: usize = 64 << 10;

/// Where lines go in.
#[derive(Clone)]
pub(super) struct Inlet(Arc<Shared>);

/// Where lines come out.
pub(super) struct Outlet {
    /// What both ends know.
    pub(super) shared: Arc<Shared>,
}

/// What both ends know.
#[derive(Default)]
pub(super) struct Shared {
    waiting: Mutex<Batch>,
    news: Condvar,
    dropped: AtomicU64,
}

/// What came together.
#[derive(Default)]
pub(super) struct Batch {
    /// Lines with their ends.
    pub(super) lines: String,
    /// The file is to be opened anew before them.
    pub(super) reopen: bool,
    /// Who wants to know when they are written.
    pub(super) flushed: Vec<SyncSender<()>>,
    /// The writer waits for the first line.
    asleep: bool,
}

/// An empty queue.
pub(super) fn queue() -> (Inlet, Outlet) {
    let shared = Arc::<Shared>::default();
    (Inlet(shared.clone()), Outlet { shared })
}

impl Inlet {
    /// Puts a line in, or counts it as lost.
    pub(super) fn put(&self, line: &str) {
        let mut waiting = self.0.lock();
        if waiting.lines.len() + line.len() > OCTETS {
            drop(waiting);
            return self.0.lost();
        }
        waiting.lines.push_str(line);
        if mem::take(&mut waiting.asleep) {
            drop(waiting);
            self.0.news.notify_one();
        }
    }

    /// Has the file opened anew before the next line.
    pub(super) fn reopen(&self) {
        self.0.lock().reopen = true;
        self.0.news.notify_one();
    }

    /// How many lines were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped()
    }

    /// Waits until all lines are written, but no longer than that.
    pub(super) fn flush(&self, most: Duration) {
        let (done, written) = sync_channel(1);
        self.0.lock().flushed.push(done);
        self.0.news.notify_one();
        // The writer is gone or the disk hangs: then there is nobody left to tell.
        let _ = written.recv_timeout(most);
    }
}

impl Outlet {
    /// Waits for lines, and a little more for those behind them; nothing may have come when so much time has passed.
    /// `spent` is what came before, its lines written: their memory is used anew.
    pub(super) fn next(&self, mut spent: Batch, patience: Duration) -> Batch {
        let news = &self.shared.news;
        let mut waiting = self.shared.lock();
        if waiting.lines.is_empty() && !waiting.hurries() {
            waiting.asleep = true;
            let nothing = |waiting: &mut Batch| waiting.asleep && !waiting.hurries();
            waiting = news.wait_timeout_while(waiting, patience, nothing).unwrap_or_else(PoisonError::into_inner).0;
            waiting.asleep = false;
        }
        if !waiting.lines.is_empty() {
            let more = |waiting: &mut Batch| !waiting.hurries();
            waiting = news.wait_timeout_while(waiting, GATHER, more).unwrap_or_else(PoisonError::into_inner).0;
        }
        spent.lines.clear();
        spent.lines.shrink_to(KEPT);
        mem::replace(&mut *waiting, Batch { lines: spent.lines, ..Batch::default() })
    }
}

impl Batch {
    /// Whether somebody waits for the writer.
    fn hurries(&self) -> bool {
        self.reopen || !self.flushed.is_empty()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Batch> {
        // A panic between two lines leaves each of them whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line is lost.
    pub(super) fn lost(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// How many lines were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Instant};

    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits() {
        let (inlet, outlet) = queue();
        inlet.put(&"x".repeat(OCTETS - 1));
        inlet.put("y");
        inlet.put("z");
        assert_eq!(inlet.dropped(), 1, "more octets than there is room for");
        let batch = outlet.next(Batch::default(), Duration::ZERO);
        assert_eq!(batch.lines.len(), OCTETS);
        inlet.put("z\n");
        assert_eq!(inlet.dropped(), 1, "there is room again");
        let batch = outlet.next(batch, Duration::ZERO);
        assert_eq!(batch.lines, "z\n");
        assert!(batch.lines.capacity() <= KEPT);
    }

    #[test]
    fn lines_gather_and_who_waits_for_them_does_not_wait_for_more() {
        let (inlet, outlet) = queue();
        thread::scope(|threads| {
            threads.spawn(|| {
                inlet.put("a\n");
                inlet.put("b\n");
                inlet.flush(Duration::from_secs(60));
                inlet.reopen();
            });
            let batch = outlet.next(Batch::default(), Duration::from_secs(60));
            // Between the first line and the last call there may be time enough for a batch of its own.
            let rest = if batch.flushed.is_empty() {
                outlet.next(Batch::default(), Duration::from_secs(60))
            } else {
                Batch::default()
            };
            assert_eq!(batch.lines.clone() + &rest.lines, "a\nb\n");
            let waits = batch.flushed.iter().chain(&rest.flushed);
            assert_eq!(waits.map(|done| done.send(())).filter(Result::is_ok).count(), 1);
            assert!(outlet.next(batch, Duration::from_secs(60)).reopen);
        });
    }

    #[test]
    fn the_end_does_not_wait_for_a_disk_that_hangs() {
        let (inlet, _outlet) = queue();
        inlet.put("a line\n");
        let began = Instant::now();
        inlet.flush(Duration::from_millis(50));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
