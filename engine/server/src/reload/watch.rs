//! Reloads when a file changes that the configuration was made of.
//!
//! Folders are watched, not files: a file that is saved by renaming another one over it is another file. What wakes us
//! is only a hint; what counts is that the files are other ones than before, and stay so for a while.
//!
//! Never: reads a file. A log in the same folder wakes it for nothing more than a look at a few names.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

use super::{
    Reloader,
    seen::{Look, Seen, Wanted},
};
use crate::serving::reload_report::Why;

/// How long it rests when nothing is to be watched, before it looks whether that has changed.
const REST: Duration = Duration::from_secs(1);

/// Watches until it is dropped.
pub async fn watch(reloader: Reloader) {
    let (hint, mut hints) = mpsc::channel(1);
    let hear = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // One hint that waits is as good as many.
            let _ = hint.try_send(());
        }
    };
    let mut watcher = match notify::recommended_watcher(hear) {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!("files are not watched: {error}; a reload must be asked for");
            return;
        }
    };
    let mut watched = BTreeSet::new();
    let Seen(mut known) = reloader.seen();
    loop {
        let wanted = reloader.wanted().await;
        if !wanted.watch {
            sleep(REST).await;
            known = look(&wanted).await;
            continue;
        }
        follow(&mut watcher, &mut watched, &wanted);
        if known == look(&wanted).await && hints.recv().await.is_none() {
            return;
        }
        let found = settled(&reloader, &wanted).await;
        if found != known {
            // What changes while it is read has another look, and is read again.
            known = found;
            reloader.decide(Why::Change).await;
            // A folder that was replaced is another folder.
            let folders = std::mem::take(&mut watched);
            folders.iter().for_each(|folder| drop(watcher.unwatch(folder)));
        }
    }
}

/// How the files are once they have been so for a while.
async fn settled(reloader: &Reloader, wanted: &Wanted) -> Look {
    let mut found = look(wanted).await;
    loop {
        sleep(wanted.debounce).await;
        let again = look(&reloader.wanted().await).await;
        if again == found {
            return found;
        }
        found = again;
    }
}

async fn look(wanted: &Wanted) -> Look {
    let wanted = wanted.clone();
    spawn_blocking(move || wanted.look()).await.unwrap_or_default()
}

/// Watches the folders that are wanted and not watched yet.
fn follow(watcher: &mut RecommendedWatcher, watched: &mut BTreeSet<PathBuf>, wanted: &Wanted) {
    for folder in wanted.folders() {
        if watched.contains(&folder) {
            continue;
        }
        match watcher.watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => drop(watched.insert(folder)),
            Err(error) => tracing::debug!("the folder {} is not watched: {error}", folder.display()),
        }
    }
}
