//! States and their facts.
//!
//! Never: replies alone.

use program::*;

use crate::{
    player::{Player, check},
    protocol::{Protocol, slot, to},
};

#[test]
fn the_enter_of_the_target_belongs_to_the_same_answer() {
    let mut p = Protocol::new();
    let (one, two) = (p.state("one", &[]), p.state("two", &[]));
    let moves = p.goto("moving", &[], to(two, vec![], &[]));
    p.on(one, "GO", moves);
    let inner = p.goto("in two", &[], to(one, vec![], &[]));
    p.program.states[1].enter = Some(inner);
    check(
        &p.finish(),
        r"
        open
        > GO
        < moving
        < in two
        state one
        ",
    );
}

#[test]
fn facts_are_supplied_at_once_and_those_not_kept_are_forgotten() {
    let mut p = Protocol::new();
    let (a, b, c) = (p.fact("a", Type::Word), p.fact("b", Type::Word), p.fact("c", Type::Word));
    let (one, two) = (p.state("one", &[a, b]), p.state("two", &[a, b, c]));
    let set = p.goto("ok", &[], to(two, vec![(a, Expr::Capture(0)), (b, Expr::Capture(1)), (c, slot(0))], &[]));
    p.on(one, "SET {x:word} {y:word}", set);
    let swap = p.goto("ok", &[], to(one, vec![(a, slot(1)), (b, slot(0))], &[c]));
    p.on(two, "SWAP", swap);
    for state in [one, two] {
        let show = p.stay("{}-{}-{}", &[slot(0), slot(1), slot(2)]);
        p.on(state, "SHOW", show);
    }
    check(
        &p.finish(),
        r"
        open
        > SET 1 2
        < ok
        > SHOW
        < 1-2-
        > SWAP
        < ok
        > SET 3 4
        < ok
        > SHOW
        < 3-4-2
        > SWAP
        < ok
        > SHOW
        < 4-3-
        ",
    );
}

#[test]
fn locals_end_with_their_command() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let reply = p.reply("set {}", &[slot(5)]);
    let set = p.body(vec![Op::Let { slot: Slot(5), value: Expr::Capture(0) }, Op::Reply(reply), Op::Stay(vec![])]);
    p.on(only, "SET {x:word}", set);
    let show = p.stay("is {}", &[slot(5)]);
    p.on(only, "SHOW", show);
    check(&p.finish(), "open\n > SET 1\n < set 1\n > SHOW\n < is ");
}

#[test]
fn executed_instructions_are_counted_when_asked() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let ok = p.stay("ok", &[]);
    p.on(only, "GO", ok);
    let program = p.finish();
    let mut player = Player::new(&program, &Default::default());
    assert!(player.machine.executed().is_empty());
    player.machine.count_executed();
    player.play("open\n > GO\n < ok\n > GO\n < ok");
    let at = ok.0 as usize;
    assert_eq!(player.machine.executed().len(), program.code.len());
    assert_eq!(player.machine.executed()[at..at + 2], [2, 2]);
    assert_eq!(player.machine.executed().iter().sum::<u64>(), 4);
    assert!(player.machine.idle());
}
