//! States that do something on being left.
//!
//! Never: performs a call.

use std::sync::Arc;

use program::*;

use crate::{
    player::check,
    protocol::{Protocol, seconds, slot},
};

/// A state `hall` that frees the key of its guest on being left, and a state `door` on either side of it.
fn house() -> Arc<Program> {
    let mut p = Protocol::new();
    let guest = p.fact("guest", Type::Word);
    let (door, hall) = (p.state("door", &[]), p.state("hall", &[guest]));
    let cellar = p.state("cellar", &[guest]);
    let signature = Signature {
        name: "free".into(),
        summary: "".into(),
        parameters: vec![],
        using: false,
        outcomes: ["freed", "failed"].map(|name| OutcomeSignature { name: name.into(), values: vec![] }).to_vec(),
    };
    let at = p.program.code.len() as u32;
    let leave = p.body(vec![
        Op::Ask(Box::new(Ask {
            target: Target::Action(Arc::new(signature)),
            arguments: vec![slot(0)],
            using: None,
            within: seconds(3),
            until: None,
            outcomes: vec![
                Branch { at: Pc(at + 2), values: vec![] },
                Branch { at: Pc(at + 1), values: vec![Some(Slot(1))] },
            ],
        })),
        Op::Log { level: Level::Error, text: vec![Piece::Value(slot(1))] },
        Op::Left,
    ]);
    p.program.states[usize::from(hall.0)].leave = Some(leave);
    let go = |state, with, forget| Transition { state, with, forget };
    let named = || vec![(guest, Expr::Capture(0))];
    let into = p.goto("250 in", &[], go(hall, named(), vec![]));
    let anew = p.goto("250 again", &[], go(hall, named(), vec![]));
    let out = p.goto("250 out", &[], go(door, vec![], vec![guest]));
    let (bye, who) = (p.close("221 bye", &[]), p.stay("250 {}", &[slot(0)]));
    let tls = p.reply("220 go", &[]);
    let tls = p.body(vec![Op::Reply(tls), Op::StartTls(door)]);
    // A word has no header: a fault.
    let fault =
        p.body(vec![Op::Prepend { header: "A".into(), lines: vec![], to: Place { slot: Slot(0), field: None } }]);
    p.on(door, "IN {name:word}", into);
    p.on(hall, "AGAIN {name:word}", anew);
    p.on(hall, "OUT", out);
    p.on(hall, "BYE", bye);
    p.on(hall, "WHO", who);
    p.on(hall, "TLS", tls);
    p.on(hall, "FAULT", fault);
    // The next fact is made of a local of this body, in a slot that the `leave` uses, too.
    let made = p.reply("250 made", &[]);
    let local = Expr::Text(vec![Piece::Literal("dear ".into()), Piece::Value(Expr::Capture(0))]);
    let made = p.body(vec![
        Op::Let { slot: Slot(1), value: local },
        Op::Reply(made),
        Op::Goto(go(cellar, vec![(guest, slot(1))], vec![])),
    ]);
    p.on(hall, "MADE {name:word}", made);
    p.on(cellar, "WHO", who);
    p.on(door, "WHERE", who);
    p.finish()
}

const INSIDE: &str = r"
    open
    > IN ann
    < 250 in
    state hall
";

fn inside(script: &str) {
    check(&house(), &format!("{INSIDE}{script}"));
}

#[test]
fn a_state_is_left_before_the_next_one_is_entered_and_its_facts_are_still_known() {
    inside(
        r#"
        >> OUT\r\nIN eve\r\n
        < 250 out
        ! call free("ann")
        state hall
        waits
        = 0
        < 250 in
        state hall
        > WHO
        < 250 eve
        "#,
    );
}

#[test]
fn the_next_facts_are_made_of_locals_before_the_leave_takes_their_place() {
    inside(
        r#"
        > MADE eve
        < 250 made
        ! call free("ann")
        = 1 lost
        ! log Error lost
        state cellar
        > WHO
        < 250 dear eve
        "#,
    );
}

#[test]
fn who_goes_to_the_state_that_it_is_in_does_not_leave_it() {
    inside(
        r#"
        > AGAIN eve
        < 250 again
        > WHO
        < 250 eve
        > BYE
        < 221 bye
        ! call free("eve")
        = 0
        ! close
        "#,
    );
}

#[test]
fn a_state_is_left_by_a_hang_up_a_limit_an_upgrade_and_the_end_of_the_server() {
    for (way, said, end) in [
        ("gone", "", "! close"),
        ("eof", "", "! close"),
        ("> BYE", "< 221 bye", "! close"),
        ("+ 300", "< 421 idle", "! close"),
        ("shutdown", "< 421 shutdown", "! close"),
        ("broken", "< 421 broken", "! close"),
        ("> FAULT", "! log Error a fault of ours…\n< 421 broken", "! close"),
        ("> TLS", "< 220 go", "! secure 0"),
    ] {
        inside(&format!("{way}\n{said}\n! call free(\"ann\")\n= 0\n{end}"));
    }
}

#[test]
fn leaving_takes_no_longer_than_its_call_may() {
    inside(
        r#"
        gone
        ! call free("ann")
        deadline 3
        + 3
        ! cancel
        ! log Error no answer within 3 seconds
        ! close
        "#,
    );
}

#[test]
fn who_hangs_up_while_a_state_is_left_enters_no_other() {
    inside(
        r#"
        > OUT
        < 250 out
        ! call free("ann")
        gone
        state hall
        = 1 lost
        ! log Error lost
        ! close
        "#,
    );
}

#[test]
fn a_state_that_was_never_entered_is_not_left() {
    check(&house(), "full\n< 421 full\n! close\n");
    check(&house(), "open\ngone\n! close\n");
}
