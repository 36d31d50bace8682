//! What may matter from an instruction on: the slots, holes, settings and facts of the connection that a later condition
//! of the same body, a promise, or what is kept track of may speak of. What is known of anything else can be forgotten, so
//! that ways that differ in nothing else are one.
//!
//! Never: leaves out what is looked at later. To keep too much costs time alone.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use program::{Entry, Expr, Field, Op, Pc, Place, Program, Slot, Unless, Why};

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
        let leaving = program.entries().filter(|(entry, _)| matches!(entry, Entry::Leave(_)));
        for (_, pc) in program.outside().chain(leaving) {
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
            for exit in op.exits(Pc(place as u32)) {
                let Some(next) = exit.to.here() else { continue };
                before.extend(looked_at(op, exit.why, self.at.get(next.0 as usize)));
            }
            decides(op, &mut before);
            let here = &mut self.at[place];
            let known = here.len();
            here.extend(before);
            new |= here.len() > known;
        }
        new
    }
}

/// What is looked at before an instruction, when this is looked at behind it on one of its ways: of what takes another value
/// there, what that is made of.
fn looked_at(op: &Op, why: Why, behind: Option<&BTreeSet<Leaf>>) -> BTreeSet<Leaf> {
    let sets = op.sets(why);
    let is_set = |leaf: &Leaf| matches!(leaf.root, Root::Slot(slot) if sets.contains(&Slot(slot)));
    let mut live: BTreeSet<Leaf> = behind.into_iter().flatten().filter(|leaf| !is_set(leaf)).copied().collect();
    if let Some((slot, value)) = op.copies()
        && behind.into_iter().flatten().any(|leaf| leaf.root == Root::Slot(slot.0))
    {
        leaves(value, &mut live);
    }
    live
}

/// What tells which way an instruction goes, and what a session takes with it where it ends a body.
fn decides(op: &Op, live: &mut BTreeSet<Leaf>) {
    let ends = op.exits(Pc(0)).iter().any(|exit| exit.why == Why::End);
    op.expressions().into_iter().filter(|_| ends).chain(op.condition()).for_each(|expr| leaves(expr, live));
    if let Some(snapshot) = op.takes_from() {
        leaves(&Expr::Slot(snapshot), live);
    }
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
        _ => expr.children().for_each(|part| used(part, within, into)),
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
    program.code[from.0 as usize..to.0 as usize].iter().flat_map(Op::writes).collect()
}
