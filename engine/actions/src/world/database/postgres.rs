//! PostgreSQL.
//!
//! Never: keeps a connection that a call left unfinished, or asks in clear text where TLS is wanted.

use std::{collections::HashMap, fmt, pin::pin, sync::Arc, time::Duration};

use program::{Gives, Statement};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Config, Error, NoTls, config::SslMode, types::ToSql};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    super::{Cell, Room, Table},
    Failure, PREPARED, SURPLUS, Server, WORK_SECONDS,
    describe::{Described, Place},
    is_secret, most, names,
    pool::{Dial, Pool},
    postgres_value::{Bound, Read, holds},
    rewrite::{Dialect, Rewritten, rewrite},
};

/// How connections to one server are made.
pub(super) struct Postgres {
    options: Config,
    tls: Option<MakeRustlsConnect>,
    place: String,
}

/// A connection: the client's end, the task that moves its octets, and what it keeps prepared.
pub(super) struct Line {
    client: Client,
    task: AbortHandle,
    prepared: HashMap<Arc<str>, tokio_postgres::Statement>,
}

/// Below that an idle connection whose socket is open is taken for one that works.
const FRESH: Duration = Duration::from_secs(10);

/// Sets what this version of the server knows: how long it works at a statement, and how often it looks whether the
/// client is still there while it does.
const BEGIN: &str = "SELECT set_config(name, CASE name WHEN 'TimeZone' THEN 'UTC' \
                     WHEN 'client_connection_check_interval' THEN '1000' ELSE '{}' END, false) \
                     FROM pg_settings WHERE name IN ('TimeZone', 'client_connection_check_interval', 'statement_timeout')";

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
        Ok(Pool::new(Postgres { options, tls, place: server.place() }, server.connections))
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
        let (client, task) = match &self.tls {
            Some(tls) => {
                let (client, connection) = self.options.connect(tls.clone()).await.map_err(|error| say(&error))?;
                (client, tokio::spawn(async move { drop(connection.await) }).abort_handle())
            }
            None => {
                let (client, connection) = self.options.connect(NoTls).await.map_err(|error| say(&error))?;
                (client, tokio::spawn(async move { drop(connection.await) }).abort_handle())
            }
        };
        let line = Line { client, task, prepared: HashMap::new() };
        let begin = BEGIN.replace("{}", &format!("{WORK_SECONDS}000"));
        line.client.batch_execute(&begin).await.map_err(|error| say(&error))?;
        Ok(line)
    }

    async fn works(&self, line: &mut Line, idle: Duration) -> bool {
        !line.client.is_closed() && (idle < FRESH || line.client.check_connection().await.is_ok())
    }

    fn cut(line: Line) {
        drop(line);
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
    let described = match line.client.prepare(&rewritten.text).await {
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
        Err(error) if error.as_db_error().is_some() => Described::Refused(reason(&error, false)),
        Err(error) => return Err(reason(&error, false).into()),
    };
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
    let prepared = match line.prepared.get(&asked.text) {
        Some(prepared) => prepared.clone(),
        None => {
            let prepared = line.client.prepare(&rewritten.text).await.map_err(failure)?;
            if line.prepared.len() >= PREPARED {
                // What is dropped here is dropped on the server, too.
                line.prepared.clear();
            }
            line.prepared.insert(asked.text.clone(), prepared.clone());
            prepared
        }
    };
    let bound: Vec<Bound<'_>> = rewritten.order.iter().filter_map(|index| parameters.get(*index)).map(Bound).collect();
    let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| bound as &(dyn ToSql + Sync)).collect();
    if asked.gives == Gives::Nothing {
        let changed = line.client.execute(&prepared, &bound).await.map_err(failure)?;
        return Ok((Table { changed, ..Table::default() }, true));
    }
    let columns = prepared.columns().iter().map(|column| column.name().into()).collect();
    let most = most(&asked.gives);
    let mut table = Table { columns, room: Some(room), ..Table::default() };
    let mut surplus = 0;
    let mut rows = pin!(line.client.query_raw(&prepared, bound).await.map_err(failure)?);
    while let Some(row) = next(&mut rows).await {
        let row = row.map_err(failure)?;
        if table.rows.len() < most {
            let cells = (0..row.len()).map(|column| row.try_get::<_, Read>(column).map(|read| read.0));
            let cells: Result<Vec<Cell>, Error> = cells.collect();
            let broken = |why| Refusal { failure: Failure::broken(why), stale: false };
            table.push(cells.map_err(|error| broken(unread(&error)))?).map_err(|why| broken(why.to_owned()))?;
        } else if surplus < SURPLUS {
            surplus += 1;
        } else {
            return Ok((table, false));
        }
    }
    Ok((table, true))
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
