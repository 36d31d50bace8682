//! The beginning and the end of the log of this process, and what is asked of it in between.
//!
//! Never: has two logs in one process.

use std::{
    borrow::Cow,
    io,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use tracing_subscriber::layer::SubscriberExt;

use super::{
    book::Book,
    journal::Journal,
    line::{Fields, Form},
    moment::Zone,
    named::present,
    queue::{Inlet, queue},
    writer::{Place, Writer},
};
use crate::config::Log;

/// How long the end of the process waits for lines that are not written yet.
const LAST_LINES: Duration = Duration::from_secs(5);

/// The log of this process.
static LOG: OnceLock<(Inlet, Form)> = OnceLock::new();

/// Writes what is still queued when it is dropped. Held by whoever holds the process.
#[derive(Debug)]
pub struct AtEnd;

/// Begins the log of this process, and sends panics there. Only the first call in a process has an effect.
///
/// The local time zone is read here and kept, so that a process that has changed its root folder still knows it.
///
/// # Errors
/// The file cannot be opened, or no thread can be started.
pub fn begin(log: &Log) -> io::Result<()> {
    // A second server in one process, as in a test, writes into the first one's log.
    if LOG.get().is_some() {
        return Ok(());
    }
    let zone = Zone::system();
    let place = match &log.file {
        Some(path) => Place::File(Box::new(Book::open(path, log.turning, zone.clone())?)),
        None => Place::StandardError,
    };
    let form = Form { format: log.format, zone };
    let (inlet, outlet) = queue();
    let writer = Writer::new(place, form.clone());
    std::thread::Builder::new().name("log".into()).spawn(move || writer.run(&outlet))?;
    let subscriber = tracing_subscriber::registry().with(Journal::new(log.level, form.clone(), inlet.clone()));
    if LOG.set((inlet, form)).is_ok() && tracing::subscriber::set_global_default(subscriber).is_ok() {
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    }
    Ok(())
}

/// Says something with fields whose names only the protocol knows, in the name of the session that the thread works for.
/// Whoever says it has seen that lines of the level `info` are taken.
pub(crate) fn tell(message: &str, fields: Vec<(Cow<'static, str>, String)>) {
    if let Some((log, form)) = LOG.get() {
        let fields = Fields { message: message.into(), others: fields };
        log.put(&form.line(SystemTime::now(), "info", present().as_ref().map(|id| &*id.0), &fields));
    }
}

/// Opens the file of the log anew, before the next line: whoever moved it away gets no more lines into the old one.
pub fn reopen() {
    if let Some((log, _)) = LOG.get() {
        log.reopen();
    }
}

/// Waits until all that was said is written, for 5 seconds at the most.
pub fn flush() {
    if let Some((log, _)) = LOG.get() {
        log.flush(LAST_LINES);
    }
}

/// How many lines were lost so far, because the disk was too slow or too full.
pub fn dropped() -> u64 {
    LOG.get().map_or(0, |(log, _)| log.dropped())
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        flush();
    }
}
