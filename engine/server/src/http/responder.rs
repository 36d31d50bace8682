//! Shows the page to who asks for it: one question per connection, of HTTP/1.1 no more than that needs.
//!
//! Never: reads more than 8 KiB of a question, waits longer than 5 seconds for a peer, or lets one that does not ask
//! keep another one out.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::page;
use crate::serving::{
    askers::{Askers, Progress},
    state::ServerState,
};

const QUESTION_MOST: usize = 8 << 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers for ever.
pub async fn respond(socket: TcpListener, server_state: Arc<ServerState>) {
    let mut askers = Askers::default();
    loop {
        let Ok((stream, _)) = socket.accept().await else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let server_state = server_state.clone();
        let answer = |progress: Progress| async move {
            // A peer that breaks off needs no answer.
            let _ = timeout(PATIENCE, converse(stream, &server_state, &progress)).await;
        };
        askers.admit(answer).await;
    }
}

async fn converse(mut stream: TcpStream, server_state: &ServerState, progress: &Progress) -> io::Result<()> {
    let mut question = Vec::new();
    while !question.windows(4).any(|end| end == b"\r\n\r\n") {
        if question.len() >= QUESTION_MOST || stream.read_buf(&mut question).await? == 0 {
            return stream.write_all(&answer((400, "Bad Request"), "", "")).await;
        }
    }
    progress.asked();
    let line = question.split(|octet| *octet == b'\r').next().unwrap_or_default();
    let answer = answered(line, || page(server_state));
    progress.answered();
    stream.write_all(&answer).await?;
    stream.shutdown().await
}

/// The answer to the first line of a question.
fn answered(line: &[u8], page: impl FnOnce() -> String) -> Vec<u8> {
    let words: Vec<&[u8]> = line.split(|octet| *octet == b' ').collect();
    match words.as_slice() {
        [b"GET", b"/metrics", b"HTTP/1.1" | b"HTTP/1.0"] => answer((200, "OK"), "", &page()),
        [b"GET", _, b"HTTP/1.1" | b"HTTP/1.0"] => answer((404, "Not Found"), "", "/metrics is what there is\n"),
        [_, _, b"HTTP/1.1" | b"HTTP/1.0"] => answer((405, "Method Not Allowed"), "Allow: GET\r\n", ""),
        _ => answer((400, "Bad Request"), "", ""),
    }
}

fn answer((code, reason): (u16, &str), fields: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {code} {reason}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n{fields}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_answered_and_no_other() {
        let check = |line: &str, expected: &str| {
            let answer = String::from_utf8(answered(line.as_bytes(), || "x 1\n".into())).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}\r\n")), "{line}: {answer}");
            assert_eq!(answer.ends_with("\r\n\r\nx 1\n"), expected == "200 OK");
        };
        check("GET /metrics HTTP/1.1", "200 OK");
        check("GET /metrics HTTP/1.0", "200 OK");
        check("GET / HTTP/1.1", "404 Not Found");
        check("POST /metrics HTTP/1.1", "405 Method Not Allowed");
        check("GET /metrics", "400 Bad Request");
        check("GET  /metrics HTTP/1.1", "400 Bad Request");
        check("", "400 Bad Request");
    }
}
