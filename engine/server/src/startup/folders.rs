//! The folders that a server writes into: made before it serves, by the user that owns them.
//!
//! Never: follows what that user laid down while it still has the rights of root.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, lchown},
    path::{Path, PathBuf},
    sync::Arc,
};

use nix::unistd::{AccessFlags, access};

use actions::sink::{Drawers, Maildir};

use crate::{
    config::{Config, Place, Sink},
    endpoint::Endpoint,
    exit::{Exit, Fault},
    privileges::Account,
};

/// A folder that the server writes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// The key of the configuration that names it, or a file in it.
    pub key: String,
    /// The rights of the folders that are made for it: others may enter where a socket for them is.
    mode: u32,
}

/// All folders that the server writes into; those of the UNIX sockets that are open already are not needed.
pub fn written(config: &Config, open: &[Endpoint]) -> Vec<Folder> {
    let mut folders = sockets(config, open);
    folders.push(Folder::new(&config.spool.directory, "spool.directory"));
    let files = [("log.file", &config.log.file), ("pid_file", &config.pid_file), ("control", &config.control)];
    folders.extend(files.into_iter().filter_map(|(key, file)| Some(Folder::of(file.as_ref()?, key))));
    for database in &config.databases {
        if let Place::Embedded { file, .. } = &database.place
            && file.as_os_str() != ":memory:"
        {
            folders.push(Folder::of(file, &format!("databases.{}", database.name)));
        }
    }
    for (name, sink) in &config.sinks {
        let path = match sink {
            Sink::Maildir { path, .. } => Maildir::new(&path.to_string_lossy()).map(|maildir| maildir.path()).ok(),
            Sink::Files { path, .. } => Drawers::new(&path.to_string_lossy()).map(|drawers| drawers.path()).ok(),
            Sink::Discard | Sink::Relay(_) => None,
        };
        folders.extend(path.map(|path| Folder::new(&path, &format!("sinks.{name}"))));
    }
    if let Some(directory) = config.run_as.as_ref().and_then(|run_as| run_as.directory.as_ref()) {
        folders.push(Folder::new(directory, "run_as.directory"));
    }
    folders
}

/// The folders of UNIX sockets.
fn sockets(config: &Config, open: &[Endpoint]) -> Vec<Folder> {
    let mut folders = Vec::new();
    for (index, listener) in config.listeners.iter().enumerate() {
        for (address, _) in &listener.addresses {
            if let Some(path) = address.file()
                && !open.contains(&Endpoint::Unix(Arc::clone(path)))
            {
                folders.push(Folder { mode: 0o755, ..Folder::of(path, &format!("listeners[{index}].listen")) });
            }
        }
    }
    folders
}

impl Folder {
    fn new(path: &Path, key: &str) -> Folder {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Folder { path: path.to_path_buf(), key: key.to_string(), mode: 0o700 }
    }

    /// The folder of a file.
    fn of(file: &Path, key: &str) -> Folder {
        Folder::new(file.parent().unwrap_or(Path::new("/")), key)
    }

    /// As root: makes the first folder on the way that the account could not make itself, and gives it to the account.
    /// All below it the account makes itself, in [`Folder::make`]: as long as root is at work nobody else can change
    /// the way that it goes.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn prepare(&self, account: &Account) -> Result<(), Fault> {
        let whole = std::path::absolute(&self.path).map_err(|error| self.unmade(&error))?;
        let mut way: Vec<&Path> = whole.ancestors().collect();
        way.reverse();
        for pair in way.windows(2) {
            let (above, folder) = (pair[0], pair[1]);
            if fs::symlink_metadata(folder).is_ok() {
                continue;
            }
            let rights = fs::metadata(above).map_err(|error| self.unmade(&error))?;
            if !account.may_write(rights.mode(), rights.uid(), rights.gid()) {
                DirBuilder::new().mode(self.mode | 0o050).create(folder).map_err(|error| self.unmade(&error))?;
                let (uid, gid) = (account.uid.as_raw(), account.gid.as_raw());
                lchown(folder, Some(uid), Some(gid)).map_err(|error| self.unmade(&error))?;
            }
            break;
        }
        Ok(())
    }

    /// Makes what is missing, for ourselves alone where no socket is to be in it, and sees whether it can be written.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn make(&self) -> Result<(), Fault> {
        DirBuilder::new().recursive(true).mode(self.mode).create(&self.path).map_err(|error| self.unmade(&error))?;
        access(&self.path, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|_| {
            let whose = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten();
            let whose = whose.map_or_else(|| nix::unistd::geteuid().to_string(), |user| user.name);
            let path = self.path.display();
            Fault::new(
                Exit::Denied,
                format!("the folder `{path}` cannot be written by the user `{whose}`"),
                format!("give it away, `chown -R {whose} {path}`, or name another under `{}`", self.key),
            )
        })
    }

    fn unmade(&self, error: &io::Error) -> Fault {
        let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Denied } else { Exit::Config };
        let message = format!("the folder `{}` cannot be made: {error}", self.path.display());
        Fault::new(exit, message, format!("mend `{}`, or the rights of the folder above", self.key))
    }
}
