//! Sessions do the same whether their instructions are counted or not, and whether they run whole bodies or those that are
//! worked out for lines that leave things out. Every shipped protocol hears what its templates allow.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop anywhere")]

use std::{fs, path::Path, sync::Arc, time::Duration};

use machine::{Binding, Body, Effect, Effects, Given, Input, Machine, Now, Peer, Service};
use program::{
    CallId, Gives, Outcome, PayloadId, Program, Record, SessionId, Target, TemplatePart, Type, Value, Values,
};
use server::{
    findings::{Findings, Format},
    protocols::Protocols,
};

/// What holes may hold.
const TEXTS: [&str; 24] = [
    "<ann@example.net>",
    "<bob@example.com>",
    "<postmaster>",
    "<Postmaster@example.org>",
    "<>",
    "<\"a b\"@example.com>",
    "<ä@example.com>",
    "client.example.net",
    "[192.0.2.1]",
    "12",
    "0",
    "bob",
    "INBOX",
    "\"a b\"",
    "1:4",
    "(FLAGS UID)",
    "SIZE=1000",
    "BODY=8BITMIME SIZE=5",
    "NOTIFY=SUCCESS ORCPT=rfc822;a@b.example",
    "RET=HDRS ENVID=x",
    "FOO=1",
    "AGFubgBzZWNyZXQ=",
    "(\\Seen)",
    "x",
];

/// What a session did, and what it waits for.
#[derive(Default)]
struct World {
    did: Vec<String>,
    call: Option<(CallId, Target)>,
    ended: Option<PayloadId>,
    closed: bool,
}

impl Effects for World {
    fn effect(&mut self, effect: Effect<'_>) {
        self.did.push(format!("{effect:?}"));
        match effect {
            Effect::Call(call) => self.call = Some((call.id, call.target)),
            Effect::Cancel(_) => self.call = None,
            Effect::Body(Body::End(id)) => self.ended = Some(id),
            Effect::Close => self.closed = true,
            _ => {}
        }
    }
}

/// Numbers that look as if thrown.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// A session, and another one that is the same but for what it runs.
struct Pair {
    machines: [Machine; 2],
    worlds: [World; 2],
    elapsed: Duration,
}

impl Pair {
    fn new(services: &[Arc<Service>; 2]) -> Pair {
        let local = "192.0.2.1".parse().unwrap();
        let peer = Peer { ip: "192.0.2.7".parse().unwrap(), port: 40_000, local_ip: local, local_port: 25, tls: None };
        let mut machines =
            services.each_ref().map(|service| Machine::new(service.clone(), peer.clone(), SessionId("s".into())));
        machines[0].count_executed();
        let mut pair = Pair { machines, worlds: Default::default(), elapsed: Duration::ZERO };
        pair.feed(|| Input::Open);
        pair
    }

    fn feed<'i>(&mut self, input: impl Fn() -> Input<'i>) {
        self.elapsed += Duration::from_millis(10);
        let now = Now { elapsed: self.elapsed, unix: 1_795_000_000 };
        for (machine, world) in self.machines.iter_mut().zip(&mut self.worlds) {
            machine.feed(now, input(), world);
        }
    }

    /// Answers what is asked, the same to both, until nothing is.
    fn answer(&mut self, dice: &mut Dice) {
        for _ in 0..50 {
            if let Some(id) = self.worlds[0].ended.take() {
                assert_eq!(self.worlds[1].ended.take(), Some(id));
                self.feed(|| Input::Stored(id));
            } else if let Some((id, target)) = self.worlds[0].call.take() {
                assert!(self.worlds[1].call.take().is_some());
                let outcome = outcome(&target, dice);
                self.feed(|| Input::Outcome(id, outcome.clone()));
            } else {
                break;
            }
        }
    }

    #[track_caller]
    fn agree(&self, name: &str, said: &[String]) {
        assert_eq!(self.worlds[0].did, self.worlds[1].did, "{name}: {said:#?}");
        assert_eq!(self.machines[0].state().name, self.machines[1].state().name, "{name}: {said:#?}");
    }
}

fn outcome(target: &Target, dice: &mut Dice) -> Outcome {
    let index = dice.below(target.outcomes().len());
    let values = match target {
        Target::Action(signature) => signature.outcomes[index].values.iter().map(|(_, ty)| some(ty)).collect(),
        Target::Statement(statement) if index == 0 => match &statement.gives {
            Gives::Row(shape) => {
                let fields: Vec<Value> = shape.fields.iter().map(|(_, ty)| some(ty)).collect();
                [Record::new(shape.clone(), fields).into()].into()
            }
            _ => [Value::Absent].into(),
        },
        Target::Statement(_) if index + 1 < target.outcomes().len() => Values::new(),
        Target::Statement(_) | Target::Client(_) => [Value::Text("why".into())].into(),
    };
    Outcome { index, values }
}

fn some(ty: &Type) -> Value {
    match ty {
        Type::Number { .. } | Type::Size => Value::Number(1),
        Type::YesNo => Value::Yes(true),
        Type::List(_) => Value::List(Vec::new()),
        Type::Text => Value::Text("some".into()),
        _ => Value::Absent,
    }
}

/// Appends a line of a template.
fn write(parts: &[TemplatePart], line: &mut String, dice: &mut Dice) {
    for part in parts {
        match part {
            TemplatePart::Literal(text) if dice.below(8) == 0 => line.push_str(&text.to_lowercase()),
            TemplatePart::Literal(text) => line.push_str(text),
            TemplatePart::Hole(_) => line.push_str(TEXTS[dice.below(TEXTS.len())]),
            TemplatePart::Optional(parts) if dice.below(3) == 0 => write(parts, line, dice),
            TemplatePart::Optional(_) | TemplatePart::Request => {}
        }
    }
}

fn check(name: &str, program: &Arc<Program>, switch: bool) {
    let settings = program.settings.iter().filter_map(|setting| match (&*setting.name, &setting.ty) {
        ("our_domains", _) => {
            Some((setting.name.to_string(), Given::List(vec!["example.com".into(), "example.org".into()])))
        }
        (_, Type::YesNo) if switch => Some((setting.name.to_string(), Given::Text("yes".into()))),
        _ => None,
    });
    let binding = Binding { name: "mail.example.com".into(), settings: settings.collect(), ..Binding::default() };
    let service = || Service::bind(program.clone(), &binding).unwrap();
    let services = [service(), service().whole()].map(Arc::new);
    let mut dice = Dice(7);
    let mut taken = 0;
    for _ in 0..150 {
        let mut pair = Pair::new(&services);
        let mut said = Vec::new();
        for _ in 0..40 {
            let handlers =
                &program.states.iter().find(|state| state.name == pair.machines[0].state().name).unwrap().handlers;
            let mut line = if program.wire.tag.is_some() { "a1 ".to_string() } else { String::new() };
            match handlers.len() {
                0 => line.push_str(TEXTS[dice.below(TEXTS.len())]),
                handler => {
                    let handler = &program.handlers[handlers[dice.below(handler)].0 as usize];
                    write(&handler.parts, &mut line, &mut dice);
                }
            }
            if dice.below(12) == 0 {
                line = [".", "AGFubgBzZWNyZXQ=", "*", "RSET"][dice.below(4)].to_string();
            }
            line.push_str("\r\n");
            pair.feed(|| Input::Bytes(line.as_bytes()));
            said.push(line);
            pair.answer(&mut dice);
            pair.agree(name, &said);
            if pair.worlds[0].closed {
                break;
            }
        }
        taken += said.len();
    }
    println!("{name}: {taken} lines");
    assert!(taken >= 150, "{name}");
}

#[test]
fn what_is_left_out_changes_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols");
    let (mut findings, mut protocols) = (Findings::default(), Protocols::default());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".proto.dsl")) {
            protocols.add(name, path.to_str().unwrap(), &fs::read_to_string(&path).unwrap(), &mut findings);
            names.push(name.to_string());
        }
    }
    protocols.add("ways", "ways.proto.dsl", include_str!("lean/ways.proto.dsl"), &mut findings);
    names.push("ways".to_string());
    names.sort();
    assert!(names.len() > 5);
    for name in names {
        let Some(program) = protocols.named(&name).flatten().cloned() else {
            panic!("{}", findings.render(Format::Short, false))
        };
        for switch in [false, true] {
            check(&name, &program, switch);
        }
    }
}
