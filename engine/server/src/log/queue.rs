//! The queue between those who say something and the one thread that writes it down.
//!
//! Never: makes anyone wait who puts a line in. What finds no room is counted instead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::sleep,
    time::{Duration, Instant},
};

/// The most lines that wait.
const LINES: usize = 8192;
/// The most octets that wait.
const OCTETS: usize = 8 << 20;

/// Where lines go in.
#[derive(Clone)]
pub(super) struct Inlet {
    items: SyncSender<Item>,
    shared: Arc<Shared>,
}

/// Where lines come out.
pub(super) struct Outlet {
    items: Receiver<Item>,
    /// What both ends know.
    pub(super) shared: Arc<Shared>,
}

/// What both ends know.
#[derive(Default)]
pub(super) struct Shared {
    octets: AtomicUsize,
    dropped: AtomicU64,
    reopen: AtomicBool,
}

/// What goes through.
pub(super) enum Item {
    /// A line with its end.
    Line(String),
    /// Look at what is wanted.
    Wake,
    /// Say when all before it is written.
    Flush(SyncSender<()>),
}

/// An empty queue.
pub(super) fn queue() -> (Inlet, Outlet) {
    let (sender, receiver) = sync_channel(LINES);
    let shared = Arc::<Shared>::default();
    (Inlet { items: sender, shared: shared.clone() }, Outlet { items: receiver, shared })
}

impl Inlet {
    /// Puts a line in, or counts it as lost.
    pub(super) fn put(&self, line: String) {
        let length = line.len();
        let fits = self.shared.octets.fetch_add(length, Ordering::Relaxed) + length <= OCTETS;
        if !fits || self.items.try_send(Item::Line(line)).is_err() {
            self.shared.octets.fetch_sub(length, Ordering::Relaxed);
            self.shared.lost();
        }
    }

    /// Has the file opened anew before the next line.
    pub(super) fn reopen(&self) {
        self.shared.reopen.store(true, Ordering::Relaxed);
        // A full queue wakes the writer by itself.
        let _ = self.items.try_send(Item::Wake);
    }

    /// How many lines were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.shared.dropped()
    }

    /// Waits until all lines are written, but no longer than that.
    pub(super) fn flush(&self, most: Duration) {
        let end = Instant::now() + most;
        let (done, written) = sync_channel(1);
        while self.items.try_send(Item::Flush(done.clone())).is_err() {
            if Instant::now() >= end {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        // The writer is gone or the disk hangs: then there is nobody left to tell.
        let _ = written.recv_timeout(end.saturating_duration_since(Instant::now()));
    }
}

impl Outlet {
    /// The next item; none when that long nothing came.
    ///
    /// # Errors
    /// Nobody can put anything in any more.
    pub(super) fn next(&self, patience: Duration) -> Result<Option<Item>, RecvTimeoutError> {
        match self.items.recv_timeout(patience) {
            Ok(item) => {
                if let Item::Line(line) = &item {
                    self.shared.octets.fetch_sub(line.len(), Ordering::Relaxed);
                }
                Ok(Some(item))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(gone) => Err(gone),
        }
    }
}

impl Shared {
    /// A line is lost.
    pub(super) fn lost(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// How many lines were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether the file is to be opened anew; asked once.
    pub(super) fn takes_reopening(&self) -> bool {
        self.reopen.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_nobody_waits() {
        let (inlet, outlet) = queue();
        (0..LINES + 5).for_each(|_| inlet.put("a line\n".into()));
        assert_eq!(inlet.dropped(), 5, "more lines than there is room for");
        while let Ok(Some(_)) = outlet.next(Duration::ZERO) {}
        inlet.put("x".repeat(OCTETS));
        inlet.put("y".into());
        assert_eq!(inlet.dropped(), 6, "more octets than there is room for");
        assert!(outlet.next(Duration::ZERO).unwrap().is_some());
        inlet.put("z".into());
        assert_eq!(inlet.dropped(), 6, "there is room again");
    }

    #[test]
    fn the_end_does_not_wait_for_a_disk_that_hangs() {
        let (inlet, _outlet) = queue();
        inlet.put("a line\n".into());
        let began = Instant::now();
        inlet.flush(Duration::from_millis(50));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
