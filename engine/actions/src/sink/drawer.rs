//! A folder of files for each owner: small texts with names that the owner chose.
//!
//! A file is written beside its place, synced, renamed into it, and the folder is synced; only then it is written.
//!
//! Never: lets a name leave the folder, follows a link, or shows a file that is not whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Template, maildir::unique, sync::sync_folder};
use crate::{
    Payload,
    world::{FILES, FileEntry, FileErrand, Filed},
};

/// The folders of all owners.
#[derive(Debug)]
pub struct Drawers {
    place: Template,
    domain: Option<String>,
}

/// The folder of one owner.
pub(crate) struct Drawer {
    folder: PathBuf,
}

/// The file that holds the name of the one that bears the mark; no name of a file begins with a dot.
const MARK: &str = ".marked";

/// The most octets of a name as it stands on the disk.
const MOST: usize = 200;

impl Drawers {
    /// Folders at that path, with `{domain}` and `{local_part}` in it.
    ///
    /// # Errors
    /// The path is empty, has other braces, or is one folder for everybody.
    pub fn new(path: &str) -> Result<Drawers, String> {
        let place = Template::new(path)?;
        if !place.is_own() {
            return Err(format!("`{path}` is one folder for everybody: it needs `{{local_part}}`"));
        }
        Ok(Drawers { place, domain: None })
    }

    /// The same with the domain of owners that have none.
    #[must_use]
    pub fn with_domain(self, domain: Option<&str>) -> Drawers {
        Drawers { domain: domain.map(str::to_owned), ..self }
    }

    /// The folder that all are in.
    pub fn path(&self) -> PathBuf {
        self.place.root()
    }

    /// The folder of an owner.
    ///
    /// # Errors
    /// No folder can have that name.
    pub(crate) fn drawer(&self, owner: &str, host: &str) -> Result<Drawer, String> {
        let domain = self.domain.as_deref().unwrap_or(host);
        self.place.folder(owner, domain).map(|folder| Drawer { folder })
    }
}

impl Drawer {
    /// Does an errand. Blocks.
    ///
    /// # Errors
    /// What the file system says, or that nothing can have such a name.
    pub(crate) fn run(&self, errand: &FileErrand) -> Result<Filed, String> {
        match errand {
            FileErrand::List => self.list().map(Filed::Listing),
            FileErrand::Fetch(name) => self.fetch(name),
            FileErrand::Write(name, content) => self.write(&escaped(name)?, |file| {
                content.as_ref().map_or(Ok(()), |payload| {
                    payload.read(u64::MAX, |octets| file.write_all(octets).map_err(|error| self.says(name, &error)))
                })
            }),
            FileErrand::Delete(name) => self.delete(&escaped(name)?),
            FileErrand::Rename(old, new) => self.rename(old, new),
            FileErrand::Mark(name) if name.is_empty() => self.delete(MARK).map(|_| Filed::Done),
            FileErrand::Mark(name) if !self.has(&escaped(name)?) => Ok(Filed::Nothing),
            FileErrand::Mark(name) => self.mark(name),
        }
    }

    fn list(&self) -> Result<Vec<FileEntry>, String> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| self.says("", &error))?,
        };
        let marked = fs::read_to_string(self.folder.join(MARK)).unwrap_or_default();
        let mut files = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().ok().and_then(|file| plain(&file));
            // Whoever renames or removes a file may be faster.
            let (Some(name), Ok(about)) = (name, entry.metadata()) else { continue };
            if !about.is_file() {
                continue;
            }
            if files.len() == FILES {
                return Err(format!("there are more than {FILES} files"));
            }
            files.push(FileEntry { marked: name == marked, octets: about.len() as i64, name: name.into() });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn fetch(&self, name: &str) -> Result<Filed, String> {
        let file = escaped(name)?;
        if !self.has(&file) {
            return Ok(Filed::Nothing);
        }
        match File::open(self.folder.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Filed::Nothing),
            Err(error) => Err(self.says(name, &error)),
            Ok(file) => {
                let length = file.metadata().map_err(|error| self.says(name, &error))?.len();
                Ok(Filed::Content(Payload::File { file: Arc::new(file), length }))
            }
        }
    }

    /// Puts a file into its place in one step.
    fn write(&self, file: &str, fill: impl FnOnce(&mut File) -> Result<(), String>) -> Result<Filed, String> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(|error| self.says("", &error))?;
        let draft = Draft(self.folder.join(format!(".draft-{}", unique())));
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.0);
        let mut opened = opened.map_err(|error| self.says(file, &error))?;
        fill(&mut opened)?;
        let moved = opened.sync_all().and_then(|()| fs::rename(&draft.0, self.folder.join(file)));
        moved.and_then(|()| sync_folder(&self.folder)).map_err(|error| self.says(file, &error))?;
        Ok(Filed::Done)
    }

    fn delete(&self, file: &str) -> Result<Filed, String> {
        match fs::remove_file(self.folder.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Filed::Nothing),
            removed => {
                removed.and_then(|()| sync_folder(&self.folder)).map_err(|error| self.says(file, &error))?;
                Ok(Filed::Done)
            }
        }
    }

    fn rename(&self, old: &str, new: &str) -> Result<Filed, String> {
        let (from, to) = (escaped(old)?, escaped(new)?);
        if !self.has(&from) {
            return Ok(Filed::Nothing);
        }
        if from == to {
            return Ok(Filed::Done);
        }
        // A link is made only where nothing is: two who rename at once do not lose a file.
        match fs::hard_link(self.folder.join(&from), self.folder.join(&to)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Filed::Taken),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Filed::Nothing),
            linked => linked.map_err(|error| self.says(old, &error))?,
        }
        if fs::read_to_string(self.folder.join(MARK)).is_ok_and(|marked| marked == old) {
            self.mark(new)?;
        }
        self.delete(&from).map(|_| Filed::Done)
    }

    fn mark(&self, name: &str) -> Result<Filed, String> {
        self.write(MARK, |file| file.write_all(name.as_bytes()).map_err(|error| self.says(MARK, &error)))
    }

    fn has(&self, file: &str) -> bool {
        self.folder.join(file).symlink_metadata().is_ok_and(|about| about.is_file())
    }

    fn says(&self, name: &str, error: &io::Error) -> String {
        format!("`{}`: {error}", self.folder.join(Path::new(name)).display())
    }
}

/// A file that is not in its place yet. What is left of it is removed.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It was renamed, or nothing more can be done about it.
        let _ = fs::remove_file(&self.0);
    }
}

/// A name as that of a file.
fn escaped(name: &str) -> Result<String, String> {
    let mut file = String::new();
    for octet in name.bytes() {
        match octet {
            b'.' if !file.is_empty() => file.push('.'),
            _ if octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'+' | b'=') => file.push(octet.into()),
            _ => file.push_str(&format!("%{octet:02X}")),
        }
    }
    match file.is_empty() || file.len() > MOST {
        true => Err("no file can have such a name".to_owned()),
        false => Ok(file),
    }
}

/// The name of a file that is one of ours.
fn plain(file: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = file.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    let name = String::from_utf8(octets).ok()?;
    (escaped(&name).ok()? == file).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(drawer: &Drawer) -> Vec<String> {
        let files = drawer.list().unwrap();
        files
            .iter()
            .map(|file| format!("{} {}{}", file.name, file.octets, if file.marked { " *" } else { "" }))
            .collect()
    }

    #[test]
    fn files_have_any_name_and_stay_in_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let drawers = Drawers::new(&folder.path().join("{domain}/{local_part}").to_string_lossy()).unwrap();
        let drawer = drawers.drawer("Ann@example.com", "host").unwrap();
        let run = |errand: FileErrand| drawer.run(&errand).unwrap();
        let content = |text: &'static str| Some(Payload::Memory(text.as_bytes().to_vec().into()));
        assert!(named(&drawer).is_empty());
        for name in ["../a", ".b", "c d/ä", "%2F", "plain.sieve"] {
            assert!(matches!(run(FileErrand::Write(name.into(), content("12345"))), Filed::Done));
        }
        run(FileErrand::Write("plain.sieve".into(), None));
        assert_eq!(named(&drawer), ["%2F 5", "../a 5", ".b 5", "c d/ä 5", "plain.sieve 0"]);
        assert!(matches!(run(FileErrand::Mark("../a".into())), Filed::Done));
        assert!(matches!(run(FileErrand::Mark("other".into())), Filed::Nothing));
        assert!(matches!(run(FileErrand::Rename("../a".into(), ".b".into())), Filed::Taken));
        assert!(matches!(run(FileErrand::Rename("nobody".into(), "x".into())), Filed::Nothing));
        assert!(matches!(run(FileErrand::Rename("../a".into(), "a".into())), Filed::Done));
        assert!(matches!(run(FileErrand::Delete("%2F".into())), Filed::Done));
        assert!(matches!(run(FileErrand::Delete("%2F".into())), Filed::Nothing));
        assert_eq!(named(&drawer), [".b 5", "a 5 *", "c d/ä 5", "plain.sieve 0"]);
        assert!(matches!(run(FileErrand::Fetch("a".into())), Filed::Content(payload) if payload.length() == 5));
        run(FileErrand::Mark("".into()));
        assert_eq!(named(&drawer)[1], "a 5");
        assert!(drawer.run(&FileErrand::Write("".into(), None)).is_err());
        assert!(drawer.run(&FileErrand::Write("x".repeat(201).into(), None)).is_err());
        let outside: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(outside.len(), 1, "nothing but the domain's folder");
        assert!(Drawers::new("all").is_err());
    }
}
