//! SQLite: one thread for each database, behind a bounded queue.
//!
//! Never: runs a statement for a call that nobody waits for any more, or puts a value into the text of a statement.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use program::{Gives, Statement};
use rusqlite::{Connection, Error, OpenFlags, types::ValueRef};
use tokio::sync::{mpsc, oneshot};

use super::{
    super::{Cell, Table},
    Embedded, Schema,
    describe::{Described, Holds, Place},
    most,
};

/// An open database.
pub(super) struct Sqlite {
    queue: mpsc::Sender<Job>,
}

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

struct Job {
    statement: Arc<Statement>,
    parameters: Vec<Cell>,
    answer: oneshot::Sender<Result<Table, Arc<str>>>,
    unwanted: Arc<AtomicBool>,
}

/// Says that nobody waits any more, when it is dropped.
struct Leaving(Arc<AtomicBool>);

impl Sqlite {
    /// Opens the file, or makes it, and starts its thread.
    pub(super) fn open(name: &str, database: &Embedded) -> Result<Sqlite, String> {
        let say = |why: String| format!("database `{name}`, {}: {why}", database.path.display());
        let connection = connect(database).map_err(say)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name(format!("sql {name}"));
        thread.spawn(move || serve(connection, jobs)).map_err(|error| say(error.to_string()))?;
        Ok(Sqlite { queue })
    }

    /// Runs a statement. Dropping the future ends it.
    pub(super) async fn ask(&self, statement: Arc<Statement>, parameters: Vec<Cell>) -> Result<Table, Arc<str>> {
        let (answer, answered) = oneshot::channel();
        let unwanted = Arc::new(AtomicBool::new(false));
        let _leaving = Leaving(unwanted.clone());
        let job = Job { statement, parameters, answer, unwanted };
        self.queue.send(job).await.map_err(|_| "the database's thread has ended")?;
        answered.await.unwrap_or_else(|_| Err("the database's thread has ended".into()))
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

fn connect(database: &Embedded) -> Result<Connection, String> {
    let path = &database.path;
    let in_memory = path == Path::new(":memory:");
    if !in_memory && !path.exists() {
        make(path, database.schema.as_ref())?;
    }
    let connection = Connection::open(path).map_err(|error| error.to_string())?;
    if let (true, Some(schema)) = (in_memory, &database.schema) {
        apply(&connection, schema)?;
    }
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // A database in memory has no log to write ahead and says so; that is no fault.
    let mode: Result<String, Error> = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
    mode.map_err(|error| error.to_string())?;
    connection.execute_batch("PRAGMA foreign_keys = ON").map_err(|error| error.to_string())?;
    Ok(connection)
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

fn serve(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        if job.unwanted.load(Ordering::Acquire) {
            continue;
        }
        let table = watched(&mut connection, &job.unwanted)
            .and_then(|()| run(&connection, &job.statement, &job.parameters))
            .map_err(|error| Arc::from(reason(&error)));
        // The session may be gone; then nobody wants to know.
        let _ = job.answer.send(table);
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

fn run(connection: &Connection, statement: &Statement, parameters: &[Cell]) -> Result<Table, Error> {
    let mut prepared = connection.prepare_cached(&statement.text)?;
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
    if statement.gives == Gives::Nothing {
        let changed = prepared.raw_execute()? as u64;
        return Ok(Table { changed, ..Table::default() });
    }
    let most = most(&statement.gives);
    let columns: Vec<Arc<str>> = prepared.column_names().map(Arc::from).collect();
    let mut found = prepared.raw_query();
    let mut rows = Vec::new();
    while rows.len() < most {
        let Some(row) = found.next()? else { break };
        let cells = (0..columns.len()).map(|column| row.get_ref(column).and_then(cell));
        rows.push(cells.collect::<Result<Vec<Cell>, Error>>()?);
    }
    Ok(Table { columns, rows, changed: 0 })
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
