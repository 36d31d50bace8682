//! Why clients would refuse a certificate of ours that serves all the same.
//!
//! Never: keeps a server from serving: those who do not verify come in, and those who do say why not.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use rustls::{Error, client::verify_server_name, server::ParsedCertificate};
use rustls_pki_types::{CertificateDer, ServerName};

/// Why clients that verify would refuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// It has ended: when, as the time since 1970-01-01 UTC.
    Ended(Duration),
    /// It has not begun: when it does.
    NotBegun(Duration),
    /// It is not for the host that has this name.
    OtherNames(String),
}

impl Doubt {
    /// The words that metrics are labelled with.
    pub const WORDS: [&str; 3] = ["ended", "not_begun", "other_names"];

    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Doubt::Ended(_) => Doubt::WORDS[0],
            Doubt::NotBegun(_) => Doubt::WORDS[1],
            Doubt::OtherNames(_) => Doubt::WORDS[2],
        }
    }

    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Doubt::Ended(_) => "renew it; a reload takes up the new one".into(),
            Doubt::NotBegun(_) => {
                "see whether the clock of this machine is right, or name a certificate that has begun".into()
            }
            Doubt::OtherNames(name) => format!("have one made for `{name}`, or mend `server_name`"),
        }
    }
}

/// All that is doubtful at a moment, given as the time since 1970-01-01 UTC.
pub(super) fn doubts(
    certificate: &CertificateDer<'_>,
    valid: Option<(Duration, Duration)>,
    host: &str,
    now: Duration,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if let Some((begins, ends)) = valid {
        doubts.extend((now > ends).then_some(Doubt::Ended(ends)));
        doubts.extend((now < begins).then_some(Doubt::NotBegun(begins)));
    }
    // What cannot be read here may be read by others.
    if let (Ok(certificate), Ok(name)) = (ParsedCertificate::try_from(certificate), ServerName::try_from(host))
        && let Err(Error::InvalidCertificate(_)) = verify_server_name(&certificate, &name)
    {
        doubts.push(Doubt::OtherNames(host.to_string()));
    }
    doubts
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |time: &Duration| {
            let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
            Timestamp::from_second(seconds).map_or_else(|_| format!("second {seconds}"), |time| time.to_string())
        };
        match self {
            Doubt::Ended(at) => write!(f, "the certificate ended at {}: clients that verify refuse it", day(at)),
            Doubt::NotBegun(at) => {
                write!(f, "the certificate begins at {}: until then clients that verify refuse it", day(at))
            }
            Doubt::OtherNames(name) => {
                write!(f, "the certificate is for other names than `{name}`: clients that verify refuse it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tls::{Pair, self_signed};

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_certificate_is_doubted_before_and_behind_its_time_and_under_another_name() {
        let (certificate, key) = self_signed("mail.example.com").unwrap();
        let none = Path::new("");
        let pair = Pair::from_pem((none, certificate.as_bytes()), (none, key.as_bytes())).unwrap();
        let ends = pair.ends().unwrap();
        let check = |host: &str, now: Duration, words: &[&str]| {
            let pair = pair.clone().of_host(host);
            assert_eq!(pair.doubts(now).iter().map(Doubt::word).collect::<Vec<_>>(), words, "{host} {now:?}");
        };
        check("mail.example.com", ends - DAY, &[]);
        check("MAIL.example.com", ends, &[]);
        check("127.0.0.1", ends, &[]);
        check("mail.example.com", ends + Duration::from_secs(1), &["ended"]);
        check("mail.example.com", ends - DAY * 826, &["not_begun"]);
        check("example.com", ends - DAY, &["other_names"]);
        check("192.0.2.1", ends + DAY, &["ended", "other_names"]);
        assert_eq!(pair.doubts(ends - DAY), []);
    }
}
