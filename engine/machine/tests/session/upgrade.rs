//! The upgrade to TLS.
//!
//! Never: shakes hands.

use program::*;

use crate::{
    mail::mail,
    player::check,
    protocol::{Protocol, number, to},
};

#[test]
fn what_lies_behind_an_upgrade_is_thrown_away() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        >> STARTTLS\r\nEHLO evil\r\nNO
        < 220 go
        ! secure 13
        waits
        deadline none
        tls
        < 220 mx.example ready
        listens
        deadline 300
        >> OP\r\nNOOP\r\n
        < 500 what is ***
        < 250 ok
        > STARTTLS
        < 503 try EHLO NOOP QUIT STARTTLS
        ",
    );
}

#[test]
fn nothing_learnt_in_the_clear_survives_but_counters_do() {
    let mut p = Protocol::new();
    let name = p.fact("name", Type::Text);
    let only = p.state("only", &[name]);
    let is = p.goto("ok", &[], to(only, vec![(name, Expr::Capture(0))], &[]));
    let who = p.stay("you are {}, tls {} {}", &[Expr::Slot(Slot(0)), tls(Known::TlsVersion), tls(Known::TlsCipher)]);
    p.program.counters.push(Counter { name: "hits".into(), most: number(3), code: Pc(0) });
    p.program.counters[0].code = p.stay("third", &[]);
    let hit = p.reply("hit", &[]);
    let hit = p.body(vec![Op::Count { counter: CounterId(0), per_flight: false }, Op::Reply(hit), Op::Stay(vec![])]);
    let start = p.body(vec![Op::StartTls(only)]);
    p.on(only, "NAME {name:word}", is);
    p.on(only, "WHO", who);
    p.on(only, "HIT", hit);
    p.on(only, "GO", start);
    check(
        &p.finish(),
        r"
        open
        > NAME me
        < ok
        > HIT
        < hit
        > WHO
        < you are me, tls  
        > GO
        ! secure 0
        tls
        > WHO
        < you are , tls TLSv1.3 AES
        > HIT
        < hit
        > HIT
        < third
        ",
    );
}

#[test]
fn a_peer_that_vanishes_in_the_handshake_is_gone() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        > STARTTLS
        < 220 go
        ! secure 0
        eof
        ! close
        ",
    );
}

fn tls(known: Known) -> Expr {
    Expr::Known(known)
}
