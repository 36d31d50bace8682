//! "250" after a message means stable storage: seen in the system calls of a real server.

use std::fs;

use conversations::{Client, Message, Setup, stored};

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
