//! "250" after a message means stable storage: seen in the system calls of a real server.

use std::{
    collections::BTreeSet,
    fs,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, Setup, stored, unfinished};

#[test]
fn file_and_folder_are_synced_before_the_answer() {
    let calls = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,write,writev,sendto,sendmsg";
    // -D: the server stays the child of the test. -yy: file names beside descriptors.
    let strace = ["strace", "-D", "-f", "-yy", "-s", "200", "-e", calls, "-o", "trace.txt"];
    conversations::tool("strace", "strace");
    let mut server = Setup::new().under(&strace).start();
    let mut client = Client::greeted(server.port);
    let answer = client.deliver(&Message::new("ann@example.net", "Subject: kept\r\n\r\nHello\r\n")).expect("an answer");
    assert_eq!(answer.code, 250, "{answer}");
    client.quit();
    let found = stored(&server.mail());
    let name = found[0].path.file_name().expect("a stored message has a name").to_string_lossy().into_owned();
    server.signal("TERM");
    server.wait(std::time::Duration::from_secs(60)).expect("the server ends");

    let trace = fs::read_to_string(server.folder().join("trace.txt")).expect("a trace");
    let (draft, published) = (format!("mail/tmp/{name}>"), format!("mail/new/{name}\""));
    let steps = [
        ("the octets are written", find(&trace, &["write", &draft])),
        ("the file is synced", find(&trace, &["sync(", &draft])),
        ("the file is renamed", find(&trace, &["rename", &published])),
        ("the folder is synced", find(&trace, &["sync(", "mail/new>"])),
        ("the client is told", find(&trace, &["TCP", "250 2.6.0"])),
    ];
    let shown: Vec<String> = steps.iter().map(|(step, at)| format!("{step}: {at:?}")).collect();
    for pair in steps.windows(2) {
        let in_order = matches!((pair[0].1, pair[1].1), (Some((_, end)), Some((begin, _))) if end < begin);
        assert!(in_order, "out of order: {}\n{trace}", shown.join(", "));
    }
}

#[test]
fn whatever_moment_a_server_is_killed_at_accepted_messages_are_there_whole() {
    let begin = Instant::now();
    let mut server = Setup::new().start();
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let mut kills = 0;
    while kills < 100 {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (accepted, port) = (Arc::clone(&accepted), server.port);
                thread::spawn(move || deliver_until_the_crash(port, &format!("c{client}.k{kills}"), &accepted))
            })
            .collect();
        let random = RandomState::new().hash_one(kills);
        thread::sleep(Duration::from_micros(random % 200_000));
        server.signal("KILL");
        server.wait(Duration::from_secs(20)).expect("a killed process ends");
        clients.into_iter().for_each(|client| client.join().expect("a client ends well"));
        kills += 1;
        server.start_again();
    }
    let found = stored(&server.mail());
    for message in &found {
        assert!(message.body() == body(&message.sender()), "half a message is published: {}", message.path.display());
    }
    let found: BTreeSet<String> = found.iter().map(|message| message.sender()).collect();
    let accepted = accepted.lock().expect("no client panicked");
    for sender in accepted.iter() {
        assert!(found.contains(sender), "the message from <{sender}> was accepted and is lost");
    }
    assert!(accepted.len() > 100, "only {} messages in 100 lives: no load", accepted.len());
    println!("100 kills, {} messages accepted, {:?}", accepted.len(), begin.elapsed());
}

/// Delivers message after message until the connection breaks.
fn deliver_until_the_crash(port: u16, client: &str, accepted: &Mutex<Vec<String>>) {
    let Ok(mut session) = Client::connect(port) else { return };
    if session.answer().is_err() || session.send(b"EHLO client.example.net\r\n").is_err() || session.answer().is_err() {
        return;
    }
    for i in 0.. {
        let sender = format!("m{i}.{client}@example.net");
        match session.deliver(&Message::new(&sender, body(&sender))) {
            Ok(answer) if answer.code == 250 => accepted.lock().expect("no client panicked").push(sender),
            _ => return,
        }
    }
}

/// What a sender sends: some tens of thousands of octets that no other one sends.
fn body(sender: &str) -> Vec<u8> {
    let line = format!("{sender} says so, and says so again\r\n");
    format!("Subject: {sender}\r\n\r\n{}the end\r\n", line.repeat(1000)).into_bytes()
}

#[test]
fn a_delivery_that_is_not_synced_in_time_leaves_nothing() {
    let slow = ["strace", "-D", "-f", "-qq", "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=2000000"];
    let slow = [&slow[..], &["-o", "/dev/null"]].concat();
    conversations::tool("strace", "strace");
    let within = "ask deliver(mail, settings.inbox) within";
    let server = Setup::new().edit(&format!("{within} 60 seconds"), &format!("{within} 1 second")).under(&slow).start();
    let mut client = Client::greeted(server.port);
    let answer = client.deliver(&Message::new("ann@example.net", "Subject: late\r\n\r\nHello\r\n")).expect("an answer");
    assert_eq!(answer.code, 451, "{answer}");
    let end = Instant::now() + Duration::from_secs(30);
    while !unfinished(&server.mail()).is_empty() {
        assert!(Instant::now() < end, "half a delivery is left");
        assert!(stored(&server.mail()).is_empty(), "it was published behind the client's back");
        thread::sleep(Duration::from_millis(50));
    }
    thread::sleep(Duration::from_secs(3));
    assert!(stored(&server.mail()).is_empty(), "it was published behind the client's back");
}

/// The lines where the first call that holds these words begins and ends; other threads' calls may lie between.
fn find(trace: &str, words: &[&str]) -> Option<(usize, usize)> {
    let lines: Vec<&str> = trace.lines().collect();
    let begin = lines.iter().position(|line| words.iter().all(|word| line.contains(word)))?;
    if !lines[begin].contains("<unfinished ...>") {
        return Some((begin, begin));
    }
    let process = lines[begin].split(' ').next();
    let resumed = |line: &&str| line.split(' ').next() == process && line.contains("resumed>");
    lines[begin..].iter().position(resumed).map(|behind| (begin, begin + behind))
}
