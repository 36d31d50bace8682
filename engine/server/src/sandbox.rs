//! The sandbox: from here on the process reaches the files that the configuration names, and executes nothing.
//!
//! It is the kernel's landlock. A rule holds for a folder, since a file that is saved anew is another file.
//!
//! Never: keeps a server from starting because its kernel has no landlock; the log says that there is none.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus,
};

use crate::{
    config::{Config, Origin, Place, Shown, Sink},
    exit::{Exit, Fault},
    folders::Folder,
    opening::Note,
    protocols::ENDING,
};

/// What the system is asked for names, certificates, the time of day and its own size, by the libraries in use.
const SYSTEM: [&str; 16] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/localtime",
    "/etc/timezone",
    "/usr/share/zoneinfo",
    "/etc/ssl",
    "/etc/pki",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/proc/self",
    "/sys/fs/cgroup",
    "/dev/null",
    "/dev/urandom",
];

/// The newest landlock whose rights are asked for; an older kernel enforces those that it knows.
const NEWEST: ABI = ABI::V5;

/// What the process may still reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Files and folders to read.
    pub read: BTreeSet<PathBuf>,
    /// Folders to read and write.
    pub write: BTreeSet<PathBuf>,
}

impl Reach {
    /// What a configuration names: its own folder, that of the protocols, those of keys, schemas and secrets to read,
    /// and the folders that the server writes into.
    pub fn of(file: &Path, config: &Config, shown: &[Shown], written: &[Folder]) -> Reach {
        let mut reach = Reach::default();
        files(file, config, shown).iter().for_each(|file| reach.read_beside(file));
        reach.read_below(&config.protocols);
        config.folders.iter().for_each(|(_, folder)| reach.read_below(folder));
        SYSTEM.iter().for_each(|path| reach.read_system(Path::new(path)));
        reach.write.extend(written.iter().map(|folder| folder.path.clone()));
        // The pair that is made when none is there.
        let pair = [&config.tls.certificate, &config.tls.key];
        if config.tls.self_signed && pair.iter().all(|file| !file.exists()) {
            reach.write.extend(pair.iter().filter_map(|file| file.parent()).map(whole));
        }
        reach
    }

    /// Whatever lies in the folder of a file, so that it can be saved anew; and in that of the file that it links to.
    pub fn read_beside(&mut self, file: &Path) {
        let target = fs::canonicalize(file).ok();
        for file in [Some(file), target.as_deref()].into_iter().flatten() {
            self.read.extend(file.parent().map(whole));
        }
    }

    /// A folder, and the folders of the files that it links to.
    pub fn read_below(&mut self, folder: &Path) {
        self.read.insert(whole(folder));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                self.read_beside(&entry.path());
            }
        }
    }

    /// A file of the system alone, or where it links to, and what lies beside that: it may be made anew.
    fn read_system(&mut self, path: &Path) {
        let Ok(target) = fs::canonicalize(path) else { return };
        match target.parent() {
            Some(parent) if target != path && target.is_file() && parent != Path::new("/") => {
                self.read.insert(parent.to_path_buf());
            }
            _ => {}
        }
        self.read.insert(path.to_path_buf());
    }

    /// Gives up everything else, for this thread and all that it starts. Gives a line for the log.
    ///
    /// # Errors
    /// The kernel has landlock and refuses.
    pub fn enforce(&self) -> Result<Note, Fault> {
        let status = self.restrict().map_err(|error| {
            let help = "start it as root or as a user of its own, and see `dmesg`";
            Fault::new(Exit::Denied, format!("the sandbox cannot be entered: {error}"), help)
        })?;
        let (read, write) = (self.read.len(), self.write.len());
        Ok(match status {
            RulesetStatus::FullyEnforced => {
                Note::Plain(format!("sandbox: {read} places to read, {write} to write, nothing to execute"))
            }
            RulesetStatus::PartiallyEnforced => {
                Note::Plain(format!("sandbox as far as this kernel has it: {read} places to read, {write} to write"))
            }
            RulesetStatus::NotEnforced => {
                Note::Warning("no sandbox: this kernel has no landlock, or it is not switched on".to_string())
            }
        })
    }

    fn restrict(&self) -> Result<RulesetStatus, RulesetError> {
        let reading = AccessFs::ReadFile | AccessFs::ReadDir;
        let writing = (AccessFs::from_all(NEWEST) & !BitFlags::from(AccessFs::Execute))
            & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeFifo | AccessFs::IoctlDev);
        let mut rules = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?.create()?;
        let wanted = self.read.iter().map(|path| (path, reading)).chain(self.write.iter().map(|path| (path, writing)));
        for (path, rights) in wanted {
            // What is not there cannot be reached, and needs no rule.
            let Ok(place) = PathFd::new(path) else { continue };
            let rights = if path.is_dir() { rights } else { rights & AccessFs::from_file(NEWEST) };
            rules = rules.add_rule(PathBeneath::new(place, rights))?;
        }
        // Standard error may be opened anew by nobody: it is open already. `/dev/null` is written by `start`.
        if let Ok(null) = PathFd::new("/dev/null") {
            rules = rules.add_rule(PathBeneath::new(null, AccessFs::ReadFile | AccessFs::WriteFile))?;
        }
        Ok(rules.restrict_self()?.ruleset)
    }
}

/// All files that a reload reads again.
pub fn files(file: &Path, config: &Config, shown: &[Shown]) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut files = vec![file.to_path_buf(), config.tls.certificate.clone(), config.tls.key.clone()];
    files.extend(config.tls.authorities.clone());
    let relays =
        config.sinks.iter().filter_map(|(_, sink)| if let Sink::Relay(relay) = sink { Some(relay) } else { None });
    let protocols = config.listeners.iter().map(|listener| &listener.protocol.0).chain(relays.map(|it| &it.protocol.0));
    files.extend(protocols.map(|name| config.protocols.join(format!("{name}{ENDING}"))));
    for database in &config.databases {
        match &database.place {
            Place::Embedded { schema, .. } => files.extend(schema.clone()),
            Place::Server(server) => files.extend(server.0.authorities.clone()),
        }
    }
    for shown in shown {
        if let Origin::Expanded(_, from) = &shown.origin {
            files.extend(from.iter().filter_map(|from| from.strip_prefix("file:")).map(|path| folder.join(path)));
        }
    }
    files
}

fn whole(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
