//! MySQL and MariaDB.
//!
//! Texts travel in UTF-8, times in UTC; a statement that changes rows counts those that it found, changed or not.
//!
//! Never: keeps a connection that a call left unfinished, or asks in clear text where TLS is wanted.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use mysql_async::{
    Column, Conn, Error, OptsBuilder, Params, SslOpts, Value,
    consts::{ColumnFlags, ColumnType},
    prelude::Queryable,
};
use program::Statement;

use super::{
    super::{Cell, Room, Table},
    Failure, PACKET, PREPARED, Server, WORK_SECONDS,
    describe::{Described, Holds, Place},
    is_secret, moment, names,
    pool::{Dial, Pool},
    rewrite::{Dialect, Rewritten, reads, rewrite, writes},
    rows::{Next, Rows},
};

/// How connections to one server are made.
pub(super) struct Mysql {
    options: OptsBuilder,
    place: String,
}

/// Below that an idle connection is taken for one that works.
const FRESH: Duration = Duration::from_millis(100);

/// The collation of columns that are octets.
const BINARY: u16 = 63;

impl Mysql {
    pub(super) fn pool(server: &Server, authorities: Option<Vec<u8>>) -> Pool<Mysql> {
        // MariaDB reads the first comment, MySQL since 5.7.8 the second; the one counts in seconds, the other in
        // milliseconds.
        let begin = format!(
            "SET time_zone = '+00:00' /*M!100100 , SESSION max_statement_time = {WORK_SECONDS} */ \
             /*!50708 , SESSION max_execution_time = {WORK_SECONDS}000 */"
        );
        let tls = authorities
            .map(|pem| SslOpts::default().with_disable_built_in_roots(true).with_root_certs(vec![pem.into()]));
        let password = server.password.as_ref().map(|password| String::from_utf8_lossy(password.expose()).into_owned());
        let options = OptsBuilder::default()
            .ip_or_hostname(server.host.clone())
            .tcp_port(server.port)
            .socket(server.socket.as_ref().map(|socket| socket.display().to_string()))
            .prefer_socket(false)
            .user(Some(server.user.clone()))
            .pass(password)
            .db_name(Some(server.database.clone()))
            .ssl_opts(tls)
            .client_found_rows(true)
            .max_allowed_packet(Some(PACKET))
            .wait_timeout(Some(28_800))
            .stmt_cache_size(PREPARED)
            .init(vec![begin]);
        Pool::new(Mysql { options, place: server.place() }, server.connections)
    }
}

impl Dial for Mysql {
    type Line = Conn;

    async fn dial(&self) -> Result<Conn, Arc<str>> {
        let dialled = Conn::new(self.options.clone()).await;
        dialled.map_err(|error| format!("no connection to {}: {}", self.place, reason(&error, false)).into())
    }

    async fn works(&self, line: &mut Conn, idle: Duration) -> bool {
        idle < FRESH || line.ping().await.is_ok()
    }

    fn cut(line: Conn) {
        // Dropped as it is, a connection would wait in a task of its own for what the server still has to say, for
        // ever where that hangs. The first step of taking leave marks it as left; then the socket is closed.
        let _ = pin!(line.disconnect()).as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}

/// Runs a statement.
pub(super) async fn ask(
    pool: &Pool<Mysql>,
    asked: &Statement,
    parameters: &[Cell],
    room: Room,
) -> Result<Table, Arc<str>> {
    let rewritten = rewrite(&asked.text, &names(asked), Dialect::Mysql)?;
    let mut lease = pool.lease().await?;
    let Some(line) = lease.line() else { return Err("the connection is gone".into()) };
    match run(line, asked, (&rewritten, parameters), room).await {
        Ok((table, done)) => {
            if done {
                lease.end();
            }
            Ok(table)
        }
        Err(failure) => {
            if failure.broken {
                pool.forget();
            } else {
                lease.end();
            }
            Err(failure.why)
        }
    }
}

/// What the server says of a statement.
pub(super) async fn describe(pool: &Pool<Mysql>, asked: &Statement) -> Result<Described, Arc<str>> {
    let rewritten = match rewrite(&asked.text, &names(asked), Dialect::Mysql) {
        Ok(rewritten) => rewritten,
        Err(why) => return Ok(Described::Refused(why)),
    };
    let mut lease = pool.lease().await?;
    let Some(line) = lease.line() else { return Err("the connection is gone".into()) };
    let prepared = line.prep(rewritten.text).await;
    let described = match prepared {
        Ok(prepared) => {
            let columns = prepared.columns().iter().map(place).collect();
            // The server calls every parameter a text: it tells nothing of what it wants.
            Described::Taken { columns, parameters: Vec::new() }
        }
        Err(Error::Server(error)) => Described::Refused(error.message),
        Err(error) => return Err(reason(&error, false).into()),
    };
    lease.end();
    Ok(described)
}

/// The rows, and whether the connection has nothing more to say.
async fn run(
    line: &mut Conn,
    asked: &Statement,
    (rewritten, parameters): (&Rewritten, &[Cell]),
    room: Room,
) -> Result<(Table, bool), Failure> {
    let failure = |error: Error| {
        let why = reason(&error, is_secret(asked));
        if error.is_fatal() || is_going(&error) { Failure::broken(why) } else { Failure::refused(why) }
    };
    let prepared = line.prep(&rewritten.text).await.map_err(failure)?;
    let values: Vec<Value> = rewritten.order.iter().filter_map(|index| parameters.get(*index)).map(value).collect();
    let values = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    let mut result = line.exec_iter(&prepared, values).await.map_err(failure)?;
    let mut rows = Rows::new(&asked.gives, reads(&asked.text, Dialect::Mysql), room);
    let columns = result.columns().unwrap_or_default();
    if columns.is_empty() {
        let changed = result.affected_rows();
        result.drop_result().await.map_err(failure)?;
        return rows.end(changed).map(|table| (table, true)).map_err(Failure::refused);
    }
    rows.columns(columns.iter().map(Column::name_str));
    while let Some(mut row) = result.next().await.map_err(failure)? {
        let next = rows.take(|place| match (row.take(place), columns.get(place)) {
            (Some(value), Some(column)) => cell(value, column),
            _ => Err(format!("there is no column {} in the row", place + 1)),
        });
        if next == Next::Enough {
            return rows.end(0).map(|table| (table, false)).map_err(Failure::broken);
        }
    }
    result.drop_result().await.map_err(failure)?;
    // The server counts nothing for a statement that gives rows: with RETURNING, each row is one that was changed.
    let changed = if writes(&asked.text, Dialect::Mysql) { rows.seen() } else { 0 };
    rows.end(changed).map(|table| (table, true)).map_err(Failure::refused)
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::NULL,
        Cell::Integer(number) => Value::Int(*number),
        Cell::Real(number) => Value::Double(*number),
        Cell::Text(text) => Value::Bytes(text.clone().into_bytes()),
        Cell::Blob(octets) => Value::Bytes(octets.clone()),
    }
}

fn cell(value: Value, column: &Column) -> Result<Cell, String> {
    Ok(match value {
        Value::NULL => Cell::Null,
        Value::Int(number) => Cell::Integer(number),
        Value::UInt(number) => i64::try_from(number).map_or(Cell::Real(number as f64), Cell::Integer),
        Value::Float(number) => Cell::Real(number.into()),
        Value::Double(number) => Cell::Real(number),
        // `0000-00-00` is what the server keeps where it was given no date.
        Value::Date(0, 0, 0, ..) => Cell::Null,
        Value::Date(year, month, day, hour, minute, second, _) => {
            let midnight = moment::seconds(year.into(), month.into(), day.into());
            Cell::Integer(midnight + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
        }
        Value::Time(negative, days, hours, minutes, seconds, micros) => {
            let whole = ((i64::from(days) * 24 + i64::from(hours)) * 60 + i64::from(minutes)) * 60 + i64::from(seconds);
            let span = whole as f64 + f64::from(micros) / 1e6;
            Cell::Real(if negative { -span } else { span })
        }
        Value::Bytes(octets) => match holds(column) {
            Holds::Integer => Cell::Integer(octets.iter().fold(0, |number, octet| number << 8 | i64::from(*octet))),
            Holds::Decimal => decimal(&octets)
                .ok_or_else(|| format!("column `{}` is a number that cannot be read", column.name_str()))?,
            Holds::Octets => Cell::Blob(octets),
            _ => match String::from_utf8(octets) {
                Ok(text) => Cell::Text(text),
                Err(error) => Cell::Blob(error.into_bytes()),
            },
        },
    })
}

/// A decimal number: whole ones as integers.
fn decimal(octets: &[u8]) -> Option<Cell> {
    let text = std::str::from_utf8(octets).ok()?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    whole.parse().map(Cell::Integer).ok().or_else(|| text.parse().map(Cell::Real).ok())
}

fn place(column: &Column) -> Place {
    let ty = format!("{:?}", column.column_type()).trim_start_matches("MYSQL_TYPE_").to_lowercase();
    Place { name: column.name_str().into_owned(), ty, holds: holds(column) }
}

fn holds(column: &Column) -> Holds {
    use ColumnType as T;
    match column.column_type() {
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR
        | T::MYSQL_TYPE_BIT => Holds::Integer,
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => Holds::Decimal,
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => Holds::Real,
        T::MYSQL_TYPE_DATE
        | T::MYSQL_TYPE_NEWDATE
        | T::MYSQL_TYPE_DATETIME
        | T::MYSQL_TYPE_DATETIME2
        | T::MYSQL_TYPE_TIMESTAMP
        | T::MYSQL_TYPE_TIMESTAMP2 => Holds::Moment,
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => Holds::Span,
        T::MYSQL_TYPE_GEOMETRY => Holds::Foreign,
        T::MYSQL_TYPE_NULL => Holds::Anything,
        T::MYSQL_TYPE_JSON | T::MYSQL_TYPE_ENUM | T::MYSQL_TYPE_SET => Holds::Text,
        // A text with a binary collation is a text; octets have the collation that is none.
        _ if column.character_set() == BINARY && column.flags().contains(ColumnFlags::BINARY_FLAG) => Holds::Octets,
        _ => Holds::Text,
    }
}

/// Whether the server says that it goes, or that it ended the connection: shutdown, killed, idle for too long.
fn is_going(error: &Error) -> bool {
    matches!(error, Error::Server(error) if matches!(error.code, 1053 | 1077 | 1927 | 4031))
}

/// What is wrong; of a statement with a secret only the number of the error.
fn reason(error: &Error, shy: bool) -> String {
    match error {
        Error::Server(error) if shy => format!("the database says error {} ({})", error.code, error.state),
        Error::Server(error) => format!("{} ({})", error.message, error.code),
        Error::Io(error) => error.to_string().trim_start_matches("Input/output error: ").to_owned(),
        Error::Driver(error) => error.to_string(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_decimals_are_integers() {
        let check = |text: &str, wanted: Option<Cell>| assert!(decimal(text.as_bytes()) == wanted, "{text}");
        check("12", Some(Cell::Integer(12)));
        check("-12.00", Some(Cell::Integer(-12)));
        check("1.5", Some(Cell::Real(1.5)));
        check("99999999999999999999", Some(Cell::Real(1e20)));
        check("many", None);
    }
}
