//! Dotted blocks and counted octets.
//!
//! Never: lines.

use program::*;

use crate::{
    mail::mail,
    player::{Player, check},
    protocol::{Protocol, With, number, slot},
};

const ENVELOPE: &str = r#"
    open
    < 220 mx.example ready
    >> EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n
    < 250 hello x
    < 250 from a@b
    ! call mailbox("c@d")
    = 0 row
    < 250 to c@d
"#;

fn behind_envelope(script: &str) {
    check(&mail().finish(), &format!("{ENVELOPE}{script}"));
}

#[test]
fn no_fake_end_of_data_ends_a_block() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        >> a\n.\nb\n.\r\nc\r.\rd\r\n.\ne
        ! chunk 0 "a\n.\nb\n.\r\nc\r.\rd\r\n"
        ! chunk 0 "\ne"
        >> \r\n.\rf\r\n
        ! chunk 0 "\r\n"
        ! chunk 0 "\r"
        ! chunk 0 "f\r\n"
        >> .\r\nNOOP\r\n
        ! end 0
        stored 0
        < 250 got 24
        ! discard 0
        < 250 ok
        "#,
    );
}

#[test]
fn a_block_that_is_too_big_is_read_to_its_end() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        > 0123456789012345678901234567890123456
        ! chunk 0 "0123456789012345678901234567890123456\r\n"
        > x
        ! discard 0
        > y
        > QUIT
        >> .\r\nNOOP\r\n
        < 552 too big
        < 250 ok
        state ready
        "#,
    );
}

#[test]
fn a_block_of_exactly_the_bound_is_taken() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        >> 01234567890123456789012345678901234567\r\n.\r\n
        ! chunk 0 "01234567890123456789012345678901234567\r\n"
        ! end 0
        stored 0
        < 250 got 40
        ! discard 0
        "#,
    );
}

#[test]
fn a_full_spool_is_answered_when_the_block_has_ended() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        > abc
        ! chunk 0 "abc\r\n"
        failed 0 disk is full
        ! discard 0
        > def
        > .
        < 451 disk is full
        state ready
        "#,
    );
}

#[test]
fn a_payload_that_cannot_be_kept_in_the_end_has_failed_too() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        > .
        ! end 0
        stored 7
        failed 7 nobody
        failed 0 disk is full
        ! discard 0
        < 451 disk is full
        "#,
    );
}

#[test]
fn a_peer_that_vanishes_within_a_payload_leaves_nothing() {
    behind_envelope(
        r#"
        > DATA
        < 354 go
        ! begin 0
        > abc
        ! chunk 0 "abc\r\n"
        eof
        ! discard 0
        ! close
        "#,
    );
    behind_envelope(
        r#"
        >> BDAT 10\r\nabc
        ! begin 0
        ! chunk 0 "abc"
        eof
        ! discard 0
        ! close
        "#,
    );
}

#[test]
fn chunks_are_joined_in_their_order() {
    behind_envelope(
        r#"
        >> BDAT 3\r\nabcBDAT 2\r\nde
        ! begin 0
        ! chunk 0 "abc"
        ! end 0
        stored 0
        < 250 chunk 3
        ! begin 1
        ! chunk 1 "de"
        ! end 1
        stored 1
        ! join 0 1
        < 250 chunk 2
        > BDAT 0
        < 250 chunk 0
        > BDAT 0 LAST
        < 250 all 5
        ! discard 0
        "#,
    );
}

#[test]
fn a_chunk_that_is_too_big_or_cannot_be_kept_is_swallowed() {
    behind_envelope(
        r#"
        >> BDAT 41\r\n01234567890123456789012345678901234567890NOOP\r\n
        < 552 chunk too big
        < 250 ok
        >> BDAT 6\r\nabc
        ! begin 0
        ! chunk 0 "abc"
        failed 0 disk is full
        ! discard 0
        >> \r\nxNOOP\r\n
        < 451 disk is full
        < 250 ok
        >> BDAT 1\r\nz
        ! begin 1
        ! chunk 1 "z"
        ! end 1
        failed 1 no room
        ! discard 1
        < 451 no room
        "#,
    );
}

#[test]
fn a_chunk_behind_a_refusal_never_becomes_commands() {
    check(
        &mail().finish(),
        r#"
        open
        < 220 mx.example ready
        >> BDAT 6\r\nQUIT\r\nNOOP\r\n
        < 503 try EHLO NOOP QUIT STARTTLS
        < 250 ok
        >> EHLO x\r\nMAIL FROM:<a@b>\r\nBDAT 6\r\nQU
        < 250 hello x
        < 250 from a@b
        ! begin 0
        ! chunk 0 "QU"
        >> IT\r\nNOOP\r\n
        ! chunk 0 "IT\r\n"
        ! end 0
        stored 0
        < 503 rcpt first
        ! discard 0
        < 250 ok
        "#,
    );
}

#[test]
fn a_count_that_cannot_be_read_ends_the_session() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        > BDAT x
        < 503 try EHLO NOOP QUIT STARTTLS
        ! close
        ",
    );
    behind_envelope(
        r"
        > BDAT 99999999999999999999
        < 501 usage: BDAT {n:number}[ {last:last}]
        ! close
        ",
    );
    let long = "x".repeat(200);
    behind_envelope(&format!(
        r"
        > BDAT 5 {long}
        < 500 line too long
        ! close
        "
    ));
}

#[test]
fn a_payload_that_no_fact_holds_is_discarded_with_its_command() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let pc = p.stay("{} octets", &[slot(4)]);
    let payload =
        Payload { count: Some(Expr::Capture(0)), most: number(9), slot: Slot(4), too_big: pc, failed: pc, why: None };
    p.on_with(only, "PUT {n:number}", pc, With { payload: Some(payload), alone: true, ..With::default() });
    check(
        &p.finish(),
        r#"
        open
        >> PUT 3\r\nabc
        ! begin 0
        ! chunk 0 "abc"
        ! end 0
        stored 0
        < 3 octets
        ! discard 0
        >> PUT 3\r\nabcPUT 3\r\n
        ! begin 1
        ! chunk 1 "abc"
        ! end 1
        stored 1
        ! log Warning 7 octets came before the answer that they had to wait for, and were thrown away
        < 503 wait for me
        ! discard 1
        ! close
        "#,
    );
}

#[test]
fn a_payload_is_never_held() {
    let program = mail().finish();
    let mut player = Player::new(&program, &Default::default());
    player.play(ENVELOPE.replace("mx.example", "").as_str());
    player.play("> DATA\n< 354 go\n! begin 0");
    let mut line = vec![b'x'; 1 << 16];
    line[..2].copy_from_slice(b"..");
    for _ in 0..100 {
        player.feed(machine::Input::Bytes(&line));
        assert!(player.machine.held() == 0, "{} octets are held", player.machine.held());
    }
}
