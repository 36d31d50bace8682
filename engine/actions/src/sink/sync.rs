//! Folders brought to stable storage: one sync serves all who asked for it before it began.
//!
//! Never: answers before a sync that began after the question has ended, or tells one who asked that a sync went well that
//! failed for another.

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
};

/// The folders that somebody waits for.
static FOLDERS: LazyLock<Mutex<HashMap<PathBuf, Arc<Folder>>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Folder {
    turns: Mutex<Turns>,
    turned: Condvar,
}

/// Who asked is numbered; a sync serves all numbers up to the latest one at its beginning.
#[derive(Default)]
struct Turns {
    asked: u64,
    done: u64,
    busy: bool,
    /// How many have not heard yet.
    waiting: u64,
    /// Syncs that failed, as long as anyone waits: behind which number, up to which, and what the system said.
    failed: Vec<(u64, u64, io::ErrorKind, String)>,
}

/// Brings the entries of a folder to stable storage. Blocks.
///
/// # Errors
/// What the system says to the sync that this one waited for.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = lock(&FOLDERS).entry(path.to_path_buf()).or_default().clone();
    let synced = folder.sync(|| File::open(path)?.sync_all());
    let mut folders = lock(&FOLDERS);
    // Left while the table is held, so that of two who leave at once the second one sees that nobody is left.
    drop(folder);
    if folders.get(path).is_some_and(|known| Arc::strong_count(known) == 1) {
        folders.remove(path);
    }
    synced
}

impl Folder {
    fn sync(&self, job: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut turns = lock(&self.turns);
        turns.asked += 1;
        turns.waiting += 1;
        let mine = turns.asked;
        while turns.busy && turns.done < mine {
            turns = self.turned.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        if turns.done < mine {
            let (from, to) = (turns.done, turns.asked);
            turns.busy = true;
            drop(turns);
            let synced = job();
            turns = lock(&self.turns);
            (turns.busy, turns.done) = (false, to);
            if let Err(error) = synced {
                turns.failed.push((from, to, error.kind(), error.to_string()));
            }
            self.turned.notify_all();
        }
        let mine = turns.failed.iter().find(|(from, to, ..)| (from + 1..=*to).contains(&mine));
        let heard = mine.map_or(Ok(()), |(.., kind, why)| Err(io::Error::new(*kind, why.clone())));
        turns.waiting -= 1;
        if turns.waiting == 0 {
            turns.failed.clear();
        }
        heard
    }
}

/// No panic happens while one of these is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Barrier,
            atomic::{AtomicU64, Ordering},
        },
        thread,
        time::Duration,
    };

    use super::*;

    #[test]
    fn those_who_ask_while_one_is_under_way_share_the_next_one() {
        let (folder, syncs, begun) = (Folder::default(), AtomicU64::new(0), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                folder.sync(|| {
                    begun.wait();
                    thread::sleep(Duration::from_millis(100));
                    syncs.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                })
            });
            begun.wait();
            for _ in 0..20 {
                scope.spawn(|| {
                    let before = syncs.load(Ordering::Relaxed);
                    let job = || {
                        syncs.fetch_add(1, Ordering::Relaxed);
                        Ok(())
                    };
                    folder.sync(job).expect("it goes well");
                    assert!(
                        syncs.load(Ordering::Relaxed) > before,
                        "it was served by a sync that began before it asked"
                    );
                });
            }
        });
        assert!(syncs.load(Ordering::Relaxed) < 21, "nobody shared: {syncs:?}");
    }

    #[test]
    fn all_who_waited_hear_of_a_failure_and_the_next_one_does_not() {
        let (folder, begun) = (Folder::default(), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                let first = folder.sync(|| {
                    begun.wait();
                    thread::sleep(Duration::from_millis(100));
                    Ok(())
                });
                assert!(first.is_ok());
            });
            begun.wait();
            for _ in 0..5 {
                scope.spawn(|| assert!(folder.sync(|| Err(io::ErrorKind::StorageFull.into())).is_err()));
            }
        });
        assert!(folder.sync(|| Ok(())).is_ok());
    }

    #[test]
    fn a_folder_is_forgotten_when_nobody_waits_for_it() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        sync_folder(folder.path()).expect("it can be synced");
        assert!(!FOLDERS.lock().unwrap().contains_key(folder.path()));
        for _ in 0..200 {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| sync_folder(folder.path()).expect("it can be synced"));
                }
            });
            assert!(!FOLDERS.lock().unwrap().contains_key(folder.path()));
        }
        assert!(sync_folder(&folder.path().join("gone")).is_err());
    }
}
