//! A server on real sockets: TLS, calls, limits, back-pressure, faults and the end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

#[path = "serving/site.rs"]
mod site;

use std::{sync::atomic::Ordering, time::Duration};

use site::{Client, rig};
use tokio::{io::AsyncWriteExt, time::timeout};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_commands_are_answered_in_order() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("NOOP\r\nECHO one\r\nLOOK row\r\nECHO two\r\nNOOP\r\nQUIT\r\n").await;
    for answer in ["250 ok", "250 one", "250 found", "250 two", "250 ok", "221 bye"] {
        client.expect(answer).await;
    }
    client.expect_end().await;
    assert_eq!(rig.running.end(SOON).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_in_the_clear_behind_the_upgrade_is_never_answered() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("STARTTLS\r\nECHO injected\r\n").await;
    client.expect("220 go ahead").await;
    let mut client = client.upgrade().await;
    client.say("ECHO inside\r\n").await;
    client.expect("250 inside").await;
    assert_eq!(rig.running.shared().counters.cleartext_dropped.load(Ordering::Relaxed), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn implicit_tls_comes_before_the_greeting() {
    let rig = rig(|options| options.tls_first = true);
    let mut client = Client::connect(&rig).await.upgrade().await;
    client.expect("220 mail.example.com").await;
    client.say("QUIT\r\n").await;
    client.expect("221 bye").await;
    client.expect_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_speaks_no_tls_is_let_go() {
    let rig = rig(|options| options.tls_first = true);
    let mut client = Client::connect(&rig).await;
    client.say("NOOP\r\n\r\n").await;
    client.drain().await;
    assert_eq!(rig.running.end(SOON).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_a_look_up_is_a_failed_look_up() {
    let rig = rig(|_| {});
    let (mut first, mut second) = (Client::connect(&rig).await, Client::connect(&rig).await);
    first.expect("220 mail.example.com").await;
    second.expect("220 mail.example.com").await;
    first.say("LOOK panic\r\n").await;
    first.expect_start("451 the look-up broke off").await;
    for client in [&mut first, &mut second] {
        client.say("NOOP\r\n").await;
        client.expect("250 ok").await;
    }
    assert_eq!(rig.running.shared().counters.panics.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_cancels_the_call_that_is_out() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("LOOK never\r\n").await;
    rig.world.until(&rig.world.asked, 1).await;
    client.reset();
    rig.world.until(&rig.world.cancelled, 1).await;
    assert_eq!(rig.running.end(SOON).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_closed_connection_still_gets_every_answer() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("NOOP\r\nLOOK slow\r\nECHO last\r\n").await;
    client.finish().await;
    for answer in ["250 ok", "250 found", "250 last"] {
        client.expect(answer).await;
    }
    client.expect_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_place_is_told_so() {
    let rig = rig(|options| options.per_address = 1);
    let mut first = Client::connect(&rig).await;
    first.expect("220 mail.example.com").await;
    let mut second = Client::connect(&rig).await;
    second.expect("421 full").await;
    second.expect_end().await;
    first.say("QUIT\r\n").await;
    first.expect("221 bye").await;
    first.expect_end().await;
    drop((first, second));
    rig.until_empty().await;
    Client::connect(&rig).await.expect("220 mail.example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_lets_a_command_finish_and_says_farewell() {
    let rig = rig(|_| {});
    let (mut idle, mut busy) = (Client::connect(&rig).await, Client::connect(&rig).await);
    idle.expect("220 mail.example.com").await;
    busy.expect("220 mail.example.com").await;
    busy.say("LOOK slow\r\n").await;
    rig.world.until(&rig.world.asked, 1).await;
    let address = rig.running.endpoints()[0].inet().unwrap();
    let ended = tokio::spawn(rig.running.end(SOON));
    idle.expect("421 shutdown").await;
    idle.expect_end().await;
    busy.expect("250 found").await;
    busy.expect("421 shutdown").await;
    busy.expect_end().await;
    drop((idle, busy));
    assert_eq!(ended.await.unwrap(), 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_handshakes() {
    let rig = rig(|options| options.tls_first = true);
    let mut first = Client::connect(&rig).await;
    while rig.running.shared().admission.open() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(timeout(Duration::from_secs(3), rig.running.end(Duration::from_secs(60))).await, Ok(0));
    first.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_no_longer_than_it_may() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("LOOK never\r\n").await;
    rig.world.until(&rig.world.asked, 1).await;
    let world = rig.world.clone();
    assert_eq!(rig.running.end(Duration::from_millis(100)).await, 1);
    world.until(&world.cancelled, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_is_not_read() {
    const MOST: usize = 64 << 20;
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    let batch = "LONG\r\n".repeat(1000);
    let mut sent = 0;
    while let Ok(written) = timeout(Duration::from_millis(500), client.stream().write(batch.as_bytes())).await {
        sent += written.unwrap();
        assert!(sent < MOST, "the server swallows {sent} octets and more");
    }
    let whole = sent / 6;
    for _ in 0..whole {
        client.expect_start("250 a long answer").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_of_all_sizes_are_kept() {
    let rig = rig(|_| {});
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    for lines in [0, 1, 100, 4096, 60_000] {
        client.say("DATA\r\n").await;
        client.expect("354 go").await;
        client.say(&("0123456789\r\n".repeat(lines) + ".\r\nNOOP\r\n")).await;
        client.expect(&format!("250 got {}", lines * 12)).await;
        client.expect("250 ok").await;
    }
    assert_eq!(std::fs::read_dir(rig.folder.path()).unwrap().count(), 0, "spool files have names");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_cannot_write_is_the_protocols_to_answer() {
    let rig = rig(|options| options.spool_missing = true);
    let mut client = Client::connect(&rig).await;
    client.expect("220 mail.example.com").await;
    client.say("DATA\r\n").await;
    client.expect("354 go").await;
    client.say(&("0123456789\r\n".repeat(1000) + ".\r\nNOOP\r\n")).await;
    client.expect_start("451 the spool cannot keep it").await;
    client.expect("250 ok").await;
}
