//! How often the machine asks for memory: never for a command that keeps nothing, never for a message but the first.
//!
//! Never: counts what the world around the machine does, or measures time.

use std::{cell::Cell, io};

use bench::{Memory, shipped};

const SENDER: &[u8] = b"MAIL FROM:<ann@example.net>\r\n";
const RECIPIENT: &[u8] = b"RCPT TO:<bob@example.com>\r\n";
const BODY: &[u8] = b"Subject: Figures\r\n\r\nAll that is gold does not glitter.\r\n.\r\n";
const MESSAGE: [&[u8]; 4] = [SENDER, RECIPIENT, b"DATA\r\n", BODY];

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// Does it, and adds up how often it asks for memory.
fn counted(work: &mut dyn FnMut()) {
    let counts = allocation_counter::measure(work);
    ASKED.set(ASKED.get() + counts.count_total);
}

/// A session that has said EHLO.
fn greeted() -> io::Result<Memory> {
    let mut session = Memory::new(shipped("smtp")?);
    session.count_with(counted);
    session.say(b"EHLO client.example.net\r\n");
    Ok(session)
}

/// How often the machine asks for memory while these octets come, one after the other.
fn asked(session: &mut Memory, said: &[&[u8]]) -> u64 {
    ASKED.set(0);
    for octets in said {
        session.say(octets);
    }
    ASKED.get()
}

#[track_caller]
fn check(what: &str, count: u64, most: u64) {
    println!("{what}: {count}");
    assert!(count <= most, "{what} asks {count} times for memory, and may {most} times");
}

#[test]
fn a_command_that_keeps_nothing_asks_for_no_memory() -> io::Result<()> {
    let mut session = greeted()?;
    for line in ["NOOP\r\n", "RSET\r\n", "XYZZY\r\n", "HELP\r\n", "VRFY ann\r\n", "MAIL FROM:<\r\n", "DATA\r\n"] {
        asked(&mut session, &[line.as_bytes()]);
        check(line.trim_end(), asked(&mut session, &[line.as_bytes()]), 0);
    }
    let batch = "NOOP\r\n".repeat(100);
    check("100 NOOP at once", asked(&mut session, &[batch.as_bytes()]), 0);
    Ok(())
}

#[test]
fn a_message_asks_for_memory_once() -> io::Result<()> {
    let mut session = greeted()?;
    check("the first message", asked(&mut session, &MESSAGE), 8);
    check("the second message", asked(&mut session, &MESSAGE), 0);
    for _ in 3..10 {
        asked(&mut session, &MESSAGE);
    }
    check("the tenth message", asked(&mut session, &MESSAGE), 0);
    assert_eq!(session.answers(), 2 + 10 * 4);
    Ok(())
}

#[test]
fn a_message_with_parameters_and_long_texts_does_likewise() -> io::Result<()> {
    let mut session = greeted()?;
    let long = format!("MAIL FROM:<{}@{}.example.net> SIZE=1000 BODY=8BITMIME\r\n", "a".repeat(60), "b".repeat(60));
    let mut said = MESSAGE;
    said[0] = long.as_bytes();
    println!("the first message, with parameters: {}", asked(&mut session, &said));
    check("the second message, with parameters", asked(&mut session, &said), 0);
    Ok(())
}

#[test]
fn a_message_with_many_recipients_does_likewise() -> io::Result<()> {
    let mut session = greeted()?;
    let lines: Vec<String> = (0..100).map(|place| format!("RCPT TO:<bob{place}@example.com>\r\n")).collect();
    let mut said: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    said.insert(0, SENDER);
    said.extend([b"DATA\r\n", BODY]);
    println!("the first message, with 100 recipients: {}", asked(&mut session, &said));
    check("the second message, with 100 recipients", asked(&mut session, &said), 0);
    let pipelined = said[..101].concat();
    check("the same at once", asked(&mut session, &[&pipelined, b"DATA\r\n", BODY]), 0);
    Ok(())
}

#[test]
fn a_message_in_chunks_does_likewise() -> io::Result<()> {
    let mut session = greeted()?;
    let said: [&[u8]; 4] = [SENDER, RECIPIENT, b"BDAT 9\r\nSubject: ", b"BDAT 11 LAST\r\nx\r\n\r\nbody\r\n"];
    println!("the first message, in chunks: {}", asked(&mut session, &said));
    check("the second message, in chunks", asked(&mut session, &said), 0);
    Ok(())
}

#[test]
fn a_session_that_idles_holds_little() -> io::Result<()> {
    let service = shipped("smtp")?;
    let held = |messages: usize| {
        let mut kept = None;
        let counts = allocation_counter::measure(|| {
            let mut session = Memory::new(service.clone());
            session.say(b"EHLO client.example.net\r\n");
            (0..messages).for_each(|_| {
                MESSAGE.iter().for_each(|octets| {
                    session.say(octets);
                });
            });
            kept = Some(session);
        });
        counts.bytes_current
    };
    println!("a session holds {} octets, and {} in its own memory", held(0), size_of::<Memory>());
    println!("after ten messages: {}", held(10));
    assert!(held(0) < 3000 && held(10) < 5000);
    Ok(())
}
