//! SQLite: one thread for each database, behind a bounded queue.
//!
//! A file that was replaced by another one of its name is closed before the other one is opened: what lies beside them,
//! the write-ahead log and its index, is found by name, and must not be that of both.
//!
//! Never: runs a statement for a call that nobody waits for any more, or puts a value into the text of a statement.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use program::{Gives, Statement};
use rusqlite::{Connection, Error, OpenFlags, types::ValueRef};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{Cell, Room, Table},
    Embedded, Schema,
    describe::{Described, Holds, Place},
    rows::{Next, Rows},
};
use crate::guard::caught_at_once;

/// An open database.
pub(super) struct Sqlite {
    queue: mpsc::Sender<Job>,
    path: PathBuf,
    /// The file that is open.
    file: Arc<Mutex<Option<Identity>>>,
}

/// Which file it is: device and number. A database in memory has none.
type Identity = (u64, u64);

/// How many statements wait for one database; more wait in their sessions.
const QUEUE: usize = 256;

/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// How long a statement sleeps before it tries a file again that another process holds.
const PATIENCE: Duration = Duration::from_millis(5);

/// How many statements are kept prepared.
const PREPARED: usize = 128;

/// How many steps of SQLite's machine lie between two looks at whether somebody still waits.
const STEPS: i32 = 1000;

/// What the thread is to do.
enum Job {
    /// Run a statement.
    Run(Asked),
    /// Close the file, say so, and open the one of its name when told to.
    Replace { closed: oneshot::Sender<Result<(), Arc<str>>>, go: oneshot::Receiver<oneshot::Sender<Became>> },
}

/// What became of opening a file anew.
type Became = Result<(), Arc<str>>;

struct Asked {
    statement: Arc<Statement>,
    parameters: Vec<Cell>,
    room: Room,
    answer: oneshot::Sender<Result<Table, Arc<str>>>,
    unwanted: Arc<AtomicBool>,
}

/// Says that nobody waits any more, when it is dropped.
struct Leaving(Arc<AtomicBool>);

/// A database whose file is closed. What is asked waits. It is opened when this is dropped, too.
pub(in crate::world) struct Closed(oneshot::Sender<oneshot::Sender<Became>>);

/// Why nothing is asked of a thread any more.
const ENDED: &str = "the database's thread has ended";

impl Sqlite {
    /// Opens the file, or makes it, and starts its thread.
    pub(super) fn open(name: &str, database: &Embedded) -> Result<Sqlite, String> {
        let say = |why: String| format!("database `{name}`, {}: {why}", database.path.display());
        let (connection, file) = connect(database).map_err(say)?;
        let file = Arc::new(Mutex::new(file));
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name(format!("sql {name}"));
        let desk = Desk { connection: Ok(connection), database: database.clone(), file: file.clone() };
        thread.spawn(move || desk.serve(jobs)).map_err(|error| say(error.to_string()))?;
        Ok(Sqlite { queue, path: database.path.clone(), file })
    }

    /// Runs a statement. Dropping the future ends it.
    pub(super) async fn ask(
        &self,
        statement: Arc<Statement>,
        parameters: Vec<Cell>,
        room: Room,
    ) -> Result<Table, Arc<str>> {
        let (answer, answered) = oneshot::channel();
        let unwanted = Arc::new(AtomicBool::new(false));
        let _leaving = Leaving(unwanted.clone());
        let job = Job::Run(Asked { statement, parameters, room, answer, unwanted });
        self.queue.send(job).await.map_err(|_| ENDED)?;
        answered.await.unwrap_or_else(|_| Err(ENDED.into()))
    }

    /// Whether the file of that name is another one than the one that is open.
    ///
    /// # Errors
    /// There is none of that name any more, or it is no database.
    pub(super) fn is_replaced(&self) -> Result<bool, String> {
        let say = |why: String| format!("the database {}: {why}", self.path.display());
        let Some(open) = *lock(&self.file) else { return Ok(false) };
        match identity(&self.path) {
            Ok(present) if present == open => Ok(false),
            Ok(_) => is_database(&self.path).map(|()| true).map_err(say),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(say("its file is gone, and what is written is lost when the server ends".to_owned()))
            }
            Err(error) => Err(say(error.to_string())),
        }
    }

    /// Closes the file, when all is done that was asked before.
    ///
    /// # Errors
    /// Why it is still open.
    pub(super) async fn close(&self) -> Result<Closed, Arc<str>> {
        let (closed, is_closed) = oneshot::channel();
        let (open, go) = oneshot::channel();
        self.queue.send(Job::Replace { closed, go }).await.map_err(|_| ENDED)?;
        is_closed.await.unwrap_or_else(|_| Err(ENDED.into()))?;
        Ok(Closed(open))
    }
}

impl Closed {
    /// Opens the file that has the name now.
    ///
    /// # Errors
    /// Why it cannot be opened. Statements fail with that until it can be.
    pub(in crate::world) async fn open(self) -> Became {
        let (became, is_open) = oneshot::channel();
        // The thread ends with the database.
        let _ = self.0.send(became);
        is_open.await.unwrap_or_else(|_| Err(ENDED.into()))
    }
}

fn lock(file: &Mutex<Option<Identity>>) -> MutexGuard<'_, Option<Identity>> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

fn identity(path: &Path) -> std::io::Result<Identity> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Whether a file begins as databases do. It is not opened as one while another one of its name is.
fn is_database(path: &Path) -> Result<(), String> {
    const BEGIN: &[u8; 16] = b"SQLite format 3\0";
    let mut begin = [0; BEGIN.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    match read {
        Ok(()) if begin == *BEGIN => Ok(()),
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error.to_string()),
        _ => Err("another file has its name now, which is no SQLite database".to_owned()),
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// What the database says of a statement. A file that is not made yet is described by its schema.
///
/// # Errors
/// There is neither, or the file cannot be read.
pub(super) fn describe(database: &Embedded, asked: &Statement) -> Result<Described, Arc<str>> {
    let say = |why: &str| Arc::from(format!("{}: {why}", database.path.display()));
    let in_memory = database.path == Path::new(":memory:");
    let connection = match (&database.schema, database.path.exists()) {
        (_, true) => Connection::open_with_flags(&database.path, OpenFlags::SQLITE_OPEN_READ_ONLY),
        (Some(_), false) => Connection::open_in_memory(),
        (None, false) if in_memory => Connection::open_in_memory(),
        (None, false) => return Err(say("it is not made yet, and no schema says what will be in it")),
    };
    let connection = connection.map_err(|error| say(&reason(&error)))?;
    if let (Some(schema), false) = (&database.schema, database.path.exists()) {
        apply(&connection, schema).map_err(|why| say(&why))?;
    }
    let prepared = match connection.prepare(&asked.text) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Described::Refused(reason(&error))),
    };
    for place in 1..=prepared.parameter_count() {
        let name = prepared.parameter_name(place).unwrap_or("?");
        if !asked.parameters.iter().any(|(declared, _)| name.strip_prefix(':') == Some(declared)) {
            return Ok(Described::Refused(format!("`{name}` is no parameter of the statement")));
        }
    }
    let columns = prepared.columns().map(|column| {
        let declared = column.decl_type().unwrap_or_default();
        Place { name: column.name().to_owned(), ty: declared.to_owned(), holds: holds(declared) }
    });
    Ok(Described::Taken { columns: columns.collect(), parameters: Vec::new() })
}

/// What SQLite makes of values that are stored in a column of that declared type (its rules of affinity). Only a type
/// that changes every value of another kind says what is in there.
fn holds(declared: &str) -> Holds {
    let declared = declared.to_ascii_uppercase();
    let says = |word: &str| declared.contains(word);
    if says("INT") {
        Holds::Integer
    } else if says("CHAR") || says("CLOB") || says("TEXT") {
        Holds::Text
    } else if says("REAL") || says("FLOA") || says("DOUB") {
        Holds::Real
    } else {
        Holds::Anything
    }
}

/// The database, and which file it is.
fn connect(database: &Embedded) -> Result<(Connection, Option<Identity>), String> {
    let path = &database.path;
    let in_memory = path == Path::new(":memory:");
    if !in_memory && !path.exists() {
        make(path, database.schema.as_ref())?;
    }
    let which = || if in_memory { Ok(None) } else { identity(path).map(Some).map_err(|error| error.to_string()) };
    let file = which()?;
    let connection = Connection::open(path).map_err(|error| error.to_string())?;
    if let (true, Some(schema)) = (in_memory, &database.schema) {
        apply(&connection, schema)?;
    }
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // A database in memory has no log to write ahead and says so; that is no fault.
    let mode: Result<String, Error> = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
    mode.map_err(|error| error.to_string())?;
    connection.execute_batch("PRAGMA foreign_keys = ON").map_err(|error| error.to_string())?;
    if which()? != file {
        return Err("its file was replaced while it was opened".to_owned());
    }
    Ok((connection, file))
}

/// Closes a file whose name another one has. What its write-ahead log holds is written into it first: the log is found by
/// name, and would be taken for that of the other file.
fn close(mut connection: Connection) -> Result<(), Box<(Connection, String)>> {
    let emptied = connection
        .progress_handler(STEPS, None::<fn() -> bool>)
        .and_then(|()| connection.busy_timeout(BUSY))
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)));
    match emptied {
        Ok(0) => connection.close().map_err(|(connection, error)| Box::new((connection, error.to_string()))),
        Ok(_) => {
            Err(Box::new((connection, "another process has the former file open, and reads or writes it".to_owned())))
        }
        Err(error) => Err(Box::new((connection, error.to_string()))),
    }
}

/// Makes the file under another name and renames it when its schema is whole, so that a half-made database is never
/// taken for one.
fn make(path: &Path, schema: Option<&Schema>) -> Result<(), String> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| format!("its folder cannot be made: {error}"))?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
        _ => {}
    }
    // It may hold password hashes: nobody but the owner reads it.
    let private = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    private.map_err(|error| error.to_string())?;
    let connection = Connection::open(&draft).map_err(|error| error.to_string())?;
    // A draft is not kept: it is on stable storage once, when it is whole.
    let loose = connection.execute_batch("PRAGMA synchronous = OFF").map_err(|error| error.to_string());
    let applied = loose.and_then(|()| schema.map_or(Ok(()), |schema| apply(&connection, schema)));
    let closed = connection.close().map_err(|(_, error)| error.to_string());
    let kept = |()| File::open(&draft).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&draft, path));
    let made = applied.and(closed).and_then(|whole| kept(whole).map_err(|error| error.to_string()));
    if made.is_err() {
        // The fault is said; a leftover is removed by the next start.
        let _ = fs::remove_file(&draft);
    }
    made
}

fn apply(connection: &Connection, schema: &Schema) -> Result<(), String> {
    let text = match schema {
        Schema::Text(text) => text.clone(),
        Schema::File(path) => {
            fs::read_to_string(path).map_err(|error| format!("schema {}: {error}", path.display()))?
        }
    };
    connection.execute_batch(&text).map_err(|error| format!("its schema cannot be applied: {error}"))
}

/// What a thread works with.
struct Desk {
    /// The connection, or why there is none.
    connection: Result<Connection, Arc<str>>,
    database: Embedded,
    file: Arc<Mutex<Option<Identity>>>,
}

impl Desk {
    fn serve(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(job) = jobs.blocking_recv() {
            match job {
                Job::Run(asked) if asked.unwanted.load(Ordering::Acquire) => {}
                Job::Run(asked) => {
                    if self.connection.is_err() {
                        // It may be there by now.
                        self.open();
                    }
                    let work = || match &mut self.connection {
                        Ok(connection) => watched(connection, &asked.unwanted)
                            .map_err(|error| Arc::from(reason(&error)))
                            .and_then(|()| run(connection, &asked.statement, &asked.parameters, asked.room)),
                        Err(why) => Err(why.clone()),
                    };
                    let table = caught_at_once(work).unwrap_or_else(|why| Err(why.into()));
                    // The session may be gone; then nobody wants to know.
                    let _ = asked.answer.send(table);
                }
                Job::Replace { closed, go } => self.replace(closed, go),
            }
        }
    }

    fn replace(
        &mut self,
        closed: oneshot::Sender<Result<(), Arc<str>>>,
        go: oneshot::Receiver<oneshot::Sender<Became>>,
    ) {
        if let Ok(connection) = std::mem::replace(&mut self.connection, Err("its file is closed".into()))
            && let Err(kept) = close(connection)
        {
            let (connection, why) = *kept;
            self.connection = Ok(connection);
            let _ = closed.send(Err(why.into()));
            return;
        }
        // Whoever asked may be gone: what is closed is opened all the same.
        let _ = closed.send(Ok(()));
        let became = go.blocking_recv();
        self.open();
        if let Ok(became) = became {
            let _ = became.send(self.connection.as_ref().map(|_| ()).map_err(Arc::clone));
        }
    }

    fn open(&mut self) {
        // A file that was there is not made anew: what is in it is not lost yet.
        let path = &self.database.path;
        if lock(&self.file).is_some() && !path.exists() {
            self.connection = Err(format!("the database {}: its file is gone", path.display()).into());
            return;
        }
        self.connection = match connect(&self.database) {
            Ok((connection, file)) => {
                *lock(&self.file) = file;
                Ok(connection)
            }
            Err(why) => Err(why.into()),
        };
    }
}

/// Ends the next statement, at work or waiting for another process, as soon as nobody waits for it.
fn watched(connection: &mut Connection, unwanted: &Arc<AtomicBool>) -> Result<(), Error> {
    let (working, waiting) = (unwanted.clone(), unwanted.clone());
    connection.progress_handler(STEPS, Some(move || working.load(Ordering::Acquire)))?;
    connection.busy_handler(Some(move |tries: i32| {
        thread::sleep(PATIENCE);
        !waiting.load(Ordering::Acquire) && PATIENCE * tries.unsigned_abs() < BUSY
    }))
}

/// Runs a statement, its rows counted in that room.
fn run(connection: &Connection, statement: &Statement, parameters: &[Cell], room: Room) -> Result<Table, Arc<str>> {
    let mut rows = Rows::new(&statement.gives, false, room);
    match fill(&mut rows, connection, statement, parameters) {
        Ok(changed) => rows.end(changed),
        Err(error) => Err(reason(&error).into()),
    }
}

/// Takes the rows of a statement, and returns how many rows it inserted, updated or deleted.
fn fill(
    rows: &mut Rows<'_>,
    connection: &Connection,
    statement: &Statement,
    parameters: &[Cell],
) -> Result<u64, Error> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
    bind(&mut prepared, statement, parameters)?;
    // What only reads has nothing to commit, so rows that are not wanted need not be read.
    let reads = prepared.readonly() && statement.gives != Gives::Nothing;
    let before = connection.total_changes();
    let mut found = prepared.raw_query();
    let mut is_first = true;
    while !(reads && rows.is_full()) {
        let Some(row) = found.next()? else { break };
        if std::mem::take(&mut is_first) {
            // The first step prepares a statement anew whose tables were changed by another process.
            rows.columns(row.as_ref().column_names());
        }
        if rows.take(|column| row.get_ref(column).and_then(cell).map_err(|error| reason(&error))) == Next::Enough {
            break;
        }
    }
    drop(found);
    if is_first {
        rows.columns(prepared.column_names());
    }
    // SQLite keeps the count of an earlier statement when one changes no rows by its nature, such as CREATE TABLE.
    Ok(if connection.total_changes() == before { 0 } else { connection.changes() })
}

fn bind(prepared: &mut rusqlite::Statement<'_>, statement: &Statement, parameters: &[Cell]) -> Result<(), Error> {
    for place in 1..=prepared.parameter_count() {
        // A parameter without a value would silently be NULL.
        let name = prepared.parameter_name(place).unwrap_or("?").to_owned();
        let declared = statement.parameters.iter().position(|(declared, _)| name.strip_prefix(':') == Some(declared));
        match declared.and_then(|index| parameters.get(index)) {
            Some(Cell::Null) => prepared.raw_bind_parameter(place, rusqlite::types::Null)?,
            Some(Cell::Integer(number)) => prepared.raw_bind_parameter(place, number)?,
            Some(Cell::Real(number)) => prepared.raw_bind_parameter(place, number)?,
            Some(Cell::Text(text)) => prepared.raw_bind_parameter(place, text)?,
            Some(Cell::Blob(octets)) => prepared.raw_bind_parameter(place, octets)?,
            None => return Err(Error::InvalidParameterName(name)),
        }
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Result<Cell, Error> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(octets) => match std::str::from_utf8(octets) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::Blob(octets.to_vec()),
        },
        ValueRef::Blob(octets) => Cell::Blob(octets.to_vec()),
    })
}

/// What SQLite says, without the values of the statement.
fn reason(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, Some(text)) => format!("{text} ({:?})", code.code),
        Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}
