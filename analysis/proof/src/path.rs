//! Every way through a body, with what is known on it. Ways that come to one place and differ in nothing that matters
//! from there on are one.
//!
//! Never: follows a loop more than once; what its body changes is forgotten before it is entered, so that one round
//! stands for all.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashSet},
};

use program::{
    Changing, Ending, Expr, Field, HandlerId, Moment, Op, Pc, Place, Program, Saying, Slot, StateId, To, Type, Value,
    Why,
};

use crate::{
    ground::{Broken, Ground, Knowledge, Spot, tls_is_on},
    here::{Here, Leaving},
    way::{Choice, Event, Step},
};

/// How many ways of one body are followed.
const MOST_PATHS: usize = 20_000;

/// What of the ways that are open is followed first: how many bodies were begun, where it stands, how much was decided and
/// how late, and its number.
type Rank = (u16, Pc, (usize, usize), usize);

/// What came of one body.
#[derive(Default)]
pub(crate) struct Walked {
    /// Where sessions wait again.
    pub(crate) ends: Vec<End>,
    /// Sites that are reached while none of their conditions need hold.
    pub(crate) broken: Vec<Broken>,
    /// Whether there were more paths than are followed.
    pub(crate) too_many: bool,
}

/// A session that waits for the next thing to happen.
pub(crate) struct End {
    pub(crate) state: StateId,
    pub(crate) knowledge: Knowledge,
    pub(crate) step: Step,
}

pub(crate) struct Walk<'g, 'p> {
    pub(crate) ground: &'g Ground<'p>,
    pub(crate) walked: Walked,
    /// Where it began.
    from: (StateId, Event),
    /// What is still to be followed, by the number in `order`.
    open: BTreeMap<usize, Here<'p>>,
    /// The order in which it is followed: what stands first in the code goes first, so that ways meet before they go on.
    order: BinaryHeap<Reverse<Rank>>,
    seen: HashSet<String>,
    number: usize,
}

/// Walks a body that begins in a state, with what is known there.
pub(crate) fn walk(
    ground: &Ground<'_>,
    state: StateId,
    knowledge: &Knowledge,
    event: Event,
    guard: Option<&Expr>,
    entry: Pc,
) -> Walked {
    let mut known = ground.known(state, knowledge);
    known.extend(guard.map(|guard| (guard.clone(), true)));
    let handler = handler_of(ground.program, event);
    let captures = handler.map_or(&[][..], |handler| &handler.captures);
    if !ground.with(captures, |theory| theory.possible(&known)) {
        return Walked::default();
    }
    let mut first = Here::new(entry, state, known, captures);
    // Its octets take their time to come; the guard was asked before.
    if handler.is_some_and(|handler| handler.payload.is_some()) {
        first.wait(ground);
    }
    first.closing = matches!(event, Event::Shutdown | Event::Full | Event::Broken);
    if event == Event::Left {
        (first.leaving, first.entered) = (Some(Leaving::Close), false);
    }
    Walk::new(ground, state, event).run(first)
}

/// Where an instruction receives into.
fn is_received(op: &Op) -> Option<Place> {
    op.changes().filter(|change| change.how == Changing::Received).map(|change| change.place)
}

fn handler_of(program: &Program, event: Event) -> Option<&program::Handler> {
    match event {
        Event::Line(HandlerId(place))
        | Event::TooBig(HandlerId(place))
        | Event::NotKept(HandlerId(place))
        | Event::JumpedQueue(HandlerId(place)) => program.handlers.get(place as usize),
        _ => None,
    }
}

/// A session begins: the `enter` of the first state runs, or there is no room for it, or the peer talks too early, or the
/// server ends.
pub(crate) fn begin(ground: &Ground<'_>, tls: bool) -> Vec<Walked> {
    let start = ground.program.start;
    let knowledge: Knowledge = ground.track(&[], &[(tls_is_on(), tls)], &|_| Some(Expr::Constant(Value::Absent)));
    let fresh = |event: Event, entry: Pc| {
        let mut first = Here::new(entry, start, ground.known(start, &knowledge), &[]);
        first.changed = true;
        first.entered = event == Event::Start;
        first.closing = !matches!(event, Event::Start | Event::Early);
        Walk::new(ground, start, event).run(first)
    };
    let entry = ground.program.states[usize::from(start.0)].enter;
    let step = Step { state: start, event: Event::Start, choices: Vec::new(), replies: Vec::new() };
    let mut walked = match entry {
        Some(entry) => fresh(Event::Start, entry),
        None => Walked {
            ends: vec![End { state: start, knowledge: knowledge.clone(), step: step.clone() }],
            ..Walked::default()
        },
    };
    let known = ground.known(start, &knowledge);
    let spot = Spot::At(Moment::In(start));
    walked.broken.extend(ground.judge(spot, (&[], &known, &[], false), &|| step.clone(), &|_| None));
    let limits = &ground.program.limits;
    let early = limits.early.as_ref().map(|limit| (Event::Early, limit.code));
    let at_the_door = [
        Some((Event::Full, limits.full)),
        early,
        Some((Event::Shutdown, limits.shutdown)),
        Some((Event::Broken, limits.broken)),
    ];
    let others = at_the_door.into_iter().flatten().map(|(event, code)| fresh(event, code));
    std::iter::once(walked).chain(others).collect()
}

impl<'g, 'p> Walk<'g, 'p> {
    fn new(ground: &'g Ground<'p>, state: StateId, event: Event) -> Walk<'g, 'p> {
        Walk {
            ground,
            walked: Walked::default(),
            from: (state, event),
            open: BTreeMap::new(),
            order: BinaryHeap::new(),
            seen: HashSet::new(),
            number: 0,
        }
    }

    fn run(mut self, first: Here<'p>) -> Walked {
        self.later(first);
        let mut left = MOST_PATHS;
        while let Some(Reverse((.., number))) = self.order.pop() {
            let Some(mut here) = self.open.remove(&number) else { continue };
            left = left.saturating_sub(1);
            if left == 0 || self.ground.is_exhausted() {
                self.walked.too_many = true;
                break;
            }
            let key = here.settle(self.ground);
            self.ground.spend(8 + key.len() / 16);
            if self.seen.insert(key) {
                self.follow(here);
            }
        }
        self.walked
    }

    /// Is followed when all that stands before it has been.
    pub(crate) fn later(&mut self, here: Here<'p>) {
        self.number += 1;
        self.order.push(Reverse((here.depth, here.pc, (here.weight, here.late), self.number)));
        self.open.insert(self.number, here);
    }

    pub(crate) fn step(&self, here: &Here<'_>) -> Step {
        here.step(self.from.0, self.from.1)
    }

    fn follow(&mut self, mut here: Here<'p>) {
        let program: &'p Program = self.ground.program;
        let begun = here.pc;
        loop {
            let Some(op) = program.code.get(here.pc.0 as usize) else { return };
            if here.pc != begun && self.ground.joins.contains(&here.pc) {
                return self.later(here);
            }
            self.ground.spend(1);
            self.judge(&here, Spot::At(Moment::Before(here.pc)));
            if let Some(said) = op.said().filter(|said| matches!(said.how, Saying::Before | Saying::Answer)) {
                here.says(said.reply);
                here.told |= said.how == Saying::Answer;
            }
            self.passes(&mut here, op);
            self.asides(&here, op);
            let Some(goes_on) = self.on(here, op) else { return };
            here = goes_on;
        }
    }

    /// Time passes, where it does, and what was there before is forgotten.
    fn passes(&mut self, here: &mut Here<'p>, op: &Op) {
        if op.is_waited_at() {
            here.wait(self.ground);
            if let Some(received) = is_received(op) {
                here.change(received, self.ground);
            }
            self.may_break(here);
        }
    }

    /// Goes on behind an instruction, what it changes changed. Gives the way that is followed at once, if there is one.
    fn on(&mut self, mut here: Here<'p>, op: &'p Op) -> Option<Here<'p>> {
        let pc = here.pc;
        if let Some(ending) = op.ends() {
            self.end(here, ending);
            return None;
        }
        let exits = op.exits(pc);
        let first = exits.first()?;
        match (first.why, first.to) {
            (Why::Condition(_), _) => {
                let target = exits.iter().find(|exit| exit.why == Why::Condition(false))?.to.here()?;
                return self.branch(here, op.condition()?, target);
            }
            (Why::Element(_), _) => {
                let end = exits.iter().find(|exit| exit.why == Why::Element(false))?.to.here()?;
                here = self.round(here, end, op.takes_from()?)?;
            }
            (Why::Jump, To::Here(target)) => {
                here.pc = here.leads(pc, target)?;
                self.later(here);
                return None;
            }
            (Why::Done, _) => {
                here.sets(op, Why::Done, self.ground);
                self.changes(&mut here, op);
            }
            _ => {
                self.outcomes(&here, op);
                return None;
            }
        }
        here.pc = Pc(pc.0 + 1);
        Some(here)
    }

    fn end(&mut self, here: Here<'p>, ending: Ending<'_>) {
        match ending {
            Ending::Secure(state) => {
                let pc = here.pc;
                self.secure(here.goes(pc, Choice::Secured(pc), 1), state);
            }
            Ending::Goto(transition) => self.goto(here, transition),
            Ending::Stay(with) => self.stay(here, with),
            Ending::Close => self.close(here),
            Ending::Left => self.left(here),
        }
    }

    fn changes(&mut self, here: &mut Here<'p>, op: &Op) {
        let Some(change) = op.changes() else { return };
        match change.how {
            Changing::Grows => self.add(here, change.place),
            Changing::Headed => here.prepend(change.place, self.ground),
            Changing::Shrinks | Changing::Received => drop(here.change(change.place, self.ground)),
        }
        self.may_break(here);
    }

    /// The next element of a loop: the way behind its end is kept for later. Gives the one through its body, if there can be
    /// an element.
    fn round(&mut self, mut here: Here<'p>, end: Pc, snapshot: Slot) -> Option<Here<'p>> {
        let empty = here.seen(&Expr::Empty(Box::new(Expr::Slot(snapshot))));
        if self.certain(&here, &empty) == Some(true) {
            here.pc = end;
            self.later(here);
            return None;
        }
        // What has an element at least has a round: behind it is only what comes out of one.
        let has_one = self.certain(&here, &empty) == Some(false);
        here.round(end, self.ground);
        if has_one {
            here.must.push((here.pc, end));
            return Some(here);
        }
        let mut behind = here.clone();
        behind.pc = end;
        self.later(behind);
        here.known.push((empty, false));
        Some(here)
    }

    pub(crate) fn certain(&self, here: &Here<'_>, condition: &Expr) -> Option<bool> {
        self.ground.with(here.captures, |theory| theory.certain(&here.known, condition))
    }

    /// What is looked out for may be here.
    fn judge(&mut self, here: &Here<'_>, spot: Spot) {
        let slot = |slot: Slot| here.held.get(&slot).cloned();
        let what = (here.captures, &here.known[..], &here.asked[..], here.told);
        let judged = self.ground.judge(spot, what, &|| self.step(here), &slot);
        self.walked.broken.extend(judged);
    }

    /// A condition: the way on which it does not hold is kept for later. Gives the one on which it holds.
    fn branch(&mut self, here: Here<'p>, condition: &Expr, target: Pc) -> Option<Here<'p>> {
        let pc = here.pc;
        let seen = here.seen(condition);
        let settled = self.certain(&here, &seen);
        let goes = |here: Here<'p>, at: Pc, held: bool| {
            let unusual = usize::from(self.ground.is_unusual(condition, held));
            let mut way = here.goes(at, Choice::Condition(pc, condition.clone(), held), 1 + unusual);
            way.late += unusual * pc.0 as usize;
            way
        };
        let other = (settled != Some(true)).then(|| goes(here.clone(), target, false));
        let holds = (settled != Some(false)).then(|| goes(here, Pc(pc.0 + 1), true));
        if let Some(mut other) = other {
            other.known.push((seen.clone(), false));
            self.judge(&other, Spot::Side(pc, false));
            if let Some(on) = other.leads(pc, target) {
                other.pc = on;
                self.later(other);
            }
        }
        let mut here = holds?;
        here.known.push((seen, true));
        self.judge(&here, Spot::Side(pc, true));
        Some(here)
    }

    fn add(&mut self, here: &mut Here<'p>, to: Place) {
        let (slot, ground) = (Expr::Slot(to.slot), self.ground);
        let before = here.seen(&slot);
        let ty = match to.field {
            Some(field) => {
                ground.shape(&before).and_then(|shape| shape.fields.get(usize::from(field))).map(|(_, ty)| ty)
            }
            None => ground.type_of(&slot),
        };
        // A payload that is added may itself be empty.
        let is_list = matches!(ty, Some(Type::List(_)));
        let now = here.change(to, ground);
        if is_list {
            here.known.push((Expr::Empty(Box::new(now)), false));
        } else if let Some(field) = to.field {
            let part = Expr::Field(Box::new(Expr::Slot(to.slot)), Field::Index(field));
            let part = here.seen(&part);
            here.known.push((Expr::Present(Box::new(part)), true));
        }
    }

    /// Something was waited for: each way that it may turn out.
    fn outcomes(&mut self, here: &Here<'p>, op: &'p Op) {
        let (ground, pc) = (self.ground, here.pc);
        for exit in op.exits(pc) {
            let To::Here(at) = exit.to else { continue };
            let answer = match (op.asks(), exit.why) {
                (Some(ask), Why::Outcome(outcome)) => Some((ask.target.name().clone(), outcome)),
                _ => None,
            };
            let choice = match (&answer, exit.why) {
                (Some((name, outcome)), _) => Choice::Outcome { pc, name: name.clone(), outcome: *outcome },
                (None, Why::Outcome(outcome)) => Choice::Received(pc, outcome),
                (None, _) => Choice::Told(pc),
            };
            let mut way = here.clone().goes(at, choice, 1);
            way.sets(op, exit.why, ground);
            answer.into_iter().for_each(|answer| way.answered(answer, ground));
            is_received(op).into_iter().for_each(|place| drop(way.change(place, ground)));
            match exit.why {
                Why::Outcome(outcome) => self.judge(&way, Spot::Outcome(pc, outcome)),
                // What a peer says is there.
                Why::Told => way.known.extend(
                    op.sets(exit.why)
                        .into_iter()
                        .map(|slot| {
                            let value = way.seen(&Expr::Slot(slot));
                            (Expr::Present(Box::new(value)), true)
                        })
                        .collect::<Vec<_>>(),
                ),
                _ => {}
            }
            self.later(way);
        }
    }

    /// The ways on which another body takes the place of this one, or the peer is gone. What may act while a body waits is
    /// looked at between two commands where the facts are still those.
    fn asides(&mut self, here: &Here<'p>, op: &Op) {
        let program = self.ground.program;
        let pc = here.pc;
        for exit in op.exits(pc) {
            let choice = match exit.why {
                Why::Counted(counter) => Choice::Counted(counter),
                Why::Full => Choice::Full(pc),
                Why::BadAnswer => Choice::BadAnswer(pc),
                Why::Cancelled if program.wire.cancel.is_some() => Choice::Cancelled(pc),
                Why::TooLong if here.changed => Choice::Cut(pc, Event::TooLong),
                Why::Silent if here.changed => Choice::Cut(pc, Event::Idle),
                // Who is leaving already does not leave again.
                Why::Gone if here.changed && here.leaving.is_none() => Choice::Cut(pc, Event::Left),
                Why::Cancelled | Why::TooLong | Why::Silent | Why::Gone => continue,
                Why::Done | Why::Jump | Why::Condition(_) | Why::Element(_) | Why::Outcome(_) | Why::Told => continue,
                Why::Arm(_) | Why::Otherwise | Why::Unanswered | Why::Failed | Why::End => continue,
            };
            let way = here.clone().goes(pc, choice, 1);
            match exit.to {
                To::Body(entry) => {
                    let Some(at) = program.entry(entry) else { continue };
                    let mut way = way.begins(at);
                    // In the midst of a payload nobody knows where the next command would begin.
                    way.closing |= exit.why == Why::Silent && is_received(op).is_some();
                    self.later(way);
                }
                _ => self.close(way),
            }
        }
    }

    /// The facts were changed, and what changed them may yet be a fault.
    fn may_break(&mut self, here: &Here<'p>) {
        if here.changed {
            let at = self.ground.program.limits.broken;
            let mut way = here.clone().goes(at, Choice::Cut(here.pc, Event::Broken), 1).begins(at);
            way.closing = true;
            self.later(way);
        }
    }
}
