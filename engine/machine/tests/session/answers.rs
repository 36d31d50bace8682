//! Answers and texts.
//!
//! Never: splits an answer with something a peer said.

use std::sync::Arc;

use program::*;

use crate::{
    player::{Player, check},
    protocol::{Protocol, number, pieces, slot},
};

fn line(when: Option<Expr>, text: &str, values: &[Expr]) -> ReplyLine {
    ReplyLine { when, last: pieces(&format!("250 {text}"), values), continued: pieces(&format!("250-{text}"), values) }
}

fn yes(yes: bool) -> Expr {
    Expr::Constant(Value::Yes(yes))
}

#[test]
fn the_last_line_that_is_there_looks_like_the_last() {
    let mut p = Protocol::new();
    let name = p.fact("name", Type::Text);
    let only = p.state("only", &[name]);
    let present = Expr::Present(Box::new(slot(0)));
    let reply = p.listing(vec![
        line(None, "first", &[]),
        line(Some(yes(false)), "never", &[]),
        line(Some(yes(true)), "always {}", &[number(7)]),
        line(Some(present), "name {}", &[slot(0)]),
    ]);
    let entry = p.body(vec![Op::Reply(reply), Op::Stay(vec![])]);
    p.on(only, "GO", entry);
    let set = p.reply("ok", &[]);
    let set = p.body(vec![Op::Reply(set), Op::Stay(vec![(name, Expr::Capture(0))])]);
    p.on(only, "SET {x:word}", set);
    check(
        &p.finish(),
        r"
        open
        > GO
        < 250-first
        < 250 always 7
        > SET me
        < ok
        > GO
        < 250-first
        < 250-always 7
        < 250 name me
        ",
    );
}

#[test]
fn a_line_that_is_too_long_loses_the_end_of_its_text() {
    let said = |text: &str| {
        let mut p = Protocol::new();
        let only = p.state("only", &[]);
        let reply = p.listing(vec![line(None, text, &[]), line(None, "{}", &[Expr::Capture(0)])]);
        p.program.replies[reply.0 as usize].most = Some(16);
        let entry = p.body(vec![Op::Reply(reply), Op::Stay(vec![])]);
        p.on(only, "SAY {x:word}", entry);
        p.finish()
    };
    // The bound counts CR LF; no character is cut in two, and no blank is left at the end.
    check(&said("0123456789"), "open\n> SAY 0123456789\n< 250-0123456789\n< 250 0123456789");
    check(&said("0123456789a"), "open\n> SAY 0123456789a\n< 250-0123456789\n< 250 0123456789");
    check(&said("012345678 a"), "open\n> SAY 012345678\u{e4}a\n< 250-012345678\n< 250 012345678");
}

#[test]
fn an_answer_leaves_as_one_effect() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let reply = p.listing(vec![line(None, "a", &[]), line(None, "b {}", &[Expr::Known(Known::PeerIp)])]);
    let entry = p.body(vec![Op::Reply(reply), Op::Stay(vec![])]);
    p.on(only, "GO", entry);
    let mut player = Player::new(&p.finish(), &Default::default());
    player.play("open");
    player.feed(machine::Input::Bytes(b"GO\r\n"));
    assert_eq!(player.seen.sent, b"250-a\r\n250 b 192.0.2.7\r\n");
    assert_eq!(player.machine.answered_at(), Some(entry));
    assert_eq!(player.machine.claimed().map(|handler| &*handler.usage), Some("GO"));
}

#[test]
fn what_a_session_knows_can_be_said() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let known = [
        Known::PeerIp,
        Known::PeerPort,
        Known::LocalIp,
        Known::LocalPort,
        Known::LocalName,
        Known::SessionId,
        Known::Now,
        Known::Verb,
    ];
    let entry = p.stay("{} {} {} {} {} {} {} {}", &known.map(Expr::Known));
    p.on(only, "GO", entry);
    check(
        &p.finish(),
        r"
        open
        > Go
        < 192.0.2.7 40000 192.0.2.1 25 mx.example s1 Sun, 22 Nov 2026 17:13:00 +0000 Go
        ",
    );
}

#[test]
fn no_value_breaks_an_answer_or_a_header() {
    let mut p = Protocol::new();
    let shape = Arc::new(Shape { name: "r".into(), fields: vec![("a".into(), Type::Text)] });
    let record = p.fact("r", Type::Record(shape.clone()));
    let only = p.state("only", &[record]);
    let evil = Expr::Constant(Value::Text("a\r\nb\0".into()));
    let session = p.stay("said {} {}", &[Expr::Known(Known::SessionId), evil.clone()]);
    p.on(only, "SAY", session);
    let header = Op::Prepend {
        header: "Trace".into(),
        lines: vec![pieces("from {}", std::slice::from_ref(&evil)), pieces("by {}", &[Expr::Known(Known::LocalName)])],
        to: Place { slot: Slot(0), field: None },
    };
    let second = Op::Prepend {
        header: "Second".into(),
        lines: vec![pieces("x", &[])],
        to: Place { slot: Slot(0), field: None },
    };
    let signature = Signature {
        name: "keep".into(),
        summary: "".into(),
        parameters: vec![],
        using: false,
        outcomes: vec![OutcomeSignature { name: "failed".into(), values: vec![] }],
    };
    let at = p.program.code.len() as u32;
    let done = p.reply("ok", &[]);
    let entry = p.body(vec![
        Op::Let { slot: Slot(0), value: Expr::Record(shape, vec![None]) },
        header,
        second,
        Op::Ask(Box::new(Ask {
            target: Target::Action(Arc::new(signature)),
            arguments: vec![slot(0)],
            using: None,
            within: crate::protocol::seconds(1),
            until: None,
            outcomes: vec![Branch { at: Pc(at + 4), values: vec![] }],
        })),
        Op::Reply(done),
        Op::Stay(vec![]),
    ]);
    p.on(only, "GO", entry);
    let program = p.finish();
    check(&program, "open\n > SAY\n < said s1 a??b?");
    let mut player = Player::new(&program, &machine::Binding { name: "mx".into(), ..Default::default() });
    player.play("open");
    player.feed(machine::Input::Bytes(b"GO\r\n"));
    let [Value::Record(record)] = &player.seen.arguments[..] else { panic!("{:?}", player.seen.arguments) };
    let headers: Vec<&str> = record.headers.iter().map(|header| &**header).collect();
    assert_eq!(headers, ["Second: x", "Trace: from a??b?\r\n\tby mx"]);
}

#[test]
fn a_text_is_sent_as_long_as_it_is_counted() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let count = |value: &Expr| Expr::Pure(Pure::Size, vec![value.clone()]);
    let tab = Expr::Constant(Value::Text("a\tb".into()));
    let tab = p.stay("{} {}", &[count(&tab), tab]);
    p.on(only, "TAB", tab);
    let line = Expr::Known(Known::Line);
    p.program.unexpected.unknown_command = p.stay("{} {}", &[count(&line), line]);
    // U+0085 has two octets, and is shown by one.
    check(&p.finish(), "open\n > TAB\n < 3 a\tb\n > X\u{85}Y\n < 3 X?Y");
}

#[test]
fn lists_do_not_grow_without_bound() {
    let mut p = Protocol::new();
    let list = p.fact("list", Type::List(Box::new(Type::Word)));
    let only = p.state("only", &[list]);
    let place = Place { slot: Slot(0), field: None };
    let ok = p.reply("{}", &[Expr::Pure(Pure::Size, vec![slot(0)])]);
    let add = |most| Op::Add { value: Expr::Capture(0), to: place, most, full: false, moves: false };
    let told = Op::Add { value: Expr::Capture(0), to: place, most: Some(number(2)), full: true, moves: false };
    let entry = p.body(vec![add(Some(number(2))), Op::Reply(ok), Op::Stay(vec![])]);
    let free = p.body(vec![add(None), Op::Stay(vec![])]);
    p.on(only, "ADD {x:word}", entry);
    let told = p.body(vec![told, Op::Reply(ok), Op::Stay(vec![])]);
    p.on(only, "FREE {x:word}", free);
    p.on(only, "TELL {x:word}", told);
    let program = p.finish();
    check(
        &program,
        r"
        open
        > ADD a
        < 1
        > ADD b
        < 2
        > ADD c
        ! log Error a fault of ours: what is added to grows past its bound, at …
        < 421 broken
        ! close
        ",
    );
    check(
        &program,
        r"
        open
        > TELL a
        < 1
        > TELL b
        < 2
        > TELL c
        < 421 full
        ! close
        ",
    );
    let mut player = Player::new(&program, &Default::default());
    player.play("open");
    for _ in 0..100_000 {
        player.feed(machine::Input::Bytes(b"FREE a\r\n"));
    }
    player.play(
        r"
        > FREE a
        ! log Error a fault of ours: what is added to grows past its bound, at …
        < 421 broken
        ! close
        ",
    );
}
