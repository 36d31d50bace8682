//! `blacklist(ip, zones)`: asks DNS lists about an address (RFC 5782).
//!
//! Never: takes a list's error answer, or an answer outside 127.0.0.0/8, for a listing.

use std::{net::IpAddr, sync::Arc, time::Duration};

use program::{Type, Value, Words};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter, printable, text},
    dig,
    example::{Example, Given, Literal},
    race, reverse,
    world::{Kind, Record},
    zone::Zone,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "blacklist",
    summary: "asks DNS lists whether an address is on one of them",
    documentation: "\
All zones are asked at once, IPv6 addresses by nibbles, IPv4-mapped ones as the IPv4 address that they map (RFC 5782).

Behind a zone may stand which of its answers count: `zen.example.org=127.0.0.2`, with runs in brackets and several
answers after commas, `zen.example.org=127.0.0.[2..4;9],127.0.1.2`. Without that every answer in 127.0.0.0/8 counts.

- `listed(zone, why)`: a zone answered with an address that counts. The first listing that comes ends the others;
  where several are there, the zone that is named first. `why` is the zone's TXT record where it comes quickly, else
  the address that the zone answered with.
- `clean`: every zone answered that it does not know the address, or with answers that do not count. No zone, nothing
  is asked: clean.
- `failed(why)`: no zone lists it, and at least one did not answer, or answered with an error: 127.255.255.0/24 (too
  many questions, a public resolver, a mistyped zone) and everything outside 127.0.0.0/8 (a domain that was sold), or
  is no zone at all.",
    parameters: || vec![parameter("ip", Type::Ip), parameter("zones", Type::List(Box::new(Type::Text)))],
    using: false,
    outcomes: || vec![outcome("listed", [("zone", Type::Text), ("why", Type::Text)]), outcome("clean", [])],
    examples: &[
        Example {
            given: &[
                Given::Dns("7.2.0.192.a.example", Kind::A, &[]),
                Given::Dns("7.2.0.192.b.example", Kind::A, &["127.0.0.4"]),
                Given::Dns("7.2.0.192.b.example", Kind::Txt, &["open relay"]),
            ],
            asks: &[Literal::Ip("192.0.2.7"), Literal::List(&["a.example", "b.example"])],
            answers: r#"listed("b.example", "open relay")"#,
        },
        Example {
            given: &[Given::Dns("7.2.0.192.a.example", Kind::A, &["127.255.255.254"])],
            asks: &[Literal::Ip("192.0.2.7"), Literal::List(&["a.example"])],
            answers: r#"failed("`a.example` answered with the error 127.255.255.254")"#,
        },
        Example {
            given: &[
                Given::DnsSilent("7.2.0.192.a.example", Kind::A),
                Given::Dns("7.2.0.192.b.example", Kind::A, &["127.0.0.2"]),
                Given::DnsSilent("7.2.0.192.b.example", Kind::Txt),
            ],
            asks: &[Literal::Ip("192.0.2.7"), Literal::List(&["a.example", "b.example"])],
            answers: r#"listed("b.example", "127.0.0.2")"#,
        },
        Example {
            given: &[Given::Dns("7.2.0.192.a.example", Kind::A, &["127.0.0.10"])],
            asks: &[Literal::Ip("192.0.2.7"), Literal::List(&["a.example=127.0.0.[2..9]"])],
            answers: "clean",
        },
        Example { given: &[], asks: &[Literal::Ip("192.0.2.7"), Literal::List(&[])], answers: "clean" },
    ],
    run: |question| Answer::later(run(question)),
};

/// The most zones that are asked.
const MOST: usize = 32;

/// How long a listing waits for its reason.
const GRACE: Duration = Duration::from_secs(1);

/// What one zone says.
enum Verdict {
    Listed(Arc<str>, Arc<str>),
    Clean,
    Failed(String),
}

async fn run(question: Question<'_>) -> Reply {
    let ip = match question.ip(0) {
        Ok(ip) => ip,
        Err(reply) => return reply,
    };
    let Value::List(zones) = question.argument(1) else { return question.misfit(1, "a list of zones") };
    let Some(zones) = zones.iter().map(text).collect::<Option<Vec<_>>>() else {
        return question.misfit(1, "a list of zones");
    };
    if zones.len() > MOST {
        return Reply::failed(format!("more than {MOST} zones"));
    }
    let questions = zones.into_iter().map(|zone| Answer::later(ask(question, ip, zone))).collect();
    match race::first(questions, |verdict| matches!(verdict, Verdict::Listed(..))).await {
        Ok(verdict) => verdict.into(),
        Err(verdicts) => {
            let failed = verdicts.into_iter().find(|verdict| matches!(verdict, Verdict::Failed(_)));
            failed.unwrap_or(Verdict::Clean).into()
        }
    }
}

async fn ask(question: Question<'_>, ip: IpAddr, zone: Words) -> Verdict {
    let filter = match Zone::parse(&zone) {
        Ok(filter) => filter,
        Err(why) => return Verdict::Failed(why),
    };
    let zone = filter.name.clone();
    let name = reverse::labels(ip) + &zone;
    if !dig::is_name(&name) {
        return Verdict::Failed(format!("`{zone}` is no zone of the DNS"));
    }
    let records = match question.world.dns(&name, Kind::A).await {
        Ok(records) => records,
        Err(why) => return Verdict::Failed(format!("`{zone}`: {why}")),
    };
    let answers = records.iter().filter_map(|record| match record {
        Record::Address(IpAddr::V4(ip)) => Some(ip.octets()),
        _ => None,
    });
    let mut wrong = None;
    for answer in answers {
        match answer {
            [127, 255, 255, _] => wrong = Some(answer),
            [127, ..] if !filter.counts(answer) => {}
            [127, ..] => {
                let why = race::before(reason(question, &name), || question.world.grace(GRACE)).await.flatten();
                return Verdict::Listed(zone, why.unwrap_or_else(|| IpAddr::from(answer).to_string().into()));
            }
            _ => wrong = wrong.or(Some(answer)),
        }
    }
    match wrong {
        None => Verdict::Clean,
        Some(answer) => Verdict::Failed(format!("`{zone}` answered with the error {}", IpAddr::from(answer))),
    }
}

async fn reason(question: Question<'_>, name: &str) -> Option<Arc<str>> {
    let records = question.world.dns(name, Kind::Txt).await.ok()?;
    records.into_iter().find_map(|record| match record {
        Record::Text(octets) => Some(printable(&String::from_utf8_lossy(&octets))),
        _ => None,
    })
}

impl From<Verdict> for Reply {
    fn from(verdict: Verdict) -> Reply {
        match verdict {
            Verdict::Listed(zone, why) => Reply::new("listed", vec![Value::Text(zone.into()), Value::Text(why.into())]),
            Verdict::Clean => Reply::new("clean", Vec::new()),
            Verdict::Failed(why) => Reply::failed(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{NO_ANSWER, says};

    const V6: &str = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.a.example";

    #[track_caller]
    fn check(ip: &'static str, zones: &'static [&'static str], given: &'static [Given], answers: &'static str) {
        says("blacklist", given, Box::leak(Box::new([Literal::Ip(ip), Literal::List(zones)])), answers);
    }

    #[test]
    fn addresses_of_both_families_are_asked_in_reverse() {
        check("192.0.2.7", &["a.example."], &[Given::Dns("7.2.0.192.a.example", Kind::A, &[])], "clean");
        check("::ffff:192.0.2.7", &["a.example"], &[Given::Dns("7.2.0.192.a.example", Kind::A, &[])], "clean");
        let listed: &[Given] = &[Given::Dns(V6, Kind::A, &["127.0.0.2"]), Given::Dns(V6, Kind::Txt, &["spam\u{7}"])];
        check("2001:db8::1", &["a.example"], listed, r#"listed("a.example", "spam?")"#);
    }

    #[test]
    fn the_zone_that_is_named_first_is_told() {
        let given: &[Given] = &[
            Given::Dns("7.2.0.192.a.example", Kind::A, &["127.0.0.2"]),
            Given::Dns("7.2.0.192.a.example", Kind::Txt, &[]),
        ];
        check("192.0.2.7", &["a.example", "b.example"], given, r#"listed("a.example", "127.0.0.2")"#);
    }

    #[test]
    fn error_answers_are_no_listings() {
        let sold: &[Given] = &[Given::Dns("7.2.0.192.a.example", Kind::A, &["203.0.113.9"])];
        check("192.0.2.7", &["a.example"], sold, r#"failed("`a.example` answered with the error 203.0.113.9")"#);
        let both: &[Given] = &[
            Given::Dns("7.2.0.192.a.example", Kind::A, &["127.255.255.252", "127.0.0.2"]),
            Given::Dns("7.2.0.192.a.example", Kind::Txt, &["real"]),
        ];
        check("192.0.2.7", &["a.example"], both, r#"listed("a.example", "real")"#);
    }

    #[test]
    fn an_answer_that_does_not_count_hides_neither_a_listing_nor_an_error() {
        let listed: &[Given] = &[
            Given::Dns("7.2.0.192.a.example", Kind::A, &["127.0.0.10", "127.0.0.3"]),
            Given::Dns("7.2.0.192.a.example", Kind::Txt, &["bad"]),
        ];
        check("192.0.2.7", &["a.example=127.0.0.[2..4]"], listed, r#"listed("a.example", "bad")"#);
        let error: &[Given] = &[Given::Dns("7.2.0.192.a.example", Kind::A, &["127.0.0.10", "127.255.255.254"])];
        let failed = r#"failed("`a.example` answered with the error 127.255.255.254")"#;
        check("192.0.2.7", &["a.example=127.0.0.2"], error, failed);
        let failed = "failed(\"`a.example=x` names no answers: it takes addresses such as 127.0.0.2, 127.0.0.[2..4] or 127.0.0.[2;4..6]\")";
        check("192.0.2.7", &["a.example=x"], &[], failed);
    }

    #[test]
    fn one_zone_that_fails_is_a_failure_unless_another_lists() {
        let given: &[Given] =
            &[Given::DnsFails("7.2.0.192.a.example", Kind::A), Given::Dns("7.2.0.192.b.example", Kind::A, &[])];
        check("192.0.2.7", &["a.example", "b.example"], given, r#"failed("`a.example`: SERVFAIL")"#);
        let given: &[Given] = &[
            Given::DnsFails("7.2.0.192.a.example", Kind::A),
            Given::Dns("7.2.0.192.b.example", Kind::A, &["127.0.0.3"]),
            Given::DnsFails("7.2.0.192.b.example", Kind::Txt),
        ];
        check("192.0.2.7", &["a.example", "b.example"], given, r#"listed("b.example", "127.0.0.3")"#);
    }

    #[test]
    fn a_zone_that_never_answers_uses_up_the_time() {
        let given: &[Given] =
            &[Given::DnsSilent("7.2.0.192.a.example", Kind::A), Given::Dns("7.2.0.192.b.example", Kind::A, &[])];
        check("192.0.2.7", &["a.example", "b.example"], given, NO_ANSWER);
    }
}
