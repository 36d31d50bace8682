//! A real Postfix hands mail to us, over SMTP in the clear and under TLS and over LMTP, and its log has what we said; its
//! own load generator is content, too.

use conversations::{Client, Message, Postfix, PostfixSetup, Server, Setup, free_ports, stored, tool};

/// A message that nobody along the way has a reason to mend.
const OCTETS: &[u8] = b"From: ann@example.net\r\nTo: bob@example.com\r\nMessage-ID: <1@example.net>\r\n\
    Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n\r\n\
    .\r\n..\r\n...three\r\n. \r\nFrom here\r\n\r\n \r\nGr\xc3\xbc\xc3\x9fe\r\nthe last line\r\n";

#[test]
fn a_message_that_postfix_sends_on_arrives_octet_for_octet() {
    let check = |settings: &[(&str, &str)], implicit: bool, kind: &str| {
        let server = Setup::new().start();
        let port = if implicit { server.tls_port } else { server.port };
        let postfix = postfix(&format!("smtp:[127.0.0.1]:{port}"), settings);
        hand(&postfix, &["bob@example.com"]);
        let line = postfix.logs(&["to=<bob@example.com>", "status="]);
        assert!(line.contains("status=sent (250 2.6.0 Stored as "), "{line}");
        let found = stored(&server.mail());
        assert_eq!(found.len(), 1, "{kind}");
        assert!(found[0].prepended().contains(&format!(" with {kind} ")), "{}", found[0].prepended());
        is_whole(found[0].body());
        assert_eq!(found[0].sender(), "ann@example.net");
    };
    check(&[("smtp_tls_security_level", "none")], false, "ESMTP");
    check(&[("smtp_tls_security_level", "encrypt")], false, "ESMTPS");
    check(&[("smtp_tls_security_level", "encrypt"), ("smtp_tls_wrappermode", "yes")], true, "ESMTPS");
}

#[test]
fn over_lmtp_each_recipient_has_a_box_and_an_answer_of_its_own() {
    for security in ["none", "encrypt"] {
        let (server, port) = boxes();
        let settings = [("lmtp_tls_security_level", security)];
        let postfix = postfix(&format!("lmtp:[127.0.0.1]:{port}"), &settings);
        hand(&postfix, &["bob@example.com", "full@example.com", "nobody@example.com", "eve@example.org"]);
        let check = |recipient: &str, status: &str, words: &str| {
            let line = postfix.logs(&[&format!("to=<{recipient}>"), "status="]);
            assert!(line.contains(&format!("status={status} ")) && line.contains(words), "{line}");
        };
        check("bob@example.com", "sent", "250 2.1.5 <bob@example.com> has it as ");
        check("eve@example.org", "sent", "250 2.1.5 <eve@example.org> has it as ");
        check("nobody@example.com", "bounced", "said: 550 5.1.1 There is no mailbox <nobody@example.com>");
        check("full@example.com", "deferred", "said: 452 4.2.2 The mailbox <full@example.com> is full");
        let found = stored(&server.folder().join("boxes"));
        let places: Vec<String> = found.iter().map(|message| message.path.display().to_string()).collect();
        assert_eq!(found.len(), 2, "{places:?}");
        assert!(places[0].contains("boxes/example.com/bob/new/"), "{places:?}");
        assert!(places[1].contains("boxes/example.org/eve/new/"), "{places:?}");
        for message in &found {
            is_whole(message.body());
            let kind = if security == "none" { " with ESMTP " } else { " with ESMTPS " };
            assert!(message.prepended().contains(kind), "{}", message.prepended());
        }
    }
}

#[test]
fn a_refused_recipient_bounces_with_our_words_and_the_others_have_the_message() {
    let server = Setup::new().start();
    let postfix = postfix(&format!("smtp:[127.0.0.1]:{}", server.port), &[]);
    hand(&postfix, &["bob@example.com", "eve@elsewhere.test"]);
    let line = postfix.logs(&["to=<eve@elsewhere.test>", "status=bounced"]);
    assert!(line.contains("said: 550 5.7.1 I take no mail for <eve@elsewhere.test>"), "{line}");
    postfix.logs(&["to=<bob@example.com>", "status=sent"]);
    assert_eq!(stored(&server.mail()).len(), 1);
}

#[test]
fn dsn_is_asked_for_and_kept() {
    let server = Setup::new().set("dsn", "yes").start();
    let postfix = postfix(&format!("smtp:[127.0.0.1]:{}", server.port), &[]);
    let mut client = Client::greeted(postfix.port);
    for line in [
        "MAIL FROM:<ann@example.net> RET=HDRS ENVID=QQ314159",
        "RCPT TO:<bob@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob@example.org",
    ] {
        assert_eq!(client.ask(line).code, 250, "{line}");
    }
    client.ask("DATA");
    assert_eq!(client.ask(".").code, 250);
    postfix.logs(&["to=<bob@example.com>", "status=sent"]);
    let rows = tool("python3", "python3")
        .args(["-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall())"])
        .arg(server.folder().join("saywhen.db"))
        .arg("SELECT sender, recipient, orcpt, envid, ret FROM notices")
        .output()
        .expect("python can be run");
    assert_eq!(
        String::from_utf8_lossy(&rows.stdout).trim(),
        "[('ann@example.net', 'bob@example.com', 'rfc822;Bob@example.org', 'QQ314159', 'HDRS')]",
        "{}",
        String::from_utf8_lossy(&rows.stderr)
    );
}

#[test]
fn smtp_source_sends_a_hundred_messages_over_ten_sessions() {
    let (server, port) = boxes();
    for (options, place) in [(&["-L"][..], port), (&[], server.port)] {
        let output = tool("smtp-source", "postfix")
            .args(options)
            .args(["-m", "100", "-s", "10", "-l", "5000", "-f", "ann@example.net", "-t", "bob@example.com"])
            .arg(format!("inet:127.0.0.1:{place}"))
            .output()
            .expect("smtp-source can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(stored(&server.folder().join("boxes")).len(), 100);
    assert_eq!(stored(&server.mail()).len(), 100);
}

/// A server with a listener for LMTP that has three mailboxes, one of them full, and the port of that listener.
fn boxes() -> (Server, u16) {
    let [port, _] = free_ports();
    let settings = "{ our_domains: [example.com, example.org], check_mailbox: yes, inbox: boxes }";
    let server = Setup::new()
        .also(&format!("{{ listen: \"127.0.0.1:{port}\", protocol: lmtp, tls: starttls, settings: {settings} }}"))
        .sink("boxes", "{ maildir: \"boxes/{domain}/{local_part}\" }")
        .rows("INSERT INTO mailboxes (address) VALUES ('bob@example.com'), ('eve@example.org')")
        .rows("INSERT INTO mailboxes (address, quota, used) VALUES ('full@example.com', 1, 1)")
        .start();
    (server, port)
}

/// A Postfix that hands all mail to that place.
fn postfix(place: &str, settings: &[(&str, &str)]) -> Postfix {
    let setup = PostfixSetup::new().set("default_transport", place);
    settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value)).start()
}

/// Hands the message to Postfix.
fn hand(postfix: &Postfix, recipients: &[&str]) {
    let recipients = recipients.iter().map(ToString::to_string).collect();
    let message = Message { recipients, ..Message::new("ann@example.net", OCTETS) };
    let answer = Client::greeted(postfix.port).deliver(&message).expect("an answer");
    assert_eq!(answer.code, 250, "{answer}");
}

/// Postfix puts its trace in front of a message; what is behind it is what was sent.
fn is_whole(body: &[u8]) {
    let ours = body.strip_suffix(OCTETS).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(body)));
    assert!(ours.starts_with(b"Received: from client.example.net "), "{}", String::from_utf8_lossy(ours));
    assert!(ours.split(|octet| *octet == b'\n').skip(1).all(|line| line.is_empty() || line.starts_with(b"\t")));
}
