//! A name server that delays, truncates, refuses and lies, each by the name that it is asked for.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// The server; it lives as long as this process.
pub(crate) struct Liar {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

/// The type of an address record of IPv4.
const A: u16 = 1;

/// The bit that says that an answer did not fit.
const TRUNCATED: u8 = 2;

impl Liar {
    pub(crate) fn start() -> Liar {
        let (udp, tcp) = sockets();
        let address = udp.local_addr().expect("a bound socket has an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, peer)) = udp.recv_from(&mut buffer) {
                count.fetch_add(1, Ordering::Relaxed);
                for (wait, answer) in datagrams(&buffer[..length]) {
                    if wait.is_zero() {
                        let _ = udp.send_to(&answer, peer);
                    } else {
                        let later = udp.try_clone().expect("a socket has two owners");
                        thread::spawn(move || {
                            thread::sleep(wait);
                            let _ = later.send_to(&answer, peer);
                        });
                    }
                }
            }
        });
        thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                thread::spawn(move || serve(stream));
            }
        });
        Liar { address, asked }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many datagrams came.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// One port for both.
fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("a bound socket has an address")) {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP")
}

/// What is sent to a datagram, and when.
fn datagrams(question: &[u8]) -> Vec<(Duration, Vec<u8>)> {
    let name = name(question);
    let now = Duration::ZERO;
    let good = || answer(question, 0, 0, [192, 0, 2, 7]);
    let bad = || answer(question, 0, 0, [203, 0, 113, 66]);
    let other_id = |mut message: Vec<u8>| {
        message[0] ^= 0x55;
        message
    };
    match name.as_str() {
        "slow.example" => vec![(Duration::from_millis(200), good())],
        "late.example" => vec![(Duration::from_secs(5), good())],
        "big.example" | "bigger.example" => vec![(now, empty(question, TRUNCATED, 0))],
        "refused.example" => vec![(now, empty(question, 0, 5))],
        "broken.example" => vec![(now, empty(question, 0, 2))],
        "missing.example" => vec![(now, empty(question, 0, 3))],
        "spoofed.example" => vec![(now, other_id(bad())), (Duration::from_millis(100), good())],
        "lying.example" => vec![(now, other_id(bad()))],
        "question.example" => {
            let mut message = bad();
            // The name in the question becomes another of the same length.
            message[13] ^= 1;
            vec![(now, message)]
        }
        "garbage.example" => vec![(now, [&question[..2], &[0xff; 40]].concat())],
        "short.example" => vec![(now, question[..7].to_vec())],
        "loop.example" => {
            let mut message = good();
            // The owner of the record points at itself.
            let owner = message.len() - 16;
            message[owner..owner + 2].copy_from_slice(&(0xc000 | owner as u16).to_be_bytes());
            vec![(now, message)]
        }
        "silent.example" => Vec::new(),
        "host.example" | "host2.example" => vec![(now, good())],
        _ => vec![(now, empty(question, 0, 0))],
    }
}

/// Over TCP everything fits, but for the one name that never does.
fn serve(mut stream: std::net::TcpStream) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut question).is_err() {
            return;
        }
        let message = match name(&question).as_str() {
            "bigger.example" => empty(&question, TRUNCATED, 0),
            "silent.example" | "late.example" => return,
            "refused.example" => empty(&question, 0, 5),
            "broken.example" => empty(&question, 0, 2),
            "garbage.example" | "lying.example" | "question.example" | "short.example" | "loop.example" => {
                vec![0xff; 30]
            }
            _ => answer(&question, 0, 0, [192, 0, 2, 7]),
        };
        let framed = [&(message.len() as u16).to_be_bytes()[..], &message].concat();
        if stream.write_all(&framed).is_err() {
            return;
        }
    }
}

/// Where the name in the question ends.
fn end(question: &[u8]) -> usize {
    let mut at = 12;
    while question.get(at).is_some_and(|length| *length != 0) {
        at += usize::from(question[at]) + 1;
    }
    at + 1
}

fn name(question: &[u8]) -> String {
    let (mut at, mut labels) = (12, Vec::new());
    while let Some(length) = question.get(at).copied().filter(|length| *length != 0) {
        let label = &question[at + 1..at + 1 + usize::from(length)];
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += usize::from(length) + 1;
    }
    labels.join(".")
}

fn head(question: &[u8], flag: u8, code: u8, records: u8) -> Vec<u8> {
    let head = [&question[..2], &[0x85 | flag, 0x80 | code, 0, 1, 0, records, 0, 0, 0, 0]].concat();
    [&head[..], &question[12..end(question) + 4]].concat()
}

fn empty(question: &[u8], flag: u8, code: u8) -> Vec<u8> {
    head(question, flag, code, 0)
}

/// One address; to a question of another type nothing.
fn answer(question: &[u8], flag: u8, code: u8, address: [u8; 4]) -> Vec<u8> {
    let end = end(question);
    if question[end..end + 2] != A.to_be_bytes() {
        return empty(question, flag, code);
    }
    let record = [&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4][..], &address].concat();
    [head(question, flag, code, 1), record].concat()
}
