//! Names and lists: against nsd, and against a server that delays, truncates, refuses and lies.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actions::{
    Actions,
    world::{Real, Servers},
};
use program::Value;

use crate::{
    Services, Test,
    liar::Liar,
    nsd::Nsd,
    stage::{act, asking, configuration, run, starts, text},
};

pub(crate) const TESTS: &[Test] = &[
    ("records_of_a_real_server_are_told_apart", records_of_a_real_server_are_told_apart),
    ("names_lead_back_or_do_not", names_lead_back_or_do_not),
    ("lists_of_a_real_server_are_filtered", lists_of_a_real_server_are_filtered),
    ("what_does_not_fit_a_datagram_comes_over_tcp", what_does_not_fit_a_datagram_comes_over_tcp),
    ("a_server_that_lies_is_not_believed", a_server_that_lies_is_not_believed),
    ("a_dead_server_is_passed_over", a_dead_server_is_passed_over),
    ("an_answer_is_kept_until_the_names_are_asked_anew", an_answer_is_kept_until_the_names_are_asked_anew),
    ("a_name_server_is_paused_killed_and_started_again", a_name_server_is_paused_killed_and_started_again),
];

const SOON: Duration = Duration::from_secs(5);

fn check(actions: &Actions, action: &str, cases: &[(Vec<Value>, &str)]) {
    run(async {
        for (arguments, wanted) in cases {
            let answer = act(actions, action, arguments.clone(), SOON).await;
            match wanted.strip_suffix('…') {
                Some(start) => starts(&answer, start),
                None => assert_eq!(answer, *wanted, "{action}{arguments:?}"),
            }
        }
    });
}

fn dig(kind: &str, name: &str) -> Vec<Value> {
    vec![text(kind), text(name)]
}

fn list(ip: &str, zones: &[&str]) -> Vec<Value> {
    vec![address(ip), Value::List(zones.iter().map(|zone| text(zone)).collect())]
}

fn address(ip: &str) -> Value {
    Value::Ip(ip.parse().expect("it is an address"))
}

fn records_of_a_real_server_are_told_apart(services: &Services) {
    let key = format!(r#"found(["v=DKIM1; k=rsa; p={}{}"])"#, "A".repeat(230), "B".repeat(180));
    check(
        &asking(&[services.nsd().address()]),
        "dig",
        &[
            (dig("A", "host.example"), r#"found(["192.0.2.7"])"#),
            (dig("A", "HOST.example."), r#"found(["192.0.2.7"])"#),
            (dig("AAAA", "host.example"), r#"found(["2001:db8::7"])"#),
            (dig("A", "alias.example"), r#"found(["192.0.2.7"])"#),
            (dig("A", "dangling.example"), "none"),
            (dig("MX", "mail.example"), r#"found(["a.example", "b.elsewhere.test", "c.example"])"#),
            (dig("MX", "null.example"), r#"found(["."])"#),
            (dig("TXT", "spf.example"), r#"found(["v=spf1 -all"])"#),
            (dig("TXT", "s1._domainkey.example"), &key),
            (vec![text("PTR"), address("192.0.2.7")], r#"found(["host.example"])"#),
            (vec![text("PTR"), address("::ffff:192.0.2.7")], r#"found(["host.example"])"#),
            (vec![text("PTR"), address("2001:db8::7")], r#"found(["host.example"])"#),
            (dig("A", "gone.example"), "none"),
            (dig("MX", "host.example"), "none"),
            (dig("A", "empty.example"), "none"),
            (dig("A", "www.broken.test"), "failed(\"the name server says Server Failure…"),
            (dig("A", "elsewhere.test"), "failed(\"the name server says Query Refused…"),
        ],
    );
}

fn names_lead_back_or_do_not(services: &Services) {
    check(
        &asking(&[services.nsd().address()]),
        "verified_name",
        &[
            (vec![address("192.0.2.7")], r#"found("host.example")"#),
            (vec![address("2001:db8::7")], r#"found("host.example")"#),
            (vec![address("192.0.2.8")], "none"),
            (vec![address("192.0.2.9")], "none"),
            (vec![address("198.51.100.1")], "failed(\"the name server says Query Refused…"),
        ],
    );
}

fn lists_of_a_real_server_are_filtered(services: &Services) {
    let listed = r#"listed("list.test", "open relay, see https://list.test/192.0.2.7")"#;
    check(
        &asking(&[services.nsd().address()]),
        "blacklist",
        &[
            (list("192.0.2.7", &["list.test"]), listed),
            (list("192.0.2.7", &["list.test=127.0.0.[2..9]"]), listed),
            (list("192.0.2.7", &["list.test=127.0.0.2,127.0.0.3"]), "clean"),
            (list("192.0.2.8", &["list.test"]), r#"listed("list.test", "127.0.0.10")"#),
            (list("192.0.2.8", &["list.test=127.0.0.[2..9]"]), "clean"),
            (list("192.0.2.9", &["list.test"]), "failed(\"`list.test` answered with the error 127.255.255.254…"),
            (list("192.0.2.1", &["list.test", "example"]), "clean"),
            (list("2001:db8::7", &["list.test"]), r#"listed("list.test", "127.0.0.2")"#),
            (list("192.0.2.7", &["broken.test", "list.test"]), listed),
            (list("192.0.2.1", &["broken.test", "list.test"]), "failed(\"`broken.test`: …"),
        ],
    );
}

fn what_does_not_fit_a_datagram_comes_over_tcp(services: &Services) {
    let answer = run(act(&asking(&[services.nsd().address()]), "dig", dig("TXT", "big.example"), SOON));
    assert_eq!(answer.matches("xxxxxxxx\"").count(), 40, "{answer}");
    let liar = Liar::start();
    check(
        &asking(&[liar.address()]),
        "dig",
        &[
            (dig("A", "big.example"), r#"found(["192.0.2.7"])"#),
            // Truncated over TCP, too: nothing says that it is all.
            (dig("A", "bigger.example"), "failed(…"),
        ],
    );
}

fn a_server_that_lies_is_not_believed(_: &Services) {
    let liar = Liar::start();
    check(
        &asking(&[liar.address()]),
        "dig",
        &[
            (dig("A", "host.example"), r#"found(["192.0.2.7"])"#),
            (dig("A", "slow.example"), r#"found(["192.0.2.7"])"#),
            (dig("A", "spoofed.example"), r#"found(["192.0.2.7"])"#),
            (dig("A", "missing.example"), "none"),
            (dig("A", "nothing.example"), "none"),
            (dig("A", "lying.example"), "failed(…"),
            (dig("A", "question.example"), "failed(…"),
            (dig("A", "garbage.example"), "failed(…"),
            (dig("A", "short.example"), "failed(…"),
            (dig("A", "loop.example"), "failed(…"),
            (dig("A", "refused.example"), "failed(…"),
            (dig("A", "broken.example"), "failed(…"),
            (dig("A", "late.example"), "failed(…"),
            (dig("A", "silent.example"), "failed(…"),
        ],
    );
}

fn a_dead_server_is_passed_over(services: &Services) {
    let dead = std::net::SocketAddr::from(([127, 0, 0, 1], crate::daemon::free_port()));
    let actions = asking(&[dead, services.nsd().address()]);
    check(&actions, "dig", &[(dig("A", "host.example"), r#"found(["192.0.2.7"])"#)]);
}

fn an_answer_is_kept_until_the_names_are_asked_anew(_: &Services) {
    let liar = Liar::start();
    let servers = [liar.address()];
    let world = Arc::new(Real::open(configuration(&[], &servers)).unwrap_or_else(|faults| panic!("{faults:?}")));
    let actions = Actions::new(world.clone());
    run(async {
        for _ in 0..5 {
            act(&actions, "dig", dig("A", "host.example"), SOON).await;
            act(&actions, "dig", dig("A", "missing.example"), SOON).await;
        }
        // What has no SOA says nothing of how long it holds, so it may be asked for again.
        let before = liar.asked();
        act(&actions, "dig", dig("A", "host.example"), SOON).await;
        assert_eq!(liar.asked(), before);
        world.rebuild_resolver(&Servers::These(servers.to_vec()), Duration::from_millis(500));
        let answer = act(&actions, "dig", dig("A", "host.example"), SOON).await;
        assert_eq!((answer.as_str(), liar.asked()), (r#"found(["192.0.2.7"])"#, before + 1));
        world.rebuild_resolver(&Servers::These(Vec::new()), Duration::from_millis(500));
        starts(&act(&actions, "dig", dig("A", "host.example"), SOON).await, "failed(");
    });
}

fn a_name_server_is_paused_killed_and_started_again(_: &Services) {
    let mut nsd = Nsd::start();
    let actions = asking(&[nsd.address()]);
    run(async {
        let fails_in_time = async |name: &str| {
            let begin = Instant::now();
            let within = Duration::from_millis(800);
            starts(&act(&actions, "dig", dig("A", name), within).await, "failed(");
            assert!(begin.elapsed() < within + Duration::from_secs(1), "{:?}", begin.elapsed());
        };
        nsd.pause();
        fails_in_time("host.example").await;
        nsd.resume();
        assert_eq!(act(&actions, "dig", dig("A", "host.example"), SOON).await, r#"found(["192.0.2.7"])"#);
        nsd.kill();
        fails_in_time("alias.example").await;
        nsd.start_again();
        assert_eq!(act(&actions, "dig", dig("A", "alias.example"), SOON).await, r#"found(["192.0.2.7"])"#);
    });
}
