//! Local time, as the log writes it and as its days end.
//!
//! Never: reads the time zone twice.

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The time zone of this machine, as it was when the process began.
#[derive(Debug, Clone)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// What `TZ` or `/etc/localtime` says; UTC where neither says anything.
    pub(super) fn system() -> Zone {
        Zone(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// A zone by its name, for tests.
    #[cfg(test)]
    pub(super) fn named(name: &str) -> Zone {
        Zone(TimeZone::get(name).unwrap())
    }

    /// `2026-11-22T18:43:09.123+01:00`, or `Z` where the offset is none (RFC 3339).
    pub(super) fn stamp(&self, time: SystemTime) -> String {
        let time = timestamp(time);
        let (local, offset) = (self.0.to_datetime(time), self.0.to_offset(time).seconds());
        let (date, clock) = (local.date(), local.time());
        let (year, month, day) = (date.year(), date.month(), date.day());
        let (hour, minute, second) = (clock.hour(), clock.minute(), clock.second());
        let zone = match offset {
            0 => "Z".to_string(),
            _ => {
                let sign = if offset < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", offset.abs() / 3600, offset.abs() / 60 % 60)
            }
        };
        let milli = clock.millisecond();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}{zone}")
    }

    /// The local day of a moment.
    pub(super) fn day(&self, time: SystemTime) -> Date {
        self.0.to_datetime(timestamp(time)).date()
    }

    /// `2026-11-22T18-43-09`, for the name of a file.
    pub(super) fn second(&self, time: SystemTime) -> String {
        self.0.to_datetime(timestamp(time)).strftime("%Y-%m-%dT%H-%M-%S").to_string()
    }

    /// When the day after that one begins: midnight, or the first moment where a change of clocks skips midnight.
    pub(super) fn end_of(&self, day: Date) -> SystemTime {
        let next = day.tomorrow().unwrap_or(day);
        next.to_zoned(self.0.clone()).map_or(SystemTime::UNIX_EPOCH, |start| start.timestamp().into())
    }
}

/// How long until a moment; nothing when it has come.
pub(super) fn until(moment: SystemTime, now: SystemTime) -> Duration {
    moment.duration_since(now).unwrap_or_default()
}

fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn times_are_local_and_say_their_offset() {
        let check = |zone: &str, seconds: u64, expected: &str| {
            let time = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(7);
            assert_eq!(Zone::named(zone).stamp(time), expected, "{zone}");
        };
        check("UTC", 0, "1970-01-01T00:00:00.007Z");
        check("UTC", 951_782_400, "2000-02-29T00:00:00.007Z");
        check("Europe/Berlin", 1_795_369_389, "2026-11-22T18:43:09.007+01:00");
        check("Europe/Berlin", 1_784_730_189, "2026-07-22T16:23:09.007+02:00");
        check("America/St_Johns", 1_795_369_389, "2026-11-22T14:13:09.007-03:30");
    }

    #[test]
    fn a_day_ends_at_local_midnight_whatever_the_clocks_do() {
        let check = |zone: &str, day: &str, hours: u64| {
            let (zone, day): (_, Date) = (Zone::named(zone), day.parse().unwrap());
            let length = zone.end_of(day).duration_since(zone.end_of(day.yesterday().unwrap())).unwrap();
            assert_eq!(length, Duration::from_secs(hours * 3600), "{day}");
            assert_eq!(zone.day(zone.end_of(day) - Duration::from_millis(1)), day);
            assert_eq!(zone.day(zone.end_of(day)), day.tomorrow().unwrap());
        };
        check("Europe/Berlin", "2026-11-22", 24);
        check("Europe/Berlin", "2026-03-29", 23);
        check("Europe/Berlin", "2026-10-25", 25);
        // There the clocks jump over midnight itself.
        check("America/Santiago", "2026-09-06", 23);
    }
}
