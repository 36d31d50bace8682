//! Bad input of every kind gets a clear answer, nothing is lost, and memory stays bounded.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Generator, Message, Server, Setup, stored, unfinished};

#[test]
fn a_bad_line_is_answered_and_the_session_goes_on() {
    let server = Setup::new().start();
    let over_long = format!("NOOP {}", "x".repeat(2000));
    for (line, code) in [
        (over_long.as_bytes(), 500),
        (b"NOOP a\0b", 501),
        (b"MAIL FROM:<\xff\xfe@example.net>", 501),
        (b"NOOP \xff\xfe", 501),
        (b"DATA", 503),
        (b"RCPT TO:<bob@example.com>", 503),
        (b"BDAT ten", 503),
        (b"MAIL FROM:", 501),
        (b"MAIL FROM:<ann@example.net> SIZE=many", 501),
        (b"EHLO", 501),
        (b"XYZZY", 500),
        (b"", 500),
        (b"\x80\x81\x82", 500),
    ] {
        let mut client = Client::greeted(server.port);
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]).into_owned();
        client.send(line).expect("the server reads");
        client.send(b"\r\n").expect("the server reads");
        let answer = client.answer().unwrap_or_else(|error| panic!("no answer to {shown:?}: {error}"));
        // A count that cannot be read ends the session: nobody knows where the next command begins.
        if line.starts_with(b"BDAT") {
            assert!((500..=503).contains(&answer.code), "{shown:?}: {answer}");
            continue;
        }
        assert_eq!(answer.code, code, "{shown:?}: {answer}");
        assert_eq!(client.ask("NOOP").code, 250, "{shown:?}");
        client.quit();
    }
}

#[test]
fn a_bare_line_end_in_a_command_ends_nothing() {
    let server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    for bare in ["NOOP\nRSET", "NOOP\rRSET", "NOOP\n\rRSET"] {
        let answer = client.ask(bare);
        assert!((500..=501).contains(&answer.code), "{bare:?}: {answer}");
        assert_eq!(client.ask("RSET").code, 250, "one answer, and no more, to {bare:?}");
    }
}

#[test]
fn an_endless_line_leaves_memory_bounded() {
    let server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    let before = server.resident();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        client.send(&chunk).expect("the server reads on");
    }
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 4 << 10, "64 MiB of one line made the server grow by {grown} KiB");
    client.send(b"\r\n").expect("the server reads on");
    assert_eq!(client.answer().expect("an answer").code, 500);
    assert_eq!(client.ask("NOOP").code, 250);
}

#[test]
fn mistakes_are_counted_and_end_the_session() {
    let server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    let codes: Vec<u16> = (0..10).map(|_| client.ask("XYZZY").code).collect();
    assert_eq!(codes, [500, 500, 500, 500, 500, 500, 500, 500, 500, 421]);
    assert!(client.is_over());
}

#[test]
fn a_client_that_vanishes_in_a_message_leaves_nothing() {
    let server = Setup::new().start();
    // Small enough for memory, and large enough for a spool file.
    for size in [1000, 2 << 20] {
        // Without dots: none may end the message.
        let half: Vec<u8> =
            Generator::new(5).big(size).into_iter().map(|octet| if octet == b'.' { b',' } else { octet }).collect();
        for resets in [false, true] {
            for start in ["DATA\r\n".to_string(), format!("BDAT {}\r\n", 2 * size), format!("BDAT {size}\r\n")] {
                let mut client = Client::greeted(server.port);
                assert_eq!(client.ask("MAIL FROM:<ann@example.net>").code, 250);
                assert_eq!(client.ask("RCPT TO:<bob@example.com>").code, 250);
                client.send(start.as_bytes()).expect("the server reads");
                if start == "DATA\r\n" {
                    assert_eq!(client.answer().expect("an answer").code, 354);
                }
                client.send(&half).expect("the server reads");
                if resets {
                    reset(&client);
                }
            }
        }
    }
    wait_until("the spool is empty", || files(&server.folder().join("spool")).is_empty());
    // One that ends well is stored behind them: what lies before it has been dealt with.
    let mut client = Client::greeted(server.port);
    assert_eq!(client.deliver(&Message::new("last@example.net", "x\r\n")).expect("an answer").code, 250);
    let senders: Vec<String> = stored(&server.mail()).iter().map(|message| message.sender()).collect();
    assert_eq!(senders, ["last@example.net"]);
    assert_eq!(unfinished(&server.mail()), Vec::<PathBuf>::new());
}

#[test]
fn a_full_disk_of_mail_refuses_for_now_and_keeps_nothing_half() {
    let server = Setup::new().start();
    let disk = Disk::mount(&server.mail());
    refuses_for_now(&server, &[451, 452]);
    drop(disk);
}

#[test]
fn a_full_disk_of_the_spool_refuses_for_now_and_keeps_nothing_half() {
    let server = Setup::new().start();
    let disk = Disk::mount(&server.folder().join("spool"));
    refuses_for_now(&server, &[451, 452]);
    drop(disk);
}

/// A message of 2 MiB has no room and is put off, in one piece and in chunks; a small one is taken afterwards, in
/// the same session.
fn refuses_for_now(server: &Server, codes: &[u16]) {
    let octets = Generator::new(9).big(2 << 20);
    for chunks in [None, Some(100_000), Some(4 << 20)] {
        let mut client = Client::greeted(server.port);
        let message = Message { chunks, ..Message::new("big@example.net", octets.clone()) };
        let answer = client.deliver(&message).expect("an answer");
        assert!(codes.contains(&answer.code), "{answer}");
        assert_eq!(unfinished(&server.mail()), Vec::<PathBuf>::new());
        assert_eq!(client.ask("RSET").code, 250);
        let small = Message { chunks, ..Message::new("small@example.net", "Subject: small\r\n\r\n") };
        let answer = client.deliver(&small).expect("an answer");
        assert_eq!(answer.code, 250, "{answer}");
        client.quit();
    }
    let found = stored(&server.mail());
    assert_eq!(found.len(), 3, "the small ones alone");
    assert!(found.iter().all(|message| message.body() == b"Subject: small\r\n\r\n"));
}

/// A file system of 1 MB, for as long as this lives.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn mount(at: &Path) -> Disk {
        fs::create_dir_all(at).expect("a folder can be made");
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs"]).arg(at).status();
        assert!(status.is_ok_and(|status| status.success()), "cannot mount a tmpfs: run the tests as root");
        Disk { at: at.into() }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the server may still have a file open there.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

/// Breaks a connection off: what was sent and not read is lost, as when a machine dies.
fn reset(client: &Client) {
    socket2::SockRef::from(client.stream()).set_linger(Some(Duration::ZERO)).expect("a socket can be reset");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within 20 seconds");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn octets_behind_the_farewell_are_not_carried_out() {
    let server = Setup::new().start();
    let mut client = Client::greeted(server.port);
    client.stream().write_all(b"QUIT\r\nNOOP\r\n").expect("the server reads");
    assert_eq!(client.answer().expect("an answer").code, 221);
    assert!(client.is_over());
}
