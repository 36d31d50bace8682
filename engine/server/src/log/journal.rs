//! Takes events as they arise and makes lines of them.
//!
//! Never: writes. Lines go into the queue.

use std::{fmt, time::SystemTime};

use program::Level;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::{
    line::{Fields, Form},
    named::present,
    queue::Inlet,
};

/// Takes events.
pub(super) struct Journal {
    level: tracing::Level,
    form: Form,
    inlet: Inlet,
}

impl Journal {
    /// For events that are at least that grave.
    pub(super) fn new(level: Level, form: Form, inlet: Inlet) -> Journal {
        let level = match level {
            Level::Debug => tracing::Level::DEBUG,
            Level::Info => tracing::Level::INFO,
            Level::Warning => tracing::Level::WARN,
            Level::Error => tracing::Level::ERROR,
        };
        Journal { level, form, inlet }
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let crates = ["server", "saywhen", "actions"];
        match metadata.target() {
            // Only listeners that log their conversations have any.
            "conversation" => true,
            target if crates.iter().any(|name| target.split("::").next() == Some(name)) => {
                *metadata.level() <= self.level
            }
            _ => *metadata.level() <= tracing::Level::ERROR,
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let session = present();
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => "error",
            tracing::Level::WARN => "warning",
            tracing::Level::INFO => "info",
            _ => "debug",
        };
        self.inlet.put(&self.form.line(SystemTime::now(), level, session.as_ref().map(|id| &*id.0), &fields));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => self.others.push((name.into(), format!("{value:?}"))),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_string(),
            name => self.others.push((name.into(), value.to_string())),
        }
    }
}
