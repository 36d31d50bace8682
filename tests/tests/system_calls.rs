//! How many system calls a message takes, so that no more come unseen: on its connection, and on the file that it is kept in.

use std::{fs, time::Duration};

use conversations::{Client, Message, Setup};

/// The calls on the connection for a message in three pieces, its envelope, DATA and the block: each is read and answered.
const CONNECTION: usize = 6;
/// The calls on the file of a message and on its folder: it is made, written, synced, closed and renamed, the folder opened,
/// synced and closed. A build for tests asks twice more whether what it closes is open.
const FILE: usize = 10;

const MESSAGES: usize = 10;

#[test]
fn a_message_takes_so_many_system_calls() {
    // -D: the server stays the child of the test. -yy: what descriptors are of.
    let strace = ["strace", "-D", "-f", "-yy", "-s", "60", "-e", "trace=%network,%desc,%file", "-o", "trace.txt"];
    conversations::tool("strace", "strace");
    let mut server = Setup::new().under(&strace).start();
    let mut ports = Vec::new();
    for messages in [1, 1 + MESSAGES] {
        let mut client = Client::greeted(server.port);
        ports.push(client.local_port());
        for _ in 0..messages {
            let answer = client.deliver(&Message::new("ann@example.net", "Subject: kept\r\n\r\nHello\r\n"));
            assert_eq!(answer.expect("an answer").code, 250);
        }
        client.quit();
    }
    server.signal("TERM");
    server.wait(Duration::from_secs(60)).expect("the server ends");
    let trace = fs::read_to_string(server.folder().join("trace.txt")).expect("a trace");
    let of_port = |port: u16| {
        let peer = format!("->127.0.0.1:{port}]");
        trace.lines().filter(|line| line.contains(&peer) && !line.contains("epoll")).count()
    };
    let connection = (of_port(ports[1]) - of_port(ports[0])) / MESSAGES;
    let names_it = |line: &&str| line.contains("mail/tmp/") || line.contains("mail/new");
    let begins = |line: &&str| !line.contains("resumed>");
    let file = trace.lines().filter(names_it).filter(begins).count() / (2 + MESSAGES);
    println!("{connection} calls on the connection, {file} on the file");
    assert_eq!((connection, file), (CONNECTION, FILE), "system calls; strace said:\n{trace}");
}
