//! Listeners that do not fit their protocol, their sinks or their databases: what is said, and where.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::path::Path;

use server::{
    config::{Process, load_config},
    findings::Findings,
    protocols::Protocols,
    startup::binding::{bind, relays},
};

/// A protocol with every kind of setting that a listener can get wrong, a table, and `start tls`.
const SAMPLE: &str = r#"
protocol sample "a sample" version 1 edition 1
settings {
    most  : size
    names : list of domain = ["example.com"]
    box   : sink           = "inbox"
}
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 5xx }
record note { body : octets at most 1 MB   first : yes_no }
sql look(what: text) gives { found: number } as "SELECT 1 AS found WHERE :what"
start state open {
    on "NAMES" -> 250 "{size(settings.names)} {settings.most}" goto writing with mail = note { first: yes }
    on "LOOK {what: word}" {
        ask look(what) within 60 seconds {
            row(r) { reply 250 "{r.found}"  stay }   none { reply 550 "none"  stay }   failed(why) { reply 551 "{why}"  stay }
        }
    }
    on "STARTTLS" when tls is absent { reply 220 "go ahead"  start tls then goto open }
}
state writing has mail {
    on "PUT" {
        ask deliver(mail, settings.box) within 60 seconds {
            stored(id) { reply 250 "{id}"  goto open }
            refused(why) { reply 550 "{why}"  goto open }
            failed(why) { reply 551 "{why}"  goto open }
        }
    }
}
anytime { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 521 "idle" close   session 1 hour -> 521 "session" close
    shutdown -> 521 "shutdown" close   full -> 521 "full" close   broken -> 521 "broken" close
}
"#;

/// A protocol with clients: one for sinks, one that gives something else, one that is nobody's affair.
const OUT: &str = r#"
protocol out "goes out" version 1 edition 1
settings { most : size }
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 5xx }
start state open { on "ASK" { ask hidden("x") within 9 seconds { up { reply 250 "up"  stay }  failed(why) { reply 550 "{why}"  stay } } } }
anytime { on "QUIT" -> 221 "bye {settings.most}" close }
public client hand(host: text, port: number, from: reverse_path, to: list of forward_path, body: octets,
                   eight_bit: yes_no, word: secret text, times: number = 1) gives stored(a: text) | refused(b: text) {
    connect to host port port within 9 seconds   give stored("{from} {size(to)} {size(body)} {eight_bit} {times}")
}
public client other(host: domain, port: text) gives up | stored(n: number) { connect to host port 25 within 9 seconds   give up }
client hidden(host: text) gives up { connect to host port 25 within 9 seconds   give up }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 521 "idle" close   session 1 hour -> 521 "session" close
    shutdown -> 521 "shutdown" close   full -> 521 "full" close   broken -> 521 "broken" close
}
"#;

/// A protocol without any of them.
const PLAIN: &str = r#"
protocol plain "a plain one" version 1 edition 1
wire { lines crlf at most 200 octets   reply "{code} {text}" continued "{code}-{text}"   refusal 5xx   patience "GO" 1 minute }
settings { rest : duration = 1 second }
start state open { on "GO" { pause settings.rest + 1 second  reply 250 "gone"  stay }   on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 521 "idle" close   session 1 hour -> 521 "session" close
    shutdown -> 521 "shutdown" close   full -> 521 "full" close   broken -> 521 "broken" close
}
"#;

const REST: &str = "databases: { default: { url: \"sqlite:x.db\" } }\nsinks: { inbox: { maildir: mail } }";

/// Binds one listener with these keys, and compares the findings, or the effective `tls` of what fits.
fn check(listener: &str, rest: &str, expected: &[&str]) {
    let text = format!("listeners:\n  - {{ listen: \"2525\", {listener} }}\n{rest}\n");
    let mut findings = Findings::default();
    let loaded = load_config(&mut findings.sources, "config.yaml", &text, Path::new(""), &Process);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let mut protocols = Protocols::default();
    protocols.add("sample", "sample.proto.dsl", SAMPLE, &mut findings);
    protocols.add("plain", "plain.proto.dsl", PLAIN, &mut findings);
    protocols.add("out", "out.proto.dsl", OUT, &mut findings);
    assert_eq!(said(&findings), [""; 0]);
    let mut shown = Vec::new();
    let config = loaded.config.unwrap();
    let bound = bind(&config, &protocols, &mut findings, &mut shown);
    let relays = relays(&config, &protocols, &mut findings);
    let mut said = said(&findings);
    said.extend(relays.iter().map(|relay| format!("{} by {} {:?}", relay.sink, relay.client.name, relay.given)));
    said.extend(bound.iter().map(|bound| format!("tls {}", bound.tls.word())));
    assert_eq!(said, expected);
}

fn said(findings: &Findings) -> Vec<String> {
    let list = findings.list.iter().map(|finding| {
        let (line, column) = findings.sources.position(finding.span);
        format!("{line}:{column} {} {}; {}", finding.rule.code, finding.message, finding.help.join("; "))
    });
    list.collect()
}

#[test]
fn tls_follows_from_the_protocol_where_the_listener_says_nothing() {
    check("protocol: plain", "", &["tls off"]);
    check("protocol: plain, tls: implicit", "", &["tls implicit"]);
    check("protocol: sample, settings: { most: 1 MB }", REST, &["tls starttls"]);
    check("protocol: sample, tls: implicit, settings: { most: 1 MB }", REST, &["tls implicit"]);
}

#[test]
fn tls_that_does_not_go_with_the_protocol_is_refused() {
    check(
        "protocol: plain, tls: starttls",
        "",
        &["2:45 Y07 the protocol `plain` never says `start tls`; say `implicit`, or `off`"],
    );
    check(
        "protocol: sample, tls: off, settings: { most: 1 MB }",
        REST,
        &["2:46 Y07 the protocol `sample` says `start tls`, and this listener has no TLS to start; \
           say `starttls` or `implicit`, or take `start tls` out of the protocol"],
    );
}

#[test]
fn a_protocol_that_is_not_there_is_said_with_the_nearest() {
    check("protocol: plian", "", &["2:33 Y08 there is no protocol `plian`; did you mean `plain`?"]);
    check(
        "protocol: quite_another",
        "",
        &["2:33 Y08 there is no protocol `quite_another`; `protocols/` has: out, plain, sample"],
    );
}

#[test]
fn settings_that_the_protocol_refuses_are_said_at_their_place() {
    check(
        "protocol: sample, settings: { mots: 1 MB, names: [\"no domain\"] }",
        REST,
        &[
            "2:59 Y08 the protocol `sample` has no setting `mots`; did you mean `most`?",
            "2:5 Y09 the protocol `sample` needs the setting `most`; write `settings: { most: … }`",
            "2:72 Y09 `no domain` is no value of the setting `names`; \
             it takes a list; each element is a domain, like `example.com`",
        ],
    );
}

#[test]
fn settings_that_outlast_the_patience_of_the_wire_are_refused() {
    check("protocol: plain, settings: { rest: 59 seconds }", "", &["tls off"]);
    check(
        "protocol: plain, settings: { rest: 2 minutes }",
        "",
        &["2:58 Y09 with these settings `GO` of `plain` may take 121 seconds, and the peer waits 60 for `GO`; \
           give it less time"],
    );
}

#[test]
fn sinks_and_databases_that_are_not_there_are_said() {
    check(
        "protocol: sample, settings: { most: 1 MB, box: inbix }",
        "sinks: { inbox: { maildir: mail } }",
        &[
            "2:70 Y08 the setting `box` names the sink `inbix`, and there is none of that name; did you mean `inbox`?",
            "2:33 Y08 the protocol `sample` asks the database `default`, and there is none of that name; \
             `look` asks it: write `databases: { default: { url: \"sqlite:data/default.db\" } }`",
        ],
    );
    check(
        "protocol: sample, settings: { most: 1 MB }",
        "databases: { default: { url: \"sqlite:x.db\" } }",
        &["2:5 Y08 the setting `box` names the sink `inbox`, and there is none of that name; \
           write `sinks: { inbox: { maildir: mail } }`"],
    );
}

#[test]
fn a_sink_that_is_another_server_is_held_against_its_client() {
    let relay = |keys: &str| format!("sinks: {{ next: {{ relay: \"mx.example.net:25\", {keys} }} }}");
    let check = |keys: &str, expected: &[&str]| check("protocol: plain", &relay(keys), expected);
    check(
        "protocol: out, client: hand, settings: { most: 1 MB, word: x, times: 3 }",
        &["next by hand [None, None, None, None, None, None, Some(***), Some(3)]", "tls off"],
    );
    check(
        "protocol: ouch, client: hand",
        &["3:56 Y08 there is no protocol `ouch`; `protocols/` has: out, plain, sample", "tls off"],
    );
    check(
        "protocol: out, client: hnad",
        &["3:69 Y08 the protocol `out` has no public client `hnad`; did you mean `hand`?", "tls off"],
    );
    check(
        "protocol: out, client: hidden",
        &["3:69 Y08 the protocol `out` has no public client `hidden`; it has: hand, other", "tls off"],
    );
    check(
        "protocol: out, client: hand, settings: { times: often, mots: 1 MB }",
        &[
            "3:16 Y09 the client `hand` needs `word`; write `settings: { word: … }`",
            "3:94 Y09 this is no value of the parameter `times` of `hand`; write one of its type",
            "3:107 Y08 the protocol `out` has no setting `mots`; did you mean `most`?",
            "3:16 Y09 the protocol `out` needs the setting `most`; write `settings: { most: … }`",
            "tls off",
        ],
    );
    check(
        "protocol: out, client: other, settings: { most: 1 MB }",
        &[
            "3:69 Y07 the client `other` never gives `stored(…)` with one text; \
             a client for a sink gives `stored(answer: text) | refused(why: text)`",
            "3:69 Y07 the client `other` never gives `refused(…)` with one text; \
             a client for a sink gives `stored(answer: text) | refused(why: text)`",
            "3:69 Y07 `port` of `other` is not of a type that a sink can give; host: text, port: number, \
             from: reverse_path, to: list of forward_path, body: octets, eight_bit: yes_no",
            "tls off",
        ],
    );
}
