//! Reloads when a file changes that the configuration was made of.
//!
//! Folders are watched, not files: a file that is saved by renaming another one over it is another file. What wakes us
//! is only a hint; what counts is that the files are other ones than before, and stay so for a while.
//!
//! Never: reads a file. A log in the same folder wakes it for nothing more than a look at a few names.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

use super::Reloader;
use crate::{
    config::{Config, Place},
    protocols,
    serving::reload_report::Why,
};

/// How long it rests when nothing is to be watched, before it looks whether that has changed.
const REST: Duration = Duration::from_secs(1);

/// What is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    watch: bool,
    debounce: Duration,
    /// Single files.
    files: Vec<PathBuf>,
    /// Files of embedded databases, of which it only counts which ones they are: they are written all the time.
    databases: Vec<PathBuf>,
    /// The folder of the protocols.
    protocols: PathBuf,
}

/// The files as they are: path, device and number, length, and when they were last written.
type Look = Vec<(PathBuf, Option<(u64, u64, u64, i64, i64)>)>;

/// The files as they were when a server began with them.
#[derive(Clone)]
pub struct Seen(Look);

impl Seen {
    /// Those of a configuration and the path of its file. Taken before the first socket accepts, it lets no change go
    /// unnoticed that is made by who sees the server serve.
    pub fn of(path: &Path, config: &Config) -> Seen {
        Seen(Wanted::of(path, config).look())
    }
}

impl Wanted {
    /// By a configuration and the path of its file.
    pub(super) fn of(path: &Path, config: &Config) -> Wanted {
        let mut files = vec![path.to_path_buf(), config.tls.certificate.clone(), config.tls.key.clone()];
        files.extend(config.tls.authorities.clone());
        let (watch, debounce) = (config.reload.watch, config.reload.debounce);
        let embedded = config.databases.iter().filter_map(|database| match &database.place {
            Place::Embedded { file, .. } if file.as_os_str() != ":memory:" => Some(file.clone()),
            Place::Embedded { .. } | Place::Server(_) => None,
        });
        let databases = embedded.collect();
        Wanted { watch, debounce, files, databases, protocols: config.protocols.clone() }
    }

    /// The folders that they lie in, and the one that the folder of the protocols lies in: it may be replaced, too.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let parents =
            self.files.iter().chain(&self.databases).chain([&self.protocols]).filter_map(|path| path.parent());
        let named = parents.map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        named.map(Path::to_path_buf).chain([self.protocols.clone()]).collect()
    }

    fn look(&self) -> Look {
        let mut paths = self.files.clone();
        let entries = fs::read_dir(&self.protocols).into_iter().flatten().flatten();
        paths.extend(entries.map(|entry| entry.path()).filter(|path| protocols::name_of(path).is_some()));
        paths.sort();
        let seen = |path: PathBuf| {
            let metadata = fs::metadata(&path).ok();
            let seen = metadata.map(|file| (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec()));
            (path, seen)
        };
        let which = |path: &PathBuf| {
            let metadata = fs::metadata(path).ok();
            (path.clone(), metadata.map(|file| (file.dev(), file.ino(), 0, 0, 0)))
        };
        paths.into_iter().map(seen).chain(self.databases.iter().map(which)).collect()
    }
}

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
