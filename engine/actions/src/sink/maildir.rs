//! A folder with `tmp`, `new` and `cur`, and a file for each message.
//!
//! A message is written into `tmp`, synced, renamed into `new`, and `new` is synced; only then it is stored.
//!
//! Never: leaves a part of a message behind, or publishes one whose delivery was cancelled before that.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions},
    hash::{BuildHasher, RandomState},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use program::Words;

use super::{Mailbox, Template, Validity, sync::sync_folder};
use crate::world::Message;

/// A folder of messages, or one for each address. It is made when the first one comes.
#[derive(Debug)]
pub struct Maildir {
    place: Template,
    detail: String,
    domain: Option<String>,
}

/// How long a file may lie in `tmp` before it is known to be left over: whoever wrote it has crashed. It is what
/// Maildir has always held to.
const LEFT_OVER: Duration = Duration::from_secs(36 * 60 * 60);

/// How many octets are collected before they are written.
const BUFFER: usize = 64 * 1024;

impl Maildir {
    /// A Maildir at that path, relative to the folder that the process runs in. With `{domain}` and `{local_part}` in
    /// it, the parts of a recipient's address, each address has a Maildir of its own.
    ///
    /// # Errors
    /// The path is empty, or has other braces.
    pub fn new(path: &str) -> Result<Maildir, String> {
        Ok(Maildir { place: Template::new(path)?, detail: String::new(), domain: None })
    }

    /// The same with a mark that begins the detail of a local part (RFC 5233): a message for `ann+shop` goes to `ann`,
    /// unless `ann+shop` has a Maildir. An empty mark parts nothing.
    #[must_use]
    pub fn with_detail(self, mark: &str) -> Maildir {
        Maildir { detail: mark.to_owned(), ..self }
    }

    /// The same with the domain of addresses and accounts that have none.
    #[must_use]
    pub fn with_domain(self, domain: Option<&str>) -> Maildir {
        Maildir { domain: domain.map(str::to_owned), ..self }
    }

    /// Whether nothing says of which domain an account without one is, and it hangs on that where its mailbox is.
    pub fn lacks_domain(&self) -> bool {
        self.domain.is_none() && self.place.is_own() && self.place.is_by_domain()
    }

    /// Where it is; of several, the folder that all are in.
    pub fn path(&self) -> PathBuf {
        self.place.root()
    }

    /// Makes the folder and what belongs into it, as far as it is not there; readable for the owner alone.
    ///
    /// # Errors
    /// What the file system says, with the path.
    pub fn make(&self) -> Result<(), String> {
        if self.place.is_own() { Ok(()) } else { make(&self.place.root()) }
    }

    /// Removes what crashes left over in `tmp`, and gives how many files that were.
    ///
    /// # Errors
    /// What the file system says of the folder. A file that cannot be removed stays.
    pub fn sweep(&self, now: SystemTime) -> Result<usize, String> {
        self.place.folders().iter().map(|folder| sweep(&folder.join("tmp"), now)).sum()
    }

    /// The mailbox that a message for this account would go to.
    ///
    /// # Errors
    /// All addresses share one folder, or the account's name can be no folder.
    pub(crate) fn mailbox(&self, account: &str, host: &str) -> Result<Mailbox, String> {
        if !self.place.is_own() {
            return Err("all mail goes to one folder here: a mailbox needs `{local_part}` in its path".to_owned());
        }
        self.place.folder(account, self.domain.as_deref().unwrap_or(host)).map(Mailbox::new)
    }

    /// That an account has a domain, or that mail for its short name comes where it is looked for: to `host`, if nothing
    /// else is said. Else its owner would see an empty mailbox for good. Blocks.
    ///
    /// # Errors
    /// It is not so, and what the operator can do.
    pub(crate) fn check_account(&self, account: &str, host: &str) -> Result<(), String> {
        if account.contains('@') || !self.lacks_domain() || self.place.of_domain(host)?.exists() {
            return Ok(());
        }
        Err(format!(
            "the account `{account}` has no domain, and no mail has come for {host}: give its name a domain, or say \
             which one by `domain` of the sink"
        ))
    }

    /// The folders that a message goes to.
    fn folders(&self, message: &Message, host: &str) -> Result<Vec<PathBuf>, String> {
        let host = self.domain.as_deref().unwrap_or(host);
        if !self.place.is_own() {
            let first = message.recipients().next().unwrap_or_default();
            return Ok(vec![if first.is_empty() { self.place.root() } else { self.place.folder(first, host)? }]);
        }
        let mut folders = Vec::new();
        for recipient in message.recipients() {
            let folder = self.folder(recipient, host)?;
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        if folders.is_empty() { Err("the message is for nobody".to_owned()) } else { Ok(folders) }
    }

    /// The folder of a recipient, or that of its local part without the detail where it has none of its own.
    fn folder(&self, recipient: &str, host: &str) -> Result<PathBuf, String> {
        let own = self.place.folder(recipient, host)?;
        let (local, at_domain) = recipient.split_at(recipient.rfind('@').unwrap_or(recipient.len()));
        let user = match self.detail.is_empty() || local.starts_with('"') {
            true => None,
            false => local.split_once(&self.detail).map(|(user, _)| user).filter(|user| !user.is_empty()),
        };
        match user {
            Some(user) if !own.join("new").exists() => self.place.folder(&format!("{user}{at_domain}"), host),
            _ => Ok(own),
        }
    }

    /// Stores a message; it has the same name in each folder. Blocks.
    ///
    /// # Errors
    /// What the file system says, or that nobody waits any more. Then nothing of the message is left.
    pub(crate) fn store(&self, message: &Message, host: &str, validity: &Validity) -> Result<Stored, String> {
        let id = unique();
        let name = format!("{id}.{}", escaped(host));
        let mut drafts = Vec::new();
        for folder in self.folders(message, host)? {
            let mut draft = draft(&folder, &name)?;
            draft.write(message, validity)?;
            drafts.push(draft);
        }
        // Until the last one is published, dropping them takes back all.
        for draft in &mut drafts {
            draft.publish(validity)?;
        }
        // The session may have given up while the folders were synced: what it was told is that nothing is stored.
        validity.check()?;
        Ok(Stored { id, drafts })
    }
}

/// Removes what is left over in one folder.
fn sweep(tmp: &Path, now: SystemTime) -> Result<usize, String> {
    let say = |error: io::Error| format!("`{}` cannot be swept: {error}", tmp.display());
    let mut swept = 0;
    for entry in fs::read_dir(tmp).map_err(say)? {
        let entry = entry.map_err(say)?;
        let since = entry.metadata().and_then(|file| file.modified()).map(|then| now.duration_since(then));
        if let Ok(Ok(age)) = since
            && age > LEFT_OVER
            && fs::remove_file(entry.path()).is_ok()
        {
            swept += 1;
        }
    }
    Ok(swept)
}

/// Makes a folder and what belongs into it, as far as it is not there; readable for the owner alone.
fn make(path: &Path) -> Result<(), String> {
    let say = |path: &Path, error: io::Error| format!("`{}` cannot be made: {error}", path.display());
    let missing: Vec<&Path> = path.ancestors().take_while(|path| is_missing(path)).collect();
    for name in ["tmp", "new", "cur"] {
        let folder = path.join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| say(&folder, error))?;
    }
    // The folders themselves must outlive a crash: each is an entry in its parent.
    sync_folder(path).map_err(|error| say(path, error))?;
    for folder in missing {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_folder(parent).map_err(|error| say(folder, error))?;
    }
    Ok(())
}

/// A new file in `tmp` of a folder.
fn draft(folder: &Path, name: &str) -> Result<Draft, String> {
    let (tmp, new) = (folder.join("tmp").join(name), folder.join("new"));
    let open = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(&tmp);
    let opened = match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder)?;
            open()
        }
        opened => opened,
    };
    let file = opened.map_err(|error| format!("`{}` cannot be made: {error}", tmp.display()))?;
    Ok(Draft { file: Some(file), published: new.join(name), place: tmp, new })
}

/// A message that is on stable storage, for somebody who has still to take it. Who gives up in the same instant drops it
/// instead, and then it is gone: nobody hears `failed` of a message that stays.
pub(crate) struct Stored {
    id: Words,
    drafts: Vec<Draft>,
}

impl Stored {
    /// A message that left nothing behind.
    pub(crate) fn nowhere(id: Words) -> Stored {
        Stored { id, drafts: Vec::new() }
    }

    /// Takes it: from now on it stays. Gives its name.
    pub(crate) fn keep(self) -> Words {
        self.drafts.into_iter().for_each(Draft::keep);
        self.id
    }
}

/// A message that is not stored yet. Dropping it removes its file.
struct Draft {
    /// Its file, until it is written: a message for many has one open at a time.
    file: Option<File>,
    /// Where the file is now; empty once it is stored.
    place: PathBuf,
    /// The folder of stored messages.
    new: PathBuf,
    /// Where the file is to be.
    published: PathBuf,
}

impl Draft {
    /// Writes the whole message and brings it to stable storage.
    fn write(&mut self, message: &Message, validity: &Validity) -> Result<(), String> {
        let say = |error: io::Error| format!("the message cannot be written: {error}");
        let Some(file) = self.file.take() else { return Ok(()) };
        let mut writer = BufWriter::with_capacity(BUFFER, &file);
        for header in message.headers() {
            writer.write_all(header.as_bytes()).and_then(|()| writer.write_all(b"\r\n")).map_err(say)?;
        }
        if let Some(body) = &message.body {
            body.read(u64::MAX, |octets| {
                validity.check()?;
                writer.write_all(octets).map_err(say)
            })?;
        }
        writer.flush().map_err(say)?;
        drop(writer);
        file.sync_all().map_err(say)
    }

    /// Moves the file to where readers look, and brings the move to stable storage.
    fn publish(&mut self, validity: &Validity) -> Result<(), String> {
        validity.check()?;
        fs::rename(&self.place, &self.published).map_err(|error| format!("the message cannot be moved: {error}"))?;
        self.place.clone_from(&self.published);
        sync_folder(&self.new).map_err(|error| format!("`{}` cannot be synced: {error}", self.new.display()))
    }

    /// The message is stored: dropping this no longer takes it back.
    fn keep(mut self) {
        self.place.clear();
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.place.as_os_str().is_empty() {
            return;
        }
        // Nothing more can be done about a file that cannot be removed; in `tmp` nobody reads it.
        let _ = fs::remove_file(&self.place);
        if self.place == self.published {
            let _ = sync_folder(&self.new);
        }
    }
}

/// A name that no other message has: the moment, the process, a count within it, and a random number.
pub(crate) fn unique() -> Words {
    unique_in(Words::default())
}

/// The same, written into an empty text.
pub(crate) fn unique_in(mut name: Words) -> Words {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static PROCESS: LazyLock<u32> = LazyLock::new(std::process::id);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // The keys of a `RandomState` come from the operating system's entropy.
    let random = RandomState::new().hash_one((now, count));
    // What is written into memory is written.
    let _ = write!(name.edit(), "{}.M{:06}P{}Q{count}R{random:016x}", now.as_secs(), now.subsec_micros(), *PROCESS);
    name
}

/// The host's name as a part of a file's name.
fn escaped(host: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    host.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

fn is_missing(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use program::{Record, Shape, Type, Value};

    use super::*;

    fn files(folder: &Path) -> usize {
        let count = |name| fs::read_dir(folder.join(name)).map_or(0, Iterator::count);
        count("tmp") + count("new") + count("cur")
    }

    #[test]
    fn a_delivery_that_nobody_waits_for_leaves_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let maildir = Maildir::new(&folder.path().join("a/b").to_string_lossy())?;
        let message = Message::default();
        let (validity, guard) = Validity::guarded();
        maildir.store(&message, "host", &validity)?.keep();
        let place = maildir.path();
        assert_eq!(files(&place), 1);
        drop(maildir.store(&message, "host", &validity)?);
        assert_eq!(files(&place), 1, "nobody took the second one");

        let mut draft = draft(&place, "late")?;
        draft.write(&message, &validity)?;
        assert_eq!(files(&place), 2);
        drop(guard);
        assert!(draft.publish(&validity).is_err());
        drop(draft);
        assert!(maildir.store(&message, "host", &validity).is_err());
        assert_eq!(files(&place), 1);
        Ok(())
    }

    #[test]
    fn only_what_lies_for_longer_than_a_day_and_a_half_is_swept() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let maildir = Maildir::new(&folder.path().to_string_lossy())?;
        maildir.make()?;
        let now = SystemTime::now();
        for (name, hours) in [("tmp/old", 37), ("tmp/young", 35), ("new/old", 1000)] {
            let file = File::create(folder.path().join(name))?;
            file.set_modified(now - Duration::from_secs(hours * 60 * 60))?;
        }
        assert_eq!(maildir.sweep(now)?, 1);
        assert_eq!(maildir.sweep(now)?, 0);
        assert!(folder.path().join("tmp/young").exists() && folder.path().join("new/old").exists());
        Ok(())
    }

    #[test]
    fn two_recipients_get_two_mailboxes_and_a_cancelled_delivery_none() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let maildir = Maildir::new(&folder.path().join("{domain}/{local_part}").to_string_lossy())?;
        let recipients = ["ann@a.example", "bob@b.example", "Ann@a.example"];
        let fields = vec![("recipients".into(), Type::List(Box::new(Type::ForwardPath)))];
        let shape = Arc::new(Shape { name: "message".into(), fields });
        let recipients = Value::List(recipients.map(|address| Value::Text(address.into())).to_vec());
        let message = Message { record: Some(Arc::new(Record::new(shape, [recipients]))), ..Message::default() };
        let (validity, guard) = Validity::guarded();
        maildir.store(&message, "host", &validity)?.keep();
        let boxes = [folder.path().join("a.example/ann"), folder.path().join("b.example/bob")];
        assert_eq!(boxes.each_ref().map(|place| files(place)), [1, 1]);
        drop(guard);
        assert!(maildir.store(&message, "host", &validity).is_err());
        assert_eq!(boxes.each_ref().map(|place| files(place)), [1, 1]);
        assert!(maildir.store(&Message::default(), "host", &Validity::default()).is_err());
        Ok(())
    }

    #[test]
    fn a_detail_goes_to_its_user_unless_it_has_a_maildir() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = folder.path().join("{domain}/{local_part}");
        let maildir = Maildir::new(&path.to_string_lossy())?.with_detail("+");
        make(&folder.path().join("x.example/list+owner"))?;
        let check = |address: &str, wanted: &str| {
            assert_eq!(maildir.folder(address, "host"), Ok(folder.path().join(wanted)), "{address}");
        };
        check("bob+shop@x.example", "x.example/bob");
        check("Bob+a+b@x.example", "x.example/bob");
        check("bob@x.example", "x.example/bob");
        check("list+owner@x.example", "x.example/list+owner");
        check("+shop@x.example", "x.example/+shop");
        check("\"a+b\"@x.example", "x.example/%22a+b%22");
        check("bob+shop", "host/bob");
        check("bob@a+b", "a+b/bob");
        let plain = Maildir::new(&path.to_string_lossy())?;
        assert_eq!(plain.folder("bob+shop@x.example", "host"), Ok(folder.path().join("x.example/bob+shop")));
        Ok(())
    }

    #[test]
    fn an_account_without_a_domain_is_found_or_its_operator_is_told() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let maildir = || Maildir::new(&folder.path().join("{domain}/{local_part}").to_string_lossy());
        let short = maildir()?;
        assert!(short.check_account("ann", "mx.example").is_err_and(|why| why.contains("`domain` of the sink")));
        assert_eq!(short.check_account("ann@mx.example", "mx.example"), Ok(()));
        make(&folder.path().join("mx.example/bob"))?;
        assert_eq!(short.check_account("ann", "mx.example"), Ok(()));
        let of = maildir()?.with_domain(Some("y.example"));
        assert_eq!(of.check_account("ann", "mx.example"), Ok(()));
        assert_eq!(of.mailbox("ann", "mx.example"), of.mailbox("ann@y.example", "mx.example"));
        let all = Maildir::new(&folder.path().join("{local_part}").to_string_lossy())?;
        assert_eq!(all.check_account("ann", "nowhere.example"), Ok(()));
        Ok(())
    }

    #[test]
    fn names_are_file_names_and_never_the_same() {
        let names: std::collections::HashSet<Words> = (0..10_000).map(|_| unique()).collect();
        assert_eq!(names.len(), 10_000);
        assert!(names.iter().all(|name| name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'.')));
        assert_eq!(escaped("../a:b\0"), ".._a_b_");
    }
}
