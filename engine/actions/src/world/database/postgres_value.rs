//! Cells as PostgreSQL takes and gives them.
//!
//! Parameters travel as texts, which the server reads as whatever type it wants there; octets as its hexadecimal
//! notation. Results come in its binary forms.
//!
//! Never: shows a value: the client library writes parameters into its own log by their `Debug`.

use std::{error::Error, fmt, net::IpAddr};

use bytes::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::{super::Cell, describe::Holds, moment};

/// A cell on its way to the server.
pub(super) struct Bound<'a>(pub(super) &'a Cell);

/// A cell that came from there.
pub(super) struct Read(pub(super) Cell);

type Fallible<T> = Result<T, Box<dyn Error + Sync + Send>>;

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Fallible<IsNull> {
        let octets: &[u8] = match self.0 {
            Cell::Null => return Ok(IsNull::Yes),
            Cell::Integer(number) => {
                out.extend_from_slice(number.to_string().as_bytes());
                return Ok(IsNull::No);
            }
            Cell::Real(number) => {
                out.extend_from_slice(number.to_string().as_bytes());
                return Ok(IsNull::No);
            }
            Cell::Text(text) => text.as_bytes(),
            Cell::Blob(octets) => octets,
        };
        if holds(ty) == Holds::Octets {
            out.extend_from_slice(b"\\x");
            octets.iter().for_each(|octet| out.extend_from_slice(format!("{octet:02x}").as_bytes()));
        } else if std::str::from_utf8(octets).is_err() {
            return Err("octets that are not UTF-8 can only be given for bytea".into());
        } else {
            out.extend_from_slice(octets);
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Read {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Fallible<Read> {
        cell(ty, raw).map(Read).ok_or_else(|| format!("a column of type {} cannot be read", ty.name()).into())
    }

    fn from_sql_null(_: &Type) -> Fallible<Read> {
        Ok(Read(Cell::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What can be in a column or a parameter of that type.
pub(super) fn holds(ty: &Type) -> Holds {
    match *ty {
        Type::BOOL => Holds::Yes,
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Holds::Integer,
        Type::FLOAT4 | Type::FLOAT8 => Holds::Real,
        Type::NUMERIC => Holds::Decimal,
        Type::TEXT
        | Type::VARCHAR
        | Type::BPCHAR
        | Type::NAME
        | Type::CHAR
        | Type::UNKNOWN
        | Type::JSON
        | Type::XML
        | Type::UUID => Holds::Text,
        Type::BYTEA => Holds::Octets,
        Type::INET | Type::CIDR => Holds::Address,
        Type::DATE | Type::TIMESTAMP | Type::TIMESTAMPTZ => Holds::Moment,
        Type::INTERVAL => Holds::Span,
        _ => match ty.kind() {
            Kind::Domain(of) => holds(of),
            Kind::Enum(_) => Holds::Text,
            // An extension's text that compares without regard to case; it is sent as a text is.
            Kind::Simple if ty.name() == "citext" => Holds::Text,
            _ => Holds::Foreign,
        },
    }
}

fn cell(ty: &Type, raw: &[u8]) -> Option<Cell> {
    Some(match *ty {
        Type::BOOL => Cell::Integer(i64::from(*raw.first()? != 0)),
        Type::INT2 => Cell::Integer(i16::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT4 => Cell::Integer(i32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::OID => Cell::Integer(u32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::INT8 => Cell::Integer(long(raw)?),
        Type::FLOAT4 => Cell::Real(f32::from_be_bytes(raw.try_into().ok()?).into()),
        Type::FLOAT8 => Cell::Real(f64::from_be_bytes(raw.try_into().ok()?)),
        Type::NUMERIC => numeric(raw)?,
        Type::BYTEA => Cell::Blob(raw.to_vec()),
        Type::UUID => Cell::Text(uuid(raw.try_into().ok()?)),
        Type::INET | Type::CIDR => Cell::Text(address(raw)?),
        Type::DATE => Cell::Integer(century() + i64::from(i32::from_be_bytes(raw.try_into().ok()?)) * 86_400),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => Cell::Integer(century() + long(raw)?.div_euclid(1_000_000)),
        Type::INTERVAL => interval(raw)?,
        _ => match (ty.kind(), holds(ty)) {
            (Kind::Domain(of), _) => cell(of, raw)?,
            (_, Holds::Text) => Cell::Text(std::str::from_utf8(raw).ok()?.to_owned()),
            _ => return None,
        },
    })
}

/// The moment from which the server counts.
fn century() -> i64 {
    moment::seconds(2000, 1, 1)
}

fn long(raw: &[u8]) -> Option<i64> {
    raw.try_into().ok().map(i64::from_be_bytes)
}

/// Base 10,000: the number of digits, the weight of the first, a sign, a scale for show, and the digits.
fn numeric(raw: &[u8]) -> Option<Cell> {
    let short = |at: usize| raw.get(at..at + 2).and_then(|two| two.try_into().ok()).map(i16::from_be_bytes);
    let (count, weight, sign) = (short(0)?, short(2)?, short(4)? as u16);
    let digits = (0..count as usize).map(|place| short(8 + 2 * place)).collect::<Option<Vec<i16>>>()?;
    let negative = match sign {
        0 => false,
        0x4000 => true,
        // Not a number, and the two infinities.
        _ => return None,
    };
    let mut whole: Option<i64> = Some(0);
    let mut real = 0.0;
    for place in 0..=weight.max(-1) {
        let digit = digits.get(place as usize).copied().unwrap_or(0);
        whole = whole.and_then(|whole| whole.checked_mul(10_000)?.checked_add(digit.into()));
        real = real * 10_000.0 + f64::from(digit);
    }
    let fraction = digits.iter().enumerate().filter(|(place, digit)| *place as i64 > i64::from(weight) && **digit != 0);
    let fraction: Vec<(usize, &i16)> = fraction.collect();
    if let (true, Some(whole)) = (fraction.is_empty(), whole) {
        return Some(Cell::Integer(if negative { -whole } else { whole }));
    }
    for (place, digit) in fraction {
        real += f64::from(*digit) * 10_000_f64.powi(i32::from(weight) - place as i32);
    }
    Some(Cell::Real(if negative { -real } else { real }))
}

/// Family, length of the prefix, whether it is a network, length, octets. A whole address has no prefix in its text.
fn address(raw: &[u8]) -> Option<String> {
    let (head, octets) = raw.split_at_checked(4)?;
    let (address, bits) = match octets.len() {
        4 => (IpAddr::from(<[u8; 4]>::try_from(octets).ok()?), 32),
        16 => (IpAddr::from(<[u8; 16]>::try_from(octets).ok()?), 128),
        _ => return None,
    };
    Some(if head[1] == bits { address.to_string() } else { format!("{address}/{}", head[1]) })
}

/// Microseconds, days, months; a month has no length in seconds, so with months it is nothing.
fn interval(raw: &[u8]) -> Option<Cell> {
    let micros = long(raw.get(..8)?)?;
    let days = i32::from_be_bytes(raw.get(8..12)?.try_into().ok()?);
    let months = i32::from_be_bytes(raw.get(12..16)?.try_into().ok()?);
    let seconds = micros as f64 / 1e6 + f64::from(days) * 86_400.0;
    (months == 0).then_some(Cell::Real(seconds))
}

fn uuid(raw: [u8; 16]) -> String {
    let hex: String = raw.iter().map(|octet| format!("{octet:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ty: &Type, raw: &[u8], wanted: Option<Cell>) {
        assert!(cell(ty, raw) == wanted, "{ty}");
    }

    /// The parts of a decimal number, two octets each.
    fn parts(parts: &[i16]) -> Vec<u8> {
        parts.iter().flat_map(|part| part.to_be_bytes()).collect()
    }

    #[test]
    fn decimal_numbers_are_read() {
        check(&Type::NUMERIC, &parts(&[0, 0, 0, 0]), Some(Cell::Integer(0)));
        check(&Type::NUMERIC, &parts(&[1, 0, 0, 0, 42]), Some(Cell::Integer(42)));
        check(&Type::NUMERIC, &parts(&[1, 1, 0x4000, 0, 3]), Some(Cell::Integer(-30_000)));
        check(&Type::NUMERIC, &parts(&[2, 0, 0, 1, 1, 5000]), Some(Cell::Real(1.5)));
        check(&Type::NUMERIC, &parts(&[1, -1, 0, 1, 2500]), Some(Cell::Real(0.25)));
        check(&Type::NUMERIC, &parts(&[1, 5, 0, 0, 1]), Some(Cell::Real(1e20)));
        check(&Type::NUMERIC, &parts(&[0, 0, -0x4000, 0]), None);
    }

    #[test]
    fn addresses_moments_and_spans_are_read() {
        check(&Type::INET, &[2, 32, 0, 4, 192, 0, 2, 1], Some(Cell::Text("192.0.2.1".into())));
        check(&Type::CIDR, &[2, 24, 1, 4, 192, 0, 2, 0], Some(Cell::Text("192.0.2.0/24".into())));
        check(&Type::TIMESTAMPTZ, &0_i64.to_be_bytes(), Some(Cell::Integer(946_684_800)));
        check(&Type::TIMESTAMP, &(-1_i64).to_be_bytes(), Some(Cell::Integer(946_684_799)));
        let span = [&90_000_000_i64.to_be_bytes()[..], &1_i32.to_be_bytes(), &0_i32.to_be_bytes()].concat();
        check(&Type::INTERVAL, &span, Some(Cell::Real(86_490.0)));
        let month = [&0_i64.to_be_bytes()[..], &0_i32.to_be_bytes(), &1_i32.to_be_bytes()].concat();
        check(&Type::INTERVAL, &month, None);
        check(&Type::INT4_ARRAY, &[], None);
    }

    #[test]
    fn a_value_is_never_shown() {
        assert_eq!(format!("{:?}", Bound(&Cell::Text("s3cret".into()))), "***");
    }
}
