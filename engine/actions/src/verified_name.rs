//! `verified_name(ip)`: the forward-confirmed reverse name of an address (RFC 8601 §3, "iprev").
//!
//! Never: gives a name that does not lead back to the address.

use std::net::IpAddr;

use program::{Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter, printable},
    dig,
    example::{Example, Given, Literal},
    reverse,
    world::{Kind, Record},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "verified_name",
    summary: "the name of an address, if that name leads back to it",
    documentation: "\
- `found(name)`: the first of the address's names (PTR) that has the address among its own (A, AAAA), without a final
  dot. The first eight names are tried.
- `none`: the address has no name, or none that leads back to it.
- `failed(why)`: no name leads back, and at least one question was not answered.",
    parameters: || vec![parameter("ip", Type::Ip)],
    using: false,
    outcomes: || vec![outcome("found", [("name", Type::Text)]), outcome("none", [])],
    examples: &[
        Example {
            given: &[
                Given::Dns("7.2.0.192.in-addr.arpa", Kind::Ptr, &["host.example.net"]),
                Given::Dns("host.example.net", Kind::A, &["192.0.2.7"]),
                Given::Dns("host.example.net", Kind::Aaaa, &[]),
            ],
            asks: &[Literal::Ip("192.0.2.7")],
            answers: r#"found("host.example.net")"#,
        },
        Example {
            given: &[
                Given::Dns("7.2.0.192.in-addr.arpa", Kind::Ptr, &["liar.example.net"]),
                Given::Dns("liar.example.net", Kind::A, &["192.0.2.99"]),
                Given::Dns("liar.example.net", Kind::Aaaa, &[]),
            ],
            asks: &[Literal::Ip("192.0.2.7")],
            answers: "none",
        },
    ],
    run: |question| Answer::later(run(question)),
};

/// The most names that are tried.
const MOST: usize = 8;

async fn run(question: Question<'_>) -> Reply {
    let ip = match question.ip(0) {
        Ok(ip) => ip,
        Err(reply) => return reply,
    };
    let records = match question.world.dns(&reverse::pointer(ip), Kind::Ptr).await {
        Ok(records) => records,
        Err(why) => return Reply::failed(why),
    };
    let names = records.into_iter().filter_map(|record| match record {
        Record::Name(name) if dig::is_name(&name) => Some(name),
        _ => None,
    });
    let leads_back = |found: &IpAddr| found.to_canonical() == ip.to_canonical();
    let mut failed = None;
    for name in names.take(MOST) {
        match dig::addresses(question, &name, leads_back).await {
            Ok(true) => return Reply::new("found", vec![Value::Text(printable(&name).into())]),
            Ok(false) => {}
            Err(why) => failed = failed.or(Some(why)),
        }
    }
    match failed {
        Some(why) => Reply::failed(why),
        None => Reply::new("none", Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::says;

    #[track_caller]
    fn check(given: &'static [Given], answers: &'static str) {
        says("verified_name", given, &[Literal::Ip("2001:db8::1")], answers);
    }

    const POINTER: &str = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

    #[test]
    fn the_first_name_that_leads_back_is_found() {
        check(
            &[
                Given::Dns(POINTER, Kind::Ptr, &["a.example", "b.example"]),
                Given::Dns("a.example", Kind::A, &["192.0.2.1"]),
                Given::Dns("a.example", Kind::Aaaa, &[]),
                Given::DnsSilent("b.example", Kind::A),
                Given::Dns("b.example", Kind::Aaaa, &["2001:db8::1"]),
            ],
            r#"found("b.example")"#,
        );
    }

    #[test]
    fn an_address_without_a_name_has_none() {
        check(&[Given::Dns(POINTER, Kind::Ptr, &[])], "none");
        check(&[Given::DnsFails(POINTER, Kind::Ptr)], r#"failed("SERVFAIL")"#);
    }

    #[test]
    fn a_name_that_cannot_be_asked_is_a_failure_when_no_other_leads_back() {
        check(
            &[
                Given::Dns(POINTER, Kind::Ptr, &["a.example"]),
                Given::Dns("a.example", Kind::A, &[]),
                Given::DnsFails("a.example", Kind::Aaaa),
            ],
            r#"failed("SERVFAIL")"#,
        );
    }
}
