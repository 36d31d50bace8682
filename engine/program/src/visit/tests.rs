//! One instruction of each kind, and what is said of it.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::sync::Arc;

use regex_automata::dfa::onepass;

use super::{Entry, Said, Saying, To, Why};
use crate::{
    Arm, Ask, Await, Branch, Capture, CounterId, Each, Exchange, Expr, FactId, Gives, Level, LexemeId, Op, Origin,
    PayloadForm, Pc, Piece, Place, Prompt, Receive, ReplyId, SendPart, Slot, StateId, Statement, Target, Template,
    TextForm, Transition, Type, Value,
};

/// What is said of an instruction at 10.
struct Row {
    op: Op,
    /// Where it goes on.
    exits: Vec<(Why, To)>,
    /// How many expressions it has: constants 0, 1, ….
    expressions: i64,
    /// The slots that it may change.
    writes: &'static [u16],
    said: Option<Saying>,
}

fn number(number: i64) -> Expr {
    Expr::Constant(Value::Number(number))
}

fn pieces(first: i64) -> Vec<Piece> {
    vec![Piece::Value(number(first)), Piece::Literal("x".into()), Piece::When(number(first + 1), "y".into())]
}

fn place(slot: u16) -> Place {
    Place { slot: Slot(slot), field: Some(2) }
}

const fn here(at: u32) -> To {
    To::Here(Pc(at))
}

const NEXT: (Why, To) = (Why::Done, here(11));
const GONE: (Why, To) = (Why::Gone, To::Close);
const SILENT: (Why, To) = (Why::Silent, To::Body(Entry::Idle));
const FAILED: (Why, To) = (Why::Failed, To::Given(None));

fn row(op: Op, exits: &[(Why, To)], expressions: i64) -> Row {
    Row { op, exits: exits.to_vec(), expressions, writes: &[], said: None }
}

fn writes(op: Op, exits: &[(Why, To)], expressions: i64, writes: &'static [u16]) -> Row {
    Row { writes, ..row(op, exits, expressions) }
}

fn says(op: Op, said: Saying) -> Row {
    Row { said: Some(said), ..row(op, &[NEXT], 0) }
}

/// What runs on by itself, and what is said on the way.
fn plain() -> Vec<Row> {
    let add = |full: bool| Op::Add { value: number(0), to: place(4), most: Some(number(1)), full, moves: false };
    let each = Each {
        list: number(0),
        snapshot: Slot(4),
        index: Slot(5),
        within: Some((number(1), Slot(6))),
        until: Some(Slot(7)),
    };
    vec![
        writes(Op::Let { slot: Slot(4), value: number(0) }, &[NEXT], 1, &[4]),
        row(
            Op::Unless { condition: number(0), target: Pc(20) },
            &[(Why::Condition(true), here(11)), (Why::Condition(false), here(20))],
            1,
        ),
        row(Op::Jump(Pc(20)), &[(Why::Jump, here(20))], 0),
        says(Op::Say(ReplyId(3)), Saying::Before),
        says(Op::Reply(ReplyId(3)), Saying::Answer),
        says(Op::Listed { lines: ReplyId(3), dotted: true }, Saying::Listing),
        writes(add(false), &[NEXT], 2, &[4]),
        writes(add(true), &[NEXT, (Why::Full, To::Body(Entry::Full))], 2, &[4]),
        writes(Op::Remove { value: number(0), from: place(4), fold: true }, &[NEXT], 1, &[4]),
        row(Op::Payload { value: number(0), form: PayloadForm::Lines }, &[NEXT], 1),
        row(
            Op::Count { counter: CounterId(2), per_flight: false },
            &[NEXT, (Why::Counted(CounterId(2)), To::Body(Entry::Counter(CounterId(2))))],
            0,
        ),
        row(Op::Log { level: Level::Info, text: pieces(0) }, &[NEXT], 2),
        writes(Op::Prepend { header: "X".into(), lines: vec![pieces(0), pieces(2)], to: place(4) }, &[NEXT], 4, &[4]),
        writes(Op::Each(Box::new(each)), &[NEXT], 2, &[4, 5, 6]),
        writes(
            Op::Next { snapshot: Slot(4), index: Slot(5), item: Slot(6), end: Pc(20) },
            &[(Why::Element(true), here(11)), (Why::Element(false), here(20))],
            0,
            &[6, 5],
        ),
    ]
}

/// What waits for the world or for the peer.
fn waits() -> Vec<Row> {
    let statement = Statement {
        name: "find".into(),
        database: "default".into(),
        parameters: Vec::new(),
        gives: Gives::Nothing,
        text: "".into(),
        origin: Origin { file: 0, line: 1, column: 1 },
    };
    let ask = Ask {
        target: Target::Statement(Arc::new(statement)),
        arguments: vec![number(0), number(1)],
        using: None,
        within: number(2),
        until: None,
        outcomes: vec![
            Branch { at: Pc(11), values: vec![Some(Slot(4)), None] },
            Branch { at: Pc(20), values: vec![Some(Slot(5))] },
        ],
    };
    let prompt = Prompt { reply: ReplyId(3), lexeme: LexemeId(0), most: Some(number(0)), secret: true, slot: Slot(4) };
    let receive = Receive {
        into: place(4),
        most: number(0),
        complete: Pc(11),
        too_big: Pc(20),
        failed: Branch { at: Pc(30), values: vec![Some(Slot(5))] },
    };
    vec![
        row(Op::Pause(number(0)), &[NEXT, GONE], 1),
        writes(Op::Ask(Box::new(ask)), &[(Why::Outcome(0), here(11)), (Why::Outcome(1), here(20)), GONE], 3, &[4, 5]),
        Row {
            said: Some(Saying::Question),
            ..writes(
                Op::Prompt(Box::new(prompt)),
                &[
                    (Why::Told, here(11)),
                    (Why::Cancelled, To::Body(Entry::Cancelled)),
                    (Why::BadAnswer, To::Body(Entry::BadAnswer)),
                    (Why::TooLong, To::Body(Entry::Line)),
                    SILENT,
                    GONE,
                ],
                1,
                &[4],
            )
        },
        writes(
            Op::Receive(Box::new(receive)),
            &[(Why::Outcome(0), here(11)), (Why::Outcome(1), here(20)), (Why::Outcome(2), here(30)), SILENT, GONE],
            1,
            &[4, 5],
        ),
    ]
}

/// What ends a body.
fn ends() -> Vec<Row> {
    let with = || vec![(FactId(0), number(0)), (FactId(1), number(1))];
    let transition = Transition { state: StateId(1), with: with(), forget: vec![FactId(2)] };
    vec![
        row(Op::StartTls(StateId(1)), &[(Why::End, To::Secure(StateId(1)))], 0),
        row(Op::Goto(transition), &[(Why::End, To::State(StateId(1)))], 2),
        row(Op::Stay(with()), &[(Why::End, To::Stay)], 2),
        row(Op::Close, &[(Why::End, To::Close)], 0),
        row(Op::Left, &[(Why::End, To::Left)], 0),
    ]
}

/// What only a client does.
fn exchanges() -> Vec<Row> {
    let template = Template { dfa: onepass::DFA::never_match().unwrap(), holes: 1 };
    let capture = Capture { name: "".into(), ty: Type::Text, most: None };
    let arm =
        |at: u32, text: Option<TextForm>| Arm { status: None, text, code: Some(Slot(5)), lines: None, at: Pc(at) };
    let form = TextForm { template, holes: vec![(capture, Slot(4))] };
    let awaited = Await {
        within: number(0),
        until: None,
        arms: vec![arm(11, Some(form)), arm(20, None)],
        otherwise: Pc(30),
        silent: Some(Pc(40)),
        answer: Some(Slot(6)),
    };
    let part = SendPart { when: Some(number(0)), text: pieces(1) };
    let all = [
        (Exchange::Connect { host: number(0), port: number(1), within: number(2) }, 3),
        (Exchange::Send(vec![part]), 3),
        (Exchange::SendLines(number(0)), 1),
        (Exchange::StartTls { verified: true }, 0),
    ];
    let mut rows: Vec<Row> =
        all.into_iter().map(|(exchange, count)| row(Op::Exchange(exchange), &[NEXT, FAILED], count)).collect();
    rows.push(writes(
        Op::Exchange(Exchange::Await(Box::new(awaited))),
        &[
            (Why::Arm(0), here(11)),
            (Why::Arm(1), here(20)),
            (Why::Otherwise, here(30)),
            (Why::Unanswered, here(40)),
            FAILED,
        ],
        1,
        &[4, 5, 5, 6],
    ));
    let give = Exchange::Give { outcome: 1, values: vec![number(0), number(1)] };
    rows.push(row(Op::Exchange(give), &[(Why::End, To::Given(Some(1)))], 2));
    rows
}

fn rows() -> Vec<Row> {
    [plain(), waits(), ends(), exchanges()].into_iter().flatten().collect()
}

#[test]
fn every_way_on_is_an_exit_and_says_why() {
    for Row { op, exits, .. } in rows() {
        let found: Vec<(Why, To)> = op.exits(Pc(10)).iter().map(|exit| (exit.why, exit.to)).collect();
        assert_eq!(found, exits, "{op:?}");
        let onward: Vec<Pc> = exits.iter().filter_map(|(_, to)| to.here()).collect();
        assert_eq!(op.onward(Pc(10)).collect::<Vec<_>>(), onward, "{op:?}");
    }
}

#[test]
fn every_expression_is_read_and_can_be_changed() {
    for Row { mut op, expressions, .. } in rows() {
        let wanted: Vec<Expr> = (0..expressions).map(number).collect();
        assert_eq!(op.expressions().into_iter().cloned().collect::<Vec<_>>(), wanted, "{op:?}");
        op.expressions_mut().into_iter().for_each(|expr| *expr = Expr::Not(Box::new(expr.clone())));
        let changed: Vec<Expr> = wanted.into_iter().map(|expr| Expr::Not(Box::new(expr))).collect();
        assert_eq!(op.expressions().into_iter().cloned().collect::<Vec<_>>(), changed, "{op:?}");
        assert_eq!(op.condition().is_some(), matches!(op, Op::Unless { .. }));
    }
}

#[test]
fn all_that_may_change_is_written() {
    for Row { op, writes, .. } in rows() {
        assert_eq!(op.writes().iter().map(|place| place.slot.0).collect::<Vec<_>>(), writes, "{op:?}");
        if let Some((slot, value)) = op.copies() {
            assert!(writes.contains(&slot.0) && op.expressions().contains(&value), "{op:?}");
        }
    }
}

#[test]
fn what_is_said_is_said_as_what_it_is() {
    for Row { op, said, .. } in rows() {
        assert_eq!(op.said(), said.map(|how| Said { reply: ReplyId(3), how }), "{op:?}");
    }
}

#[test]
fn outcomes_have_names_where_there_are_ways_for_them() {
    for Row { op, .. } in rows() {
        let ways = op.exits(Pc(10)).iter().filter(|exit| matches!(exit.why, Why::Outcome(_))).count();
        assert_eq!(op.outcomes().len(), ways, "{op:?}");
    }
}

#[test]
fn what_the_peer_waits_for_is_one_of_the_expressions() {
    let waiting = |op: &Op| op.waits().map(|waits| (op.expressions().contains(&waits.time), waits.until));
    let found: Vec<(bool, Option<Slot>)> = rows().iter().filter_map(|row| waiting(&row.op)).collect();
    assert_eq!(found, [(true, Some(Slot(7))), (true, None), (true, None)]);
    assert_eq!(rows().iter().filter(|row| row.op.asks().is_some()).count(), 1);
}
