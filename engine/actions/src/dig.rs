//! `dig(TYPE, name)`: asks the DNS for the records of one type of one name.
//!
//! Never: takes an answer that is missing (a time limit, a broken server) for the answer that there is nothing.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use program::{Parameter, ParameterKind, Type, Value};

use crate::{
    action::{Action, Answer, Question, Reply, outcome, parameter, printable, text},
    example::{Example, Given, Literal},
    reverse,
    world::{Kind, Record},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "dig",
    summary: "asks the DNS for the records of one type of one name",
    documentation: "\
The name is complete as it stands: there is no search list. An alias (CNAME) is followed. `localhost` is the address
of this machine and is never asked for (RFC 6761 §6.3).

- `found(list)`: A and AAAA give addresses; MX gives hosts, the most preferred first, hosts of one preference in the
  order of their names; TXT gives texts, the strings of one record joined without a blank (RFC 6376 §3.6.2.2); PTR
  takes an address, v4 or v6, and gives names. Names have no final dot. At most 64 of them.
- A null MX (RFC 7505), by which a domain says that it takes no mail, is `found([\".\"])`: ask `\".\" in hosts`.
- `none`: the name does not exist, has no such record, or is nothing that can stand in the DNS.
- `failed(why)`: no answer came, or the server refused or could not (SERVFAIL). It says nothing about the name.",
    parameters,
    using: false,
    outcomes: || vec![outcome("found", [("list", Type::List(Box::new(Type::Text)))]), outcome("none", [])],
    examples: &[
        Example {
            given: &[Given::Dns("example.net", Kind::Mx, &["20 b.example.net", "10 a.example.net"])],
            asks: &[Literal::Text("MX"), Literal::Text("example.net")],
            answers: r#"found(["a.example.net", "b.example.net"])"#,
        },
        Example {
            given: &[Given::Dns("silent.example.net", Kind::Mx, &["0 ."])],
            asks: &[Literal::Text("MX"), Literal::Text("silent.example.net")],
            answers: r#"found(["."])"#,
        },
        Example {
            given: &[Given::Dns("7.2.0.192.in-addr.arpa", Kind::Ptr, &["host.example.net."])],
            asks: &[Literal::Text("PTR"), Literal::Ip("192.0.2.7")],
            answers: r#"found(["host.example.net"])"#,
        },
        Example {
            given: &[Given::Dns("example.net", Kind::Aaaa, &[])],
            asks: &[Literal::Text("AAAA"), Literal::Text("example.net")],
            answers: "none",
        },
        Example {
            given: &[Given::DnsFails("example.net", Kind::A)],
            asks: &[Literal::Text("A"), Literal::Text("example.net")],
            answers: r#"failed("SERVFAIL")"#,
        },
    ],
    run: |question| Answer::later(run(question)),
};

/// The most records that one answer has.
const MOST: usize = 64;

fn parameters() -> Vec<Parameter> {
    let kinds = Kind::ALL.iter().map(|kind| kind.name().into()).collect();
    let names = vec![Type::Domain, Type::HeloName, Type::Text, Type::Word, Type::Ip];
    vec![
        Parameter { kind: ParameterKind::OneOf(kinds), ..parameter("type", Type::Text) },
        Parameter { kind: ParameterKind::AnyOf(names), ..parameter("name", Type::Text) },
    ]
}

async fn run(question: Question<'_>) -> Reply {
    answer(question).await.unwrap_or_else(|reply| reply)
}

async fn answer(question: Question<'_>) -> Result<Reply, Reply> {
    let kind: Kind = question.text(0)?.parse().map_err(|()| question.misfit(0, "a type of DNS record"))?;
    let name = match (kind, question.argument(1)) {
        (Kind::Ptr, Value::Ip(ip)) => Some(Cow::Owned(reverse::pointer(*ip))),
        (Kind::Ptr, value) => text(value).and_then(|ip| ip.parse().ok()).map(|ip| reverse::pointer(ip).into()),
        (_, Value::Ip(_)) => None,
        (_, value) => text(value).map(|name| Cow::Owned(name.to_string())),
    };
    let Some(name) = name.filter(|name| is_name(name)) else { return Ok(Reply::new("none", Vec::new())) };
    let records = question.world.dns(&name, kind).await.map_err(Reply::failed)?;
    Ok(match list(records) {
        list if list.is_empty() => Reply::new("none", Vec::new()),
        list => Reply::new("found", vec![Value::List(list.into_iter().map(|name| Value::Text(name.into())).collect())]),
    })
}

/// Whether a text can be a name of the DNS at all: labels of 1 to 63 octets, 253 in all; no address, no blank.
pub(crate) fn is_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| (1..=63).contains(&label.len()) && !label.contains(|c: char| c.is_whitespace());
    name.len() <= 253
        && name.split('.').all(is_label)
        && !name.contains(['[', ']', ':', '\\', '@'])
        && !name.chars().any(char::is_control)
        && name.parse::<IpAddr>().is_err()
}

/// The addresses of a name, of both families at once.
///
/// # Errors
/// Why one family could not be asked, unless the other gave what the caller hopes for.
pub(crate) async fn addresses(
    question: Question<'_>,
    name: &str,
    hoped: impl Fn(&IpAddr) -> bool + Send,
) -> Result<bool, Arc<str>> {
    let questions: Vec<Answer<'_, _>> = vec![question.world.dns(name, Kind::A), question.world.dns(name, Kind::Aaaa)];
    let hits = |answer: &Result<Vec<Record>, Arc<str>>| {
        answer.iter().flatten().any(|record| matches!(record, Record::Address(ip) if hoped(ip)))
    };
    match crate::race::first(questions, hits).await {
        Ok(_) => Ok(true),
        Err(answers) => answers.into_iter().collect::<Result<Vec<_>, _>>().map(|_| false),
    }
}

fn list(mut records: Vec<Record>) -> Vec<Arc<str>> {
    records.sort_by(|a, b| match (a, b) {
        (Record::Exchanger(a, host), Record::Exchanger(b, other)) => (a, host).cmp(&(b, other)),
        _ => std::cmp::Ordering::Equal,
    });
    // RFC 7505 §3: the root as an exchanger counts only when it is the only one.
    let is_root = |record: &Record| matches!(record, Record::Exchanger(_, host) if host == ".");
    if !records.iter().all(is_root) {
        records.retain(|record| !is_root(record));
    }
    records.truncate(MOST);
    records
        .into_iter()
        .map(|record| match record {
            Record::Address(ip) => ip.to_string().into(),
            Record::Exchanger(_, name) | Record::Name(name) => printable(&name),
            Record::Text(octets) => printable(&String::from_utf8_lossy(&octets)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{NO_ANSWER, says};

    #[track_caller]
    fn check(kind: &'static str, name: &'static str, given: &'static [Given], answers: &'static str) {
        let asks = Box::leak(Box::new([Literal::Text(kind), Literal::Text(name)]));
        says("dig", given, asks, answers);
    }

    #[test]
    fn records_come_as_texts() {
        check("A", "h.example", &[Given::Dns("h.example", Kind::A, &["192.0.2.1"])], r#"found(["192.0.2.1"])"#);
        check(
            "AAAA",
            "h.example",
            &[Given::Dns("h.example", Kind::Aaaa, &["2001:db8::1"])],
            r#"found(["2001:db8::1"])"#,
        );
        check("TXT", "h.example", &[Given::Dns("h.example", Kind::Txt, &["a\r\nb"])], r#"found(["a??b"])"#);
    }

    #[test]
    fn case_and_a_final_dot_do_not_matter() {
        check("A", "H.Example.", &[Given::Dns("h.example", Kind::A, &["192.0.2.1"])], r#"found(["192.0.2.1"])"#);
    }

    #[test]
    fn exchangers_come_by_preference_and_a_null_one_counts_only_alone() {
        let given: &[Given] =
            &[Given::Dns("d.example", Kind::Mx, &["30 c.example", "10 b.example.", "0 .", "10 a.example"])];
        check("MX", "d.example", given, r#"found(["a.example", "b.example", "c.example"])"#);
    }

    #[test]
    fn addresses_are_asked_by_their_pointers() {
        let given: &[Given] = &[Given::Dns("7.2.0.192.in-addr.arpa", Kind::Ptr, &["h.example"])];
        for ip in ["192.0.2.7", "::ffff:192.0.2.7"] {
            says("dig", given, Box::leak(Box::new([Literal::Text("PTR"), Literal::Ip(ip)])), r#"found(["h.example"])"#);
            check("PTR", ip, given, r#"found(["h.example"])"#);
        }
        let given: &[Given] = &[Given::Dns(
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            Kind::Ptr,
            &["h.example"],
        )];
        check("PTR", "2001:db8::1", given, r#"found(["h.example"])"#);
    }

    #[test]
    fn what_cannot_be_a_name_is_never_asked() {
        const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example";
        for name in ["", ".", "..", "a..b", LONG, "192.0.2.1", "[192.0.2.1]", "[IPv6:::1]", "::1", "a b", "a@b"] {
            check("A", name, &[], "none");
        }
        check("PTR", "h.example", &[], "none");
    }

    #[test]
    fn no_answer_is_not_the_answer_no() {
        check("A", "h.example", &[Given::DnsSilent("h.example", Kind::A)], NO_ANSWER);
        check("A", "h.example", &[Given::DnsFails("h.example", Kind::A)], r#"failed("SERVFAIL")"#);
        check("A", "h.example", &[Given::Dns("h.example", Kind::A, &[])], "none");
    }
}
