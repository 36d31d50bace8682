//! Numbers in decimal digits.
//!
//! Never: takes a sign.

use crate::lexical::regular::{Regular, choice, octet, sequence, times};

/// The greatest number on the wire: 18 digits.
pub(super) const MOST: i64 = 999_999_999_999_999_999;

/// The most digits of a number.
const DIGITS: u32 = 18;

/// 1 to 20 digits, whatever their value.
pub(super) fn size() -> Regular {
    times(1, 20, digits('0', '9'))
}

/// 1 to 18 digits whose value lies within the bounds.
pub(super) fn within(least: i64, most: i64) -> Regular {
    let (least, most) = (least.max(0).unsigned_abs(), most.min(MOST));
    let lengths = (1..=DIGITS).filter_map(|length| {
        let most = u64::try_from(most).ok()?.min(10_u64.pow(length) - 1);
        (least <= most).then(|| of_length(least, most, length))
    });
    Regular::Choice(lengths.collect())
}

/// The texts of exactly so many digits with a value from `least` to `most`, both below 10^length.
pub(super) fn of_length(least: u64, most: u64, length: u32) -> Regular {
    if length == 0 {
        return Regular::Sequence(Vec::new());
    }
    let unit = 10_u64.pow(length - 1);
    let (low, high) = (least / unit, most / unit);
    if (least, most) == (0, unit * 10 - 1) {
        return times(length, length, digits('0', '9'));
    }
    if low == high {
        return sequence([digit(low), of_length(least % unit, most % unit, length - 1)]);
    }
    let lowest = sequence([digit(low), of_length(least % unit, unit - 1, length - 1)]);
    let highest = sequence([digit(high), of_length(0, most % unit, length - 1)]);
    let between = match low + 1 < high {
        true => sequence([
            octet(&[(b'0' + low as u8 + 1, b'0' + high as u8 - 1)]),
            times(length - 1, length - 1, digits('0', '9')),
        ]),
        false => Regular::Choice(Vec::new()),
    };
    choice([lowest, between, highest])
}

fn digit(value: u64) -> Regular {
    let octet = b'0' + value as u8; // a digit: below 10
    Regular::Octet(vec![(octet, octet)])
}

fn digits(first: char, last: char) -> Regular {
    Regular::Octet(vec![(first as u8, last as u8)])
}
