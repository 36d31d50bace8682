//! The keys of `log`.
//!
//! Never: opens the file.

use std::{fmt, path::Path};

use program::Level;

use super::{
    Log, LogFormat, Rotate, Turning,
    quantity::Size,
    read::{Origin, Reader, Section, part, path, positive, yes_or_no},
    rules::CONTRADICTION,
};

const KEYS: &[&str] = &["file", "rotate", "keep", "level", "format", "conversation"];
/// A file smaller than that would hold hardly more than the beginning of one session.
const SIZE_LEAST: u64 = 16 << 10;

/// Reads the section.
pub(super) fn log(reader: &mut Reader<'_>, root: &Section<'_>, folder: &Path) -> Log {
    let section = part(reader, root, "log", KEYS);
    let file = reader.given(&section, "file", "a file", path).map(|file| folder.join(file));
    if section.node("file").is_none() {
        reader.show(section.path("file"), "standard error".to_string(), Origin::Default);
    }
    let turning = turning(reader, &section);
    let level = reader.value(&section, "level", "info", "debug, info, warning or error", |text| {
        let level = if text == "warn" { "warning" } else { text };
        ["debug", "info", "warning", "error"].into_iter().find(|known| *known == level)
    });
    let format = reader.value(&section, "format", "text", "text or json", |text| {
        ["text", "json"].into_iter().find(|format| *format == text)
    });
    let conversation = reader.value(&section, "conversation", false, "true or false", yes_or_no);
    let level = match level {
        "debug" => Level::Debug,
        "warning" => Level::Warning,
        "error" => Level::Error,
        _ => Level::Info,
    };
    let format = if format == "json" { LogFormat::Json } else { LogFormat::Text };
    Log { file, level, format, conversation, turning }
}

fn turning(reader: &mut Reader<'_>, section: &Section<'_>) -> Turning {
    let (rotate, keep) = (section.node("rotate"), section.node("keep"));
    if section.node("file").is_none() {
        for node in [rotate, keep].into_iter().flatten() {
            let help = "name a `file`, or leave the key out";
            reader.fault(&CONTRADICTION, node.span, "the standard error is not turned over", help);
        }
        return Turning::default();
    }
    let wants = "daily, never, or a size from 16KiB, such as 100MiB";
    let rotate = reader.value(section, "rotate", Turning::default().rotate, wants, Rotate::parse);
    if rotate == Rotate::Never {
        if let Some(node) = keep {
            let help = "take one of them away: with `rotate: never` no file is ever taken away";
            reader.fault(&CONTRADICTION, node.span, "`keep` counts old files, and there are none", help);
        }
        return Turning { rotate, ..Turning::default() };
    }
    Turning { rotate, keep: reader.value(section, "keep", Turning::default().keep, "a number of at least 1", positive) }
}

impl Rotate {
    fn parse(text: &str) -> Option<Rotate> {
        match text {
            "daily" => Some(Rotate::Daily),
            "never" => Some(Rotate::Never),
            _ => Size::parse(text).filter(|size| size.0 >= SIZE_LEAST).map(|size| Rotate::Size(size.0)),
        }
    }
}

impl Default for Turning {
    fn default() -> Turning {
        Turning { rotate: Rotate::Daily, keep: 14 }
    }
}

impl fmt::Display for Rotate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rotate::Never => f.write_str("never"),
            Rotate::Daily => f.write_str("daily"),
            Rotate::Size(most) => Size(*most).fmt(f),
        }
    }
}
