//! Handler bodies specialised for lines without their optional parts, which nearly all lines are. About half of their
//! conditions become constants and are removed.
//!
//! Never: changes what a body does, which instructions are counted as executed, or what a promise can see.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use program::{Expr, Handler, HandlerId, Op, Pc, Piece, Program, Slot, TemplatePart, Type, Unless, Value, Why};

use super::{Service, fold::Knowledge};
use crate::{expression::Scope, matcher::Line};

/// What is known of slots at a place.
type Slots = BTreeMap<Slot, Value>;

/// The body of one handler.
struct Body<'a> {
    program: &'a Program,
    scope: &'a Scope<'a>,
    /// What the holes hold that are left out.
    holes: BTreeMap<u8, Value>,
    /// Whether anything was known of a hole or a slot where it was asked for.
    gained: Cell<bool>,
    /// What promises ask for.
    promised: &'a BTreeSet<Slot>,
    ops: BTreeMap<Pc, Op>,
}

impl Service {
    /// The same service, which runs whole bodies for every line: to be held against it.
    pub fn whole(mut self) -> Service {
        self.optional.clear();
        self
    }

    /// Whether the present line leaves out all that it may leave out.
    pub(crate) fn is_lean(&self, id: HandlerId, line: &Line) -> bool {
        let optional = self.optional.get(id.0 as usize).map_or(&[][..], |holes| holes);
        !optional.is_empty() && optional.iter().all(|hole| line.leaves_out(*hole))
    }
}

/// All instructions, those of handlers for such lines; and for each handler the holes that such a line leaves out, none
/// where nothing is gained.
pub(super) fn lean(
    program: &Program,
    whole: &[Op],
    scope: &Scope<'_>,
    missing: impl Fn(&Type) -> Option<Value>,
) -> (Vec<Op>, Vec<Box<[u8]>>) {
    let mut code = whole.to_vec();
    let promised = promised(program);
    let bodies: Vec<Option<Body<'_>>> = program
        .handlers
        .iter()
        .map(|handler| {
            let holes = left_out(handler, &missing)?;
            Body { program, scope, holes, gained: Cell::default(), promised: &promised, ops: BTreeMap::new() }
                .run(whole, handler.entry)
        })
        .collect();
    let mut comers = vec![0_usize; whole.len()];
    bodies.iter().flatten().flat_map(|body| body.ops.keys()).for_each(|pc| comers[pc.0 as usize] += 1);
    // Code reached from several bodies must not be specialised for one of them.
    let shared = |pc: &Pc| comers[pc.0 as usize] > 1;
    let optional = bodies.iter().map(|body| match body {
        Some(body) if body.gained.get() && !body.ops.keys().any(shared) => {
            body.ops.iter().for_each(|(pc, op)| code[pc.0 as usize] = op.clone());
            body.holes.keys().copied().collect()
        }
        _ => Box::default(),
    });
    let optional = optional.collect();
    (code, optional)
}

/// The slots that promises ask for, wherever they do.
fn promised(program: &Program) -> BTreeSet<Slot> {
    let mut promised = BTreeSet::new();
    let sites = program.promises.iter().flat_map(|promise| &promise.sites);
    for unless in sites.flat_map(|site| &site.unless) {
        if let Unless::Holds(condition) = unless {
            condition.each(&mut |part| promised.extend(if let Expr::Slot(slot) = part { Some(*slot) } else { None }));
        }
    }
    promised
}

/// What the holes hold that a line may leave out; none when there are none.
fn left_out(handler: &Handler, missing: &impl Fn(&Type) -> Option<Value>) -> Option<BTreeMap<u8, Value>> {
    // A payload's answers are entered from outside the body.
    if handler.payload.is_some() {
        return None;
    }
    let mut holes = BTreeMap::new();
    for hole in optional(&handler.parts) {
        holes.insert(hole, missing(&handler.captures.get(usize::from(hole))?.ty)?);
    }
    (!holes.is_empty()).then_some(holes)
}

/// The holes in those parts of a template that may be left out.
fn optional(parts: &[TemplatePart]) -> Vec<u8> {
    let mut open: Vec<(&TemplatePart, bool)> = parts.iter().map(|part| (part, false)).collect();
    let mut found = Vec::new();
    while let Some((part, may_be_left_out)) = open.pop() {
        match part {
            TemplatePart::Hole(hole) if may_be_left_out => found.push(*hole),
            TemplatePart::Optional(parts) => open.extend(parts.iter().map(|part| (part, true))),
            TemplatePart::Literal(_) | TemplatePart::Hole(_) | TemplatePart::Request => {}
        }
    }
    found
}

impl Body<'_> {
    /// Goes through a body from its beginning, and works out what is known; none for one with a loop.
    fn run(mut self, whole: &[Op], entry: Pc) -> Option<Self> {
        let mut known = BTreeMap::from([(entry, Slots::new())]);
        while let Some((pc, slots)) = known.pop_first() {
            let mut op = whole.get(pc.0 as usize)?.clone();
            let facts = Knowledge { scope: self.scope, holes: &self.holes, slots: &slots, gained: &self.gained };
            op.expressions_mut().into_iter().for_each(|expr| *expr = facts.folded(expr));
            let ways = ways(pc, &op);
            let behind = self.behind(&op, slots);
            self.ops.insert(pc, op);
            for way in ways {
                if way <= pc {
                    return None;
                }
                // Where ways meet, only what all of them know is known.
                known
                    .entry(way)
                    .and_modify(|there| there.retain(|slot, value| behind.get(slot) == Some(value)))
                    .or_insert_with(|| behind.clone());
            }
        }
        let mut read = self.promised.clone();
        self.ops.values().for_each(|op| self.reads(op, &mut read));
        let unread: Vec<Pc> =
            self.ops.iter().filter(|(_, op)| self.is_for_nobody(op, &read)).map(|(pc, _)| *pc).collect();
        for pc in unread {
            self.ops.insert(pc, Op::Jump(Pc(pc.0 + 1)));
        }
        Some(self)
    }

    /// Whether an instruction only sets what nobody asks for.
    fn is_for_nobody(&self, op: &Op, read: &BTreeSet<Slot>) -> bool {
        matches!(op, Op::Let { slot, value: Expr::Constant(_) } if self.is_local(*slot) && !read.contains(slot))
    }

    /// Facts may be seen from elsewhere.
    fn is_local(&self, slot: Slot) -> bool {
        usize::from(slot.0) >= self.program.facts.len()
    }

    /// Which slots an instruction asks for: in its expressions, in those of the answer that it says, and where it changes a
    /// part of what is there.
    fn reads(&self, op: &Op, read: &mut BTreeSet<Slot>) {
        // Answers are said as they are, whatever is known of them.
        let reply = op.said().and_then(|said| self.program.replies.get(said.reply.0 as usize));
        let said = reply.into_iter().flat_map(|reply| &reply.lines).flat_map(|line| {
            let pieces = line.last.iter().chain(&line.continued).filter_map(Piece::expr);
            line.when.iter().chain(pieces)
        });
        for expr in op.expressions().into_iter().chain(said) {
            expr.each(&mut |part| read.extend(if let Expr::Slot(slot) = part { Some(*slot) } else { None }));
        }
        read.extend(op.changes().map(|change| change.place.slot));
    }

    /// What is known behind an instruction.
    fn behind(&self, op: &Op, mut slots: Slots) -> Slots {
        for place in op.writes() {
            slots.remove(&place.slot);
        }
        if let Some((slot, Expr::Constant(value))) = op.copies().filter(|(slot, _)| self.is_local(*slot)) {
            slots.insert(slot, value.clone());
        }
        slots
    }
}

/// Where the body goes on behind an instruction. A loop is run as it is: from its head a body goes nowhere else here.
fn ways(pc: Pc, op: &Op) -> Vec<Pc> {
    let decided = op.condition().and_then(|condition| match condition {
        Expr::Constant(Value::Yes(held)) => Some(Why::Condition(*held)),
        _ => None,
    });
    let exits = op.exits(pc).into_iter().filter(|exit| decided.is_none_or(|decided| exit.why == decided));
    exits.filter_map(|exit| if let Why::Element(_) = exit.why { Some(pc) } else { exit.to.here() }).collect()
}
