//! A fault of each kind, planted into compiled programs, is found within a few hundred seeds.
//!
//! Never: asks which seed finds it.

use std::collections::BTreeMap;

use hunt::hunt::{Found, Tally, planted};
use program::{Expr, Op, Program, Type, Value};

/// How many seeds a fault has to be found in.
const SEEDS: u64 = 800;

fn all(number: u64, fault: Option<&dyn Fn(&mut Program)>) -> Vec<Found> {
    planted(number, (&mut Tally::default(), &mut BTreeMap::new()), None, fault)
}

/// The kinds of what is found with the fault and not without it, at the first seed where there is any.
fn found(fault: &dyn Fn(&mut Program)) -> Vec<&'static str> {
    std::panic::set_hook(Box::new(|_| {}));
    for number in 1..=SEEDS {
        let with = all(number, Some(fault));
        if with.is_empty() {
            continue;
        }
        let without: Vec<String> = all(number, None).iter().map(|found| found.fault.likeness()).collect();
        let news = with.iter().filter(|found| !without.contains(&found.fault.likeness()));
        let kinds: Vec<&str> = news.map(|found| found.fault.kind).collect();
        if !kinds.is_empty() {
            return kinds;
        }
    }
    panic!("nothing is found in {SEEDS} seeds");
}

fn each(program: &mut Program, mut change: impl FnMut(&mut Op)) {
    program.code.iter_mut().for_each(&mut change);
}

#[test]
fn a_presence_that_is_taken_for_granted_is_found() {
    let kinds = found(&|program| {
        each(program, |op| {
            if let Op::Unless { condition, .. } = op
                && matches!(condition, Expr::Present(_))
            {
                *condition = Expr::Constant(Value::Yes(true));
            }
        });
    });
    assert!(kinds.iter().any(|kind| ["naive", "absent"].contains(kind)), "{kinds:?}");
}

#[test]
fn a_fact_that_is_lost_on_the_way_is_found() {
    let kinds = found(&|program| {
        each(program, |op| {
            if let Op::Goto(transition) = op {
                transition.with.truncate(0);
            }
        });
    });
    assert!(kinds.iter().any(|kind| ["naive", "broken", "absent"].contains(kind)), "{kinds:?}");
}

#[test]
fn an_answer_that_is_not_given_is_found() {
    let kinds = found(&|program| {
        each(program, |op| {
            if let Op::Reply(reply) = *op {
                *op = Op::Say(reply);
            }
        });
    });
    assert!(kinds.contains(&"answers"), "{kinds:?}");
}

#[test]
fn a_payload_that_becomes_commands_is_found() {
    let kinds = found(&|program| program.framed.clear());
    assert!(kinds.contains(&"naive"), "{kinds:?}");
}

#[test]
fn a_bound_that_is_not_held_is_found() {
    let kinds = found(&|program| {
        let boundless = || Expr::Constant(Value::Number(1 << 20));
        for handler in &mut program.handlers {
            handler.captures.iter_mut().for_each(|capture| capture.most = None);
            handler.payload.iter_mut().for_each(|payload| payload.most = boundless());
        }
        each(program, |op| match op {
            Op::Add { most: Some(most), .. } => *most = boundless(),
            Op::Receive(receive) => receive.most = boundless(),
            _ => {}
        });
    });
    assert!(kinds.contains(&"naive"), "{kinds:?}");
}

#[test]
fn a_secret_that_is_shown_is_found() {
    let kinds = found(&|program| {
        for capture in program.handlers.iter_mut().flat_map(|handler| &mut handler.captures) {
            if let Type::Secret(inner) = &capture.ty {
                capture.ty = (**inner).clone();
            }
        }
    });
    assert!(kinds.contains(&"secret"), "{kinds:?}");
}

#[test]
fn a_bound_of_a_payload_behind_a_line_that_is_not_held_is_found() {
    let kinds = found(&|program| {
        let boundless = || Expr::Constant(Value::Number(1 << 20));
        for handler in &mut program.handlers {
            handler.payload.iter_mut().for_each(|payload| payload.most = boundless());
        }
    });
    assert!(kinds.contains(&"naive"), "{kinds:?}");
}
