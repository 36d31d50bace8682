//! Runs the instructions of a client.
//!
//! Never: recurses; every jump but a loop's goes forward, so every client ends.

use program::{Each, Exchange, Expr, Headers, Octets, Op, Outcome, Pc, Piece, SendPart, Slot, Value};

use super::{Client, Effect, Effects, Phase};
use crate::{
    Now,
    expression::{Fault, Kind, print_value},
    rounds,
};

/// How a body goes on behind an instruction.
enum Flow {
    /// With the next one.
    On,
    /// With this one.
    At(Pc),
    /// It waits.
    Wait,
    /// It fails: no fault of ours.
    Fail(String),
}

/// A line that is sent, and as it is shown.
#[derive(Default)]
struct Spoken {
    octets: Vec<u8>,
    shown: String,
    /// A value with a control character in it: it could end the line and begin another.
    unfit: bool,
}

impl Client {
    /// Runs until it waits or gives.
    pub(super) fn run(&mut self, at: Pc, now: Now, effects: &mut dyn Effects) {
        let mut pc = at;
        self.rounds = 0;
        loop {
            match self.step(pc, now, effects) {
                Ok(Flow::On) => pc = Pc(pc.0 + 1),
                Ok(Flow::At(next)) => pc = next,
                Ok(Flow::Wait) => return,
                Ok(Flow::Fail(why)) => return self.fail(&why, effects),
                Err(fault) => return self.fault(fault, Some(pc), effects),
            }
        }
    }

    fn step(&mut self, pc: Pc, now: Now, effects: &mut dyn Effects) -> Result<Flow, Fault> {
        let role = self.role.clone();
        match role.code.get(pc.0 as usize).ok_or(Fault(&"a client runs past its end"))? {
            Op::Let { slot, value } => {
                let value = self.scope(now).value(value)?;
                self.set(*slot, value)?;
            }
            Op::Unless { condition, target } => {
                if !self.scope(now).holds(condition)? {
                    return Ok(Flow::At(*target));
                }
            }
            Op::Jump(target) => return Ok(Flow::At(*target)),
            Op::Log { level, text } => {
                let mut line = String::new();
                self.scope(now).print(text, &mut line)?;
                effects.effect(Effect::Log(*level, &line));
            }
            Op::Each(each) => self.each(each, now)?,
            Op::Next { snapshot, index, item, end } => return self.next(*snapshot, *index, *item, *end),
            Op::Exchange(exchange) => return self.exchange(exchange, pc, now, effects),
            _ => return Err(Fault(&"a client cannot do that")),
        }
        Ok(Flow::On)
    }

    fn exchange(&mut self, exchange: &Exchange, pc: Pc, now: Now, effects: &mut dyn Effects) -> Result<Flow, Fault> {
        let next = Pc(pc.0 + 1);
        match exchange {
            Exchange::Connect { host, port, within } => return self.connect(host, port, within, next, now, effects),
            Exchange::Send(parts) => return self.say(parts, now, effects),
            Exchange::SendLines(value) => self.send_lines(value, next, now, effects)?,
            Exchange::Await(awaited) => {
                let scope = self.scope(now);
                let mut within = scope.duration(&awaited.within)?;
                if let Some(slot) = awaited.until {
                    within = within.min(rounds::end(&self.slots, slot)?.saturating_sub(now.elapsed));
                }
                let until = now.elapsed.saturating_add(within);
                self.wait(Phase::Awaiting { at: pc, within }, Some(until), effects);
            }
            Exchange::StartTls { .. } if self.tls.is_some() => {
                return Ok(Flow::Fail("TLS is up already".into()));
            }
            Exchange::StartTls { verified } => {
                if !self.unread.is_empty() {
                    // It came in the clear and would be taken for something said under TLS.
                    let octets = self.unread.len();
                    let why = format!("the other server sent {octets} octets in the clear behind its word for TLS");
                    return Ok(Flow::Fail(why));
                }
                self.lines.restart();
                let host = self.host.clone();
                self.wait(Phase::Securing { next }, None, effects);
                effects.effect(Effect::Secure { name: &host, verified: *verified });
            }
            Exchange::Give { outcome, values } => {
                let values = self.scope(now).values(values)?;
                self.give(Outcome { index: *outcome, values }, effects);
            }
        }
        Ok(Flow::Wait)
    }

    fn connect(
        &mut self,
        host: &Expr,
        port: &Expr,
        within: &Expr,
        next: Pc,
        now: Now,
        effects: &mut dyn Effects,
    ) -> Result<Flow, Fault> {
        let scope = self.scope(now);
        let (within, port) = (scope.duration(within)?, scope.number(port)?);
        let mut name = String::new();
        print_value(scope.evaluate(host)?.kind(), &mut name);
        let name = bare(&name).to_owned();
        let port = u16::try_from(port).ok().filter(|port| *port > 0);
        let (Some(port), false) = (port, name.is_empty()) else {
            return Ok(Flow::Fail("there is no such host and port to connect to".into()));
        };
        self.host = name.as_str().into();
        self.wait(Phase::Connecting { next, within }, Some(now.elapsed.saturating_add(within)), effects);
        effects.effect(Effect::Connect { host: &name, port });
        Ok(Flow::Wait)
    }

    fn say(&mut self, parts: &[SendPart], now: Now, effects: &mut dyn Effects) -> Result<Flow, Fault> {
        let scope = self.scope(now);
        let (mut spoken, mut secrets) = (Spoken::default(), Vec::new());
        for part in parts {
            if part.when.as_ref().map_or(Ok(true), |when| scope.holds(when))? {
                for piece in &part.text {
                    match piece {
                        Piece::Literal(text) => spoken.text(text),
                        Piece::Value(value) => {
                            let value = scope.evaluate(value)?;
                            spoken.value(value.kind());
                            if let Kind::Secret(secret) = value.kind() {
                                secrets.push(secret.clone());
                            }
                        }
                        Piece::When(condition, text) if scope.holds(condition)? => spoken.text(text),
                        Piece::When(..) => {}
                    }
                }
            }
        }
        secrets.into_iter().for_each(|secret| self.keep_secret(&Value::Secret(secret)));
        if spoken.unfit {
            return Ok(Flow::Fail("a value that was to be sent has a control character in it".into()));
        }
        spoken.octets.extend_from_slice(self.service.program().wire.line_end.octets());
        effects.effect(Effect::Said(&spoken.shown));
        effects.effect(Effect::Send(&spoken.octets));
        Ok(Flow::On)
    }

    fn send_lines(&mut self, value: &Expr, next: Pc, now: Now, effects: &mut dyn Effects) -> Result<(), Fault> {
        const FOREIGN: Fault = Fault(&"what is to be sent is no payload");
        let (headers, octets) = match self.scope(now).value(value)? {
            Value::Octets(octets) => (Headers::new(), octets),
            Value::Absent => (Headers::new(), Octets::default()),
            Value::Record(record) => match record.field("body") {
                Some(Value::Octets(octets)) => (record.headers.clone(), *octets),
                Some(Value::Absent) => (record.headers.clone(), Octets::default()),
                _ => return Err(FOREIGN),
            },
            _ => return Err(FOREIGN),
        };
        self.wait(Phase::Sending { next }, None, effects);
        effects.effect(Effect::SendLines { headers: &headers, octets });
        Ok(())
    }

    fn each(&mut self, each: &Each, now: Now) -> Result<(), Fault> {
        let begun = rounds::begin(each, &self.scope(now), &self.slots, now.elapsed)?;
        self.set(each.snapshot, begun.list)?;
        self.set(each.index, Value::Number(0))?;
        begun.end.map_or(Ok(()), |(slot, end)| self.set(slot, end))
    }

    fn next(&mut self, snapshot: Slot, index: Slot, item: Slot, end: Pc) -> Result<Flow, Fault> {
        let Some((element, at)) = rounds::next(&self.slots, snapshot, index)? else { return Ok(Flow::At(end)) };
        rounds::another(&mut self.rounds)?;
        self.set(item, element)?;
        self.set(index, at)?;
        Ok(Flow::On)
    }
}

impl Spoken {
    fn text(&mut self, text: &str) {
        self.octets.extend_from_slice(text.as_bytes());
        self.shown.push_str(text);
    }

    fn value(&mut self, value: Kind<'_>) {
        self.unfit |= has_control(value);
        let from = self.shown.len();
        print_value(value, &mut self.shown);
        match value {
            Kind::Secret(secret) => self.octets.extend_from_slice(secret.expose()),
            _ => self.octets.extend_from_slice(&self.shown.as_bytes()[from..]),
        }
    }
}

/// Whether a control character, a tab aside, stands in a value as it would be sent.
fn has_control(value: Kind<'_>) -> bool {
    let in_text = |text: &str| text.chars().any(|c| c.is_control() && c != '\t');
    match value {
        Kind::Text(text) => in_text(text),
        Kind::Address(address) => in_text(&address.text),
        Kind::Secret(secret) => match std::str::from_utf8(secret.expose()) {
            Ok(text) => in_text(text),
            Err(_) => secret.expose().iter().any(|octet| octet.is_ascii_control() && *octet != b'\t'),
        },
        Kind::List(list) => list.iter().any(|item| has_control(item.into())),
        Kind::Record(record) => record.fields.iter().any(|field| has_control(field.into())),
        _ => false,
    }
}

/// A host without the brackets that an address literal has (RFC 5321 §4.1.3).
fn bare(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(literal) => match literal.get(..5) {
            Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => &literal[5..],
            _ => literal,
        },
        None => host,
    }
}
