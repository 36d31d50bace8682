//! What sessions make the process keep is counted, and where there is no room for it they are told so.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, reason = "a test may stop anywhere")]

#[path = "serving/site.rs"]
mod site;

use std::{sync::Arc, time::Duration};

use actions::world::Ceiling;
use site::{Client, Rig, rig};
use tokio::time::sleep;

/// What a session may keep without being counted, and what it is counted with.
const UNASKED: u64 = 16 << 10;
const SESSION: u64 = 64 << 10;

const KEEPS: &str = r#"
protocol sample "a sample" version 1 edition 1
wire { lines crlf at most 1000000 octets  reply "{code} {text}" continued "{code}-{text}" }
record bag { items: list of word at most 100000 }
start state arrival { enter { reply 220 "{local.name}"  goto ready with text = "", things = bag { items: [] } } }
state ready has text, things {
    on "SET {what: word}" { reply 250 "set"  stay with text = what }
    on "TWICE" { reply 250 "ok"  stay with text = "{text}{text}" }
    on "QUOTE" { reply 250 "ok"  stay with text = quoted(text) }
    on "PUT {what: word}" { add what to things.items  reply 250 "put"  stay }
    on "WORDS {all: list of word}" { reply 250 "{size(all)}"  stay }
    on "SHOW" {
        for each item in things.items { say 250 "{item} {text}" }
        reply 250 "that is all"
        stay
    }
    on "EMPTY" { reply 250 "empty"  stay with text = "", things = bag { items: [] } }
}
anytime { on "QUIT" -> 221 "bye" close  on "NOOP" -> 250 "ok" }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "idle" close   session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close   full -> 421 "full" close   broken -> 421 "broken" close
}
"#;

fn keeping(octets: u64) -> (Rig, Arc<Ceiling>) {
    let ceiling = Arc::new(Ceiling::new(octets));
    let rig = rig(|options| {
        options.protocol = KEEPS;
        options.ceiling = ceiling.clone();
    });
    (rig, ceiling)
}

async fn client(rig: &Rig) -> Client {
    let mut client = Client::connect(rig).await;
    client.expect("220 mail.example.com").await;
    client
}

async fn says(client: &mut Client, line: &str, answer: &str) {
    client.say(&format!("{line}\r\n")).await;
    client.expect(answer).await;
}

/// Waits until so much is taken, or less.
async fn until_taken(ceiling: &Ceiling, most: u64) {
    for _ in 0..1000 {
        if ceiling.taken() <= most {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("{} octets are taken, and not {most}", ceiling.taken());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_a_fact_keeps_is_counted_and_given_back() {
    let (rig, ceiling) = keeping(128 << 20);
    let mut client = client(&rig).await;
    says(&mut client, &format!("SET {}", "x".repeat(50_000)), "250 set").await;
    let (least, most) = (SESSION + 50_000, SESSION + 4 * 50_000);
    assert!((least..most).contains(&ceiling.taken()), "{}", ceiling.taken());
    for _ in 0..5 {
        says(&mut client, "TWICE", "250 ok").await;
    }
    let least = 32 * 50_000;
    assert!((least..4 * least).contains(&ceiling.taken()), "{}", ceiling.taken());
    says(&mut client, "EMPTY", "250 empty").await;
    until_taken(&ceiling, SESSION + UNASKED).await;
    says(&mut client, "QUIT", "221 bye").await;
    until_taken(&ceiling, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_doubles_ends_the_session_with_full() {
    for step in ["TWICE", "QUOTE"] {
        let (rig, ceiling) = keeping(1 << 40);
        let mut client = client(&rig).await;
        says(&mut client, &format!("SET {}", "\"".repeat(50_000)), "250 set").await;
        let mut steps = 0;
        loop {
            client.say(&format!("{step}\r\n")).await;
            let answer = client.hear().await;
            if answer == "421 full" {
                break;
            }
            assert_eq!(answer, "250 ok");
            steps += 1;
        }
        assert!(steps < 10, "{steps} times");
        client.expect_end().await;
        until_taken(&ceiling, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_many_sessions_are_counted_together() {
    let (rig, ceiling) = keeping(64 << 20);
    let mut sessions = Vec::new();
    let mut full = 0;
    const MOST: u64 = 32 << 20;
    let line = format!("PUT {}\r\n", "y".repeat(90_000));
    for _ in 0..4 {
        // What the former one had is given back.
        until_taken(&ceiling, MOST - (1 << 20)).await;
        let mut client = client(&rig).await;
        for _ in 0..100 {
            client.say(&line).await;
            if client.hear().await == "421 full" {
                client.expect_end().await;
                full += 1;
                break;
            }
            assert!(ceiling.taken() <= MOST, "{}", ceiling.taken());
        }
        sessions.push(client);
    }
    assert_eq!(full, 2, "two sessions find room, and two do not");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_there_is_no_memory_for_breaks_the_connection_off() {
    let (rig, ceiling) = keeping(64 << 20);
    let mut client = client(&rig).await;
    for _ in 0..2000 {
        says(&mut client, "PUT a", "250 put").await;
    }
    says(&mut client, &format!("SET {}", "z".repeat(90_000)), "250 set").await;
    client.say("SHOW\r\n").await;
    client.drain().await;
    until_taken(&ceiling, 0).await;
    let (mut other, _) = (self::client(&rig).await, ());
    says(&mut other, "NOOP", "250 ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_whole_is_counted() {
    let (rig, ceiling) = keeping(128 << 20);
    let mut client = client(&rig).await;
    client.say(&"q".repeat(60_000)).await;
    for _ in 0..1000 {
        if ceiling.taken() >= SESSION + 50_000 {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(ceiling.taken() >= SESSION + 50_000, "{}", ceiling.taken());
    client.say("\r\n").await;
    client.expect("500 what?").await;
    says(&mut client, "NOOP", "250 ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_a_line_is_counted_before_its_command_runs() {
    let (rig, ceiling) = keeping(64 << 20);
    let mut client = client(&rig).await;
    says(&mut client, &format!("WORDS a{}", " a".repeat(99)), "250 100").await;
    until_taken(&ceiling, SESSION + UNASKED).await;
    says(&mut client, &format!("WORDS a{}", " a".repeat(490_000)), "421 full").await;
    client.expect_end().await;
    until_taken(&ceiling, 0).await;
}
