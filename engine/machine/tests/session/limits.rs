//! What lasts too long or is too much, and the end that comes from outside.
//!
//! Never: sleeps.

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

fn early(after: u64) -> std::sync::Arc<Program> {
    let mut p = mail();
    let code = p.close("554 let me speak first", &[]);
    p.program.limits.early = Some(Limit { after: seconds(after), code });
    p.finish()
}

#[test]
fn silence_between_commands_ends_the_session() {
    greeted(
        r"
        deadline 300
        + 299
        >> NO
        deadline 300
        + 200
        >> OP\r\n
        < 250 ok
        deadline 300
        + 300
        < 421 idle
        ! close
        deadline none
        ",
    );
}

#[test]
fn silence_counts_at_prompts_and_within_payloads() {
    greeted(
        r"
        + 100
        > AUTH LOGIN
        < 334 name
        deadline 300
        + 300
        < 421 idle
        ! close
        ",
    );
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nBDAT 10\r\nabc
        < 250 from a@b
        ! begin 0
        ! chunk 0 "abc"
        deadline 300
        + 300
        < 421 idle
        ! discard 0
        ! close
        "#,
    );
}

#[test]
fn a_line_must_be_whole_within_the_idle_limit_of_its_first_octet() {
    greeted(
        r"
        + 299
        >> N
        + 299
        >> OO
        + 1
        < 421 idle
        ! close
        ",
    );
    greeted(
        r"
        + 299
        >> N
        + 299
        >> OOP\r\n
        < 250 ok
        + 299
        >> NOOP\r\n
        < 250 ok
        ",
    );
}

#[test]
fn a_payload_that_trickles_ends_the_session() {
    // 300 seconds, and 500 octets for each second beyond them.
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nBDAT 40\r\nabc
        < 250 from a@b
        ! begin 0
        ! chunk 0 "abc"
        + 200
        >> d
        ! chunk 0 "d"
        + 99
        >> e
        ! chunk 0 "e"
        + 2
        < 421 idle
        ! discard 0
        ! close
        "#,
    );
}

#[test]
fn a_payload_that_nobody_keeps_in_time_has_failed() {
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nBDAT 3\r\nabc
        < 250 from a@b
        ! begin 0
        ! chunk 0 "abc"
        ! end 0
        + 299
        waits
        + 1
        ! discard 0
        < 451 it was not kept in time
        "#,
    );
}

#[test]
fn a_pause_ends_with_the_session_or_the_server() {
    let mut p = mail();
    p.program.limits.session.after = seconds(100);
    let slow = p.reply("250 at last", &[]);
    let slow = p.body(vec![Op::Pause(seconds(5000)), Op::Reply(slow), Op::Stay(vec![])]);
    let ready = StateId(1);
    p.on(ready, "SLOW", slow);
    let program = p.finish();
    check(&program, &format!("{GREETED} > SLOW\n deadline 100\n + 100\n < 250 at last\n < 421 session\n ! close"));
    check(&program, &format!("{GREETED} > SLOW\n + 10\n shutdown\n < 250 at last\n < 421 shutdown\n ! close"));
}

#[test]
fn silence_does_not_count_while_a_call_is_out() {
    greeted(
        r#"
        + 299
        >> MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n
        < 250 from a@b
        ! call mailbox("c@d")
        deadline 3
        + 2
        = 1
        < 550 no c@d
        deadline 300
        "#,
    );
}

#[test]
fn an_idle_limit_in_a_payload_ends_the_session_whatever_it_says() {
    let mut p = mail();
    p.program.limits.idle.code = p.stay("hurry", &[]);
    check(
        &p.finish(),
        &format!(
            r#"{GREETED}
            + 300
            < hurry
            >> MAIL FROM:<a@b>\r\nBDAT 10\r\nabc
            < 250 from a@b
            ! begin 0
            ! chunk 0 "abc"
            + 300
            < hurry
            ! discard 0
            ! close
            "#
        ),
    );
}

#[test]
fn the_session_limit_acts_between_commands_only() {
    let mut p = mail();
    p.program.limits.session.after = seconds(100);
    p.program.limits.idle.after = seconds(60);
    check(
        &p.finish(),
        &format!(
            r#"{GREETED}
            deadline 60
            + 59
            > MAIL FROM:<a@b>
            < 250 from a@b
            deadline 41
            >> BDAT 10\r\nabc
            ! begin 0
            ! chunk 0 "abc"
            deadline 60
            + 59
            >> defghijNOOP\r\n
            ! chunk 0 "defghij"
            ! end 0
            stored 0
            < 503 rcpt first
            ! discard 0
            < 421 session
            ! close
            "#
        ),
    );
}

#[test]
fn a_session_limit_that_stays_runs_once() {
    let mut p = mail();
    p.program.limits.session.after = seconds(10);
    p.program.limits.session.code = p.stay("rather long", &[]);
    check(
        &p.finish(),
        &format!(
            r"{GREETED}
            + 10
            < rather long
            deadline 300
            > NOOP
            < 250 ok
            "
        ),
    );
}

#[test]
fn who_talks_before_the_greeting_is_told_so() {
    check(
        &early(5),
        r"
        open
        listens
        deadline 5
        > EHLO x
        < 554 let me speak first
        ! close
        ",
    );
    check(
        &early(5),
        r"
        open
        + 5
        < 220 mx.example ready
        > NOOP
        < 250 ok
        ",
    );
}

#[test]
fn whoever_talks_before_the_greeting_never_goes_on() {
    let mut p = mail();
    let code = p.stay("554 let me speak first", &[]);
    p.program.limits.early = Some(Limit { after: seconds(5), code });
    check(&p.finish(), "open\n > EHLO x\n < 554 let me speak first\n ! close");
}

/// A limit whose answer counts towards it, with a limit that the first one counts towards, too.
#[test]
fn a_limit_answers_once_for_a_line_whatever_its_answer_counts() {
    let mut p = Protocol::new();
    let open = p.state("open", &[]);
    for name in ["first", "second"] {
        p.program.counters.push(Counter { name: name.into(), most: Expr::Constant(Value::Number(1)), code: Pc(0) });
    }
    let (first, second) = (p.reply("421 first", &[]), p.reply("421 second", &[]));
    let both = || {
        [Op::Count { counter: CounterId(0), per_flight: false }, Op::Count { counter: CounterId(1), per_flight: false }]
    };
    let bodies = [first, second].map(|reply| {
        let ops = both().into_iter().chain([Op::Reply(reply), Op::Stay(vec![])]);
        p.body(ops.collect())
    });
    p.program.counters.iter_mut().zip(bodies).for_each(|(counter, code)| counter.code = code);
    let done = p.reply("250 done", &[]);
    let go = p.body(vec![Op::Count { counter: CounterId(0), per_flight: false }, Op::Reply(done), Op::Stay(vec![])]);
    p.on(open, "GO", go);
    check(&p.finish(), "open\n > GO\n < 421 second\n > GO\n < 421 second");
}

#[test]
fn without_that_limit_early_talk_just_waits() {
    check(
        &mail().finish(),
        r"
        > NOOP
        open
        < 220 mx.example ready
        < 250 ok
        ",
    );
}

#[test]
fn a_shutdown_waits_for_the_present_command_and_no_longer() {
    greeted(
        r"
        >> NO
        shutdown
        < 421 shutdown
        ! close
        ",
    );
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nNOOP\r\n
        < 250 from a@b
        ! call mailbox("c@d")
        shutdown
        = 0 row
        < 250 to c@d
        < 421 shutdown
        ! close
        "#,
    );
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nBDAT 3\r\nab
        < 250 from a@b
        ! begin 0
        ! chunk 0 "ab"
        shutdown
        >> c
        ! chunk 0 "c"
        ! end 0
        stored 0
        < 503 rcpt first
        ! discard 0
        < 421 shutdown
        ! close
        "#,
    );
}

#[test]
fn a_session_that_has_not_begun_may_end_at_once() {
    check(&mail().finish(), "full\n < 421 full\n ! close");
    check(&mail().finish(), "broken\n < 421 broken\n ! close");
    check(&early(5), "open\n shutdown\n < 421 shutdown\n ! close");
}

#[test]
fn a_fault_of_ours_ends_the_present_command() {
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n
        < 250 from a@b
        ! call mailbox("c@d")
        broken
        ! cancel
        ! log Error a fault of ours: the server gave up on the session
        < 421 broken
        ! close
        "#,
    );
}

#[test]
fn what_the_peer_sent_before_it_ended_is_carried_out() {
    greeted(
        r#"
        >> MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nNOOP\r\nNOO
        < 250 from a@b
        ! call mailbox("c@d")
        eof
        waits
        = 0 row
        < 250 to c@d
        < 250 ok
        ! close
        "#,
    );
    greeted(
        r"
        > AUTH LOGIN
        < 334 name
        eof
        ! close
        ",
    );
    check(&mail().finish(), "eof\n open\n < 220 mx.example ready\n ! close");
    check(&early(5), "open\n eof\n ! close");
}

#[test]
fn a_fault_within_the_answer_to_a_fault_just_ends_the_session() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let bad = p.stay("{}", &[slot(999)]);
    p.on(only, "BAD", bad);
    p.program.limits.broken = bad;
    check(
        &p.finish(),
        r"
        open
        > BAD
        ! log Error a fault of ours: a slot does not exist, at …
        ! log Error a fault of ours: a slot does not exist, at …
        ! close
        ",
    );
}

/// `for each a in …3000… { for each b in …3000… { } } reply "done"`
fn endless() -> std::sync::Arc<Program> {
    let mut p = mail();
    let only = p.program.start;
    let end = p.reply("done", &[]);
    let list = || Expr::Constant(Value::List((0..3000).map(Value::Number).collect()));
    let each = |snapshot, index| Op::Each(Box::new(Each { list: list(), snapshot, index, within: None, until: None }));
    let (first, at) = (p.program.facts.len() as u16, p.program.code.len() as u32);
    let [outer, index, a, inner, place, b] = [0, 1, 2, 3, 4, 5].map(|slot| Slot(first + slot));
    let entry = p.body(vec![
        each(outer, index),
        Op::Next { snapshot: outer, index, item: a, end: Pc(at + 6) },
        each(inner, place),
        Op::Next { snapshot: inner, index: place, item: b, end: Pc(at + 5) },
        Op::Jump(Pc(at + 3)),
        Op::Jump(Pc(at + 1)),
        Op::Reply(end),
        Op::Stay(vec![]),
    ]);
    p.on(only, "GO", entry);
    p.finish()
}

#[test]
fn loops_that_keep_everybody_else_waiting_are_a_fault() {
    check(&endless(), "open\n< 220 mx.example ready\n> GO\n! log Error a fault of ours…\n< 421 broken\n! close");
}
