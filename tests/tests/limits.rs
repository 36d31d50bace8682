//! Limits hold: sessions, silence, readers that do not read; and many sessions at once are no trouble.

use std::{
    io::{ErrorKind, Write},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Server, Setup, stored};

#[test]
fn a_session_too_many_is_told_so_and_a_place_that_is_free_again_is_given() {
    for limits in ["limits: { connections: 3 }", "limits: { per_address: 3 }"] {
        let server = Setup::new().with(limits).start();
        let mut sessions = fill(&server, 3);
        let mut refused = Client::connect(server.port).expect("the server listens");
        let answer = refused.answer().expect("an answer");
        assert_eq!(answer.code, 421, "{limits}: {answer}");
        assert!(refused.is_over(), "{limits}");
        sessions.pop().expect("three sessions").quit();
        sessions.extend(fill(&server, 1));
        sessions.into_iter().for_each(Client::quit);
    }
}

/// Opens so many sessions, a little patiently: the place of one that just ended may not be free yet.
fn fill(server: &Server, count: usize) -> Vec<Client> {
    let end = Instant::now() + Duration::from_secs(20);
    let mut sessions = Vec::new();
    while sessions.len() < count {
        let mut client = Client::connect(server.port).expect("the server listens");
        if client.answer().expect("an answer").code == 220 {
            sessions.push(client);
        }
        assert!(Instant::now() < end, "no place for {count} sessions");
    }
    sessions
}

#[test]
fn a_silent_client_is_told_and_let_go() {
    let server = Setup::new().edit("idle 5 minutes", "idle 1 second").start();
    let mut client = Client::greeted(server.port);
    let begin = Instant::now();
    assert_eq!(client.answer().expect("an answer").code, 421);
    assert!((0.9..5.0).contains(&begin.elapsed().as_secs_f64()), "after {:?}", begin.elapsed());
    assert!(client.is_over());
}

#[test]
fn a_client_that_is_silent_in_a_message_is_let_go_and_nothing_is_stored() {
    let server = Setup::new().edit("idle 5 minutes", "idle 1 second").start();
    let mut client = Client::greeted(server.port);
    assert_eq!(client.ask("MAIL FROM:<ann@example.net>").code, 250);
    assert_eq!(client.ask("RCPT TO:<bob@example.com>").code, 250);
    assert_eq!(client.ask("DATA").code, 354);
    client.send(b"Subject: half\r\n").expect("the server reads");
    assert_eq!(client.answer().expect("an answer").code, 421);
    assert!(client.is_over());
    assert!(stored(&server.mail()).is_empty());
}

#[test]
fn a_client_that_does_not_read_is_not_read() {
    let server = Setup::new().start();
    let before = server.resident();
    let client = Client::greeted(server.port);
    let mut stream = client.stream();
    stream.set_nonblocking(true).expect("a socket can be made so");
    let commands = b"HELP\r\n".repeat(1000);
    let (mut sent, mut last) = (0usize, Instant::now());
    // Kernel buffers take some megabytes on both ways; then nothing more may go through.
    while last.elapsed() < Duration::from_secs(3) {
        match stream.write(&commands) {
            Ok(count) => {
                sent += count;
                last = Instant::now();
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(10)),
            Err(error) => panic!("the server broke off after {sent} octets: {error}"),
        }
        assert!(sent < 100 << 20, "the server reads on without an end");
    }
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 4 << 10, "{sent} octets of commands made the server grow by {grown} KiB");
    Client::greeted(server.port).quit();
}

#[test]
fn five_hundred_sessions_at_once_are_served() {
    const SESSIONS: usize = 500;
    let server = Setup::new().with("limits: { connections: 600, per_address: 600 }").start();
    let mut sessions: Vec<Client> = (0..SESSIONS).map(|_| Client::greeted(server.port)).collect();
    for (i, client) in sessions.iter_mut().enumerate() {
        let envelope = format!("MAIL FROM:<m{i}@example.net>\r\nRCPT TO:<bob@example.com>\r\n");
        client.send(envelope.as_bytes()).expect("the server reads");
    }
    for client in &mut sessions {
        assert_eq!(client.answer().expect("an answer").code, 250);
        assert_eq!(client.answer().expect("an answer").code, 250);
        client.send(b"DATA\r\n").expect("the server reads");
    }
    for client in &mut sessions {
        assert_eq!(client.answer().expect("an answer").code, 354);
        client.send(b"Subject: one of many\r\n\r\n.\r\n").expect("the server reads");
    }
    for client in &mut sessions {
        assert_eq!(client.answer().expect("an answer").code, 250);
    }
    sessions.into_iter().for_each(Client::quit);
    assert_eq!(stored(&server.mail()).len(), SESSIONS);
}

#[test]
fn who_breaks_off_hurts_nobody_else() {
    let server = Setup::new().start();
    let mut steady = Client::greeted(server.port);
    for octets in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", b"STARTTLS\r\nnot tls", b""]
    {
        for port in [server.port, server.tls_port] {
            let mut client = Client::connect(port).expect("the server listens");
            let _ = client.send(octets);
        }
    }
    let answer = steady.deliver(&Message::new("steady@example.net", "x\r\n")).expect("an answer");
    assert_eq!(answer.code, 250);
    steady.quit();
}
