//! Does one kind of work so often in memory, for a profiler that counts instructions:
//! `valgrind --tool=callgrind target/release/count noop 1000`; `all` does each kind in turn.
//!
//! Never: measures time.

use std::{env, io};

use bench::{Memory, shipped};

/// What is said, made once.
struct Said {
    noops: String,
    body: String,
    recipients: String,
}

type Work = fn(&mut Memory, &Said);

const WORK: [(&str, Work); 4] = [("noop", noop), ("message", message), ("pipelined", pipelined), ("rcpt", recipients)];

/// A hundred commands that do nothing, in one piece.
#[inline(never)]
fn noop(session: &mut Memory, said: &Said) {
    session.say(said.noops.as_bytes());
}

/// A message of a kilobyte, command by command.
#[inline(never)]
fn message(session: &mut Memory, said: &Said) {
    session.say(b"MAIL FROM:<ann@example.net>\r\n");
    session.say(b"RCPT TO:<bob@example.com>\r\n");
    session.say(b"DATA\r\n");
    session.say(said.body.as_bytes());
}

/// The same, its commands in one piece.
#[inline(never)]
fn pipelined(session: &mut Memory, said: &Said) {
    session.say(b"MAIL FROM:<ann@example.net>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n");
    session.say(said.body.as_bytes());
}

/// MAIL, then a hundred RCPT in one piece, then RSET.
#[inline(never)]
fn recipients(session: &mut Memory, said: &Said) {
    session.say(b"MAIL FROM:<ann@example.net>\r\n");
    session.say(said.recipients.as_bytes());
    session.say(b"RSET\r\n");
}

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let wanted = arguments.next().unwrap_or_else(|| "all".into());
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1000);
    let mut session = Memory::new(shipped("smtp")?);
    session.say(b"EHLO client.example.net\r\n");
    let said = Said {
        noops: "NOOP\r\n".repeat(100),
        body: format!("Subject: Figures\r\n\r\n{}.\r\n", "All that is gold does not glitter.\r\n".repeat(27)),
        recipients: "RCPT TO:<bob@example.com>\r\n".repeat(100),
    };
    for (name, work) in WORK {
        if wanted == name || wanted == "all" {
            (0..times).for_each(|_| work(&mut session, &said));
        }
    }
    println!("{} answers", session.answers());
    Ok(())
}
