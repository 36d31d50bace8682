//! What can be seen of a session from without.
//!
//! Never: looks into the machine.

use machine::{Binding, Snapshot, WaitsFor};
use program::*;

use crate::{
    mail::mail,
    player::Player,
    protocol::{Protocol, to},
};

fn seen(player: &Player) -> (String, Vec<String>, WaitsFor) {
    let Snapshot { state, facts, waits_for, .. } = player.machine.snapshot();
    (state.to_string(), facts.iter().map(|(name, value)| format!("{name} {value}")).collect(), waits_for)
}

#[test]
fn a_snapshot_tells_the_state_the_facts_and_what_is_waited_for() {
    let mut player = Player::new(&mail().finish(), &Binding { name: "mx.example".into(), ..Binding::default() });
    assert_eq!(seen(&player), ("fresh".into(), vec![], WaitsFor::Begin));
    player.play("open\n< 220 mx.example ready\n> EHLO x\n< 250 hello x");
    assert_eq!(seen(&player), ("ready".into(), vec!["client x".into()], WaitsFor::Command));
    player.play("> AUTH LOGIN\n< 334 name");
    assert_eq!(seen(&player).2, WaitsFor::Prompt);
    player.play("> *\n< 501 cancelled\n> MAIL FROM:<a@b.c>\n< 250 from a@b.c\n> RCPT TO:<d@e.f>\n! call mailbox(…");
    assert_eq!(seen(&player).2, WaitsFor::LookUp);
    player.play("= 0 \"d\"\n< 250 to d@e.f\n> DATA\n< 354 go\n! begin 0");
    let (state, facts, waits_for) = seen(&player);
    assert_eq!((&*state, facts.len(), waits_for), ("filling", 2, WaitsFor::Payload));
    assert!(facts[1].starts_with("mail a@b.c, d@e.f"), "{facts:?}");
    player.play("gone\n! discard 0\n! close");
    assert_eq!(seen(&player).2, WaitsFor::Nothing);
}

#[test]
fn a_snapshot_shows_no_secret() {
    let mut p = Protocol::new();
    let key = p.fact("key", Type::Secret(Box::new(Type::Word)));
    let only = p.state("only", &[key]);
    let given = Expr::Constant(Value::Secret(Secret::new(b"s3cret")));
    let entry = p.goto("250 in", &[], to(only, vec![(key, given)], &[]));
    p.on(only, "GO", entry);
    let mut player = Player::new(&p.finish(), &Binding::default());
    player.play("open\n> GO\n< 250 in");
    assert_eq!(seen(&player).1, ["key ***"]);
    assert!(!format!("{:?}", player.machine.snapshot()).contains("s3cret"));
}
