//! Dates of the calendar as seconds since 1970-01-01 UTC.
//!
//! Never: knows a time zone; connections speak UTC.

/// Seconds since 1970 at the beginning of a day of the Gregorian calendar; `month` and `day` count from 1.
pub(super) fn seconds(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the day that leaps is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    // 1970-01-01 is that day of the era that begins in the year 0.
    (days - 719_468) * 86_400
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn days_count_from_1970() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 1, 1), 10_957),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2024, 12, 31), 20_088),
            ((2100, 3, 1), 47_541),
            ((1600, 1, 1), -135_140),
        ] {
            assert_eq!(seconds(date.0, date.1, date.2), days * 86_400, "{date:?}");
        }
    }
}
