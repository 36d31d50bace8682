//! Calls and prompts.
//!
//! Never: performs a call.

use std::sync::Arc;

use program::*;

use crate::{
    mail::mail,
    player::check,
    protocol::{Protocol, seconds, slot},
};

const GREETED: &str = r"
    open
    < 220 mx.example ready
    > EHLO x
    < 250 hello x
";

fn greeted(script: &str) {
    check(&mail().finish(), &format!("{GREETED}{script}"));
}

/// `for each x in ["a", "b", "c"] within 5 seconds { ask look(x) within 3 seconds { … say … } }`
fn loops() -> Arc<Program> {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let found = p.reply("{} found", &[slot(3)]);
    let failed = p.reply("{} failed: {}", &[slot(3), slot(5)]);
    let end = p.reply("done", &[]);
    let signature = Signature {
        name: "look".into(),
        summary: "".into(),
        parameters: vec![],
        using: false,
        outcomes: ["found", "failed"].map(|name| OutcomeSignature { name: name.into(), values: vec![] }).to_vec(),
    };
    let list = ["a", "b", "c"].map(|text| Expr::Constant(Value::Text(text.into()))).to_vec();
    let at = p.program.code.len() as u32;
    let entry = p.body(vec![
        Op::Each(Box::new(Each {
            list: Expr::List(list),
            snapshot: Slot(1),
            index: Slot(2),
            within: Some((seconds(5), Slot(4))),
            until: None,
        })),
        Op::Next { snapshot: Slot(1), index: Slot(2), item: Slot(3), end: Pc(at + 7) },
        Op::Ask(Box::new(Ask {
            target: Target::Action(Arc::new(signature)),
            arguments: vec![slot(3)],
            using: None,
            within: seconds(3),
            until: Some(Slot(4)),
            outcomes: vec![
                Branch { at: Pc(at + 3), values: vec![] },
                Branch { at: Pc(at + 5), values: vec![Some(Slot(5))] },
            ],
        })),
        Op::Say(found),
        Op::Jump(Pc(at + 1)),
        Op::Say(failed),
        Op::Jump(Pc(at + 1)),
        Op::Reply(end),
        Op::Stay(vec![]),
    ]);
    p.on(only, "GO", entry);
    p.finish()
}

#[test]
fn input_waits_while_a_call_is_out_and_answers_keep_their_order() {
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nNOOP\r\nRCPT TO:<e@f>\r\nNO
        < 250 from a@b
        ! call mailbox("c@d")
        waits
        = 1
        < 550 no c@d
        < 250 ok
        ! call mailbox("e@f")
        waits
        = 0 row
        < 250 to e@f
        listens
        >> OP\r\n
        < 250 ok
        "#,
    );
}

#[test]
fn a_call_that_is_late_has_failed_and_its_outcome_is_dropped() {
    greeted(
        r#"
        > MAIL FROM:<a@b>
        < 250 from a@b
        > RCPT TO:<c@d>
        ! call mailbox("c@d")
        deadline 3
        + 2
        + 1
        ! cancel
        < 451 no answer within 3 seconds
        = 0 row
        > NOOP
        < 250 ok
        "#,
    );
}

#[test]
fn an_outcome_that_was_never_declared_is_a_fault_of_ours() {
    greeted(
        r#"
        > MAIL FROM:<a@b>
        < 250 from a@b
        > RCPT TO:<c@d>
        ! call mailbox("c@d")
        = 9
        ! log Error a fault of ours: an action gave an outcome that it does not declare, at sample.proto.dsl:…
        < 421 broken
        ! close
        "#,
    );
}

#[test]
fn a_loop_has_one_end_for_all_its_calls() {
    check(
        &loops(),
        r#"
        open
        > GO
        ! call look("a")
        deadline 3
        + 3
        ! cancel
        < a failed: no answer within 3 seconds
        ! call look("b")
        deadline 2
        + 2
        ! cancel
        < b failed: no answer within 2 seconds
        < c failed: no answer within 0 seconds
        < done
        > GO
        ! call look("a")
        = 0
        < a found
        ! call look("b")
        = 1 why
        < b failed: why
        ! call look("c")
        = 0
        < c found
        < done
        "#,
    );
}

#[test]
fn a_prompt_takes_one_line() {
    greeted(
        r#"
        >> AUTH LOGIN\r\nme\r\nword\r\nNOOP\r\n
        < 334 name
        < 334 word
        ! call validate("me", ***)
        = 0
        < 235 welcome me
        < 250 ok
        "#,
    );
}

#[test]
fn the_answer_to_a_prompt_may_be_cancelled_ill_formed_or_too_long() {
    greeted(
        r"
        > AUTH LOGIN
        < 334 name
        > *
        < 501 cancelled
        > AUTH LOGIN
        < 334 name
        > a b
        < 501 bad answer
        > AUTH LOGIN
        < 334 name
        >> a\xff\r\n
        < 501 bad answer
        > AUTH LOGIN
        < 334 name
        > 01234567890123456789x
        < 500 line too long
        > AUTH LOGIN
        < 334 name
        >> 01234567890123456789x01234567890123456789
        < 500 line too long
        >> 01234567890123456789\r\nNOOP\r\n
        < 250 ok
        ",
    );
}

#[test]
fn the_hit_that_reaches_a_limit_replaces_the_answer() {
    greeted(
        r#"
        >> AUTH LOGIN\r\nme\r\nword\r\n
        < 334 name
        < 334 word
        ! call validate("me", ***)
        = 1
        waits
        deadline 2
        + 2
        < 535 no
        >> AUTH LOGIN\r\nme\r\nword\r\n
        < 334 name
        < 334 word
        ! call validate("me", ***)
        = 1
        < 421 too many
        ! close
        "#,
    );
}

/// `for each x in ["a", "b"] within 5 seconds { for each y in ["c", "d"] within 1 hour { ask look(y) within 20 minutes { … } } }`
fn loops_in_loops() -> Arc<Program> {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let found = p.reply("{} found", &[slot(7)]);
    let failed = p.reply("{} failed", &[slot(7)]);
    let end = p.reply("done", &[]);
    let signature = Signature {
        name: "look".into(),
        summary: "".into(),
        parameters: vec![],
        using: false,
        outcomes: ["found", "failed"].map(|name| OutcomeSignature { name: name.into(), values: vec![] }).to_vec(),
    };
    let list = |texts: [&str; 2]| Expr::List(texts.map(|text| Expr::Constant(Value::Text(text.into()))).to_vec());
    let each = |list, first: u16, time, until| {
        let (snapshot, index) = (Slot(first), Slot(first + 1));
        Op::Each(Box::new(Each { list, snapshot, index, within: Some((seconds(time), Slot(first + 3))), until }))
    };
    let at = p.program.code.len() as u32;
    let entry = p.body(vec![
        each(list(["a", "b"]), 1, 5, None),
        Op::Next { snapshot: Slot(1), index: Slot(2), item: Slot(3), end: Pc(at + 10) },
        each(list(["c", "d"]), 5, 3600, Some(Slot(4))),
        Op::Next { snapshot: Slot(5), index: Slot(6), item: Slot(7), end: Pc(at + 9) },
        Op::Ask(Box::new(Ask {
            target: Target::Action(Arc::new(signature)),
            arguments: vec![slot(7)],
            using: None,
            within: seconds(1200),
            until: Some(Slot(8)),
            outcomes: vec![Branch { at: Pc(at + 5), values: vec![] }, Branch { at: Pc(at + 7), values: vec![] }],
        })),
        Op::Say(found),
        Op::Jump(Pc(at + 3)),
        Op::Say(failed),
        Op::Jump(Pc(at + 3)),
        Op::Jump(Pc(at + 1)),
        Op::Reply(end),
        Op::Stay(vec![]),
    ]);
    p.on(only, "GO", entry);
    p.finish()
}

#[test]
fn a_loop_in_a_loop_ends_with_the_outer_one() {
    check(
        &loops_in_loops(),
        r#"
        open
        > GO
        ! call look("c")
        deadline 5
        + 5
        ! cancel
        < c failed
        < d failed
        < c failed
        < d failed
        < done
        "#,
    );
}
