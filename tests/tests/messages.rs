//! A thousand messages of every shape from parallel clients, each stored octet for octet.

use std::{collections::BTreeMap, thread};

use conversations::{Client, Generator, Message, Server, Setup, root, stored, tool};

/// How many clients deliver at once.
const CLIENTS: usize = 8;

/// How many messages each delivers.
const EACH: usize = 130;

/// Messages by the address of their sender, which no two share.
type Sent = BTreeMap<String, Vec<u8>>;

#[test]
fn a_thousand_messages_of_every_shape_are_stored_octet_for_octet() {
    let server = Setup::new().with("limits: { per_address: 1000 }").start();
    let port = server.port;
    let clients: Vec<_> = (0..CLIENTS).map(|client| thread::spawn(move || deliver(port, client))).collect();
    let mut sent = Sent::new();
    for client in clients {
        sent.extend(client.join().expect("a client ends well"));
    }
    assert!(sent.len() >= 1000, "only {} messages", sent.len());
    compare(&server, &sent);
}

#[test]
fn a_message_of_30_megabytes_is_stored_octet_for_octet() {
    let server = Setup::new().start();
    let octets = Generator::new(30).big(30 << 20);
    let mut sent = Sent::new();
    let before = server.resident();
    for (sender, chunks) in [("block@example.net", None), ("chunks@example.net", Some(1 << 20))] {
        let mut client = Client::greeted(server.port);
        let answer = client.deliver(&Message { chunks, ..Message::new(sender, octets.clone()) }).expect("an answer");
        assert_eq!(answer.code, 250, "{sender}: {answer}");
        sent.insert(sender.to_string(), octets.clone());
        client.quit();
    }
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 16 << 10, "the server grew by {grown} KiB: the message should have gone through a file");
    compare(&server, &sent);
}

#[test]
fn a_message_past_the_limit_is_refused_and_the_session_goes_on() {
    let server = Setup::new().set("max_size", "100 KB").start();
    let octets = Generator::new(1).big(100 * 1024 + 1);
    for chunks in [None, Some(10_000)] {
        let mut client = Client::greeted(server.port);
        let message = Message { chunks, ..Message::new("big@example.net", octets.clone()) };
        let answer = client.deliver(&message).expect("an answer");
        assert_eq!(answer.code, 552, "{answer}");
        assert_eq!(client.ask("NOOP").code, 250);
        let fits = Message { chunks, ..Message::new("fits@example.net", octets[..100 * 1024 - 2].to_vec()) };
        let fits = Message { octets: [&fits.octets[..], b"\r\n"].concat(), ..fits };
        assert_eq!(client.deliver(&fits).expect("an answer").code, 250);
        client.quit();
    }
    assert_eq!(stored(&server.mail()).len(), 2);
}

#[test]
fn smtplib_delivers_every_shape_over_tls_octet_for_octet() {
    let server = Setup::new().with("limits: { per_address: 1000 }").start();
    let folder = server.folder().join("sent");
    std::fs::create_dir(&folder).expect("a folder can be made");
    let mut generator = Generator::new(4);
    let mut sent = Sent::new();
    for i in 0..2 * Generator::kinds() {
        let (_, octets) = generator.message();
        std::fs::write(folder.join(i.to_string()), &octets).expect("a message can be written");
        sent.insert(format!("{i}@example.net"), octets);
    }
    sent.values_mut().for_each(|octets| *octets = as_smtplib_says(octets));
    let output = tool("python3", "python3")
        .arg(root().join("tests/clients/parallel.py"))
        .args([server.port.to_string().as_str(), &server.certificate().to_string_lossy(), &folder.to_string_lossy()])
        .output()
        .expect("python3 can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    compare(&server, &sent);
}

/// What smtplib makes of a message: an empty one becomes a line end, and a dot behind a bare LF is doubled, which a
/// server that ends lines with CR LF alone rightly leaves doubled.
fn as_smtplib_says(octets: &[u8]) -> Vec<u8> {
    if octets.is_empty() {
        return b"\r\n".to_vec();
    }
    let mut said = Vec::with_capacity(octets.len());
    for (i, octet) in octets.iter().enumerate() {
        let behind_bare_lf = i > 0 && octets[i - 1] == b'\n' && !(i > 1 && octets[i - 2] == b'\r');
        if *octet == b'.' && behind_bare_lf {
            said.push(b'.');
        }
        said.push(*octet);
    }
    said
}

/// One client: every fourth message travels in chunks, one of which may end in the middle of a line; every
/// sixteenth of those lacks its last line end. A session lasts for ten messages.
fn deliver(port: u16, client: usize) -> Sent {
    let mut generator = Generator::new(client as u64);
    let mut sent = Sent::new();
    let mut session = Client::greeted(port);
    for i in 0..EACH {
        let sender = format!("m{i}.c{client}@example.net");
        let (kind, mut octets) = generator.message();
        let chunks = (i % 4 == 0).then(|| 1 + generator.below(octets.len().clamp(64, 20_000)));
        if chunks.is_some() && i % 8 == 0 && octets.ends_with(b"\r\n") {
            octets.truncate(octets.len() - 2);
        }
        // Chunks of a few octets each would make thousands of commands of a long message.
        let chunks = chunks.map(|most| most.max(octets.len() / 50));
        let message = Message { chunks, ..Message::new(&sender, octets.clone()) };
        let answer = session.deliver(&message).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(answer.code, 250, "{kind}: {answer}");
        sent.insert(sender, octets);
        if i % 10 == 9 {
            session.quit();
            session = Client::greeted(port);
        }
    }
    session.quit();
    sent
}

fn compare(server: &Server, sent: &Sent) {
    let found = stored(&server.mail());
    assert_eq!(found.len(), sent.len(), "as many messages are stored as were accepted");
    for message in found {
        let sender = message.sender();
        let wanted = sent.get(&sender).unwrap_or_else(|| panic!("nobody sent a message from <{sender}>"));
        let (found, same) = (message.body(), message.body().iter().zip(wanted).take_while(|(a, b)| a == b).count());
        let around = |octets: &[u8]| {
            let near = &octets[same.saturating_sub(20).min(octets.len())..octets.len().min(same + 20)];
            String::from_utf8_lossy(near).into_owned()
        };
        assert!(
            found == wanted,
            "the message from <{sender}> changed at octet {same} of {}: {:?} for {:?}",
            wanted.len(),
            around(found),
            around(wanted)
        );
    }
}
