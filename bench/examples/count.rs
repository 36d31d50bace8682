//! Does one kind of work so often in memory and nothing else, for a profiler that counts instructions:
//! `valgrind --tool=callgrind target/release/examples/count noop 1000`.
//!
//! Never: measures time.

use std::{env, io};

use bench::{Memory, shipped};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let work = arguments.next().unwrap_or_else(|| "noop".into());
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1000);
    let mut session = Memory::new(shipped("smtp")?);
    session.say(b"EHLO client.example.net\r\n");
    let body = format!("Subject: Figures\r\n\r\n{}.\r\n", "All that is gold does not glitter.\r\n".repeat(27));
    let recipients = "RCPT TO:<bob@example.com>\r\n".repeat(100);
    let noops = "NOOP\r\n".repeat(100);
    for _ in 0..times {
        match work.as_str() {
            "noop" => {
                session.say(noops.as_bytes());
            }
            "message" => {
                session.say(b"MAIL FROM:<ann@example.net>\r\n");
                session.say(b"RCPT TO:<bob@example.com>\r\n");
                session.say(b"DATA\r\n");
                session.say(body.as_bytes());
            }
            _ => {
                session.say(b"MAIL FROM:<ann@example.net>\r\n");
                session.say(recipients.as_bytes());
                session.say(b"RSET\r\n");
            }
        }
    }
    println!("{} answers", session.answers());
    Ok(())
}
