//! Messages on their way into real folders.
#![allow(clippy::unwrap_used)]

mod stage;

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use actions::{
    Actions, Payload,
    world::{DnsFact, Facts, Kind, SinkFact},
};
use program::Call;
use tempfile::TempDir;

use stage::{ask, call, configuration, mail, memory, open, target, text};

const HEAD: &str = "Return-Path: <ann@example.net>\r\nReceived: from a\r\n\tby b\r\n";

fn deliver(length: u64, sink: &str) -> Call {
    call(target("deliver"), vec![mail(length), text(sink)])
}

/// The names and contents of the files in a folder of the maildir.
fn files(folder: &Path, name: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder.join("mail").join(name)) else { return Vec::new() };
    let file = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap());
    entries.map(|entry| file(entry.unwrap())).collect()
}

#[tokio::test]
async fn a_message_is_stored_to_the_octet_behind_its_headers() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    for body in [&b"Subject: hi\r\n\r\n.\xff\0bare\nlines\r end"[..], b"", &vec![b'x'; 200_000]] {
        let answer = ask(&actions, deliver(body.len() as u64, "inbox"), memory(body)).await;
        let id = answer.strip_prefix("stored(\"").unwrap().strip_suffix("\")").unwrap().to_owned();
        let stored = files(folder.path(), "new");
        let (_, octets) = stored.iter().find(|(name, _)| *name == format!("{id}.mail.example_com_1")).unwrap();
        assert_eq!(*octets, [HEAD.as_bytes(), body].concat());
    }
    assert_eq!(files(folder.path(), "new").len(), 3);
    assert_eq!(files(folder.path(), "tmp").len(), 0);
    assert!(folder.path().join("mail/cur").is_dir());
}

#[tokio::test]
async fn a_spooled_message_is_read_from_its_first_octet_to_its_length() {
    let folder = TempDir::new().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let body: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
    file.write_all(&body).unwrap();
    let length = body.len() as u64 - 7;
    let payload = Payload::File { file: Arc::new(file), length };
    let answer = ask(&open(configuration(folder.path())), deliver(length, "inbox"), Some(payload)).await;
    assert!(answer.starts_with("stored("), "{answer}");
    assert_eq!(files(folder.path(), "new")[0].1, [HEAD.as_bytes(), &body[..length as usize]].concat());
}

#[tokio::test]
async fn only_the_owner_can_read_what_is_stored() {
    let folder = TempDir::new().unwrap();
    ask(&open(configuration(folder.path())), deliver(1, "inbox"), memory(b"x")).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let new = folder.path().join("mail/new");
    assert_eq!(mode(&new), 0o700);
    assert_eq!(mode(&fs::read_dir(&new).unwrap().next().unwrap().unwrap().path()), 0o600);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_not_stored() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    let broken = || Some(Payload::Broken("no space left".into()));
    for sink in ["inbox", "void"] {
        assert_eq!(ask(&actions, deliver(5, sink), broken()).await, r#"failed("no space left")"#);
    }
    let short = Payload::File { file: Arc::new(tempfile::tempfile().unwrap()), length: 5 };
    assert!(ask(&actions, deliver(5, "inbox"), Some(short)).await.starts_with("failed("));
    assert_eq!(ask(&actions, deliver(5, "inbox"), None).await, r#"failed("the payload is gone")"#);
    assert_eq!(files(folder.path(), "new").len() + files(folder.path(), "tmp").len(), 0);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_failure() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mail"), "a file").unwrap();
    let answer = ask(&open(configuration(folder.path())), deliver(1, "inbox"), memory(b"x")).await;
    assert!(answer.starts_with("failed("), "{answer}");
}

#[tokio::test]
async fn the_sink_that_discards_answers_like_one_that_stores() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    assert!(ask(&actions, deliver(1, "void"), memory(b"x")).await.starts_with("stored("));
    assert_eq!(ask(&actions, deliver(1, "nowhere"), memory(b"x")).await, r#"failed("there is no sink `nowhere`")"#);
    assert!(!folder.path().join("mail").exists());
}

#[tokio::test]
async fn a_delivery_that_runs_out_of_time_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    let body = vec![b'x'; 64 << 20];
    let hurried = Call { within: Duration::from_millis(3), ..deliver(body.len() as u64, "inbox") };
    assert_eq!(ask(&actions, hurried, memory(&body)).await, r#"failed("the time limit is reached")"#);
    for _ in 0..500 {
        if files(folder.path(), "tmp").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(files(folder.path(), "tmp").len(), 0);
    assert_eq!(files(folder.path(), "new").len(), 0);
    // The next one works.
    assert!(ask(&actions, deliver(1, "inbox"), memory(b"x")).await.starts_with("stored("));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_messages_at_once_are_all_there() {
    let folder = TempDir::new().unwrap();
    let actions = Arc::new(open(configuration(folder.path())));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200u32 {
        let actions = actions.clone();
        tasks.spawn(async move { ask(&actions, deliver(4, "inbox"), memory(&number.to_le_bytes())).await });
    }
    assert!(tasks.join_all().await.iter().all(|answer| answer.starts_with("stored(")));
    let mut bodies: Vec<Vec<u8>> = files(folder.path(), "new").into_iter().map(|(_, octets)| octets).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 200);
}

#[tokio::test]
async fn header_fields_are_counted_in_a_spooled_message() {
    let folder = TempDir::new().unwrap();
    let actions = open(configuration(folder.path()));
    let mut file = tempfile::tempfile().unwrap();
    let octets = "Received: a\r\n".repeat(30) + "\r\n" + &"Received: body\r\n".repeat(100_000);
    file.write_all(octets.as_bytes()).unwrap();
    let mail = program::Octets { id: Some(program::PayloadId(1)), length: octets.len() as u64 };
    let asks = call(target("count_header"), vec![program::Value::Octets(mail), text("received")]);
    let payload = Payload::File { file: Arc::new(file), length: octets.len() as u64 };
    assert_eq!(ask(&actions, asks, Some(payload)).await, "counted(30)");
}

#[tokio::test]
async fn a_world_of_facts_keeps_messages_for_the_test_to_see() {
    let mut facts = Facts::new();
    facts.sink_does(Some("full"), None, SinkFact::Fails("disk full".into()));
    facts.sink_does(Some("choosy"), None, SinkFact::Refuses("no".into()));
    facts.dns_says("never.example", Kind::A, DnsFact::None);
    let facts = Arc::new(facts);
    let actions = Actions::new(facts.clone());
    assert_eq!(ask(&actions, deliver(1, "full"), memory(b"x")).await, r#"failed("disk full")"#);
    assert_eq!(ask(&actions, deliver(1, "choosy"), memory(b"x")).await, r#"refused("no")"#);
    assert_eq!(ask(&actions, deliver(2, "inbox"), memory(b"hi")).await, r#"stored("message-1")"#);
    let [kept] = &facts.delivered()[..] else { panic!("one message is kept") };
    assert_eq!((&*kept.sink, &*kept.sender), ("inbox", "ann@example.net"));
    assert_eq!(kept.recipients, ["bob@example.com", "eve@example.com"]);
    assert_eq!(kept.headers.len(), 2);
    assert_eq!(kept.body, b"hi");

    let asks = call(target("dig"), vec![text("A"), text("unknown.example")]);
    assert!(ask(&actions, asks, None).await.starts_with("failed("));
    assert_eq!(facts.unanswered(), ["dns(unknown.example, A)"]);
    assert_eq!((facts.times("dns", None), facts.times("dns", Some(&["unknown.example", "A"]))), (1, 1));
}
