//! The client that hands messages on, `send` of `protocols/smtp.proto.dsl`, against next servers of many kinds.

use super::*;

const SMTP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocols/smtp.proto.dsl");
const MESSAGE: &[u8] = b"Subject: x\r\n\r\nhi\r\n";

/// Hands a message to a server that plays a script, with these settings of the relay.
async fn check(settings: &[(&str, Value)], script: &str, wanted: &str) {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    // Nobody waits for 40 seconds here.
    let text = std::fs::read_to_string(SMTP).unwrap();
    assert_eq!(text.matches("await within 40 seconds {").count(), 1);
    let text = text.replace("await within 40 seconds {", "await within 1 seconds {");
    protocols.add("smtp", SMTP, &text, &mut findings);
    let program = protocols.named("smtp").flatten().cloned().unwrap();
    let binding = Binding { name: "us.example".into(), ..Binding::default() };
    let service = Arc::new(Service::bind(program.clone(), &binding).unwrap());
    let client = program.clients.iter().find(|client| &*client.name == "send").unwrap().clone();
    let server = Scripted::play(script).await;
    let mut authorities = tempfile::NamedTempFile::new().unwrap();
    authorities.write_all(server.certificate.as_bytes()).unwrap();
    let dialer = Arc::new(Dialer::new(Trust::new(Some(authorities.path())).unwrap()));
    let address = |text: &str| Value::Address(program::Address { at: text.rfind('@'), text: text.into() });
    let given = |name: &str| match name {
        "host" => Some(Value::Text("localhost".into())),
        "port" => Some(Value::Number(server.address.port().into())),
        "from" => Some(address("a@x.example")),
        "to" => Some(Value::List(vec![address("b@y.example")])),
        "body" => Some(Value::Octets(Octets { id: Some(PayloadId(0)), length: MESSAGE.len() as u64 })),
        name => settings.iter().find(|(setting, _)| *setting == name).map(|(_, value)| value.clone()),
    };
    let seen = Arc::new(Seen::default());
    let errand = Errand {
        service,
        client: client.clone(),
        arguments: client.parameters.iter().map(|parameter| given(&parameter.name)).collect(),
        payloads: Arc::new(One(Payload::Memory(MESSAGE.to_vec().into()))),
        session: SessionId("s".into()),
        within: Some(Duration::from_secs(20)),
        witness: Some(seen.clone()),
    };
    let outcome = shown(&client, &Caller::call(&dialer, errand).await);
    let seen = seen.0.lock().unwrap().clone();
    assert_eq!(outcome, wanted, "{script}\n{seen:?}");
    if let Err(why) = server.played().await {
        panic!("{script}\n{why}\n{seen:?}");
    }
    assert!(!seen.concat().contains("s3cret") && !seen.concat().contains("czNjcmV0"), "{seen:?}");
}

fn yes(name: &str) -> (&str, Value) {
    (name, Value::Yes(true))
}

fn login() -> [(&'static str, Value); 2] {
    [("login", Value::Text("us".into())), ("password", Value::Secret(Secret::new(b"s3cret")))]
}

const HELLO: &str = "S: 220 hop\nC: EHLO us.example\n";
/// From the envelope to the end.
const TAKEN: &str = "C: MAIL FROM:<a@x.example>\nS: 250 ok\nC: RCPT TO:<b@y.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: ...\nS: 250 kept\nC: QUIT\n--- eof";
const STORED: &str = r#"stored("kept")"#;

#[tokio::test]
async fn who_knows_no_ehlo_is_greeted_with_helo() {
    for refusal in ["500 what?", "502 5.5.1 not here", "554-no\nS: 554 never"] {
        let script = format!("{HELLO}S: {refusal}\nC: HELO us.example\nS: 250 hop\n{TAKEN}");
        check(&[], &script, STORED).await;
    }
    let script = format!("{HELLO}S: 502 no\nC: HELO us.example\nS: 550 nor that\nC: QUIT\n--- eof");
    check(&[], &script, r#"failed("550 nor that")"#).await;
    // No hop of that kind has TLS or a login.
    let script = format!("{HELLO}S: 502 no\nC: HELO us.example\nS: 250 hop\nC: QUIT\n--- eof");
    check(&[yes("starttls")], &script, r#"failed("localhost offers no TLS")"#).await;
    let wanted = r#"failed("localhost offers no TLS, and a password never travels in the clear")"#;
    check(&login(), &script, wanted).await;
}

#[tokio::test]
async fn who_says_nothing_waits_for_tls() {
    let script = format!("--- tls\n{HELLO}S: 250 hop\n{TAKEN}");
    check(&[], &script, STORED).await;
    check(&[yes("starttls")], &script, STORED).await;
    check(&[yes("unverified")], &script, STORED).await;
    // Who has begun to speak is none of them, and who wants no TLS waits on.
    check(&[], "S| \"22\"\n--- silence", r#"failed("no whole answer within 1 second")"#).await;
    check(&[yes("clear")], &format!("--- pause 1500\n{HELLO}S: 250 hop\n{TAKEN}"), STORED).await;
}

#[tokio::test]
async fn the_client_says_goodbye_wherever_it_leaves() {
    for (script, wanted) in [
        ("S: 554 no service", r#"failed("554 no service")"#),
        ("S: 220 hop\nC: EHLO us.example\nS: 421 busy", r#"failed("421 busy")"#),
        (
            "S: 220 hop\nC: EHLO us.example\nS: 250 hop\nC: MAIL FROM:<a@x.example>\nS: 451 later",
            r#"failed("451 later")"#,
        ),
    ] {
        check(&[], &format!("{script}\nC: QUIT\n--- eof"), wanted).await;
    }
    let script = format!("{HELLO}S: 250 hop\nC: QUIT\n--- eof");
    check(&[yes("eight_bit")], &script, r#"refused("localhost takes no 8-bit mail")"#).await;
}

#[tokio::test]
async fn who_offers_tls_and_does_not_begin_it_gets_the_message_in_the_clear_unless_tls_is_demanded() {
    let offer = format!("{HELLO}S: 250-hop\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 not just now\n");
    check(&[], &format!("{offer}{TAKEN}"), STORED).await;
    let wanted = r#"failed("454 4.7.0 not just now")"#;
    check(&[yes("starttls")], &format!("{offer}C: QUIT\n--- eof"), wanted).await;
    check(&login(), &format!("{offer}C: QUIT\n--- eof"), wanted).await;
}

#[tokio::test]
async fn tls_is_turned_off_where_the_operator_says_so() {
    let offer = format!("{HELLO}S: 250-hop\nS: 250 STARTTLS\n");
    check(&[yes("clear")], &format!("{offer}{TAKEN}"), STORED).await;
    let wanted = r#"failed("localhost offers no TLS, and a password never travels in the clear")"#;
    check(&[login().to_vec(), vec![yes("clear")]].concat(), &format!("{offer}C: QUIT\n--- eof"), wanted).await;
}

#[tokio::test]
async fn tls_begins_with_the_first_octet_where_the_operator_says_so() {
    let script = format!("--- tls\n{HELLO}S: 250-hop\nS: 250 STARTTLS\n{TAKEN}");
    check(&[yes("implicit")], &script, STORED).await;
    let script = format!("--- tls\n{HELLO}S: 250 AUTH PLAIN\nC: AUTH PLAIN AHVzAHMzY3JldA==\nS: 235 in\n{TAKEN}");
    check(&[login().to_vec(), vec![yes("implicit")]].concat(), &script, STORED).await;
}

#[tokio::test]
async fn a_login_goes_by_plain_or_else_by_login() {
    let secure = format!("{HELLO}S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\n--- tls\nC: EHLO us.example\n");
    let plain = "C: AUTH PLAIN AHVzAHMzY3JldA==\n";
    let words = "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXM=\nS: 334 UGFzc3dvcmQ6\nC: czNjcmV0\n";
    check(&login(), &format!("{secure}S: 250 AUTH LOGIN PLAIN\n{plain}S: 235 in\n{TAKEN}"), STORED).await;
    check(&login(), &format!("{secure}S: 250 AUTH LOGIN XOAUTH2\n{words}S: 235 in\n{TAKEN}"), STORED).await;
    let wrong = format!("{secure}S: 250 AUTH LOGIN\n{words}S: 535 wrong\nC: QUIT\n--- eof");
    check(&login(), &wrong, r#"failed("535 wrong")"#).await;
    let neither = format!("{secure}S: 250 AUTH XOAUTH2\nC: QUIT\n--- eof");
    check(&login(), &neither, r#"failed("localhost takes no password by AUTH PLAIN or AUTH LOGIN")"#).await;
}
