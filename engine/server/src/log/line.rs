//! One line: its time, how grave it is, its session, what it says.
//!
//! Never: lets a control character through, from wherever it came.

use std::{borrow::Cow, fmt::Write as _, time::SystemTime};

use super::moment::Zone;
use crate::config::LogFormat;

/// How lines look.
#[derive(Clone)]
pub(super) struct Form {
    /// Text or JSON.
    pub(super) format: LogFormat,
    /// Where times are told.
    pub(super) zone: Zone,
}

/// What a line says.
#[derive(Default)]
pub(super) struct Fields {
    /// The sentence.
    pub(super) message: String,
    /// Names and values behind it.
    pub(super) others: Vec<(Cow<'static, str>, String)>,
}

impl Form {
    /// A line with its end.
    pub(super) fn line(&self, time: SystemTime, level: &str, session: Option<&str>, fields: &Fields) -> String {
        let time = self.zone.stamp(time);
        match self.format {
            LogFormat::Text => text(&time, level, session, fields),
            LogFormat::Json => json(&time, level, session, fields),
        }
    }

    /// A line of the log about itself.
    pub(super) fn own(&self, level: &str, message: String) -> String {
        self.line(SystemTime::now(), level, None, &Fields { message, others: Vec::new() })
    }
}

fn text(time: &str, level: &str, session: Option<&str>, fields: &Fields) -> String {
    let mut line = format!("{time} {level:<7} {} {}", session.unwrap_or("-"), escaped(&fields.message));
    for (name, value) in &fields.others {
        let value = escaped(value);
        // What a peer sends cannot look like a field of its own. Writing into a text does not fail.
        let _ = match value.is_empty() || value.contains([' ', '"']) {
            true => write!(line, " {name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
            false => write!(line, " {name}={value}"),
        };
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
        object.insert(name.to_string(), value.as_str().into());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_look_like_another_field() {
        let check = |value: &str, shown: &str| {
            let fields = Fields { message: "m".into(), others: vec![("a".into(), value.into())] };
            assert_eq!(text("T", "info", None, &fields), format!("T info    - m a={shown}\n"));
        };
        check("", r#""""#);
        check(r"b\c", r"b\c");
        check(r#"x"b"#, r#""x\"b""#);
        check(r#"x" peer=192.0.2.1 y\"#, r#""x\" peer=192.0.2.1 y\\""#);
    }

    #[test]
    fn a_line_is_one_line_whatever_stands_in_it() {
        let fields = Fields {
            message: "a\r\nb \u{1b}[31m\u{85}".into(),
            others: vec![("peer".into(), "x y".into()), ("n".into(), "1".into())],
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
}
