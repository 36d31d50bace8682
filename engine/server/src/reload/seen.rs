//! What is watched: the configuration, its protocols, its certificate, which files its databases are.
//!
//! Never: reads one of them.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    config::{Config, Place},
    protocols,
};

/// What is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) watch: bool,
    pub(super) debounce: Duration,
    /// Single files.
    files: Vec<PathBuf>,
    /// Files of embedded databases, of which it only counts which ones they are: they are written all the time.
    databases: Vec<PathBuf>,
    /// The folder of the protocols.
    protocols: PathBuf,
}

/// The files as they are: path, device and number, length, and when they were last written.
pub(super) type Look = Vec<(PathBuf, Option<(u64, u64, u64, i64, i64)>)>;

/// The files as they were when a server began with them.
#[derive(Clone)]
pub struct Seen(pub(super) Look);

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
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let parents =
            self.files.iter().chain(&self.databases).chain([&self.protocols]).filter_map(|path| path.parent());
        let named = parents.map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        named.map(Path::to_path_buf).chain([self.protocols.clone()]).collect()
    }

    pub(super) fn look(&self) -> Look {
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
