//! The world as it is: the system's name servers, databases, threads and folders.
//!
//! Never: blocks a thread that serves sessions, or has more work under way than its bounds here.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{self, Read},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use program::{SessionId, Statement, Words};
use tokio::sync::{Semaphore, oneshot};

use super::{
    Answer, Bench, Ceiling, Cell, Database, Databases, Errand, FileErrand, Filed, Found, Kind, Message, NotStored,
    Record, Table, World, computing::Computing, database::Opened, limiter::Limiter, resolver::Resolver,
};
use crate::{
    race,
    sink::{Mailbox, Sink, Sinks, Stored, Validity, swallow, unique, unique_in},
};

/// What an operator says of the world. Not `Debug`: databases have passwords.
#[derive(Clone)]
pub struct Configuration {
    /// Our name; it ends the file names of stored messages.
    pub host: String,
    /// Who answers DNS questions.
    pub servers: Servers,
    /// How long one name server may take for one question before the next one is asked.
    pub timeout: Duration,
    /// Databases by name.
    pub databases: Databases,
    /// Sinks by name.
    pub sinks: Sinks,
    /// Folders to read files from, by name.
    pub folders: BTreeMap<String, PathBuf>,
    /// How many passwords are checked for one address in a minute; for IPv6 for one /64.
    pub passwords_per_minute: u32,
    /// Where the memory is counted that answers and work take.
    pub ceiling: Arc<Ceiling>,
}

/// Who answers DNS questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Servers {
    /// Whom the system asks: `/etc/resolv.conf`, without its search list.
    System,
    /// These, over UDP and TCP.
    These(Vec<SocketAddr>),
}

/// The world as it is. Made before the first session, shared by all.
pub struct Real {
    host: String,
    resolver: Resolver,
    databases: BTreeMap<String, (Database, Arc<Opened>)>,
    sinks: Sinks,
    folders: BTreeMap<String, PathBuf>,
    passwords: Arc<Limiter>,
    passwords_per_minute: u32,
    began: Instant,
    computing: Arc<Computing>,
    disk: Arc<Semaphore>,
    ceiling: Arc<Ceiling>,
    /// The embedded databases whose files are other ones than those that are open.
    replaced: Vec<String>,
    /// The locks that sessions hold; each is one as long as its file is open.
    locks: Arc<Locks>,
}

/// The mailboxes that sessions hold.
type Locks = Mutex<HashMap<(SessionId, Mailbox), File>>;

/// How many jobs use the disk at once; each is a thread that mostly waits.
const DISK: usize = 64;

impl Real {
    /// Opens the databases; makes the embedded ones that are not there. A server is not asked before the first
    /// statement, so that one that is down keeps nothing from starting. Needs no runtime.
    ///
    /// # Errors
    /// Everything that is wrong with any of them, one line each.
    pub fn open(configuration: Configuration) -> Result<Real, Vec<String>> {
        Real::made(configuration, None)
    }

    /// The world of another configuration. Databases that it says the same of stay open and are shared with this one,
    /// as are the bounds of work that is under way; of names nothing that was learnt is known any more.
    ///
    /// # Errors
    /// Everything that is wrong with a database that is opened, one line each.
    pub fn renewed(&self, configuration: Configuration) -> Result<Real, Vec<String>> {
        Real::made(configuration, Some(self))
    }

    fn made(configuration: Configuration, former: Option<&Real>) -> Result<Real, Vec<String>> {
        let mut faults = Vec::new();
        let mut databases = BTreeMap::new();
        let mut replaced = Vec::new();
        for (name, database) in configuration.databases.0 {
            let known = former.and_then(|former| former.databases.get(&name)).filter(|(known, _)| *known == database);
            let opened = match known {
                Some((_, open)) => open.is_replaced().map(|other| (open.clone(), other)),
                None => Opened::open(&name, &database).map(|open| (Arc::new(open), false)),
            };
            match opened {
                Ok((open, other)) => {
                    replaced.extend(other.then(|| name.clone()));
                    databases.insert(name, (database, open));
                }
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let passwords_per_minute = configuration.passwords_per_minute;
        let counted = former.filter(|former| former.passwords_per_minute == passwords_per_minute);
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Ok(Real {
            host: configuration.host,
            resolver: Resolver::new(&configuration.servers, configuration.timeout),
            databases,
            sinks: configuration.sinks,
            folders: configuration.folders,
            passwords: counted
                .map_or_else(|| Arc::new(Limiter::new(passwords_per_minute)), |former| former.passwords.clone()),
            passwords_per_minute,
            began: counted.map_or_else(Instant::now, |former| former.began),
            computing: former.map_or_else(
                || Arc::new(Computing::new(processors, configuration.ceiling.clone())),
                |former| former.computing.clone(),
            ),
            disk: former.map_or_else(|| Arc::new(Semaphore::new(DISK)), |former| former.disk.clone()),
            locks: former.map_or_else(Arc::default, |former| former.locks.clone()),
            ceiling: configuration.ceiling,
            replaced,
        })
    }

    /// Opens the files of embedded databases that are other ones than those that are open. The former ones are closed
    /// first, all of them: two that are open by one name would share what lies beside them. Tells what became of each.
    /// Statements that were asked before are done in the former file, those that are asked from now on in the new one,
    /// whichever world asks them.
    pub async fn take_up(&self) -> Vec<(String, Result<(), Arc<str>>)> {
        let mut closed = Vec::new();
        for name in &self.replaced {
            if let Some((_, database)) = self.databases.get(name) {
                closed.push((name, database.close().await));
            }
        }
        let mut opened = Vec::new();
        for (name, closed) in closed {
            let became = match closed {
                Ok(closed) => closed.open().await,
                Err(why) => Err(why),
            };
            opened.push((name.clone(), became));
        }
        opened
    }

    /// Asks name servers anew from now on: these, and nothing of what was learnt from those before. Questions that are
    /// open go on with the former ones.
    pub fn rebuild_resolver(&self, servers: &Servers, timeout: Duration) {
        self.resolver.rebuild(servers, timeout);
    }

    /// Asks every database server for a sign of life, all at once, and tells of each that gives none within that time.
    pub async fn unreachable(&self, within: Duration) -> Vec<(String, Arc<str>)> {
        let questions = self.databases.iter().map(|(name, (_, open))| {
            let question: Answer<'_, Option<(String, Arc<str>)>> = Answer::later(async move {
                match tokio::time::timeout(within, open.reach()).await {
                    Ok(Ok(())) => None,
                    Ok(Err(why)) => Some((name.clone(), why)),
                    Err(_) => Some((name.clone(), "it does not answer in time".into())),
                }
            });
            question
        });
        match race::first(questions.collect(), |_| false).await {
            Ok(one) => one.into_iter().collect(),
            Err(all) => all.into_iter().flatten().collect(),
        }
    }

    /// Whether a database of that name is configured; `default` is what a statement without a name asks.
    pub fn has_database(&self, name: &str) -> bool {
        self.databases.contains_key(name)
    }

    /// Whether a sink of that name is configured.
    pub fn has_sink(&self, name: &str) -> bool {
        self.sinks.0.contains_key(name)
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<(SessionId, Mailbox), File>> {
        // A panic between two locks leaves each of them as it was.
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a job that waits for the disk, and gives what it answers.
    async fn on_disk<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, Arc<str>> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            // The session may be gone; then nobody wants to know.
            let _ = answer.send(job());
        };
        self.on(Bench::Disk, Box::new(job)).await;
        match answered.await {
            Ok(answer) => answer.map_err(Arc::from),
            Err(_) => Err("reading broke off".into()),
        }
    }

    async fn on(&self, bench: Bench, job: Box<dyn FnOnce() + Send>) {
        if let Bench::Compute(octets) = bench {
            return self.computing.run(octets, job).await;
        }
        // The semaphore is never closed. Were it, the job would be dropped, and whoever waits for it would see that.
        let Ok(place) = self.disk.clone().acquire_owned().await else { return };
        let run = move || {
            job();
            drop(place);
        };
        // A job that panics drops its channel: whoever waits for its answer sees that.
        let _ = tokio::task::spawn_blocking(run).await;
    }
}

impl World for Real {
    fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
        Answer::later(self.resolver.ask(name, kind))
    }

    fn sql<'a>(&'a self, statement: &'a Arc<Statement>, parameters: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
        Answer::later(async move {
            match self.databases.get(&*statement.database) {
                Some((_, database)) => database.ask(statement, parameters, self.ceiling.room()).await,
                None => Err(format!("there is no database `{}`", statement.database).into()),
            }
        })
    }

    fn deliver<'a>(&'a self, sink: &'a str, message: Message) -> Answer<'a, Result<Words, NotStored>> {
        let Some(place) = self.sinks.0.get(sink).cloned() else {
            return Answer::now(Err(NotStored::Failed(format!("there is no sink `{sink}`").into())));
        };
        if matches!(place, Sink::Discard) && message.body.as_ref().is_none_or(|body| body.at_hand().is_some()) {
            return Answer::now(Ok(unique_in(message.name)));
        }
        Answer::later(async move {
            if let Sink::Courier(courier) = &place {
                return courier.hand_on(message).await;
            }
            let host = self.host.clone();
            // Dropping this future drops the guard, and the thread that writes then cleans up behind itself.
            let (validity, _guard) = Validity::guarded();
            let (answer, answered) = oneshot::channel();
            let job = move || {
                let stored = match &place {
                    Sink::Maildir(maildir) => maildir.store(&message, &host, &validity),
                    Sink::Discard => swallow(&message).map(|()| Stored::nowhere(unique())),
                    Sink::Files(_) => Err("this sink keeps files, and no messages".to_string()),
                    Sink::Courier(_) => Err("a message that is handed on is not stored here".to_string()),
                };
                // The session may be gone, or go before it takes this; the message then is, too.
                let _ = answer.send(stored);
            };
            self.on(Bench::Disk, Box::new(job)).await;
            match answered.await {
                Ok(Ok(stored)) => Ok(stored.keep()),
                Ok(Err(why)) => Err(NotStored::Failed(why.into())),
                Err(_) => Err(NotStored::Failed("the delivery broke off".into())),
            }
        })
    }

    fn mailbox<'a>(
        &'a self,
        session: &'a SessionId,
        sink: &'a str,
        account: &'a str,
        errand: Errand,
    ) -> Answer<'a, Result<Found, Arc<str>>> {
        Answer::later(async move {
            let Some(Sink::Maildir(maildir)) = self.sinks.0.get(sink) else {
                return Err(format!("the sink `{sink}` has no mailboxes").into());
            };
            let mailbox = maildir.mailbox(account, &self.host)?;
            if maildir.lacks_domain() && !account.contains('@') {
                let (maildir, account, host) = (maildir.clone(), account.to_owned(), self.host.clone());
                self.on_disk(move || maildir.check_account(&account, &host)).await?;
            }
            let key = (session.clone(), mailbox.clone());
            match errand {
                Errand::Release => {
                    self.locks().remove(&key);
                    Ok(Found::Done(1))
                }
                Errand::Lock if self.locks().contains_key(&key) => Ok(Found::Done(1)),
                Errand::Lock => match self.on_disk(move || mailbox.lock()).await? {
                    None => Ok(Found::Busy),
                    // A lock that nobody waits for any more ends here, with its file.
                    Some(file) => {
                        self.locks().insert(key, file);
                        Ok(Found::Done(1))
                    }
                },
                other => {
                    let room = self.ceiling.room();
                    self.on_disk(move || mailbox.run(&other, room)).await
                }
            }
        })
    }

    fn file<'a>(&'a self, folder: &'a str, name: &'a str) -> Answer<'a, Result<Option<Vec<u8>>, Arc<str>>> {
        let Some(path) = self.folders.get(folder).map(|path| path.join(name)) else {
            return Answer::now(Err(format!("the configuration has no folder `{folder}`").into()));
        };
        Answer::later(self.on_disk(move || read(&path)))
    }

    fn files<'a>(&'a self, sink: &'a str, owner: &'a str, errand: FileErrand) -> Answer<'a, Result<Filed, Arc<str>>> {
        Answer::later(async move {
            let Some(Sink::Files(drawers)) = self.sinks.0.get(sink) else {
                return Err(format!("the sink `{sink}` keeps no files").into());
            };
            let drawer = drawers.drawer(owner, &self.host)?;
            self.on_disk(move || drawer.run(&errand)).await
        })
    }

    fn ended(&self, session: &SessionId) {
        self.locks().retain(|(holder, _), _| holder != session);
    }

    fn work(&self, bench: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
        Answer::later(self.on(bench, job))
    }

    fn admits(&self, peer: IpAddr) -> bool {
        self.passwords.admits(peer, self.began.elapsed())
    }

    fn limit(&self, span: Duration) -> Answer<'_, ()> {
        Answer::later(tokio::time::sleep(span))
    }

    fn grace(&self, span: Duration) -> Answer<'_, ()> {
        Answer::later(tokio::time::sleep(span))
    }
}

/// The beginning of a plain file, or nothing where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    const MOST: u64 = 64 * 1024;
    let says = |error: io::Error| format!("`{}`: {error}", path.display());
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(says(error)),
        Ok(about) if !about.is_file() => return Ok(None),
        Ok(_) => {}
    }
    let mut octets = Vec::new();
    File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut octets)).map_err(says)?;
    Ok(Some(octets))
}
