//! PostgreSQL.
//!
//! A connection that leads to the server itself keeps its statements prepared by name. Behind a pooler, such as PgBouncer
//! in its transaction mode, each transaction may run on another connection of the server's, where those names are unknown
//! or mean something else: there every statement is sent whole, without a name.
//!
//! Never: keeps a connection that a call left unfinished, or asks in clear text where TLS is wanted.

use std::{
    collections::HashMap,
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use program::Statement;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::task::AbortHandle;
use tokio_postgres::{
    Client, Config, Error, NoTls, RowStream, SimpleQueryMessage,
    config::SslMode,
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    super::{Cell, Room, Table},
    Failure, PREPARED, Server, WORK_SECONDS,
    describe::{Described, Place},
    is_secret, names,
    pool::{Dial, Pool},
    postgres_value::{Bound, Read, holds},
    rewrite::{Dialect, Rewritten, is_single, reads, rewrite, writes},
    rows::{Next, Rows},
};

/// How connections to one server are made.
pub(super) struct Postgres {
    options: Config,
    tls: Option<MakeRustlsConnect>,
    place: String,
    /// A pooler refused [`MARK`]. It is not sent again.
    is_pooled: AtomicBool,
}

/// A connection: the client's end, the task that moves its octets, and what it keeps prepared.
pub(super) struct Line {
    client: Client,
    task: AbortHandle,
    /// Whether it leads to the server itself, so that what is prepared by name is there at the next call.
    is_direct: bool,
    prepared: HashMap<Arc<str>, tokio_postgres::Statement>,
}

/// A setting of no meaning to the server, sent as a connection begins. Poolers keep it back or refuse it, so a
/// connection that has it leads to the server itself.
const MARK: &str = "-c saywhen.direct=1";

/// Asks whether the connection has the mark. Poolers pass this on to a connection of their own, which never has it.
const IS_DIRECT: &str = "SELECT current_setting('saywhen.direct', true)";

/// Asks which parameters of a statement are `bytea` or a domain of that. All of it is one simple query, so that it runs on
/// one connection of the server's and leaves no name there.
const OCTETS: &str = "PREPARE saywhen_octets AS {}\n; \
                      SELECT place FROM pg_prepared_statements, unnest(parameter_types) WITH ORDINALITY AS p(type, place) \
                      JOIN pg_type ON pg_type.oid = type WHERE pg_prepared_statements.name = 'saywhen_octets' \
                      AND 'bytea'::regtype IN (type, typbasetype); \
                      DEALLOCATE saywhen_octets";

/// Below that an idle connection whose socket is open is taken for one that works.
const FRESH: Duration = Duration::from_secs(10);

/// Sets what this version of the server knows: how long it works at a statement, and how often it looks whether the
/// client is still there while it does. Behind a pooler only the time zone, which poolers keep apart for each client: the
/// others would hold for every client of the pooler.
const BEGIN: &str = "SELECT set_config(name, CASE name WHEN 'TimeZone' THEN 'UTC' \
                     WHEN 'client_connection_check_interval' THEN '1000' ELSE '{}' END, false) \
                     FROM pg_settings WHERE name = 'TimeZone' OR current_setting('saywhen.direct', true) = '1' \
                     AND name IN ('client_connection_check_interval', 'statement_timeout')";

impl Postgres {
    pub(super) fn pool(server: &Server, authorities: Option<Vec<u8>>) -> Result<Pool<Postgres>, String> {
        let mut options = Config::new();
        options.user(&server.user).dbname(&server.database).port(server.port).application_name("saywhen");
        match &server.socket {
            Some(folder) => options.host_path(folder),
            None => options.host(&server.host),
        };
        if let Some(password) = &server.password {
            options.password(password.expose());
        }
        let tls = authorities.map(|pem| trusting(&pem)).transpose()?;
        options.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        let place = server.place();
        Ok(Pool::new(Postgres { options, tls, place, is_pooled: AtomicBool::new(false) }, server.connections))
    }
}

/// TLS that believes these authorities alone.
fn trusting(pem: &[u8]) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("the authorities are no PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("an authority cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("the file of the authorities holds no certificate".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

impl Dial for Postgres {
    type Line = Line;

    async fn dial(&self) -> Result<Line, Arc<str>> {
        let say = |error: &Error| Arc::from(format!("no connection to {}: {}", self.place, reason(error, false)));
        let mut line = match self.is_pooled.load(Ordering::Relaxed) {
            true => self.connect(&self.options).await.map_err(|error| say(&error))?,
            false => {
                let mut marked = self.options.clone();
                marked.options(MARK);
                match self.connect(&marked).await {
                    Ok(line) => line,
                    // PgBouncer refuses startup parameters that it does not know as a violation of the protocol, others
                    // as a feature that they do not have.
                    Err(error) if error.code().is_some_and(|code| matches!(code.code(), "08P01" | "0A000")) => {
                        let line = self.connect(&self.options).await.map_err(|error| say(&error))?;
                        self.is_pooled.store(true, Ordering::Relaxed);
                        line
                    }
                    Err(error) => return Err(say(&error)),
                }
            }
        };
        let begin = BEGIN.replace("{}", &format!("{WORK_SECONDS}000"));
        let begun = line.client.simple_query(&format!("{begin}; {IS_DIRECT}")).await.map_err(|error| say(&error))?;
        let answered = begun.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0) == Some("1")),
            _ => None,
        });
        line.is_direct = answered == Some(true);
        Ok(line)
    }

    async fn works(&self, line: &mut Line, idle: Duration) -> bool {
        !line.client.is_closed() && (idle < FRESH || line.client.check_connection().await.is_ok())
    }

    fn cut(line: Line) {
        drop(line);
    }
}

impl Postgres {
    async fn connect(&self, options: &Config) -> Result<Line, Error> {
        let (client, task) = match &self.tls {
            Some(tls) => {
                let (client, connection) = options.connect(tls.clone()).await?;
                (client, tokio::spawn(async move { drop(connection.await) }).abort_handle())
            }
            None => {
                let (client, connection) = options.connect(NoTls).await?;
                (client, tokio::spawn(async move { drop(connection.await) }).abort_handle())
            }
        };
        Ok(Line { client, task, is_direct: false, prepared: HashMap::new() })
    }
}

impl Drop for Line {
    /// The task would go on until the server has answered everything, for ever where that hangs.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs a statement.
pub(super) async fn ask(
    pool: &Pool<Postgres>,
    asked: &Statement,
    parameters: &[Cell],
    room: Room,
) -> Result<Table, Arc<str>> {
    let ceiling = room.ceiling().clone();
    let rewritten = rewrite(&asked.text, &names(asked), Dialect::Postgres)?;
    let mut lease = pool.lease().await?;
    let Some(line) = lease.line() else { return Err("the connection is gone".into()) };
    let answer = match run(line, asked, (&rewritten, parameters), ceiling.room()).await {
        // The tables were changed behind the statement, and it was refused before anything was done: prepared anew it
        // may be taken.
        Err(refusal) if refusal.stale => {
            line.prepared.remove(&asked.text);
            run(line, asked, (&rewritten, parameters), ceiling.room()).await
        }
        answer => answer,
    };
    match answer {
        Ok((table, done)) => {
            if done {
                lease.end();
            }
            Ok(table)
        }
        Err(refusal) => {
            if refusal.failure.broken {
                pool.forget();
            } else {
                // What it was prepared for may have changed, too: the type of a column, say.
                line.prepared.remove(&asked.text);
                lease.end();
            }
            Err(refusal.failure.why)
        }
    }
}

/// A failure, and whether the statement as it was prepared is what fails.
struct Refusal {
    failure: Failure,
    stale: bool,
}

/// What the server says of a statement.
pub(super) async fn describe(pool: &Pool<Postgres>, asked: &Statement) -> Result<Described, Arc<str>> {
    let rewritten = match rewrite(&asked.text, &names(asked), Dialect::Postgres) {
        Ok(rewritten) => rewritten,
        Err(why) => return Ok(Described::Refused(why)),
    };
    let mut lease = pool.lease().await?;
    let Some(line) = lease.line() else { return Err("the connection is gone".into()) };
    // Behind a pooler, the name of what is prepared is only there within a transaction.
    let framed = line.client.transaction().await.map_err(|error| reason(&error, false))?;
    let described = match framed.prepare(&rewritten.text).await {
        Ok(prepared) => {
            let place = |name: &str, ty: &tokio_postgres::types::Type| Place {
                name: name.to_owned(),
                ty: ty.name().to_owned(),
                holds: holds(ty),
            };
            let wanted = rewritten.order.iter().zip(prepared.params());
            Described::Taken {
                columns: prepared.columns().iter().map(|column| place(column.name(), column.type_())).collect(),
                parameters: wanted.map(|(index, ty)| place(&asked.parameters[*index].0, ty)).collect(),
            }
        }
        // A name that another one left behind a pooler says nothing of the statement.
        Err(error) if error.code().is_some_and(|code| code.code() != "42P05") => {
            Described::Refused(reason(&error, false))
        }
        Err(error) => return Err(reason(&error, false).into()),
    };
    framed.rollback().await.map_err(|error| reason(&error, false))?;
    lease.end();
    Ok(described)
}

/// The rows, and whether the connection has nothing more to say.
async fn run(
    line: &mut Line,
    asked: &Statement,
    (rewritten, parameters): (&Rewritten, &[Cell]),
    room: Room,
) -> Result<(Table, bool), Refusal> {
    let failure = |error: Error| refusal(&error, asked);
    let cells: Vec<&Cell> = rewritten.order.iter().filter_map(|index| parameters.get(*index)).collect();
    let bound: Vec<Bound<'_>> = cells.iter().map(|cell| Bound(cell)).collect();
    let bound = bound.iter().map(|bound| bound as &(dyn ToSql + Sync));
    let mut rows = Rows::new(&asked.gives, reads(&asked.text, Dialect::Postgres), room);
    let mut named = None;
    let found = if line.is_direct {
        let prepared = prepared(line, asked, rewritten).await.map_err(failure)?;
        named = Some(prepared.clone());
        line.client.query_raw(&prepared, bound.collect::<Vec<_>>()).await
    } else {
        let types = types(line, rewritten, &cells).await.map_err(failure)?;
        line.client.query_typed_raw(&rewritten.text, bound.zip(types).collect::<Vec<_>>()).await
    };
    let (changed, next) = take(&mut rows, found.map_err(failure)?).await.map_err(failure)?;
    if rows.seen() == 0 {
        match named {
            Some(prepared) => rows.columns(prepared.columns().iter().map(tokio_postgres::Column::name)),
            None => rows.columns_unknown(),
        }
    }
    // The server counts the rows of a SELECT as well, which changes none.
    let changed = if writes(&asked.text, Dialect::Postgres) { changed } else { 0 };
    let is_whole = next == Next::More;
    let unread = |why| if is_whole { Failure::refused(why) } else { Failure::broken(why) };
    rows.end(changed)
        .map(|table| (table, is_whole))
        .map_err(|why: Arc<str>| Refusal { failure: unread(why), stale: false })
}

/// Takes the rows of a statement to its end: only then are deferred constraints checked, and the rows committed. Returns
/// what the server counted, and whether it has nothing more to say.
async fn take(rows: &mut Rows<'_>, found: RowStream) -> Result<(u64, Next), Error> {
    let mut found = pin!(found);
    while let Some(row) = next(&mut found).await {
        let row = row?;
        if rows.seen() == 0 {
            rows.columns(row.columns().iter().map(tokio_postgres::Column::name));
        }
        let cell = |column| row.try_get::<_, Read>(column).map(|read| read.0).map_err(|error| unread(&error));
        if rows.take(cell) == Next::Enough {
            return Ok((0, Next::Enough));
        }
    }
    Ok((found.rows_affected().unwrap_or(0), Next::More))
}

/// The statement as it is prepared, by name.
async fn prepared(
    line: &mut Line,
    asked: &Statement,
    rewritten: &Rewritten,
) -> Result<tokio_postgres::Statement, Error> {
    if let Some(prepared) = line.prepared.get(&asked.text) {
        return Ok(prepared.clone());
    }
    let prepared = line.client.prepare(&rewritten.text).await?;
    if line.prepared.len() >= PREPARED {
        // What is dropped here is dropped on the server, too.
        line.prepared.clear();
    }
    line.prepared.insert(asked.text.clone(), prepared.clone());
    Ok(prepared)
}

/// Which types the parameters of a statement without a name are sent as: `unknown`, which leaves the choice to the server,
/// or `bytea`. Octets are written as texts are, but for a backslash and what is not UTF-8; only with one of these the
/// server is asked, each time: a column may become another one.
async fn types(line: &Line, rewritten: &Rewritten, cells: &[&Cell]) -> Result<Vec<Type>, Error> {
    let mut types = vec![Type::UNKNOWN; cells.len()];
    let is_uncertain = cells.iter().any(|cell| match cell {
        Cell::Text(text) => text.contains('\\'),
        Cell::Blob(_) => true,
        Cell::Null | Cell::Integer(_) | Cell::Real(_) => false,
    });
    // In a simple query a second statement would be carried out.
    if is_uncertain && is_single(&rewritten.text, Dialect::Postgres) {
        match line.client.simple_query(&OCTETS.replace("{}", &rewritten.text)).await {
            Ok(said) => {
                let places = said.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0)?.parse::<usize>().ok()?.checked_sub(1),
                    _ => None,
                });
                for place in places {
                    if let Some(ty) = types.get_mut(place) {
                        *ty = Type::BYTEA;
                    }
                }
            }
            // What cannot be prepared so, CALL for one, may be run all the same; else the run says what is wrong.
            Err(error) if error.as_db_error().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(types)
}

/// The next of a stream.
async fn next<S: futures_core::Stream>(rows: &mut std::pin::Pin<&mut S>) -> Option<S::Item> {
    std::future::poll_fn(|context| rows.as_mut().poll_next(context)).await
}

fn refusal(error: &Error, asked: &Statement) -> Refusal {
    let why = reason(error, is_secret(asked));
    // The classes by which a server says that it goes: 08 and 57P.
    let going = error.code().is_some_and(|code| code.code().starts_with("08") || code.code().starts_with("57P"));
    let broken = error.as_db_error().is_none() || going;
    let failure = if broken { Failure::broken(why) } else { Failure::refused(why) };
    // "cached plan must not change result type", and a prepared statement that is not there any more.
    let stale = error.code().is_some_and(|code| matches!(code.code(), "0A000" | "26000"));
    Refusal { failure, stale }
}

/// What is wrong; of a statement with a secret only the code of the error.
fn reason(error: &Error, shy: bool) -> String {
    match error.as_db_error() {
        Some(error) if shy => format!("the database says error {}", error.code().code()),
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => with_cause(error),
    }
}

fn unread(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// The error and what is behind it: the first alone says little.
fn with_cause(error: &(dyn std::error::Error + 'static)) -> String {
    struct Chain<'a>(&'a (dyn std::error::Error + 'static));
    impl fmt::Display for Chain<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(self.0, f)?;
            match self.0.source() {
                Some(cause) if !self.0.to_string().contains(&cause.to_string()) => write!(f, ": {}", Chain(cause)),
                _ => Ok(()),
            }
        }
    }
    Chain(error).to_string()
}
