//! The sandbox: from here on the process reaches the files that the configuration names, and executes nothing.
//!
//! It is the kernel's landlock. A rule holds for a folder, since a file that is saved anew is another file.
//!
//! Never: keeps a server from starting because its kernel has no landlock; the log says that there is none.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus,
};

use crate::{
    config::{Config, Origin, Place, Shown, Sink},
    exit::{Exit, Fault},
    note::Note,
    protocols::ENDING,
    startup::folders::Folder,
};

/// What the system is asked for names, certificates, the time of day and its own size, by the libraries in use. Files of
/// `/etc` are replaced by others now and then, those that tell names above all: only who reaches the folder sees them.
const SYSTEM: [&str; 9] = [
    "/etc",
    "/etc/resolv.conf",
    "/usr/share/zoneinfo",
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
        reach.read_in_place_of(&config.protocols);
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

    /// What takes the place of a folder later, under its name or because a link on the way to it leads elsewhere: whatever
    /// lies beside the folder, and beside that which each link leads to. Beside what lies in the root of the file system
    /// lies everything; there a restart is needed.
    fn read_in_place_of(&mut self, folder: &Path) {
        let folder = whole(folder);
        let links = folder.ancestors().filter(|path| path.is_symlink()).filter_map(|path| fs::canonicalize(path).ok());
        let places: Vec<PathBuf> = links.chain([folder.clone()]).collect();
        let beside = places.iter().filter_map(|place| place.parent()).filter(|beside| *beside != Path::new("/"));
        self.read.extend(beside.map(Path::to_path_buf));
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

    /// Gives up everything else, for this thread and all that it starts. Gives a line for the log, and what is held.
    ///
    /// # Errors
    /// The kernel has landlock and refuses.
    pub fn enforce(&self) -> Result<(Note, Held), Fault> {
        let status = self.restrict().map_err(|error| {
            let help = "start it as root or as a user of its own, and see `dmesg`";
            Fault::new(Exit::Denied, format!("the sandbox cannot be entered: {error}"), help)
        })?;
        let (read, write) = (self.read.len(), self.write.len());
        let held = if status == RulesetStatus::NotEnforced { Held::default() } else { Held::of(self) };
        let note = match status {
            RulesetStatus::FullyEnforced => {
                Note::Plain(format!("sandbox: {read} places to read, {write} to write, nothing to execute"))
            }
            RulesetStatus::PartiallyEnforced => {
                Note::Plain(format!("sandbox as far as this kernel has it: {read} places to read, {write} to write"))
            }
            RulesetStatus::NotEnforced => {
                Note::Warning("no sandbox: this kernel has no landlock, or it is not switched on".to_string())
            }
        };
        Ok((note, held))
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

/// What the sandbox holds: the folders and files that were there when it was entered, whatever has their names now.
#[derive(Debug, Clone, Default)]
pub struct Held(Option<Ids>);

#[derive(Debug, Clone, Default)]
struct Ids {
    read: BTreeSet<Id>,
    write: BTreeSet<Id>,
}

/// A device and a number on it.
type Id = (u64, u64);

impl Held {
    fn of(reach: &Reach) -> Held {
        let ids = |paths: &BTreeSet<PathBuf>| paths.iter().filter_map(|path| id(path)).collect();
        Held(Some(Ids { read: ids(&reach.read), write: ids(&reach.write) }))
    }

    /// The folders of a configuration that are out of reach, since others were there when the sandbox was entered, or none
    /// were named. Empty where there is no sandbox.
    pub fn lacks(&self, wanted: &Reach) -> Vec<PathBuf> {
        let Some(ids) = &self.0 else { return Vec::new() };
        let within = |path: &Path, held: &dyn Fn(&Id) -> bool| {
            // A folder that is still to be made is made in the one that is there.
            let real = path.ancestors().find_map(|path| fs::canonicalize(path).ok());
            real.is_none_or(|real| real.ancestors().filter_map(id).any(|id| held(&id)))
        };
        // What is not there is not read either.
        let is_there = wanted.read.iter().filter(|path| path.exists());
        let read = is_there.filter(|path| !within(path, &|id| ids.read.contains(id) || ids.write.contains(id)));
        let write = wanted.write.iter().filter(|path| !within(path, &|id| ids.write.contains(id)));
        let lacking: BTreeSet<&PathBuf> = read.chain(write).collect();
        // What lies beside a folder is wanted for its sake alone.
        let inner = |path: &&&PathBuf| !lacking.iter().any(|other| other != *path && other.starts_with(path));
        lacking.iter().filter(inner).map(|path| (*path).clone()).collect()
    }
}

/// What is there, known by more than its name.
fn id(path: &Path) -> Option<Id> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn reach(read: &[&Path], write: &[&Path]) -> Reach {
        let all = |paths: &[&Path]| paths.iter().map(|path| path.to_path_buf()).collect();
        Reach { read: all(read), write: all(write) }
    }

    #[test]
    fn a_folder_in_the_place_of_another_is_out_of_reach() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        for path in [&one, &two] {
            fs::create_dir_all(path.join("in")).unwrap();
        }
        let held = Held::of(&reach(&[&one], &[&two]));
        let lacks = |read: &[&Path], write: &[&Path]| held.lacks(&reach(read, write));
        let none: [PathBuf; 0] = [];
        assert_eq!(
            lacks(&[&one, &one.join("in"), &two.join("in"), &folder.path().join("none")], &[&two.join("in")]),
            none
        );
        assert_eq!(lacks(&[folder.path()], &[]), [folder.path()]);
        assert_eq!(lacks(&[], &[&two.join("new/er")]), none, "what is still to be made");
        assert_eq!(lacks(&[], &[&one.join("new/er")]), [one.join("new/er")]);
        assert_eq!(lacks(&[&one], &[&one]), std::slice::from_ref(&one), "what is read is not written");
        fs::rename(&one, folder.path().join("old")).unwrap();
        fs::create_dir(&one).unwrap();
        assert_eq!(lacks(&[&one, folder.path()], &[]), std::slice::from_ref(&one));
        assert_eq!(lacks(&[&folder.path().join("old")], &[]), none);
        assert_eq!(Held::default().lacks(&reach(&[&one], &[])), none);
    }

    #[test]
    fn what_takes_the_place_of_a_folder_is_in_reach() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir_all(root.join("releases/1/protocols")).unwrap();
        fs::create_dir_all(root.join("releases/2/protocols")).unwrap();
        symlink("releases/1", root.join("current")).unwrap();
        let mut wanted = Reach::default();
        wanted.read_in_place_of(&root.join("current/protocols"));
        let held = Held::of(&wanted);
        fs::remove_file(root.join("current")).unwrap();
        symlink("releases/2", root.join("current")).unwrap();
        assert_eq!(held.lacks(&reach(&[&root.join("current/protocols")], &[])), [] as [PathBuf; 0]);
        let mut wanted = Reach::default();
        wanted.read_in_place_of(Path::new("/protocols"));
        assert_eq!(wanted, Reach::default(), "beside it lies everything");
    }
}
