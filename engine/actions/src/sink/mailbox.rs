//! A Maildir as its reader sees it: messages with numbers that stay, one session at a time to take some out.
//!
//! The numbers stand in the file `saywhen-uids` of the folder, each with the octets that its message has on the wire.
//! Whoever gives new ones holds a lock meanwhile. A message that another program has stored with bare line ends is given
//! out with those of the wire, and counted so.
//!
//! Never: changes one octet of a message, or gives a number to two of them.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{line_ends, maildir::unique, sync::sync_folder};
use crate::{
    Payload,
    world::{Beginning, Entry, Errand, Flagging, Found, Listing, MESSAGES, NO_ROOM, Room},
};

/// A Maildir that is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Mailbox {
    folder: PathBuf,
}

/// What a message takes while a list is made, beside its name.
const MESSAGE: u64 = 192;
/// How many times the file of the numbers its lines take when they are read.
const NUMBERS: u64 = 4;

/// The numbers of a mailbox.
struct Numbers {
    validity: i64,
    next: i64,
    /// The number of each message, and how many octets it has on the wire, once they were counted.
    by_name: HashMap<String, (i64, Option<i64>)>,
}

impl Mailbox {
    /// The Maildir in that folder.
    pub(crate) fn new(folder: PathBuf) -> Mailbox {
        Mailbox { folder }
    }

    /// The lock, unless somebody holds it. It ends when the file is dropped. Blocks, but not for the lock.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn lock(&self) -> Result<Option<File>, String> {
        self.make()?;
        let file = self.open("saywhen-lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.says("saywhen-lock", &error)),
        }
    }

    /// Does what needs no lock of a session, a list counted in that room. Blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub(crate) fn run(&self, errand: &Errand, room: Room) -> Result<Found, String> {
        match errand {
            Errand::List | Errand::Refresh | Errand::Changes => self.list(room).map(Found::Listing),
            Errand::Fetch { name, lines } => self.fetch(name, *lines),
            Errand::Mark(name) => self.flag(name, Flagging::Add, &['S']).map(|found| match found {
                Found::Flags(_) => Found::Done(1),
                other => other,
            }),
            Errand::Flag { name, how, flags } => self.flag(name, *how, flags),
            Errand::Append { content, flags } => self.append(content.as_ref(), flags),
            Errand::Expunge(names) => self.expunge(names),
            Errand::Lock | Errand::Release => Err("locks are not taken here".into()),
        }
    }

    fn list(&self, mut room: Room) -> Result<Listing, String> {
        self.make()?;
        let guard = self.open("saywhen-uids.lock")?;
        guard.lock().map_err(|error| self.says("saywhen-uids.lock", &error))?;
        let mut numbers = self.numbers(&mut room)?;
        let mut messages = Vec::new();
        for folder in ["new", "cur"] {
            self.scan(folder, &mut messages, &mut room)?;
        }
        messages.sort_by(|(a, ..), (b, ..)| stem(a).cmp(stem(b)));
        let before = numbers.next;
        let mut counted_anew = false;
        let mut entries = Vec::with_capacity(messages.len());
        for (name, octets, received) in messages {
            let known = numbers.by_name.get(stem(&name)).copied();
            let counted = match known {
                Some((_, Some(octets))) => octets,
                _ => match self.count(&name, octets)? {
                    Some(octets) => {
                        counted_anew = true;
                        octets
                    }
                    // It was taken out while the folder was read.
                    None => continue,
                },
            };
            let uid = known.map_or_else(
                || {
                    numbers.next += 1;
                    numbers.next - 1
                },
                |(uid, _)| uid,
            );
            let flags = name.rsplit_once(":2,").map_or("", |(_, flags)| flags);
            let (seen, fresh) = (flags.contains('S'), name.starts_with("new/"));
            let flags = flags.to_owned();
            entries.push(Entry { uid, name: name.as_str().into(), octets: counted, received, seen, fresh, flags });
        }
        let known = numbers.by_name.len();
        entries.sort_by_key(|entry| entry.uid);
        if counted_anew || numbers.next != before || entries.len() != known || known == 0 {
            self.keep((numbers.validity, numbers.next), &entries)?;
        }
        Ok(Listing { validity: numbers.validity, next: numbers.next, messages: entries, room: Some(room) })
    }

    /// The messages of a folder: the name, the length, the time. Each is counted before it is kept.
    fn scan(&self, folder: &str, found: &mut Vec<(String, i64, i64)>, room: &mut Room) -> Result<(), String> {
        let entries = fs::read_dir(self.folder.join(folder)).map_err(|error| self.says(folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| self.says(folder, &error))?;
            let Ok(file) = entry.file_name().into_string() else { continue };
            // A message may be taken out while the folder is read.
            let Ok(about) = entry.metadata() else { continue };
            if file.starts_with('.') || file.contains(char::is_whitespace) || !about.is_file() {
                continue;
            }
            if found.len() == MESSAGES {
                return Err(format!("the mailbox has more than {MESSAGES} messages"));
            }
            if !room.grow(MESSAGE + 3 * file.len() as u64) {
                return Err(format!("its list: {NO_ROOM}"));
            }
            let received = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let received = received.map_or(0, |time| time.as_secs() as i64);
            found.push((format!("{folder}/{file}"), about.len() as i64, received));
        }
        Ok(())
    }

    /// The octets of a message on the wire; nothing where it is gone.
    fn count(&self, name: &str, stored: i64) -> Result<Option<i64>, String> {
        match File::open(self.folder.join(name)) {
            Ok(file) => {
                let octets = line_ends::length(&file).map_err(|error| self.says(name, &error))?;
                Ok(Some(i64::try_from(octets).unwrap_or(stored)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.says(name, &error)),
        }
    }

    fn numbers(&self, room: &mut Room) -> Result<Numbers, String> {
        let length = fs::metadata(self.folder.join("saywhen-uids")).map_or(0, |file| file.len());
        if !room.grow(NUMBERS * length) {
            return Err(format!("the numbers of its messages: {NO_ROOM}"));
        }
        let text = match fs::read_to_string(self.folder.join("saywhen-uids")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.says("saywhen-uids", &error)),
        };
        let mut lines = text.lines();
        let mut head = lines.next().unwrap_or_default().split(' ').filter_map(|word| word.parse().ok());
        let (Some(validity), Some(next)) = (head.next(), head.next()) else {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs() as i64);
            return Ok(Numbers { validity: now, next: 1, by_name: HashMap::new() });
        };
        let pair = |line: &str| {
            let mut words = line.split(' ');
            let (uid, name) = (words.next()?.parse().ok()?, words.next()?.to_owned());
            Some((name, (uid, words.next().and_then(|octets| octets.parse().ok()))))
        };
        Ok(Numbers { validity, next, by_name: lines.filter_map(pair).collect() })
    }

    /// Replaces the file of numbers in one step. The messages are in the order of their numbers.
    fn keep(&self, (validity, next): (i64, i64), messages: &[Entry]) -> Result<(), String> {
        let mut text = format!("{validity} {next}\n");
        for Entry { uid, name, octets, .. } in messages {
            text.push_str(&format!("{uid} {} {octets}\n", stem(name)));
        }
        let (draft, place) = (self.folder.join("saywhen-uids.new"), self.folder.join("saywhen-uids"));
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
        let written = written.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        let written = written.and_then(|()| fs::rename(&draft, &place)).and_then(|()| sync_folder(&self.folder));
        written.map_err(|error| self.says("saywhen-uids", &error))
    }

    fn fetch(&self, name: &str, lines: Option<u64>) -> Result<Found, String> {
        let Some(path) = self.locate(name)? else { return Ok(Found::Nothing) };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(self.says(name, &error)),
        };
        let whole = file.metadata().map_err(|error| self.says(name, &error))?.len();
        let wanted = line_ends::length(&file).map_err(|error| self.says(name, &error))?;
        if wanted != whole {
            file = line_ends::mended(&file, &self.folder.join("tmp")).map_err(|error| self.says(name, &error))?;
        }
        let length = match lines {
            None => wanted,
            Some(lines) => {
                let mut beginning = Beginning::new(lines);
                let mut buffer = vec![0; 64 * 1024];
                loop {
                    let read = file.read(&mut buffer).map_err(|error| self.says(name, &error))?;
                    if read == 0 || beginning.push(&buffer[..read]) {
                        break beginning.length();
                    }
                }
            }
        };
        Ok(Found::Message(Payload::File { file: Arc::new(file), length }))
    }

    fn flag(&self, name: &str, how: Flagging, flags: &[char]) -> Result<Found, String> {
        let Some(path) = self.locate(name)? else { return Ok(Found::Nothing) };
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let had = file.rsplit_once(":2,").map_or("", |(_, flags)| flags);
        let flags = how.apply(had, flags);
        let marked = format!("{}:2,{flags}", base(file));
        match fs::rename(&path, self.folder.join("cur").join(marked)) {
            Ok(()) => Ok(Found::Flags(flags)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(self.says(name, &error)),
        }
    }

    /// Writes a message into `tmp` and moves it to where readers look, both on stable storage before it is answered.
    fn append(&self, content: Option<&Payload>, flags: &[char]) -> Result<Found, String> {
        self.make()?;
        let name = unique();
        let draft = self.folder.join("tmp").join(&*name);
        let place = match flags.is_empty() {
            true => self.folder.join("new").join(&*name),
            false => self.folder.join("cur").join(format!("{name}:2,{}", Flagging::Set.apply("", flags))),
        };
        let written = self.write(&draft, content).and_then(|()| {
            let moved = fs::rename(&draft, &place);
            moved
                .and_then(|()| sync_folder(place.parent().unwrap_or(&self.folder)))
                .map_err(|error| self.says("tmp", &error))
        });
        if written.is_err() {
            // It is in `tmp`, where nobody reads, if it cannot be removed.
            let _ = fs::remove_file(&draft);
        }
        written.map(|()| Found::Done(1))
    }

    fn write(&self, draft: &Path, content: Option<&Payload>) -> Result<(), String> {
        let says = |error: io::Error| self.says("tmp", &error);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft).map_err(says)?;
        if let Some(content) = content {
            content.read(u64::MAX, |octets| file.write_all(octets).map_err(says))?;
        }
        file.sync_all().map_err(says)
    }

    fn expunge(&self, names: &[Arc<str>]) -> Result<Found, String> {
        let mut gone = 0;
        for name in names {
            let Some(path) = self.locate(name)? else { continue };
            match fs::remove_file(&path) {
                Ok(()) => gone += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.says(name, &error)),
            }
        }
        for folder in ["new", "cur"] {
            sync_folder(&self.folder.join(folder)).map_err(|error| self.says(folder, &error))?;
        }
        Ok(Found::Done(gone))
    }

    /// Where a message is now: another session may have marked it since it was listed.
    fn locate(&self, name: &str) -> Result<Option<PathBuf>, String> {
        let plain = name.split_once('/').filter(|(folder, file)| {
            matches!(*folder, "new" | "cur") && !file.contains('/') && !file.starts_with('.') && !file.is_empty()
        });
        let Some((_, file)) = plain else { return Err("this is no name of a message".into()) };
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(Some(path));
        }
        for folder in ["cur", "new"] {
            let entries = fs::read_dir(self.folder.join(folder)).map_err(|error| self.says(folder, &error))?;
            for entry in entries.flatten() {
                if entry.file_name().to_str().is_some_and(|other| base(other) == base(file)) {
                    return Ok(Some(entry.path()));
                }
            }
        }
        Ok(None)
    }

    /// A mailbox that nothing was delivered to yet is an empty one.
    fn make(&self) -> Result<(), String> {
        for folder in ["tmp", "new", "cur"] {
            let path = self.folder.join(folder);
            if !path.exists() {
                let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
                made.map_err(|error| self.says(folder, &error))?;
            }
        }
        Ok(())
    }

    fn open(&self, name: &str) -> Result<File, String> {
        let opened =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(self.folder.join(name));
        opened.map_err(|error| self.says(name, &error))
    }

    fn says(&self, name: &str, error: &io::Error) -> String {
        format!("`{}`: {error}", self.folder.join(Path::new(name)).display())
    }
}

/// The part of a message's name that stays when it is moved or marked.
fn stem(name: &str) -> &str {
    base(name.split_once('/').map_or(name, |(_, file)| file))
}

/// The part of a file's name that stays when flags change.
fn base(file: &str) -> &str {
    file.split_once(":2,").map_or(file, |(base, _)| base)
}
