//! Peers that are many, slow, early or greedy, proxies that say whom they bring, and a machine that runs out of things:
//! each meets its limit, hears so in the protocol's own words, and nobody else notices.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Server, Setup, is_root, stored};

#[test]
fn an_address_that_comes_too_often_is_told_so() {
    let server = Setup::new().with("limits: { connections_per_minute: 5 }").start();
    let codes: Vec<u16> = (0..8)
        .map(|_| Client::connect(server.port).expect("the server listens").answer().expect("an answer").code)
        .collect();
    assert!(codes.contains(&220) && codes.ends_with(&[421, 421]), "{codes:?}");
    server.logs("limits.connections_per_minute is reached");
}

#[test]
fn who_talks_before_the_greeting_is_told_so_and_who_waits_is_greeted() {
    let server = Setup::new().set("greet_delay", "1 second").start();
    let mut early = Client::connect(server.port).expect("the server listens");
    early.send(b"EHLO early.example.net\r\n").expect("the server reads");
    assert_eq!(early.answer().expect("an answer").code, 554);
    assert!(early.is_over());
    Client::greeted(server.port).quit();
}

#[test]
fn a_peer_that_makes_mistake_after_mistake_is_let_go() {
    let server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    let codes: Vec<u16> = (0..10).map(|_| client.ask("NONSENSE").code).collect();
    assert_eq!(codes.last(), Some(&421), "{codes:?}");
    assert!(codes[..9].iter().all(|code| *code == 500) && client.is_over());
}

#[test]
fn an_octet_now_and_then_does_not_stretch_a_line() {
    let server = Setup::new().edit("idle 5 minutes", "idle 1 second").start();
    let client = Client::greeted(server.port);
    assert_eq!(trickle(client, "NOOP "), 421);
}

#[test]
fn an_octet_now_and_then_does_not_stretch_a_message() {
    let server = Setup::new().edit("idle 5 minutes", "idle 1 second").with("limits: { slowest: 100 }").start();
    let mut client = Client::greeted(server.port);
    assert_eq!(client.ask("MAIL FROM:<ann@example.net>").code, 250);
    assert_eq!(client.ask("RCPT TO:<bob@example.com>").code, 250);
    assert_eq!(client.ask("DATA").code, 354);
    assert_eq!(trickle(client, "Subject: slow\r\n"), 421);
    assert!(stored(&server.mail()).is_empty());
}

/// Sends something, then an octet every fifth of a second, and gives the code that ends it within ten seconds.
fn trickle(mut client: Client, first: &str) -> u16 {
    client.send(first.as_bytes()).expect("the server reads");
    client.stream().set_read_timeout(Some(Duration::from_millis(200))).expect("a socket can be made so");
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        match client.answer() {
            Ok(answer) => return answer.code,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("no farewell: {error}"),
        }
        let _ = client.send(b"x");
    }
    panic!("the server waits for ever")
}

#[test]
fn a_peer_that_does_not_read_is_cut_off() {
    let server = Setup::new().with("limits: { stalled: 1s }").start();
    let client = Client::greeted(server.port);
    let mut stream = client.stream();
    stream.set_write_timeout(Some(Duration::from_millis(200))).expect("a socket can be made so");
    let commands = b"HELP\r\n".repeat(1000);
    until(Duration::from_secs(14), || {
        let broken = matches!(stream.write(&commands), Err(error)
            if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        (broken || server.log().contains("the peer read nothing")).then_some(())
    });
    until(Duration::from_secs(5), || {
        server.log().contains("the peer read nothing, or next to nothing, for 1s").then_some(())
    });
}

#[test]
fn pauses_cost_no_thread_and_end_with_the_server() {
    let mut server = Setup::new()
        .edit(
            r#"on "NOOP[ {rest: text}]" -> 250 2.0.0 "OK""#,
            r#"on "NOOP[ {rest: text}]" { pause 10 minutes  reply 250 2.0.0 "OK"  stay }"#,
        )
        .start();
    let mut clients: Vec<Client> = (0..60).map(|_| Client::greeted(server.port)).collect();
    let before = threads(&server);
    for client in &mut clients {
        client.send(b"NOOP\r\n").expect("the server reads");
    }
    thread::sleep(Duration::from_millis(500));
    // The pool of those that may block grows and shrinks by a few; sixty pauses would be sixty more.
    assert!(threads(&server) <= before + 6, "{} threads, and {before} before", threads(&server));
    Client::greeted(server.port).quit();
    server.signal("TERM");
    for mut client in clients {
        assert_eq!(client.answer().expect("an answer").code, 250);
        assert_eq!(client.answer().expect("a farewell").code, 421);
    }
    assert!(server.wait(Duration::from_secs(10)).is_some_and(|status| status.success()));
}

fn threads(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/task", server.pid())).expect("the server runs").count()
}

#[test]
fn without_memory_for_one_more_session_it_hears_that_the_server_is_full() {
    // 64 KiB for each: 512 of them in what 64 MiB leave.
    let server = Setup::new().with("limits: { memory: 64MiB, per_address: 1000 }").start();
    let mut clients: Vec<Client> =
        (0..512).map(|_| Client::connect(server.port).expect("the server listens")).collect();
    assert!(clients.iter_mut().all(|client| client.answer().expect("an answer").code == 220));
    let mut refused = Client::connect(server.port).expect("the server listens");
    assert_eq!(refused.answer().expect("an answer").code, 421);
    server.logs("limits.memory is reached");
    let resident = server.resident();
    assert!(resident < 64 << 10, "{resident} KiB");
    println!("512 sessions: {resident} KiB resident");
}

#[test]
fn with_few_descriptors_there_are_fewer_places_and_the_log_says_so() {
    let server = Setup::new().under(&["prlimit", "--nofile=316:316", "--"]).start();
    server.logs("is enough for 40 sessions");
    // The session that saw it begin has given its place back.
    server.logs("disconnected");
    let mut clients: Vec<Client> = (0..60).map(|_| Client::connect(server.port).expect("the server listens")).collect();
    let greeted =
        clients.iter_mut().filter_map(|client| client.answer().ok()).filter(|answer| answer.code == 220).count();
    assert_eq!(greeted, 40);
    drop(clients);
    delivers(&server);
}

#[test]
fn payloads_that_find_no_descriptor_are_put_off_and_sessions_are_not() {
    // 20 sessions, and files for 10 of them.
    let server = Setup::new().under(&["prlimit", "--nofile=286:286", "--"]).start();
    server.logs("is enough for 20 sessions");
    server.logs("disconnected");
    let large = "a line of a large message\r\n".repeat(20_000);
    let mut clients: Vec<Client> = (0..15)
        .map(|_| {
            let mut client = Client::greeted(server.port);
            for (line, code) in [("MAIL FROM:<a@example.net>", 250), ("RCPT TO:<postmaster>", 250), ("DATA", 354)] {
                assert_eq!(client.ask(line).code, code, "{line}");
            }
            client.send(large.as_bytes()).expect("the server reads");
            client
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    let mut codes: Vec<u16> = clients
        .iter_mut()
        .map(|client| {
            client.send(b".\r\n").expect("the server reads");
            client.answer().expect("an answer").code
        })
        .collect();
    codes.sort_unstable();
    println!("{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == 250).count(), 10);
    assert!(codes[10..].iter().all(|code| *code == 451 || *code == 452), "{codes:?}");
    server.logs("there are no descriptors for more files");
    drop(clients);
    delivers(&server);
}

#[test]
fn a_server_that_runs_out_of_descriptors_goes_on_when_there_are_some() {
    let server = Setup::new().start();
    let open = fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("the server runs").count();
    limit(&server, open + 10);
    let clients: Vec<Client> = (0..40).map(|_| Client::connect(server.port).expect("the kernel takes it")).collect();
    server.logs("cannot be accepted");
    thread::sleep(Duration::from_millis(500));
    // Once per bout; the session that saw the server begin may end in between, and that makes two.
    assert!(server.log().matches("cannot be accepted").count() <= 2, "{}", server.log());
    drop(clients);
    delivers(&server);
}

fn limit(server: &Server, files: usize) {
    let id = |name: &str| {
        let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel says so").to_owned();
        line.split_whitespace().next().expect("there is one").to_owned()
    };
    let mut command = Command::new("setpriv");
    if is_root() {
        // A limit is for whom the server runs as to change: root may lack the capability to do it for others.
        command.args(["--reuid", &id("Uid:"), "--regid", &id("Gid:"), "--clear-groups"]);
    }
    let limit = format!("--nofile={files}:{files}");
    let status = command.args(["prlimit", "--pid", &server.pid().to_string(), &limit]).status();
    assert!(status.is_ok_and(|status| status.success()), "prlimit works");
}

/// Delivers a message, a little patiently, and finds it.
fn delivers(server: &Server) {
    until(Duration::from_secs(10), || {
        let mut client = Client::connect(server.port).ok()?;
        let greeted = client.answer().is_ok_and(|answer| answer.code == 220);
        (greeted && client.ask("EHLO later.example.net").code == 250).then_some(())?;
        let answer = client.deliver(&Message::new("later@example.net", "Subject: later\r\n\r\nx\r\n"));
        answer.is_ok_and(|answer| answer.code == 250).then_some(())
    });
    assert!(!stored(&server.mail()).is_empty());
}

fn until<T>(most: Duration, mut try_it: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + most;
    loop {
        if let Some(done) = try_it() {
            return done;
        }
        assert!(Instant::now() < end, "not within {most:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A header of version 2 for TCP over IPv4, from 192.0.2.77 port 4660 to 192.0.2.9 port 25.
const BINARY: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x4d\xc0\x00\x02\x09\x12\x34\x00\x19";

#[test]
fn whom_a_proxy_names_is_the_peer() {
    let server = Setup::new().proxies("[127.0.0.2/32]").start();
    for (header, peer) in [
        (&b"PROXY TCP4 192.0.2.78 192.0.2.9 4661 25\r\n"[..], "192.0.2.78:4661"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::9 4662 25\r\n", "[2001:db8::7]:4662"),
        (BINARY, "192.0.2.77:4660"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.2:"),
        (b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00", "127.0.0.2:"),
    ] {
        let mut proxy = from_proxy(&server, header);
        assert!(line(&mut proxy).starts_with("220 "), "{peer}");
        proxy.write_all(b"QUIT\r\n").expect("the server reads");
        assert!(line(&mut proxy).starts_with("221 "), "{peer}");
        server.logs(&format!("peer={peer}"));
    }
    // In front of the handshake, and in pieces.
    let mut proxy = from_proxy(&server, b"");
    for octet in BINARY {
        proxy.write_all(&[*octet]).expect("the server reads");
    }
    assert!(line(&mut proxy).starts_with("220 "));
}

#[test]
fn a_proxy_must_say_whom_it_brings_and_nobody_else_may() {
    let server = Setup::new().proxies("[127.0.0.2/32]").start();
    for header in [
        &b"EHLO no.header.example.net\r\n"[..],
        b"PROXY TCP4 192.0.2.78 192.0.2.9 4661\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
        &[b"PROXY ".as_slice(), &[b'x'; 200]].concat(),
    ] {
        let mut proxy = from_proxy(&server, header);
        let mut rest = Vec::new();
        let _ = proxy.read_to_end(&mut rest);
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
    }
    until(Duration::from_secs(5), || (server.log().matches("refused: the PROXY header").count() == 4).then_some(()));
    let mut stranger = Client::greeted(server.port);
    assert_eq!(stranger.ask("PROXY TCP4 192.0.2.78 192.0.2.9 4661 25").code, 500);
    stranger.quit();
}

#[test]
fn places_are_counted_for_whom_a_proxy_brings() {
    let server = Setup::new().proxies("[127.0.0.2/32]").with("limits: { per_address: 2 }").start();
    let mut sessions: Vec<_> = (0..3).map(|_| from_proxy(&server, BINARY)).collect();
    let codes: Vec<String> = sessions.iter_mut().map(|session| line(session)[..3].to_owned()).collect();
    assert_eq!(codes.iter().filter(|code| *code == "220").count(), 2, "{codes:?}");
    let mut other = from_proxy(&server, b"PROXY TCP4 192.0.2.78 192.0.2.9 4661 25\r\n");
    assert!(line(&mut other).starts_with("220 "));
}

/// A connection from 127.0.0.2 that begins with these octets.
fn from_proxy(server: &Server, octets: &[u8]) -> std::net::TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    let from: std::net::SocketAddr = ([127, 0, 0, 2], 0).into();
    let to: std::net::SocketAddr = ([127, 0, 0, 1], server.port).into();
    socket.bind(&from.into()).expect("the loopback network is ours");
    socket.connect(&to.into()).expect("the server listens");
    let mut stream: std::net::TcpStream = socket.into();
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket can be made so");
    stream.write_all(octets).expect("the server reads");
    stream
}

fn line(stream: &mut std::net::TcpStream) -> String {
    let mut line = Vec::new();
    let mut octet = [0];
    while !line.ends_with(b"\n") && stream.read(&mut octet).is_ok_and(|read| read == 1) {
        line.push(octet[0]);
    }
    String::from_utf8_lossy(&line).into_owned()
}
