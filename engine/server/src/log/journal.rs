//! Takes events as they arise and makes lines of them.
//!
//! Never: writes. Lines go into the queue.

use std::{fmt, time::SystemTime};

use program::Level;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    line::{Fields, Form},
    queue::Inlet,
};

/// Takes events.
pub(super) struct Journal {
    level: tracing::Level,
    form: Form,
    inlet: Inlet,
}

/// The name of a session, kept with its span.
struct Named(String);

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

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Journal {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let crates = ["server", "saywhen", "actions"];
        match metadata.target() {
            // Only listeners that log their conversations have any.
            "conversation" => true,
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
        self.inlet.put(&self.form.line(SystemTime::now(), level, session.as_deref(), &fields));
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
