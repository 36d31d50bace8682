//! The server ends gracefully: what was answered with 250 is there, sessions hear the protocol's own words, and the
//! exit code says that all is well.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Setup, stored, unfinished};

#[test]
fn under_load_every_accepted_message_is_there_after_the_end() {
    for signal in ["TERM", "INT"] {
        let mut server = Setup::new().start();
        let port = server.port;
        let accepted = Arc::new(Mutex::new(Vec::new()));
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let accepted = Arc::clone(&accepted);
                thread::spawn(move || deliver_until_the_end(port, client, &accepted))
            })
            .collect();
        thread::sleep(Duration::from_secs(1));
        server.signal(signal);
        let status = server.wait(Duration::from_secs(40)).expect("the server ends within its grace");
        assert_eq!(status.code(), Some(0), "SIG{signal}: {}", server.log());
        let endings: Vec<u16> = clients.into_iter().map(|client| client.join().expect("a client ends well")).collect();
        server.logs("terminated by admin");
        assert!(endings.iter().all(|code| *code == 421), "somebody did not hear the farewell: {endings:?}");

        let accepted = accepted.lock().expect("no client panicked").clone();
        assert!(accepted.len() > 10, "only {} messages: no load", accepted.len());
        let found: BTreeSet<String> = stored(&server.mail()).iter().map(|message| message.sender()).collect();
        for sender in &accepted {
            assert!(found.contains(sender), "SIG{signal}: the message from <{sender}> was accepted and is lost");
        }
        assert!(unfinished(&server.mail()).is_empty(), "SIG{signal}: half a delivery is left");
    }
}

/// Delivers message after message; gives the code that ended it, 0 when the connection broke.
fn deliver_until_the_end(port: u16, client: usize, accepted: &Mutex<Vec<String>>) -> u16 {
    let mut session = Client::greeted(port);
    for i in 0.. {
        let sender = format!("m{i}.c{client}@example.net");
        match session.deliver(&Message::new(&sender, "Subject: load\r\n\r\nText\r\n")) {
            Ok(answer) if answer.code == 250 => accepted.lock().expect("no client panicked").push(sender),
            Ok(answer) => return answer.code,
            Err(_) => return 0,
        }
    }
    0
}

#[test]
fn an_idle_session_hears_the_farewell_at_once() {
    let mut server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    let begin = Instant::now();
    server.signal("TERM");
    let answer = client.answer().expect("a farewell");
    assert_eq!(answer.code, 421, "{answer}");
    assert!(client.is_over());
    let status = server.wait(Duration::from_secs(20)).expect("the server ends");
    assert_eq!(status.code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(5), "after {:?}", begin.elapsed());
}

#[test]
fn a_message_on_its_way_is_finished_within_the_grace() {
    let mut server = Setup::new().start();
    let mut client = in_a_message(server.port);
    server.signal("TERM");
    thread::sleep(Duration::from_millis(500));
    assert!(Client::connect(server.port).is_err(), "the server still listens");
    client.send(b"the rest\r\n.\r\n").expect("the server reads on");
    assert_eq!(client.answer().expect("an answer").code, 250);
    assert_eq!(client.answer().expect("a farewell").code, 421);
    assert_eq!(server.wait(Duration::from_secs(20)).expect("the server ends").code(), Some(0));
    assert_eq!(stored(&server.mail()).len(), 1);
}

#[test]
fn a_message_that_outlasts_the_grace_is_dropped() {
    let mut server = Setup::new().with("shutdown_grace: 1s").start();
    let _client = in_a_message(server.port);
    let begin = Instant::now();
    server.signal("TERM");
    server.wait(Duration::from_secs(20)).expect("the server ends");
    assert!((0.9..6.0).contains(&begin.elapsed().as_secs_f64()), "after {:?}", begin.elapsed());
    assert!(stored(&server.mail()).is_empty() && unfinished(&server.mail()).is_empty());
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let mut server = Setup::new().start();
    let _client = in_a_message(server.port);
    server.signal("INT");
    assert!(server.wait(Duration::from_secs(1)).is_none(), "the grace is thirty seconds");
    server.signal("INT");
    assert!(server.wait(Duration::from_secs(5)).is_some(), "the second interrupt is not heard");
    assert!(stored(&server.mail()).is_empty());
}

/// A session in the middle of a message.
fn in_a_message(port: u16) -> Client {
    let mut client = Client::greeted(port);
    assert_eq!(client.ask("MAIL FROM:<ann@example.net>").code, 250);
    assert_eq!(client.ask("RCPT TO:<bob@example.com>").code, 250);
    assert_eq!(client.ask("DATA").code, 354);
    client.send(b"Subject: on its way\r\n\r\n").expect("the server reads");
    client
}
