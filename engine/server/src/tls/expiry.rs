//! From when to when a certificate is valid, read out of its DER (RFC 5280, section 4.1).
//!
//! Never: judges the certificate; rustls does.

use std::time::Duration;

use super::der::{Der, INTEGER, SEQUENCE};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, which the version of the certificate stands in.
const VERSION: u8 = 0xa0;

/// `notBefore` and `notAfter`, as the time since 1970-01-01 UTC; none where the octets are no certificate or it ended
/// before that.
pub(super) fn validity(certificate: &[u8]) -> Option<(Duration, Duration)> {
    let mut certificate = Der(Der(certificate).element(SEQUENCE)?);
    let mut inner = Der(certificate.element(SEQUENCE)?);
    if inner.0.first() == Some(&VERSION) {
        inner.element(VERSION)?;
    }
    inner.element(INTEGER)?;
    // The algorithm and the issuer.
    inner.element(SEQUENCE)?;
    inner.element(SEQUENCE)?;
    let mut validity = Der(inner.element(SEQUENCE)?);
    let (first, last) = (validity.any()?, validity.any()?);
    Some((moment(first.0, first.1).unwrap_or_default(), moment(last.0, last.1)?))
}

/// `YYMMDDHHMMSSZ`, of 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn moment(tag: u8, time: &[u8]) -> Option<Duration> {
    let digits = time.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = digits.split_at_checked(digits.len().checked_sub(10)?)?;
    let number = |digits: &[u8]| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    let year = match (tag, year.len()) {
        (UTC_TIME, 2) => number(year) + if number(year) < 50 { 2000 } else { 1900 },
        (GENERALIZED_TIME, 4) => number(year),
        _ => return None,
    };
    let [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map(|at| number(&rest[at..at + 2]));
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !in_range {
        return None;
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; years begin in March, so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use rustls_pki_types::{CertificateDer, pem::PemObject};

    use super::{super::self_signed, *};

    #[test]
    fn the_end_of_a_certificate_is_found() {
        let (pem, _) = self_signed("mail.example.com").unwrap();
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let (begins, ends) = validity(&der).unwrap();
        let left = ends.as_secs() - SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!((823 * 86_400..=824 * 86_400).contains(&left), "{left}");
        assert_eq!(ends - begins, Duration::from_secs(825 * 86_400));
        for length in 0..der.len() {
            assert_eq!(validity(&der[..length]), None, "cut at {length}");
        }
    }

    #[test]
    fn both_forms_of_a_moment_are_read() {
        let check = |tag, text: &str, seconds: Option<u64>| {
            assert_eq!(moment(tag, text.as_bytes()), seconds.map(Duration::from_secs), "{text}");
        };
        check(UTC_TIME, "700101000000Z", Some(0));
        check(UTC_TIME, "000229120000Z", Some(951_825_600));
        check(UTC_TIME, "491231235959Z", Some(2_524_607_999));
        check(GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000));
        check(GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799));
        check(UTC_TIME, "691231235959Z", None);
        check(UTC_TIME, "20500101000000Z", None);
        check(GENERALIZED_TIME, "20501301000000Z", None);
        check(UTC_TIME, "2501010000Z", None);
        check(UTC_TIME, "250101000000+0100", None);
        check(UTC_TIME, "Z", None);
    }
}
