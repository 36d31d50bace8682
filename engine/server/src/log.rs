//! The log: one line per event, as text or JSON, each with the name of its session.
//!
//! Never: lets a peer begin a line of its own. Control characters are escaped. No type that holds a secret can be
//! printed, so none gets here.

use std::{
    fmt::{self, Write as _},
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use program::Level;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::config::{Log, LogFormat};

/// Writes events.
struct Journal {
    level: tracing::Level,
    conversation: bool,
    format: LogFormat,
    sheet: Mutex<Sheet>,
}

/// Where lines go.
struct Sheet {
    file: Option<File>,
    /// Lines that could not be written since the last one that was.
    lost: u64,
}

/// The name of a session, kept with its span.
struct Named(String);

/// The fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

/// Begins the log of this process, and sends panics there. Only the first call in a process has an effect.
///
/// # Errors
/// The file cannot be opened.
pub fn begin(log: &Log) -> io::Result<()> {
    let file = log.file.as_deref().map(open).transpose()?;
    let level = match log.level {
        Level::Debug => tracing::Level::DEBUG,
        Level::Info => tracing::Level::INFO,
        Level::Warning => tracing::Level::WARN,
        Level::Error => tracing::Level::ERROR,
    };
    let sheet = Mutex::new(Sheet { file, lost: 0 });
    let journal = Journal { level, conversation: log.conversation, format: log.format, sheet };
    let subscriber = tracing_subscriber::registry().with(journal);
    // A second server in one process, as in a test, writes into the first one's log.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new().append(true).create(true).open(path)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Journal {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let crates = ["server", "saywhen", "actions"];
        match metadata.target() {
            "conversation" => self.conversation,
            target if crates.iter().any(|name| target.split("::").next() == Some(name)) => {
                metadata.is_span() || *metadata.level() <= self.level
            }
            _ => *metadata.level() <= tracing::Level::ERROR,
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let name = fields.others.into_iter().find(|(name, _)| *name == "id");
        if let (Some((_, name)), Some(span)) = (name, context.span(id)) {
            span.extensions_mut().insert(Named(name));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flatten();
        let session = scope.filter_map(|span| span.extensions().get::<Named>().map(|named| named.0.clone())).next();
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => "error",
            tracing::Level::WARN => "warning",
            tracing::Level::INFO => "info",
            _ => "debug",
        };
        let time = timestamp(SystemTime::now());
        let line = match self.format {
            LogFormat::Text => text(&time, level, session.as_deref(), &fields),
            LogFormat::Json => json(&time, level, session.as_deref(), &fields),
        };
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner).write(&line);
    }
}

impl Sheet {
    fn write(&mut self, line: &str) {
        let written = match &mut self.file {
            Some(file) => file.write_all(line.as_bytes()),
            None => io::stderr().write_all(line.as_bytes()),
        };
        match written {
            Err(_) => self.lost += 1,
            Ok(()) if self.lost > 0 => {
                let lost = std::mem::take(&mut self.lost);
                self.write(&format!("{lost} lines before this one could not be written\n"));
            }
            Ok(()) => {}
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => self.others.push((name, format!("{value:?}"))),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_string(),
            name => self.others.push((name, value.to_string())),
        }
    }
}

fn text(time: &str, level: &str, session: Option<&str>, fields: &Fields) -> String {
    let mut line = format!("{time} {level:<7} {} {}", session.unwrap_or("-"), escaped(&fields.message));
    for (name, value) in &fields.others {
        let value = escaped(value);
        let quote = if value.is_empty() || value.contains(' ') { "\"" } else { "" };
        // Writing into a text does not fail.
        let _ = write!(line, " {name}={quote}{value}{quote}");
    }
    line + "\n"
}

fn json(time: &str, level: &str, session: Option<&str>, fields: &Fields) -> String {
    let mut object = serde_json::Map::new();
    object.insert("time".into(), time.into());
    object.insert("level".into(), level.into());
    if let Some(session) = session {
        object.insert("session".into(), session.into());
    }
    object.insert("message".into(), fields.message.as_str().into());
    for (name, value) in &fields.others {
        object.insert((*name).into(), value.as_str().into());
    }
    // What JSON itself leaves as it stands, terminals may not.
    let line = serde_json::Value::Object(object).to_string();
    let mut shown = String::with_capacity(line.len() + 1);
    for c in line.chars() {
        if c.is_control() {
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown + "\n"
}

fn escaped(value: &str) -> String {
    let mut shown = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `2026-11-22T17:43:09.123Z` (RFC 3339).
fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days as i64);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// The date of a day since 1970-01-01, by counting in eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) =
        (day_of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_stands_in_it() {
        let fields = Fields {
            message: "a\r\nb \u{1b}[31m\u{85}".into(),
            others: vec![("peer", "x y".into()), ("n", "1".into())],
        };
        assert_eq!(
            text("T", "info", Some("s-1"), &fields),
            "T info    s-1 a\\r\\nb \\u{1b}[31m\\u{85} peer=\"x y\" n=1\n"
        );
        assert_eq!(
            json("T", "info", None, &fields),
            "{\"level\":\"info\",\"message\":\"a\\r\\nb \\u001b[31m\\u0085\",\"n\":\"1\",\"peer\":\"x y\",\"time\":\"T\"}\n"
        );
    }

    #[test]
    fn times_are_written_as_rfc_3339() {
        let check = |seconds: u64, expected: &str| {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399, "2000-02-28T23:59:59.000Z");
        check(951_782_400, "2000-02-29T00:00:00.000Z");
        check(1_795_369_389, "2026-11-22T17:43:09.000Z");
        check(4_107_542_400, "2100-03-01T00:00:00.000Z");
    }
}
