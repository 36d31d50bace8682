//! Every path through a body, with what is known on it.
//!
//! Never: follows a loop more than once; what its body changes is forgotten before it is entered, so that one round
//! stands for all.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use program::{Expr, FactId, Known as Thing, Moment, Op, Pc, Place, Program, Slot, StateId, Transition, Unless};

use crate::{
    logic::{Known, atoms, certain, possible, settled},
    rewrite::{rewrite, some, yes},
    way::{Choice, Event, Step},
};

/// How many paths of one body are followed.
const MOST_PATHS: usize = 20_000;

/// Slots from here on stand for values that nothing is known of.
const UNKNOWN: u16 = 0x8000;

/// What was asked, and the number of the outcome that came.
type Asked = (Arc<str>, usize);

/// What is looked out for, and where.
pub(crate) type Sites = BTreeMap<Spot, Vec<Watched>>;

/// Somewhere that a walk can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// What promises speak of.
    At(Moment),
    /// This call is answered by its outcome of that number.
    Outcome(Pc, usize),
    /// This condition holds, or does not.
    Side(Pc, bool),
}

/// Something that is looked out for at a spot.
pub(crate) struct Watched {
    /// The number of the promise, or of what is sought.
    pub(crate) number: usize,
    /// What must not hold there.
    pub(crate) unless: Vec<Unless>,
    /// Whether a final answer was given before; either is right without it.
    pub(crate) told: Option<bool>,
}

/// What is known of a session between commands: what holds of the conditions that are kept track of, by their numbers.
pub(crate) type Knowledge = BTreeMap<usize, bool>;

/// What all walks share.
pub(crate) struct Ground<'p> {
    pub(crate) program: &'p Program,
    pub(crate) sites: Sites,
    /// The conditions that are kept track of from command to command.
    pub(crate) tracked: Vec<Expr>,
}

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

/// A site that is reached while none of its conditions need hold.
pub(crate) struct Broken {
    pub(crate) promise: usize,
    pub(crate) site: Option<Pc>,
    pub(crate) step: Step,
    /// Whether it may hang on values that are not calculated.
    pub(crate) doubtful: bool,
}

#[derive(Clone)]
struct Here {
    pc: Pc,
    state: StateId,
    known: Vec<Known>,
    /// What slots hold, where that is known.
    held: BTreeMap<Slot, Expr>,
    asked: Vec<Asked>,
    /// Whether a final answer was given.
    told: bool,
    step: Step,
    unknowns: u16,
    paths_of_loops: BTreeSet<Pc>,
}

struct Walk<'g, 'p> {
    ground: &'g Ground<'p>,
    open: Vec<Here>,
    left: usize,
    walked: Walked,
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
    let mut walked = Walked::default();
    if !possible(&known) {
        return walked;
    }
    let step = Step { state, event, choices: Vec::new(), replies: Vec::new() };
    let first = Here {
        pc: entry,
        state,
        known,
        held: BTreeMap::new(),
        asked: Vec::new(),
        told: false,
        step,
        unknowns: UNKNOWN,
        paths_of_loops: BTreeSet::new(),
    };
    let mut walk = Walk { ground, open: vec![first], left: MOST_PATHS, walked };
    while let Some(here) = walk.open.pop() {
        let Some(left) = walk.left.checked_sub(1) else {
            walk.walked.too_many = true;
            break;
        };
        walk.left = left;
        walk.follow(here);
    }
    walked = walk.walked;
    walked
}

/// A session begins: the `enter` of the first state runs, or there is no room for it, or the peer talks too early.
pub(crate) fn begin(ground: &Ground<'_>, tls: bool) -> Vec<Walked> {
    let start = ground.program.start;
    let knowledge: Knowledge = ground.track(&[(tls_is_on(), tls)], &|slot| Some(absent(slot)));
    let entry = ground.program.states[usize::from(start.0)].enter;
    let step = Step { state: start, event: Event::Start, choices: Vec::new(), replies: Vec::new() };
    let mut walked = match entry {
        Some(entry) => walk(ground, start, &knowledge, Event::Start, None, entry),
        None => Walked {
            ends: vec![End { state: start, knowledge: knowledge.clone(), step: step.clone() }],
            ..Walked::default()
        },
    };
    let known = ground.known(start, &knowledge);
    walked.broken.extend(ground.judge(Spot::At(Moment::In(start)), (&known, &[], false), &step, &|_| None));
    let limits = &ground.program.limits;
    let early = limits.early.as_ref().map(|limit| (Event::Early, limit.code));
    let at_the_door = [Some((Event::Full, limits.full)), early];
    let others =
        at_the_door.into_iter().flatten().map(|(event, code)| walk(ground, start, &knowledge, event, None, code));
    std::iter::once(walked).chain(others).collect()
}

pub(crate) fn tls_is_on() -> Expr {
    Expr::Present(Box::new(Expr::Known(Thing::Tls)))
}

fn absent(_: Slot) -> Expr {
    Expr::Constant(program::Value::Absent)
}

impl Ground<'_> {
    /// What is known in a state: what was kept track of, and that the facts that it must have are there.
    fn known(&self, state: StateId, knowledge: &Knowledge) -> Vec<Known> {
        let facts = &self.program.states[usize::from(state.0)].facts;
        let there = facts.iter().filter(|(_, optional)| !optional);
        let there = there.map(|(fact, _)| (Expr::Present(Box::new(Expr::Slot(Slot(fact.0)))), true));
        knowledge.iter().map(|(place, held)| (self.tracked[*place].clone(), *held)).chain(there).collect()
    }

    /// What will be known when facts become what `slot` says.
    fn track(&self, known: &[Known], slot: &dyn Fn(Slot) -> Option<Expr>) -> Knowledge {
        let places = self.tracked.iter().enumerate();
        places.filter_map(|(place, atom)| Some((place, certain(known, &rewrite(atom, slot))?))).collect()
    }

    /// The promises whose event happens now, while none of their conditions need hold.
    fn judge(
        &self,
        spot: Spot,
        (known, asked, told): (&[Known], &[Asked], bool),
        step: &Step,
        slot: &dyn Fn(Slot) -> Option<Expr>,
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        for watched in self.sites.get(&spot).into_iter().flatten() {
            if watched.told.is_some_and(|wanted| wanted != told) {
                continue;
            }
            let mut against: Vec<Known> = Vec::new();
            let mut answered = false;
            for unless in &watched.unless {
                match unless {
                    Unless::Holds(condition) => against.push((rewrite(condition, slot), false)),
                    Unless::Answered { name, outcome } => {
                        answered |= asked.iter().any(|(asked, was)| asked == name && was == outcome);
                    }
                }
            }
            if !answered && possible(known.iter().chain(&against)) {
                let doubtful = hangs_on_values(known, &against);
                let site = match spot {
                    Spot::At(Moment::Before(pc)) | Spot::Outcome(pc, _) | Spot::Side(pc, _) => Some(pc),
                    Spot::At(Moment::In(_)) => None,
                };
                broken.push(Broken { promise: watched.number, site, step: step.clone(), doubtful });
            }
        }
        broken
    }
}

/// Whether what is known and what is asked speak of the same thing in ways that are not compared.
fn hangs_on_values(known: &[Known], against: &[Known]) -> bool {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    known.iter().for_each(|(expr, _)| atoms(expr, &mut ours));
    against.iter().for_each(|(expr, _)| atoms(expr, &mut theirs));
    // `x.domain` and `x.local` are different things, and so are they and `x`.
    fn leaves<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
        match expr {
            Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) | Expr::Field(..) => into.push(expr),
            Expr::Compare { left: a, right: b, .. }
            | Expr::In { element: a, list: b, .. }
            | Expr::Plus(a, b)
            | Expr::Minus(a, b)
            | Expr::When(a, b) => {
                leaves(a, into);
                leaves(b, into);
            }
            Expr::Empty(a) => leaves(a, into),
            Expr::Pure(_, list) => list.iter().for_each(|expr| leaves(expr, into)),
            _ => {}
        }
    }
    let leaves = |atom: &'_ Expr| -> Vec<Expr> {
        let mut found = Vec::new();
        leaves(atom, &mut found);
        found.into_iter().cloned().collect()
    };
    theirs.iter().filter(|atom| !matches!(atom, Expr::Present(_))).any(|asked| {
        let about = leaves(asked);
        ours.iter()
            .filter(|atom| !matches!(atom, Expr::Present(_)) && atom != &asked && !settled(atom, asked))
            .any(|atom| leaves(atom).iter().any(|leaf| about.contains(leaf)))
    })
}

impl Here {
    /// An expression in terms of what is known.
    fn seen(&self, expr: &Expr) -> Expr {
        rewrite(expr, &|slot| self.held.get(&slot).cloned())
    }

    /// A slot takes a value that nothing is known of.
    fn unknown(&mut self, slot: Slot) {
        self.unknowns += 1;
        self.held.insert(slot, Expr::Slot(Slot(self.unknowns)));
    }

    fn goes(mut self, pc: Pc, choice: Choice) -> Here {
        self.pc = pc;
        self.step.choices.push(choice);
        self
    }

    /// One round of a loop that stands for all. Gives the way behind the loop.
    fn round(&mut self, (item, index): (Slot, Slot), end: Pc, program: &Program) -> Here {
        for place in changed_between(program, self.pc, end) {
            match place {
                Place { slot, field: None } => self.unknown(slot),
                place => self.changed(place),
            }
        }
        self.unknown(item);
        self.unknown(index);
        let mut behind = self.clone();
        behind.pc = end;
        behind
    }

    /// A field is changed: what was known of it counts no more.
    fn changed(&mut self, place: Place) {
        let slot = self.seen(&Expr::Slot(place.slot));
        let speaks = |expr: &Expr| {
            some(expr, &mut |part| match (part, place.field) {
                (Expr::Field(base, program::Field::Index(index)), Some(field)) => **base == slot && *index == field,
                (part, None) => *part == slot,
                _ => false,
            })
        };
        self.known.retain(|(expr, _)| !speaks(expr));
        let stale: Vec<Slot> = self.held.iter().filter(|(_, held)| speaks(held)).map(|(slot, _)| *slot).collect();
        stale.into_iter().for_each(|slot| self.unknown(slot));
    }
}

impl<'p> Walk<'_, 'p> {
    fn follow(&mut self, mut here: Here) {
        let program: &'p Program = self.ground.program;
        loop {
            let Some(op) = program.code.get(here.pc.0 as usize) else { return };
            self.judge(&here, Spot::At(Moment::Before(here.pc)));
            match op {
                Op::Let { slot, value } => {
                    let value = here.seen(value);
                    here.held.insert(*slot, value);
                }
                Op::Unless { condition, target } => {
                    let Some(goes_on) = self.branch(here, condition, *target) else { return };
                    here = goes_on;
                    continue;
                }
                Op::Jump(target) => {
                    // Backwards: another round, which the first stands for.
                    if target.0 <= here.pc.0 {
                        return;
                    }
                    here.pc = *target;
                    continue;
                }
                Op::Say(reply) => here.step.replies.push(*reply),
                Op::Reply(reply) => {
                    here.step.replies.push(*reply);
                    here.told = true;
                }
                Op::Add { to, .. } => {
                    here.changed(*to);
                    if let Some(field) = to.field {
                        let record = here.seen(&Expr::Slot(to.slot));
                        let list = Expr::Field(Box::new(record), program::Field::Index(field));
                        here.known.push((Expr::Empty(Box::new(list)), false));
                    }
                }
                Op::Count(counter) => {
                    let code = program.counters[usize::from(counter.0)].code;
                    self.open.push(here.clone().goes(code, Choice::Counted(*counter)));
                }
                Op::Remove { from, .. } => here.changed(*from),
                Op::Listed { .. }
                | Op::Payload { .. }
                | Op::Log { .. }
                | Op::Pause(_)
                | Op::Prepend { .. }
                | Op::Exchange(_) => {}
                Op::Ask(_) | Op::Prompt(_) | Op::Receive(_) => return self.wait(here, op),
                Op::Each(each) => {
                    let list = here.seen(&each.list);
                    here.held.insert(each.snapshot, list);
                    here.unknown(each.index);
                }
                Op::Next { item, index, end, snapshot } => {
                    if !here.paths_of_loops.insert(here.pc) {
                        return;
                    }
                    // There is a round only where there is an element.
                    let empty = here.seen(&Expr::Empty(Box::new(Expr::Slot(*snapshot))));
                    if certain(&here.known, &empty) == Some(true) {
                        here.pc = *end;
                        continue;
                    }
                    self.open.push(here.round((*item, *index), *end, program));
                    here.known.push((empty, false));
                }
                Op::StartTls(state) => {
                    here.step.choices.push(Choice::Secured(here.pc));
                    return self.encrypted(here, *state);
                }
                Op::Goto(transition) => return self.leave(here, transition),
                Op::Stay(with) => return self.stay(here, with),
                Op::Close | Op::Left => return,
            }
            here.pc = Pc(here.pc.0 + 1);
        }
    }

    /// What is looked out for may be here.
    fn judge(&mut self, here: &Here, spot: Spot) {
        let slot = |slot: Slot| here.held.get(&slot).cloned();
        let judged = self.ground.judge(spot, (&here.known, &here.asked, here.told), &here.step, &slot);
        self.walked.broken.extend(judged);
    }

    /// A condition: the way on which it does not hold is kept for later. Gives the one on which it holds.
    fn branch(&mut self, here: Here, condition: &Expr, target: Pc) -> Option<Here> {
        let pc = here.pc;
        let seen = here.seen(condition);
        let settled = certain(&here.known, &seen);
        let choice = |held| Choice::Condition(pc, condition.clone(), held);
        if settled != Some(true) {
            let mut other = here.clone().goes(target, choice(false));
            other.known.push((seen.clone(), false));
            self.judge(&other, Spot::Side(pc, false));
            self.open.push(other);
        }
        if settled == Some(false) {
            return None;
        }
        let mut here = here.goes(Pc(pc.0 + 1), choice(true));
        here.known.push((seen, true));
        self.judge(&here, Spot::Side(pc, true));
        Some(here)
    }

    /// Something is waited for: each way that it may turn out.
    fn wait(&mut self, here: Here, op: &Op) {
        let program = self.ground.program;
        let pc = here.pc;
        match op {
            Op::Ask(ask) => {
                for (outcome, branch) in ask.outcomes.iter().enumerate() {
                    let name = ask.target.name().clone();
                    let mut way = here.clone().goes(branch.at, Choice::Outcome { pc, name: name.clone(), outcome });
                    way.asked.push((name, outcome));
                    branch.values.iter().flatten().for_each(|slot| way.unknown(*slot));
                    self.judge(&way, Spot::Outcome(pc, outcome));
                    self.open.push(way);
                }
            }
            Op::Prompt(prompt) => {
                let mut told = here.clone().goes(Pc(pc.0 + 1), Choice::Told(pc));
                told.unknown(prompt.slot);
                self.open.push(told);
                let unexpected = &program.unexpected;
                let others = [
                    (unexpected.cancelled.filter(|_| program.wire.cancel.is_some()), Choice::Cancelled(pc)),
                    (unexpected.bad_answer, Choice::BadAnswer(pc)),
                ];
                for (code, choice) in others {
                    self.open.extend(code.map(|code| here.clone().goes(code, choice)));
                }
            }
            Op::Receive(receive) => {
                let ends = [receive.complete, receive.too_big, receive.failed.at];
                for (end, at) in ends.into_iter().enumerate() {
                    let mut way = here.clone().goes(at, Choice::Received(pc, end));
                    way.changed(receive.into);
                    receive.failed.values.iter().flatten().for_each(|slot| way.unknown(*slot));
                    self.judge(&way, Spot::Outcome(pc, end));
                    self.open.push(way);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, here: Here, transition: &Transition) {
        let state = &self.ground.program.states[usize::from(transition.state.0)];
        let owned: BTreeSet<FactId> = state.facts.iter().map(|(fact, _)| *fact).collect();
        let facts = self.ground.program.facts.len();
        let supplied: BTreeMap<FactId, Expr> =
            transition.with.iter().map(|(fact, value)| (*fact, here.seen(value))).collect();
        let becomes = |slot: Slot| {
            let fact = FactId(slot.0);
            if usize::from(slot.0) >= facts {
                return None;
            }
            if transition.forget.contains(&fact) || !owned.contains(&fact) {
                return Some(absent(slot));
            }
            supplied.get(&fact).cloned().or_else(|| here.held.get(&slot).cloned())
        };
        self.arrive(&here, transition.state, &here.known, &becomes, true);
    }

    fn stay(&mut self, here: Here, with: &[(FactId, Expr)]) {
        let supplied: BTreeMap<FactId, Expr> = with.iter().map(|(fact, value)| (*fact, here.seen(value))).collect();
        let becomes = |slot: Slot| supplied.get(&FactId(slot.0)).cloned().or_else(|| here.held.get(&slot).cloned());
        self.arrive(&here, here.state, &here.known, &becomes, false);
    }

    fn encrypted(&mut self, here: Here, state: StateId) {
        // Of what was known only what no upgrade changes is kept: settings and the peer's address.
        let is_fixed = |expr: &Expr| {
            !some(expr, &mut |part| {
                matches!(part, Expr::Slot(_) | Expr::Capture(_))
                    || matches!(part, Expr::Known(known) if !matches!(known, Thing::PeerIp | Thing::LocalPort))
            })
        };
        let mut known: Vec<Known> = here.known.iter().filter(|(expr, _)| is_fixed(expr)).cloned().collect();
        known.push((tls_is_on(), true));
        self.arrive(&here, state, &known, &|slot| Some(absent(slot)), true);
    }

    /// A session comes into a state, or stays in it.
    fn arrive(
        &mut self,
        here: &Here,
        state: StateId,
        known: &[Known],
        becomes: &dyn Fn(Slot) -> Option<Expr>,
        entered: bool,
    ) {
        let spot = Spot::At(Moment::In(state));
        self.walked.broken.extend(self.ground.judge(spot, (known, &here.asked, here.told), &here.step, becomes));
        let knowledge = self.ground.track(known, becomes);
        let enter = self.ground.program.states[usize::from(state.0)].enter.filter(|_| entered);
        match enter {
            None => self.walked.ends.push(End { state, knowledge, step: here.step.clone() }),
            Some(pc) => {
                let known = self.ground.known(state, &knowledge);
                let mut next = here.clone();
                (next.pc, next.state, next.known) = (pc, state, known);
                next.held.clear();
                self.open.push(next);
            }
        }
    }
}

/// What the body of a loop changes.
fn changed_between(program: &Program, from: Pc, to: Pc) -> Vec<Place> {
    let mut places = Vec::new();
    let whole = |slot: Slot| Place { slot, field: None };
    for op in &program.code[from.0 as usize..to.0 as usize] {
        match op {
            Op::Let { slot, .. } => places.push(whole(*slot)),
            Op::Add { to, .. } | Op::Remove { from: to, .. } => places.push(*to),
            Op::Receive(receive) => places.push(receive.into),
            Op::Prompt(prompt) => places.push(whole(prompt.slot)),
            Op::Ask(ask) => {
                places
                    .extend(ask.outcomes.iter().flat_map(|branch| branch.values.iter().flatten().copied().map(whole)));
            }
            _ => {}
        }
    }
    places
}

/// A condition of a session that holds or does not from one command to the next.
pub(crate) fn lasts(atom: &Expr, facts: usize) -> bool {
    !some(atom, &mut |part| match part {
        Expr::Slot(slot) => usize::from(slot.0) >= facts,
        Expr::Capture(_) => true,
        Expr::Known(known) => !matches!(known, Thing::PeerIp | Thing::LocalPort | Thing::Tls),
        _ => false,
    }) && *atom != yes(true)
        && *atom != yes(false)
}
