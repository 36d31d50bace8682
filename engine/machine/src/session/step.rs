//! Runs instructions.
//!
//! Never: recurses; every jump but a loop's goes forward, so every body ends.

use std::sync::Arc;

use program::{CounterId, Each, Expr, Level, Moment, Octets, Op, PayloadId, Pc, Place, ReplyId, Slot, Text, Value};

use super::{Phase, Session, Turn, ending::payloads, payload::Payloads};
use crate::{
    Body, Effect,
    answer::Answer,
    expression::{Fault, equal},
    pool::Pool,
    rounds,
    service::{Code, Test},
};

/// The most elements of a list that no record bounds.
const LIST_MOST: usize = 100_000;

const PAST_BOUND: Fault = Fault(&"what is added to grows past its bound");

/// How a body goes on behind an instruction.
#[derive(Debug)]
pub(super) enum Flow {
    /// With the next one.
    On,
    /// With this one.
    At(Pc),
    /// It waits, or it is done.
    Wait,
}

impl Session {
    /// Runs a body until it waits or ends.
    pub(super) fn run(&mut self, at: Pc, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        self.body.rounds = 0;
        let code = turn.service.code(self.body.lean);
        let observed = self.seen.observed;
        let mut pc = at;
        loop {
            let next = code.onward(pc);
            if observed {
                self.observe_passed(code, pc, next, turn);
                self.observe(next, turn);
            }
            pc = next;
            match self.step(code, pc, turn) {
                Ok(Flow::On) => pc = Pc(pc.0 + 1),
                Ok(Flow::At(next)) => pc = next,
                Ok(Flow::Wait) => return,
                Err(fault) => match self.break_down(fault, Some(pc), turn) {
                    Some(broken) => pc = broken,
                    None => return,
                },
            }
        }
    }

    /// The instruction there, which the present body waits at.
    pub(super) fn op<'a>(&self, at: Pc, turn: &Turn<'a>) -> Option<&'a Op> {
        turn.service.code(self.body.lean).op(at)
    }

    #[inline(always)]
    fn step(&mut self, code: &Code, pc: Pc, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let op = code.op(pc).ok_or(Fault(&"a body runs past its end"))?;
        match op {
            Op::Let { slot, value } => {
                if let Some(test) = code.test(pc) {
                    // It weighs nothing, and so did what was there.
                    self.put(*slot, Value::Yes(self.holds(test, turn)?))?;
                } else {
                    let value = self.scope(turn).value(value)?;
                    self.set(*slot, value)?;
                    self.afford(turn)?;
                }
            }
            Op::Unless { target, .. } => {
                let test = code.test(pc).ok_or(Fault(&"a body runs past its end"))?;
                if !self.holds(test, turn)? {
                    return Ok(Flow::At(*target));
                }
            }
            Op::Jump(target) => return Ok(Flow::At(*target)),
            Op::Say(reply) => self.say(*reply, pc, turn)?,
            Op::Reply(reply) => {
                self.say(*reply, pc, turn)?;
                self.replied(*reply, turn)?;
            }
            Op::Ask(ask) => return self.ask(pc, ask, turn),
            Op::Prompt(prompt) => {
                self.prompt(pc, prompt, turn)?;
                return Ok(Flow::Wait);
            }
            Op::Receive(receive) => {
                self.receive(pc, receive, turn)?;
                return Ok(Flow::Wait);
            }
            Op::Add { value, to, most, full, moves } => {
                if !self.add(value, *to, most.as_ref(), *moves, turn)? {
                    return if *full { Ok(Flow::At(turn.program().limits.full)) } else { Err(PAST_BOUND) };
                }
                self.afford(turn)?;
            }
            Op::Remove { value, from, fold } => {
                let value = self.scope(turn).value(value)?;
                self.change(*from, |place, _| remove(place, &value, *fold))?;
                self.weigh(usize::from(from.slot.0));
            }
            Op::Listed { lines, dotted } => self.listed(*lines, *dotted, pc, turn)?,
            Op::Payload { value, form } => self.send_payload(value, *form, pc, turn)?,
            Op::Count { counter, per_flight } => return self.count(*counter, *per_flight, turn),
            Op::Log { level, text } => self.log(*level, text, turn)?,
            Op::Pause(time) => return self.pause(time, pc, turn),
            Op::Prepend { header, lines, to } => {
                self.prepend(header, lines, *to, turn)?;
                self.afford(turn)?;
            }
            Op::Each(each) => {
                self.each(each, turn)?;
                self.afford(turn)?;
            }
            Op::Next { snapshot, index, item, end } => {
                let flow = self.next(*snapshot, *index, *item, *end)?;
                self.afford(turn)?;
                return Ok(flow);
            }
            Op::StartTls(_) if self.tls.is_some() => return Err(Fault(&"TLS is up already")),
            Op::StartTls(state) => return Ok(self.start_tls(*state, turn)),
            Op::Goto(transition) => return self.go(transition, turn),
            Op::Stay(with) => {
                if !with.is_empty() {
                    self.set_facts(with, &[], turn)?;
                    self.afford(turn)?;
                }
                return Ok(self.done(turn));
            }
            Op::Close => return Ok(self.shut(turn)),
            Op::Left => return self.left(turn),
            Op::Exchange(_) => return Err(Fault(&"only a client can do that")),
        }
        Ok(Flow::On)
    }

    /// Adds a value to a list, or to a payload. Tells whether there was room.
    fn add(
        &mut self,
        value: &Expr,
        to: Place,
        most: Option<&Expr>,
        moves: bool,
        turn: &mut Turn<'_>,
    ) -> Result<bool, Fault> {
        let scope = self.scope(turn);
        let most = most.map(|most| scope.number(most)).transpose()?;
        let value = scope.value(value)?;
        let weight = value.weight() + 2 * size_of::<Value>() as u64;
        let has_room = match value {
            Value::Octets(octets) => self.add_payload(octets, to, most, moves, turn)?,
            value => self.change(to, |place, pool| grow(place, value, most, pool))?,
        };
        if has_room {
            // A list sets room aside for as much as it holds.
            self.weigh_more(to, weight);
        }
        Ok(has_room)
    }

    pub(super) fn holds(&self, test: &Test, turn: &Turn<'_>) -> Result<bool, Fault> {
        test.holds(&self.held.slots, &self.line, &|condition| self.scope(turn).holds(condition))
    }

    /// What is passed over is seen, too.
    #[cold]
    fn observe_passed(&mut self, code: &Code, mut from: Pc, to: Pc, turn: &Turn<'_>) {
        while from != to {
            self.observe(from, turn);
            let Some(next) = code.passed(from) else { return };
            from = next;
        }
    }

    #[cold]
    fn observe(&mut self, pc: Pc, turn: &Turn<'_>) {
        if let Some(count) = self.seen.executed.get_mut(pc.0 as usize) {
            *count += 1;
        }
        self.keep_watch(Moment::Before(pc), turn);
    }

    /// Waits, but no longer than the session may last, and not at all when it ends.
    fn pause(&mut self, time: &Expr, pc: Pc, turn: &mut Turn<'_>) -> Result<Flow, Fault> {
        let time = self.scope(turn).duration(time)?;
        let mut until = turn.now.elapsed.saturating_add(time);
        if !self.ends.expired {
            until = until.min(self.session_end(turn)?);
        }
        if time.is_zero() || self.ends.reason.is_some() || until <= turn.now.elapsed {
            return Ok(Flow::On);
        }
        self.phase = Phase::Pausing { until, next: Pc(pc.0 + 1) };
        Ok(Flow::Wait)
    }

    /// Sends an answer.
    #[inline]
    pub(super) fn say(&mut self, reply: ReplyId, from: Pc, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let answer = turn.service.answer(reply).ok_or(Fault(&"an answer does not exist"))?;
        if let Answer::Constant(text) = answer {
            self.send(text, from, turn);
            return Ok(());
        }
        self.say_rendered(answer, from, turn)
    }

    fn say_rendered(&mut self, answer: &Answer, from: Pc, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        let said = answer.render(&self.scope(turn), &mut out);
        if said.is_ok() {
            self.send(&out, from, turn);
        }
        // A long answer may have grown it; a session that idles keeps little.
        out.shrink_to(1024);
        self.out = out;
        said
    }

    fn send(&mut self, text: &str, from: Pc, turn: &mut Turn<'_>) {
        turn.effects.effect(Effect::Send { octets: text.as_bytes(), from });
        self.said(text, turn);
        self.seen.answered_at = Some(from);
    }

    /// Sends lines of a listing.
    fn listed(&mut self, lines: ReplyId, dotted: bool, from: Pc, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let answer = turn.service.answer(lines).ok_or(Fault(&"an answer does not exist"))?;
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        let said = answer.list(&self.scope(turn), dotted, &mut out);
        if said.is_ok() && !out.is_empty() {
            self.send(&out, from, turn);
        }
        out.shrink_to(1024);
        self.out = out;
        said
    }

    /// Changes a slot whose weight is seen to elsewhere.
    fn put(&mut self, slot: Slot, value: Value) -> Result<(), Fault> {
        let slot = usize::from(slot.0);
        self.pool.put(self.held.slots.get_mut(slot).ok_or(Fault(&"a slot does not exist"))?, value);
        self.body.touched = self.body.touched.max(slot + 1);
        Ok(())
    }

    /// Changes a slot.
    pub(super) fn set(&mut self, slot: Slot, value: Value) -> Result<(), Fault> {
        self.put(slot, value)?;
        self.weigh(usize::from(slot.0));
        Ok(())
    }

    /// Changes what is there.
    pub(super) fn change<T>(
        &mut self,
        place: Place,
        change: impl FnOnce(&mut Value, &Pool) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let slot = usize::from(place.slot.0);
        let value = self.held.slots.get_mut(slot).ok_or(Fault(&"a slot does not exist"))?;
        self.body.touched = self.body.touched.max(slot + 1);
        match (place.field, value) {
            (None, value) => change(value, &self.pool),
            (Some(field), Value::Record(record)) => {
                let shared = Arc::strong_count(record) > 1;
                let fields = &mut self.pool.own(record).fields;
                let field = fields.get_mut(usize::from(field)).ok_or(Fault(&"a record has no such field"))?;
                let changed = change(field, &self.pool);
                if shared {
                    self.weigh(slot);
                }
                changed
            }
            (Some(_), _) => Err(Fault(&"there is no record to change")),
        }
    }

    /// Appends a payload to a payload, or to a list of them, where there is room; gives whether there was. Payloads are
    /// values: whoever else holds one of the two keeps what it holds.
    fn add_payload(
        &mut self,
        added: Octets,
        to: Place,
        most: Option<u64>,
        moves: bool,
        turn: &mut Turn<'_>,
    ) -> Result<bool, Fault> {
        let there = self.change(to, |place, _| {
            Ok(match place {
                Value::Octets(octets) => Some(*octets),
                Value::Absent => Some(Octets::default()),
                _ => None,
            })
        })?;
        let Some(there) = there else {
            return self.change(to, |place, pool| grow(place, Value::Octets(added), most, pool));
        };
        let length = there.length.saturating_add(added.length);
        if most.is_some_and(|most| length > most) {
            return Ok(false);
        }
        let id = match (there.id, added.id) {
            (Some(first), Some(second)) => {
                let first = if self.holders(first) > 1 { self.copy_payload(first, turn) } else { first };
                // The local that it comes from holds it, too.
                let gone = moves && self.holders(second) <= 1 && self.held.live.contains(&second);
                let second = if gone { second } else { self.copy_payload(second, turn) };
                self.held.live.retain(|live| *live != second);
                turn.effects.effect(Effect::Body(Body::Join(first, second)));
                Some(first)
            }
            (first, second) => first.or(second),
        };
        self.change(to, |place, _| {
            *place = Value::Octets(Octets { id, length });
            Ok(true)
        })
    }

    /// How many values hold a payload.
    fn holders(&self, id: PayloadId) -> usize {
        let mut held = Payloads::new();
        self.held.slots.iter().for_each(|value| payloads(value, &mut held));
        held.iter().filter(|other| **other == id).count()
    }

    fn count(&mut self, id: CounterId, per_flight: bool, turn: &Turn<'_>) -> Result<Flow, Fault> {
        const MISSING: Fault = Fault(&"a counter does not exist");
        let counter = turn.program().counters.get(usize::from(id.0)).ok_or(MISSING)?;
        let most = self.scope(turn).number(&counter.most)?;
        if per_flight {
            let read = self.incoming.heard - turn.unread.len() as u64;
            if self.incoming.unheeding.is_some_and(|unheeding| read <= unheeding) {
                return Ok(Flow::On);
            }
            self.incoming.unheeding = Some(self.incoming.heard);
        }
        let hits = self.held.counters.get_mut(usize::from(id.0)).ok_or(MISSING)?;
        *hits = hits.saturating_add(1);
        // A limit answers once for a command, whatever its answer counts: so every body ends.
        if *hits < most || self.body.limited.contains(&id) {
            return Ok(Flow::On);
        }
        self.body.limited.push(id);
        Ok(Flow::At(counter.code))
    }

    fn log(&mut self, level: Level, text: &Text, turn: &mut Turn<'_>) -> Result<(), Fault> {
        if !turn.effects.takes_log(level) {
            return Ok(());
        }
        let mut line = std::mem::take(&mut self.out);
        line.clear();
        let printed = self.scope(turn).print(text, &mut line);
        if printed.is_ok() {
            turn.effects.effect(Effect::Log(level, &line));
        }
        line.shrink_to(1024);
        self.out = line;
        printed
    }

    fn prepend(&mut self, header: &str, lines: &[Text], to: Place, turn: &Turn<'_>) -> Result<(), Fault> {
        let mut field = std::mem::take(&mut self.out);
        field.clear();
        field.push_str(header);
        field.push_str(": ");
        let printed = self.print_lines(lines, &mut field, turn);
        let words = self.pool.text(&field);
        self.out = field;
        printed?;
        self.weigh_more(to, words.weight() + size_of_val(&words) as u64);
        self.change(to, |place, pool| match place {
            Value::Record(record) => {
                pool.own(record).headers.insert(0, words);
                Ok(())
            }
            _ => Err(Fault(&"there is no record to prepend to")),
        })
    }

    fn print_lines(&self, lines: &[Text], out: &mut String, turn: &Turn<'_>) -> Result<(), Fault> {
        let scope = self.scope(turn);
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                out.push_str("\r\n\t");
            }
            scope.print(line, out)?;
        }
        Ok(())
    }

    fn each(&mut self, each: &Each, turn: &Turn<'_>) -> Result<(), Fault> {
        let begun = rounds::begin(each, &self.scope(turn), &self.held.slots, turn.now.elapsed)?;
        self.set(each.snapshot, begun.list)?;
        self.set(each.index, Value::Number(0))?;
        begun.end.map_or(Ok(()), |(slot, end)| self.set(slot, end))
    }

    fn next(&mut self, snapshot: Slot, index: Slot, item: Slot, end: Pc) -> Result<Flow, Fault> {
        let Some((element, at)) = rounds::next(&self.held.slots, snapshot, index)? else { return Ok(Flow::At(end)) };
        rounds::another(&mut self.body.rounds)?;
        self.put(item, element)?;
        self.weigh_element(item);
        self.set(index, at)?;
        Ok(Flow::On)
    }
}

/// Removes every element that equals the value, as `==` would find.
fn remove(place: &mut Value, value: &Value, fold: bool) -> Result<(), Fault> {
    let list = match place {
        Value::List(list) => list,
        Value::Absent => return Ok(()),
        _ => return Err(Fault(&"nothing can be removed there")),
    };
    let mut compared = Ok(());
    list.retain(|element| match equal(element.into(), value.into(), fold) {
        Ok(same) => !same,
        Err(fault) => {
            compared = Err(fault);
            true
        }
    });
    compared
}

/// Appends to a list.
fn grow(place: &mut Value, value: Value, most: Option<u64>, pool: &Pool) -> Result<bool, Fault> {
    let room = |length: usize| most.map_or(length < LIST_MOST, |most| (length as u64) < most);
    match place {
        Value::Absent if room(0) => {
            let mut list = pool.list();
            list.push(value);
            *place = Value::List(list);
        }
        Value::List(list) if room(list.len()) => pool.push(list, value),
        Value::Absent | Value::List(_) => return Ok(false),
        _ => return Err(Fault(&"nothing can be added there")),
    }
    Ok(true)
}
