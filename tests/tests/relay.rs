//! Two servers in a row: what the first one answers is what the second one did.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
    thread,
    time::Duration,
};

use conversations::{Client, Generator, Message, Server, Setup, binary, give_away, stored};

/// A server that takes mail for elsewhere.test, from anybody.
fn next() -> Setup {
    Setup::new().ours("elsewhere.test")
}

/// One that hands mail for elsewhere to the next one.
fn first(next: &Server, settings: &str) -> Server {
    let relay = format!("{{ relay: \"127.0.0.1:{}\", protocol: smtp, client: send, settings: {settings} }}", next.port);
    Setup::new()
        .set("trusted", "[127.0.0.1/32]")
        .set("outbound", "next")
        .sink("next", &relay)
        .believing(&next.certificate())
        .start()
}

/// A file that the server can read, once it runs as whom it changes to.
fn password() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(b"s3cret\n").expect("a file can be written");
    give_away(file.path());
    file
}

fn to(recipients: &[&str], octets: Vec<u8>) -> Message {
    let recipients = recipients.iter().map(ToString::to_string).collect();
    Message { recipients, ..Message::new("ann@example.com", octets) }
}

/// Whether a CR or LF stands alone in it.
fn is_bare(octets: &[u8]) -> bool {
    octets.iter().enumerate().any(|(i, octet)| match octet {
        b'\n' => i == 0 || octets[i - 1] != b'\r',
        b'\r' => octets.get(i + 1) != Some(&b'\n'),
        _ => false,
    })
}

#[test]
fn messages_of_every_shape_reach_the_second_server_octet_for_octet_under_tls_and_with_a_login() {
    // Only who has logged in may send to the second server's own outbound; so the login is needed.
    let last = next().start();
    let sink = format!("{{ relay: \"127.0.0.1:{}\", protocol: smtp, client: send }}", last.port);
    let second = Setup::new().set("outbound", "last").sink("last", &sink).start();
    let secret = password();
    let settings =
        format!("{{ starttls: yes, login: ann@example.com, password: \"${{file:{}}}\" }}", secret.path().display());
    let first = first(&second, &settings);
    let mut generator = Generator::new(38);
    let mut client = Client::greeted(first.port);
    let (mut kept, mut refused) = (Vec::new(), 0);
    for number in 0..Generator::kinds() * 2 {
        let (kind, octets) = generator.message();
        let message = Message {
            sender: format!("n{number}@example.net"),
            chunks: (number % 2 == 1).then_some(1000),
            ..to(&["bob@elsewhere.test", "eve@elsewhere.test"], octets.clone())
        };
        let answer = client.deliver(&message).expect("an answer");
        if is_bare(&octets) {
            assert_eq!(answer.code, 554, "{kind}: {answer}");
            refused += 1;
        } else {
            assert_eq!(answer.code, 250, "{kind}: {answer}");
            assert!(answer.lines[0].contains("Sent on: 2.6.0 Sent on: 2.6.0 Stored as "), "{answer}");
            kept.push((message.sender, octets));
        }
    }
    assert!(refused > 0 && kept.len() > Generator::kinds());
    let found = stored(&last.mail());
    assert_eq!(found.len(), kept.len());
    for (sender, octets) in kept {
        let message = found.iter().find(|message| message.sender() == sender).expect("it is there");
        // The servers before the last one have each put their trace line in front.
        let trace = message.body().strip_suffix(&octets[..]).unwrap_or_else(|| panic!("{sender}: other octets"));
        let trace = String::from_utf8_lossy(trace);
        assert_eq!(trace.matches("Received: ").count(), 2, "{trace}");
        assert!(trace.contains("with ESMTPSA id "), "{trace}");
    }
    assert!(stored(&first.mail()).is_empty() && stored(&second.mail()).is_empty());
    for server in [&first, &second] {
        assert!(!server.log().contains("s3cret"));
    }
}

#[test]
fn a_message_of_30_megabytes_goes_through_without_a_copy_in_memory() {
    let last = next().start();
    let first = first(&last, "{ starttls: yes }");
    let octets = Generator::new(30).big(30 << 20);
    let before = first.resident();
    let mut client = Client::greeted(first.port);
    let answer = client.deliver(&to(&["bob@elsewhere.test"], octets.clone())).expect("an answer");
    assert_eq!(answer.code, 250, "{answer}");
    let grown = first.resident().saturating_sub(before);
    assert!(grown < 16 << 10, "the server grew by {grown} KiB");
    assert!(stored(&last.mail())[0].body().ends_with(&octets));
}

#[test]
fn what_the_next_server_says_against_the_message_is_refused_and_all_else_may_come_back() {
    let last = next().set("max_size", "10 KB").start();
    let first = first(&last, "{}");
    let mut client = Client::greeted(first.port);
    let mut check = |recipients: &[&str], octets: usize, code: u16, words: &str| {
        let octets = Generator::new(1).big(octets);
        let answer = client.deliver(&to(recipients, octets)).expect("an answer");
        assert_eq!(answer.code, code, "{answer}");
        assert!(answer.to_string().contains(words), "{answer}");
    };
    check(&["bob@elsewhere.test"], 1000, 250, "Sent on");
    check(&["bob@elsewhere.test", "eve@another.test"], 1000, 554, "<eve@another.test>: 550");
    check(&["bob@elsewhere.test"], 20_000, 554, "Too big");
    check(&["bob@example.com"], 1000, 250, "Stored as");
    assert_eq!(stored(&last.mail()).len(), 1, "all recipients or none");
    let port = last.port;
    drop(last);
    check(&["bob@elsewhere.test"], 1000, 451, "just now");
    first.logs(&format!(" 127.0.0.1 port {port}: Connection refused"));
    assert!(!first.log().contains(&format!("port {port}: 127.0.0.1")), "it is named twice: {}", first.log());
}

#[test]
fn no_password_and_no_message_goes_to_a_server_whose_certificate_is_not_good() {
    let last = next().start();
    let secret = password();
    for (settings, code) in [
        ("{ starttls: yes }".to_owned(), 451),
        (format!("{{ login: ann@example.com, password: \"${{file:{}}}\" }}", secret.path().display()), 451),
        ("{ starttls: yes, unverified: yes }".to_owned(), 250),
        ("{}".to_owned(), 250),
    ] {
        let relay =
            format!("{{ relay: \"127.0.0.1:{}\", protocol: smtp, client: send, settings: {settings} }}", last.port);
        let first = Setup::new().set("trusted", "[127.0.0.1/32]").set("outbound", "next").sink("next", &relay).start();
        let answer = Client::greeted(first.port).deliver(&to(&["bob@elsewhere.test"], b"a: b\r\n".to_vec()));
        assert_eq!(answer.expect("an answer").code, code, "{settings}\n{}", first.log());
    }
}

#[test]
fn who_wants_to_be_told_is_told_to_a_next_server_that_offers_it() {
    for (offers, code) in [("250 DSN", 250), ("250 HELP", 554)] {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = socket.local_addr().expect("a socket has an address").port();
        let next = thread::spawn(move || hear(&socket, offers));
        let relay = format!("{{ relay: \"127.0.0.1:{port}\", protocol: smtp, client: send }}");
        let first = Setup::new()
            .set("trusted", "[127.0.0.1/32]")
            .set("outbound", "next")
            .set("dsn", "yes")
            .sink("next", &relay)
            .start();
        let mut client = Client::greeted(first.port);
        for line in [
            "MAIL FROM:<ann@example.com> RET=HDRS ENVID=a+2Bb",
            "RCPT TO:<eve@elsewhere.test>",
            "RCPT TO:<bob@elsewhere.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob@example.org",
        ] {
            assert_eq!(client.ask(line).code, 250, "{line}");
        }
        client.ask("DATA");
        let answer = client.ask(".");
        assert_eq!(answer.code, code, "{answer}");
        let heard = next.join().expect("the thread ends");
        let dsn = [
            "MAIL FROM:<ann@example.com> RET=HDRS ENVID=a+2Bb",
            "RCPT TO:<eve@elsewhere.test>",
            "RCPT TO:<bob@elsewhere.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob@example.org",
        ];
        let wanted: &[&str] = if code == 250 { &dsn } else { &[] };
        let envelope = heard.iter().filter(|line| line.starts_with("MAIL") || line.starts_with("RCPT"));
        assert_eq!(envelope.collect::<Vec<_>>(), wanted, "{heard:?}");
    }
}

#[test]
fn addresses_that_the_net_writes_are_sent_on_as_the_rfc_has_them() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("a socket has an address").port();
    let next = thread::spawn(move || hear(&socket, "250 HELP"));
    let relay = format!("{{ relay: \"127.0.0.1:{port}\", protocol: smtp, client: send }}");
    let first = Setup::new().set("trusted", "[127.0.0.1/32]").set("outbound", "next").sink("next", &relay).start();
    let mut client = Client::greeted(first.port);
    for line in [
        "MAIL FROM: <user..name@mobile.example>",
        "RCPT TO: <eve.@news_1.example>",
        "RCPT TO:<\"a b\"@elsewhere.test>",
        "RCPT TO:<plain.name@elsewhere.test>",
    ] {
        assert_eq!(client.ask(line).code, 250, "{line}");
    }
    client.ask("DATA");
    assert_eq!(client.ask(".").code, 250);
    let heard = next.join().expect("the thread ends");
    let envelope: Vec<&str> = heard.iter().map(|line| &**line).filter(|line| line.contains('<')).collect();
    let wanted = [
        "MAIL FROM:<\"user..name\"@mobile.example>",
        "RCPT TO:<\"eve.\"@news_1.example>",
        "RCPT TO:<\"a b\"@elsewhere.test>",
        "RCPT TO:<plain.name@elsewhere.test>",
    ];
    assert_eq!(envelope, wanted);
}

/// Takes one message in the clear, and gives the lines that were heard.
fn hear(socket: &TcpListener, offers: &str) -> Vec<String> {
    let (stream, _) = socket.accept().expect("somebody comes");
    let mut says = stream.try_clone().expect("a socket has two handles");
    let mut say = |words: &str| says.write_all(format!("{words}\r\n").as_bytes()).expect("it listens");
    let mut heard = Vec::new();
    say("220 hello");
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        match &line[..line.len().min(4)] {
            "EHLO" => say(&format!("250-hello\r\n{offers}")),
            "DATA" => say("354 go on"),
            "." | "MAIL" | "RCPT" => say("250 2.0.0 fine"),
            "QUIT" => break,
            _ => {}
        }
        heard.push(line);
    }
    heard
}

#[test]
fn a_next_server_that_hangs_up_in_the_midst_of_its_answer_has_not_taken_the_message() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("a socket has an address").port();
    thread::spawn(move || {
        for stream in socket.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.write_all(b"220 hello\r\n250 hello\r\n250 ok\r\n250 ok\r\n354 go\r\n250-al");
            thread::sleep(Duration::from_millis(200));
        }
    });
    let relay = format!("{{ relay: \"127.0.0.1:{port}\", protocol: smtp, client: send }}");
    let first = Setup::new().set("trusted", "[127.0.0.1/32]").set("outbound", "next").sink("next", &relay).start();
    let answer = Client::greeted(first.port).deliver(&to(&["bob@elsewhere.test"], b"a: b\r\n".to_vec()));
    assert_eq!(answer.expect("an answer").code, 451, "{}", first.log());
}

#[test]
fn a_session_that_ends_takes_its_call_with_it() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("a socket has an address").port();
    let accepted = thread::spawn(move || {
        let (mut stream, _) = socket.accept().expect("somebody comes");
        let mut octets = Vec::new();
        // Nothing is ever said; the end must come all the same.
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit can be set");
        std::io::Read::read_to_end(&mut stream, &mut octets).map(|_| octets)
    });
    let relay = format!("{{ relay: \"127.0.0.1:{port}\", protocol: smtp, client: send }}");
    let first = Setup::new().set("trusted", "[127.0.0.1/32]").set("outbound", "next").sink("next", &relay).start();
    let mut client = Client::greeted(first.port);
    for line in ["MAIL FROM:<ann@example.com>", "RCPT TO:<bob@elsewhere.test>", "DATA"] {
        client.ask(line);
    }
    client.send(b".\r\n").expect("the connection stands");
    thread::sleep(Duration::from_millis(500));
    socket2::SockRef::from(client.stream()).set_linger(Some(Duration::ZERO)).expect("a reset can be asked for");
    drop(client);
    let ended = accepted.join().expect("the thread ends");
    assert_eq!(ended.expect("the call ends with its session"), b"");
}

#[test]
fn send_prints_the_conversation_and_tells_by_its_exit_code() {
    let server = Setup::new().start();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("message.eml");
    fs::write(&file, "Subject: hi\n\n.dot\n").expect("a file can be written");
    let secret = password();
    let send = |options: &[&str]| {
        let place = format!("127.0.0.1:{}", server.port);
        let mut command = Command::new(binary());
        command.args(["send", "--authorities"]).arg(server.certificate()).arg(place).args(options).arg(&file);
        let output = command.output().expect("the binary runs");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), text)
    };
    let envelope = ["--from", "ann@example.net", "--to", "bob@example.com"];
    let (code, said) = send(&[&envelope[..], &["--to=eve@example.org", "--starttls"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("\nC: RCPT TO:<eve@example.org>\nS: 250 2.1.5 ") && said.contains("\nstored: 2.6.0 "),
        "{said}"
    );
    assert_eq!(stored(&server.mail())[0].body(), b"Subject: hi\r\n\r\n.dot\r\n");
    let path = secret.path().to_string_lossy();
    let login = ["--login", "ann@example.com", "--password-file", &path];
    let (code, said) = send(&[&envelope[..], &login].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("C: AUTH PLAIN ***\nS: 235 ") && !said.contains("AGFub"), "{said}");
    let (code, said) = send(&["--from", "ann@example.net", "--to", "bob@elsewhere.test"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("\nrefused: <bob@elsewhere.test>: 550 "), "{said}");
    for (wrong, words) in [
        (&["--from", "ann@example.net"][..], "`--to` is missing"),
        (&["--from", "not an address", "--to", "bob@example.com"], "`--from` has a value that is none of its type"),
        (&["--form", "x"], "did you mean `--from`?"),
        (&["--password", "s3cret"], "a command line is seen by all"),
        (&["--from", "a@b.c", "--from", "a@b.c", "--to", "b@c.d"], "`--from` stands there twice"),
    ] {
        let (code, said) = send(wrong);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
