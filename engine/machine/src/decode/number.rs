//! Numbers and sizes in decimal digits.
//!
//! Never: takes a sign, and never overflows.

/// The most digits of a number.
const NUMBER_DIGITS: usize = 18;

/// The most digits of a size.
const SIZE_DIGITS: usize = 20;

/// A number of 1 to 18 digits.
pub(super) fn number(text: &str) -> Option<i64> {
    let digits = digits(text, NUMBER_DIGITS)?;
    digits.parse().ok()
}

/// A size of 1 to 20 digits, held at `i64::MAX` when larger.
pub(super) fn size(text: &str) -> Option<i64> {
    let size: u128 = digits(text, SIZE_DIGITS)?.parse().ok()?;
    Some(i64::try_from(size).unwrap_or(i64::MAX))
}

fn digits(text: &str, most: usize) -> Option<&str> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
    fits.then_some(text)
}
