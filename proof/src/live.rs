//! What may matter from an instruction on: the slots, holes, settings and facts of the connection that a later condition
//! of the same body, a promise, or what is kept track of may speak of. What is known of anything else can be forgotten, so
//! that ways that differ in nothing else are one.
//!
//! Never: leaves out what is looked at later. To keep too much costs time alone.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use program::{Expr, Field, Op, Pc, Piece, Place, Program, Slot, Unless};

use crate::ground::{Sites, Spot};

/// Something that conditions speak of: a whole value, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leaf {
    pub(crate) root: Root,
    pub(crate) part: Option<u16>,
    /// What it is looked for in, or what is looked for in it, where no more than that is asked: one such question tells
    /// nothing of another.
    within: Option<u64>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    Slot(u16),
    Capture(u8),
    Setting(u16),
    Known(u8),
}

/// For each instruction what matters from it on.
pub(crate) struct Live {
    at: Vec<BTreeSet<Leaf>>,
    /// What matters wherever a body may end or be left.
    always: BTreeSet<Leaf>,
}

impl Live {
    pub(crate) fn of(program: &Program, sites: &Sites, tracked: &[Expr]) -> Live {
        let mut live = Live { at: vec![BTreeSet::new(); program.code.len()], always: BTreeSet::new() };
        tracked.iter().for_each(|atom| leaves(atom, &mut live.always));
        for (spot, watched) in sites {
            let conditions = watched.iter().flat_map(|watched| &watched.unless).filter_map(holds);
            match spot {
                // A state is entered from the end of some body.
                Spot::At(program::Moment::In(_)) => conditions.for_each(|expr| leaves(expr, &mut live.always)),
                Spot::At(program::Moment::Before(pc)) | Spot::Outcome(pc, _) | Spot::Side(pc, _) => {
                    let at = live.at.get_mut(pc.0 as usize);
                    at.into_iter().for_each(|at| conditions.clone().for_each(|expr| leaves(expr, at)));
                }
            }
        }
        // A loop goes back; a round more than there are loops within each other is enough.
        while live.pass(program) {}
        // What limits and the `leave` of states look at matters wherever they may act.
        let facts = program.facts.len() as u16;
        let mut outside = BTreeSet::new();
        for pc in entries(program) {
            outside.extend(live.at.get(pc.0 as usize).into_iter().flatten().copied());
        }
        outside.retain(|leaf| !matches!(leaf.root, Root::Slot(slot) if slot >= facts));
        outside.retain(|leaf| !matches!(leaf.root, Root::Capture(_)));
        live.always.extend(outside);
        live
    }

    /// What matters from there on.
    pub(crate) fn at(&self, pc: Pc) -> impl Iterator<Item = &Leaf> {
        self.at.get(pc.0 as usize).into_iter().flatten().chain(&self.always)
    }

    /// Goes through all instructions once, from the last to the first; true when something new was found.
    fn pass(&mut self, program: &Program) -> bool {
        let mut new = false;
        for place in (0..program.code.len()).rev() {
            let op = &program.code[place];
            let mut before: BTreeSet<Leaf> = BTreeSet::new();
            for next in onward(op, Pc(place as u32)) {
                before.extend(self.at.get(next.0 as usize).into_iter().flatten());
            }
            through(op, &mut before);
            let here = &mut self.at[place];
            let known = here.len();
            here.extend(before);
            new |= here.len() > known;
        }
        new
    }
}

/// What is looked at before an instruction, when this is looked at behind it.
fn through(op: &Op, live: &mut BTreeSet<Leaf>) {
    let sets = |slot: &Slot, live: &mut BTreeSet<Leaf>| -> bool {
        let known = live.len();
        live.retain(|leaf| leaf.root != Root::Slot(slot.0));
        live.len() < known
    };
    match op {
        Op::Let { slot, value } => {
            if sets(slot, live) {
                leaves(value, live);
            }
        }
        Op::Unless { condition, .. } => leaves(condition, live),
        Op::Each(each) => {
            sets(&each.index, live);
            if sets(&each.snapshot, live) {
                leaves(&each.list, live);
            }
        }
        Op::Next { snapshot, index, item, .. } => {
            sets(item, live);
            sets(index, live);
            leaves(&Expr::Slot(*snapshot), live);
        }
        // Some outcomes set a slot and others do not.
        Op::Ask(_) | Op::Prompt(_) | Op::Receive(_) => {}
        Op::Goto(transition) => transition.with.iter().for_each(|(_, value)| leaves(value, live)),
        Op::Stay(with) => with.iter().for_each(|(_, value)| leaves(value, live)),
        Op::Jump(_)
        | Op::Say(_)
        | Op::Reply(_)
        | Op::Add { .. }
        | Op::Remove { .. }
        | Op::Listed { .. }
        | Op::Payload { .. }
        | Op::Count { .. }
        | Op::Log { .. }
        | Op::Pause(_)
        | Op::Prepend { .. }
        | Op::StartTls(_)
        | Op::Close
        | Op::Left
        | Op::Exchange(_) => {}
    }
}

/// Where a body goes on behind an instruction; nowhere where it ends. Limits and the `leave` of a state are looked at apart.
pub fn onward(op: &Op, pc: Pc) -> Vec<Pc> {
    let next = Pc(pc.0 + 1);
    match op {
        Op::Unless { target, .. } => vec![next, *target],
        Op::Jump(target) => vec![*target],
        Op::Ask(ask) => ask.outcomes.iter().map(|branch| branch.at).collect(),
        Op::Receive(receive) => vec![receive.complete, receive.too_big, receive.failed.at],
        Op::Next { end, .. } => vec![next, *end],
        Op::StartTls(_) | Op::Goto(_) | Op::Stay(_) | Op::Close | Op::Left => Vec::new(),
        Op::Let { .. }
        | Op::Say(_)
        | Op::Reply(_)
        | Op::Prompt(_)
        | Op::Add { .. }
        | Op::Remove { .. }
        | Op::Listed { .. }
        | Op::Payload { .. }
        | Op::Count { .. }
        | Op::Log { .. }
        | Op::Pause(_)
        | Op::Prepend { .. }
        | Op::Each(_)
        | Op::Exchange(_) => vec![next],
    }
}

/// The bodies that may run in the midst of another one, or behind it.
fn entries(program: &Program) -> Vec<Pc> {
    let (unexpected, limits) = (&program.unexpected, &program.limits);
    let mut all = vec![
        unexpected.out_of_order,
        unexpected.bad_arguments,
        unexpected.unknown_command,
        limits.line,
        limits.idle.code,
        limits.session.code,
        limits.shutdown,
        limits.full,
        limits.broken,
    ];
    all.extend([unexpected.cancelled, unexpected.bad_answer, unexpected.jumped_queue].into_iter().flatten());
    all.extend(unexpected.foreign.iter().map(|foreign| foreign.code));
    all.extend(limits.early.iter().map(|early| early.code));
    all.extend(program.counters.iter().map(|counter| counter.code));
    all.extend(program.states.iter().filter_map(|state| state.leave));
    all
}

fn holds(unless: &Unless) -> Option<&Expr> {
    if let Unless::Holds(condition) = unless { Some(condition) } else { None }
}

/// All that an expression speaks of.
pub(crate) fn leaves(expr: &Expr, into: &mut BTreeSet<Leaf>) {
    used(expr, None, into);
}

fn used(expr: &Expr, within: Option<u64>, into: &mut BTreeSet<Leaf>) {
    let leaf = |root: Root, part: Option<u16>| Leaf { root, part, within };
    match expr {
        Expr::Slot(slot) => drop(into.insert(leaf(Root::Slot(slot.0), None))),
        Expr::Capture(hole) => drop(into.insert(leaf(Root::Capture(*hole), None))),
        Expr::Setting(setting) => drop(into.insert(leaf(Root::Setting(setting.0), None))),
        Expr::Known(known) => drop(into.insert(leaf(Root::Known(*known as u8), None))),
        Expr::Field(whole, Field::Index(index)) => match &**whole {
            Expr::Slot(slot) => drop(into.insert(leaf(Root::Slot(slot.0), Some(*index)))),
            Expr::Capture(hole) => drop(into.insert(leaf(Root::Capture(*hole), Some(*index)))),
            other => used(other, within, into),
        },
        Expr::In { element, list, .. } => {
            used(element, within.or_else(|| constant(list)), into);
            used(list, within.or_else(|| constant(element)), into);
        }
        Expr::Field(a, _) | Expr::Not(a) | Expr::Present(a) | Expr::Empty(a) => used(a, within, into),
        Expr::All(list) | Expr::Any(list) | Expr::List(list) | Expr::Pure(_, list) => {
            list.iter().for_each(|expr| used(expr, within, into));
        }
        Expr::Compare { left: a, right: b, .. } | Expr::Plus(a, b) | Expr::Minus(a, b) | Expr::When(a, b) => {
            used(a, within, into);
            used(b, within, into);
        }
        Expr::Record(_, fields) => fields.iter().flatten().for_each(|expr| used(expr, within, into)),
        Expr::Text(pieces) => pieces.iter().for_each(|piece| match piece {
            Piece::Value(expr) | Piece::When(expr, _) => used(expr, within, into),
            Piece::Literal(_) => {}
        }),
        Expr::Constant(_) => {}
    }
}

/// A number for something that is the same in every session of a listener.
fn constant(expr: &Expr) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match expr {
        Expr::Constant(value) => format!("{value:?}").hash(&mut hasher),
        Expr::Setting(setting) => setting.hash(&mut hasher),
        _ => return None,
    }
    Some(hasher.finish())
}

/// Whether what is known of the one may tell something of the other: a whole and its part speak of one thing.
pub(crate) fn meet(a: &Leaf, b: &Leaf) -> bool {
    a.root == b.root
        && (a.part == b.part || a.part.is_none() || b.part.is_none())
        && (a.within == b.within || a.within.is_none() || b.within.is_none())
}

/// Everything that the instructions from one to another may change.
pub(crate) fn changed_between(program: &Program, from: Pc, to: Pc) -> Vec<Place> {
    let mut places = Vec::new();
    let whole = |slot: Slot| Place { slot, field: None };
    for op in &program.code[from.0 as usize..to.0 as usize] {
        match op {
            Op::Let { slot, .. } => places.push(whole(*slot)),
            Op::Add { to, .. } | Op::Remove { from: to, .. } | Op::Prepend { to, .. } => places.push(*to),
            Op::Receive(receive) => {
                places.push(receive.into);
                places.extend(receive.failed.values.iter().flatten().copied().map(whole));
            }
            Op::Prompt(prompt) => places.push(whole(prompt.slot)),
            Op::Ask(ask) => {
                places
                    .extend(ask.outcomes.iter().flat_map(|branch| branch.values.iter().flatten().copied().map(whole)));
            }
            Op::Each(each) => {
                places.extend([whole(each.snapshot), whole(each.index)]);
                places.extend(each.within.iter().map(|(_, slot)| whole(*slot)));
            }
            Op::Next { item, index, .. } => places.extend([whole(*item), whole(*index)]),
            // These end the body, or change nothing that a later round sees.
            Op::Unless { .. }
            | Op::Jump(_)
            | Op::Say(_)
            | Op::Reply(_)
            | Op::Listed { .. }
            | Op::Payload { .. }
            | Op::Count { .. }
            | Op::Log { .. }
            | Op::Pause(_)
            | Op::StartTls(_)
            | Op::Goto(_)
            | Op::Stay(_)
            | Op::Close
            | Op::Left
            | Op::Exchange(_) => {}
        }
    }
    places
}
