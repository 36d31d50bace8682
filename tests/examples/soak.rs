//! Delivers many messages of every shape with parallel clients, verifies each octet for octet, and prints figures.
//!
//! `scripts/soak [MESSAGES] [PROFILE]` runs it; it is no part of the tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, thread,
    time::{Duration, Instant},
};

use conversations::{Client, Generator, Message, Server, Setup, each_stored};

const CLIENTS: usize = 16;

/// A session lasts for so many messages.
const SESSION: usize = 50;

fn main() {
    let messages: usize = env::args().nth(1).map_or(25_000, |number| number.parse().expect("a number of messages"));
    let each = messages.div_ceil(CLIENTS);
    let server = Setup::new().with("limits: { per_address: 1000 }").start();
    let begin = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let port = server.port;
            thread::spawn(move || deliver(port, client, each))
        })
        .collect();
    let mut most = 0;
    while clients.iter().any(|client| !client.is_finished()) {
        most = most.max(server.resident());
        thread::sleep(Duration::from_millis(100));
    }
    let seconds = begin.elapsed().as_secs_f64();
    let done: Vec<(u64, Vec<String>)> =
        clients.into_iter().map(|client| client.join().expect("a client ends")).collect();
    let octets: u64 = done.iter().map(|(octets, _)| octets).sum();
    let errors: Vec<&String> = done.iter().flat_map(|(_, errors)| errors).collect();
    let total = each * CLIENTS;
    println!("messages    {total} by {CLIENTS} clients at once, {:.1} MB", octets as f64 / 1e6);
    println!(
        "time        {seconds:.1} s: {:.0} messages/s, {:.1} MB/s",
        total as f64 / seconds,
        octets as f64 / 1e6 / seconds
    );
    println!("memory      {:.1} MiB resident at most", most as f64 / 1024.0);
    println!("errors      {}", errors.len());
    errors.iter().take(20).for_each(|error| println!("            {error}"));
    let faults = verify(&server, each);
    println!("verified    {} of {total} octet for octet", total - faults.len());
    faults.iter().take(20).for_each(|fault| println!("            {fault}"));
    assert!(errors.is_empty() && faults.is_empty(), "the soak failed");
}

/// The messages of one client, the same each time.
fn messages(client: usize, each: usize) -> impl Iterator<Item = Message> {
    let mut generator = Generator::new(1_000 + client as u64);
    (0..each).map(move |i| {
        let (_, octets) = generator.message();
        let chunks = (i % 4 == 0).then(|| (1 + generator.below(20_000)).max(octets.len() / 50));
        Message { chunks, ..Message::new(&format!("m{i}.c{client}@example.net"), octets) }
    })
}

/// How many octets were accepted, and what went wrong.
fn deliver(port: u16, client: usize, each: usize) -> (u64, Vec<String>) {
    let (mut octets, mut errors) = (0, Vec::new());
    let mut session = Client::greeted(port);
    for (i, message) in messages(client, each).enumerate() {
        match session.deliver(&message) {
            Ok(answer) if answer.code == 250 => octets += message.octets.len() as u64,
            Ok(answer) => errors.push(format!("{}: {answer}", message.sender)),
            Err(error) => errors.push(format!("{}: {error}", message.sender)),
        }
        if i % SESSION == SESSION - 1 || errors.len() > 100 {
            session = Client::greeted(port);
        }
        if errors.len() > 100 {
            break;
        }
    }
    (octets, errors)
}

/// What is missing, doubled or changed.
fn verify(server: &Server, each: usize) -> Vec<String> {
    let mut paths = BTreeMap::new();
    let mut faults = Vec::new();
    for message in each_stored(&server.mail()) {
        if let Some(other) = paths.insert(message.sender(), message.path.clone()) {
            faults.push(format!("{} is stored twice: {}", message.sender(), other.display()));
        }
    }
    let mut lengths = BTreeSet::new();
    for wanted in (0..CLIENTS).flat_map(|client| messages(client, each)) {
        lengths.insert(wanted.octets.len());
        match paths.get(&wanted.sender) {
            None => faults.push(format!("{} is not stored", wanted.sender)),
            Some(path) => {
                let octets = std::fs::read(path).expect("a stored message can be read");
                if !octets.ends_with(&wanted.octets) {
                    faults.push(format!("{} changed: {}", wanted.sender, path.display()));
                }
            }
        }
    }
    println!("sizes       {} different ones, up to {} octets", lengths.len(), lengths.last().unwrap_or(&0));
    faults
}
