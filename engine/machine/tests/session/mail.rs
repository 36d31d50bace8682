//! A small mail protocol with everything in it, and a whole session of it.
//!
//! Never: complete; it has what the tests need.

use std::sync::Arc;

use program::*;

use crate::{
    player::check,
    protocol::{Protocol, With, field, number, pieces, seconds, slot, template, to},
};

pub(crate) const BODY_MOST: i64 = 40;
pub(crate) const LOCAL: u16 = 3;

/// States fresh, ready, filling; facts client, user, mail.
pub(crate) fn mail() -> Protocol {
    let mut p = Protocol::new();
    let client = p.fact("client", Type::Text);
    let user = p.fact("user", Type::Text);
    let shape = Arc::new(Shape {
        name: "message".into(),
        fields: vec![
            ("sender".into(), Type::ReversePath),
            ("recipients".into(), Type::List(Box::new(Type::ReversePath))),
            ("body".into(), Type::Octets),
        ],
    });
    let message = p.fact("mail", Type::Record(shape.clone()));
    p.program.shapes.push(shape.clone());
    let fresh = p.state("fresh", &[]);
    let ready = p.state("ready", &[client, user]);
    let filling = p.state("filling", &[client, user, message]);
    let enter = p.stay("220 {} ready", &[Expr::Known(Known::LocalName)]);
    p.program.states[0].enter = Some(enter);
    // Facts that a state does not have are forgotten on the way to it.
    let drop_mail = [message];

    for state in [fresh, ready, filling] {
        let hello =
            p.goto("250 hello {}", &[Expr::Capture(0)], to(ready, vec![(client, Expr::Capture(0))], &drop_mail));
        p.on(state, "EHLO {name:word}", hello);
        let noop = p.stay("250 ok", &[]);
        p.on(state, "NOOP[ {rest:text}]", noop);
        let quit = p.close("221 bye", &[]);
        p.on(state, "QUIT", quit);
    }
    let record = Expr::Record(shape, vec![Some(Expr::Capture(0)), None, None]);
    let sender = p.goto("250 from {}", &[Expr::Capture(0)], to(filling, vec![(message, record)], &[]));
    p.on(ready, "MAIL FROM:{sender:path}", sender);
    recipients(&mut p, filling);
    data(&mut p, filling, ready);
    chunks(&mut p, filling, ready);
    let rset = p.goto("250 forgotten", &[], to(ready, vec![], &drop_mail));
    p.on(filling, "RSET", rset);
    tls(&mut p, fresh);
    login(&mut p, ready);
    p
}

fn recipients(p: &mut Protocol, filling: StateId) {
    let place = Place { slot: Slot(2), field: Some(1) };
    let yes = p.reply("250 to {}", &[Expr::Capture(0)]);
    let row = p.body(vec![
        Op::Add { value: Expr::Capture(0), to: place, most: None, full: false, moves: false },
        Op::Reply(yes),
        Op::Stay(vec![]),
    ]);
    let none = p.stay("550 no {}", &[Expr::Capture(0)]);
    let failed = p.stay("451 {}", &[slot(LOCAL)]);
    let shape = Arc::new(Shape { name: "box".into(), fields: vec![] });
    let statement = Arc::new(Statement {
        name: "mailbox".into(),
        database: "default".into(),
        parameters: vec![("address".into(), Type::Text)],
        gives: Gives::Row(shape),
        text: "SELECT 1".into(),
        origin: Origin { file: 0, line: 1, column: 1 },
    });
    let ask = p.body(vec![Op::Ask(Box::new(Ask {
        target: Target::Statement(statement),
        arguments: vec![Expr::Field(Box::new(Expr::Capture(0)), Field::Address)],
        using: None,
        within: seconds(3),
        until: None,
        outcomes: vec![
            Branch { at: row, values: vec![None] },
            Branch { at: none, values: vec![] },
            Branch { at: failed, values: vec![Some(Slot(LOCAL))] },
        ],
    }))]);
    p.on(filling, "RCPT TO:{rcpt:path}", ask);
}

fn data(p: &mut Protocol, filling: StateId, ready: StateId) {
    let body = field(slot(2), 2);
    let complete = p.goto("250 got {}", &[body], to(ready, vec![], &[FactId(2)]));
    let too_big = p.goto("552 too big", &[], to(ready, vec![], &[FactId(2)]));
    let failed = p.goto("451 {}", &[slot(LOCAL)], to(ready, vec![], &[FactId(2)]));
    let go = p.reply("354 go", &[]);
    let nobody = p.reply("503 rcpt first", &[]);
    let at = p.program.code.len() as u32;
    let empty = Expr::Not(Box::new(Expr::Empty(Box::new(field(slot(2), 1)))));
    let entry = p.body(vec![
        Op::Unless { condition: empty, target: Pc(at + 3) },
        Op::Say(go),
        Op::Receive(Box::new(Receive {
            into: Place { slot: Slot(2), field: Some(2) },
            most: number(BODY_MOST),
            complete,
            too_big,
            failed: Branch { at: failed, values: vec![Some(Slot(LOCAL))] },
        })),
        Op::Reply(nobody),
        Op::Stay(vec![]),
    ]);
    p.on_with(filling, "DATA", entry, With { alone: true, ..With::default() });
}

fn chunks(p: &mut Protocol, filling: StateId, ready: StateId) {
    let too_big = p.stay("552 chunk too big", &[]);
    let failed = p.stay("451 {}", &[slot(LOCAL + 1)]);
    let last = p.goto("250 all {}", &[field(slot(2), 2)], to(ready, vec![], &[FactId(2)]));
    let more = p.reply("250 chunk {}", &[Expr::Capture(0)]);
    let nobody = p.reply("503 rcpt first", &[]);
    let at = p.program.code.len() as u32;
    let add = Op::Add {
        value: slot(LOCAL),
        to: Place { slot: Slot(2), field: Some(2) },
        most: None,
        full: false,
        moves: true,
    };
    let some = Expr::Not(Box::new(Expr::Empty(Box::new(field(slot(2), 1)))));
    let entry = p.body(vec![
        Op::Unless { condition: some, target: Pc(at + 6) },
        add,
        Op::Unless { condition: Expr::Present(Box::new(Expr::Capture(1))), target: Pc(at + 4) },
        Op::Jump(last),
        Op::Reply(more),
        Op::Stay(vec![]),
        Op::Reply(nobody),
        Op::Stay(vec![]),
    ]);
    let payload = Payload {
        count: Some(Expr::Capture(0)),
        most: number(BODY_MOST),
        slot: Slot(LOCAL),
        too_big,
        failed,
        why: Some(Slot(LOCAL + 1)),
    };
    p.on_with(filling, "BDAT {n:number}[ {last:last}]", entry, With { payload: Some(payload), ..With::default() });
    p.framed("BDAT {n:number}[ {last:last}]", Expr::Capture(0));
}

fn tls(p: &mut Protocol, fresh: StateId) {
    let go = p.reply("220 go", &[]);
    let start = p.body(vec![Op::Reply(go), Op::StartTls(fresh)]);
    let clear = Expr::Not(Box::new(Expr::Present(Box::new(Expr::Known(Known::Tls)))));
    p.on_with(fresh, "STARTTLS", start, With { guard: Some(clear), ..With::default() });
}

fn login(p: &mut Protocol, ready: StateId) {
    let lexeme = p.lexeme("[^\\x00-\\x20\\x7f]+", Type::Word);
    let name = p.reply("334 name", &[]);
    let word = p.reply("334 word", &[]);
    let welcome = p.stay("235 welcome {}", &[slot(LOCAL)]);
    let rejected = p.reply("535 no", &[]);
    p.program.counters.push(Counter { name: "logins".into(), most: number(2), code: Pc(0) });
    p.program.counters[0].code = p.close("421 too many", &[]);
    let rejected = p.body(vec![
        Op::Count { counter: CounterId(0), per_flight: false },
        Op::Pause(seconds(2)),
        Op::Reply(rejected),
        Op::Stay(vec![]),
    ]);
    let failed = p.stay("454 {}", &[slot(LOCAL)]);
    let signature = Signature {
        name: "validate".into(),
        summary: "".into(),
        parameters: vec![],
        using: false,
        outcomes: ["accepted", "rejected", "failed"]
            .map(|name| OutcomeSignature { name: name.into(), values: vec![] })
            .to_vec(),
    };
    let prompt = |reply, slot, secret| {
        Op::Prompt(Box::new(Prompt { reply, lexeme, most: Some(number(20)), secret, slot: Slot(slot) }))
    };
    let entry = p.body(vec![
        prompt(name, LOCAL, false),
        prompt(word, LOCAL + 1, true),
        Op::Ask(Box::new(Ask {
            target: Target::Action(Arc::new(signature)),
            arguments: vec![slot(LOCAL), slot(LOCAL + 1)],
            using: None,
            within: seconds(10),
            until: None,
            outcomes: vec![
                Branch { at: welcome, values: vec![] },
                Branch { at: rejected, values: vec![] },
                Branch { at: failed, values: vec![Some(Slot(LOCAL))] },
            ],
        })),
    ]);
    p.on(ready, "AUTH LOGIN", entry);
    let plain = p.stay("235 plain {}", &[Expr::Capture(0)]);
    p.on(ready, "AUTH PLAIN {blob:secret}", plain);
    let other = p.stay("504 not {}", &[Expr::Capture(0)]);
    p.on(ready, "AUTH {what:word}[ {rest:text}]", other);
    // Not part of any line: a text with every form in it must build.
    let _ = (pieces("{}", &[number(1)]), template("X {a:digit}"));
}

#[test]
fn a_message_is_taken_from_greeting_to_goodbye() {
    check(
        &mail().finish(),
        r#"
        open
        < 220 mx.example ready
        > ehlo client
        < 250 hello client
        state ready
        > MAIL FROM:<a@b>
        < 250 from a@b
        state filling
        > DATA
        < 503 rcpt first
        > RCPT TO:<c@d>
        ! call mailbox("c@d")
        waits
        = 0 row
        < 250 to c@d
        > DATA
        < 354 go
        ! begin 0
        >> Hi\r\n\r\n..dot\r\n.\r\n
        ! chunk 0 "Hi\r\n\r\n"
        ! chunk 0 ".dot\r\n"
        ! end 0
        waits
        stored 0
        < 250 got 12
        ! discard 0
        state ready
        > QUIT
        < 221 bye
        ! close
        "#,
    );
}
