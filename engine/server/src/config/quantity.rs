//! Spans of time and numbers of octets, as operators write them and as they are shown.
//!
//! Never: guesses a unit for a span of time.

use std::{fmt, time::Duration};

/// A span of time: `200ms`, `5s`, `2m`, `1h`, `1d`; at most a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub Duration);

/// A number of octets: `65536`, `256KiB`, `35MB`; KB and KiB are both 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

const PERIODS: [(u64, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
const SIZES: [(u64, &str); 4] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "")];
const YEAR: u64 = 365 * 86_400_000;

impl Period {
    /// What it takes, for messages.
    pub const WANTS: &str = "a span of time such as 200ms, 5s, 2m, 1h or 1d";

    /// Reads one.
    pub fn parse(text: &str) -> Option<Period> {
        let (number, unit) = split(text)?;
        let (milliseconds, _) = PERIODS.iter().find(|(_, name)| *name == unit)?;
        number.checked_mul(*milliseconds).filter(|total| *total <= YEAR).map(|t| Period(Duration::from_millis(t)))
    }
}

impl Size {
    /// What it takes, for messages.
    pub const WANTS: &str = "a number of octets such as 65536, 256KiB, 35MiB or 1GiB";

    /// Reads one.
    pub fn parse(text: &str) -> Option<Size> {
        let (number, unit) = split(text)?;
        let unit = unit.strip_suffix('B').map_or(unit.to_string(), |head| format!("{}B", head.trim_end_matches('i')));
        let octets = match unit.as_str() {
            "" | "B" => 1,
            "KB" => 1 << 10,
            "MB" => 1 << 20,
            "GB" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(octets).map(Size)
    }
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

fn show(f: &mut fmt::Formatter<'_>, number: u64, units: &[(u64, &str)]) -> fmt::Result {
    let fitting = units.iter().find(|(unit, _)| number >= *unit && number.is_multiple_of(*unit));
    let (unit, name) = fitting.or(units.last()).copied().unwrap_or((1, ""));
    write!(f, "{}{name}", number / unit)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.0.as_millis() as u64, &PERIODS)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.0, &SIZES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, period: &str, size: &str) {
        let shown = |quantity: Option<String>| quantity.unwrap_or("no".into());
        assert_eq!(shown(Period::parse(text).map(|p| p.to_string())), period, "{text} as a span of time");
        assert_eq!(shown(Size::parse(text).map(|s| s.to_string())), size, "{text} as a size");
    }

    #[test]
    fn quantities_are_read_with_their_units() {
        check("200ms", "200ms", "no");
        check("90s", "90s", "no");
        check("120 s", "2m", "no");
        check("400d", "no", "no");
        check("256KiB", "no", "256KiB");
        check("35 MB", "no", "35MiB");
        check("1500", "no", "1500");
        check("0", "no", "0");
        check("99999999999999999999", "no", "no");
        check("99999999999GiB", "no", "no");
        check("5 apples", "no", "no");
        check("", "no", "no");
    }
}
