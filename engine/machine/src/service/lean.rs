//! Bodies as they are for lines that leave out all that they may leave out: nearly all lines do. Half of what a body
//! asks for is decided then, and is not asked.
//!
//! Never: changes what a body does; whoever counts instructions runs the whole ones.

use std::collections::{BTreeMap, BTreeSet};

use program::{Expr, Handler, HandlerId, Op, Pc, Piece, Program, Slot, TemplatePart, Type, Value};

use super::{
    Service,
    fold::{Knowledge, Noted, fold_op, fold_text},
};
use crate::{expression::Scope, matcher::Line};

/// What is known of slots at a place.
type Slots = BTreeMap<Slot, Value>;

/// The body of one handler.
struct Body<'a> {
    program: &'a Program,
    scope: &'a Scope<'a>,
    /// What the holes hold that are left out.
    holes: BTreeMap<u8, Value>,
    noted: Noted,
    ops: BTreeMap<Pc, Op>,
}

impl Service {
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
    let bodies: Vec<Option<Body<'_>>> = program
        .handlers
        .iter()
        .map(|handler| {
            let holes = left_out(handler, &missing)?;
            Body { program, scope, holes, noted: Noted::default(), ops: BTreeMap::new() }.run(whole, handler.entry)
        })
        .collect();
    let mut comers = vec![0_usize; whole.len()];
    bodies.iter().flatten().flat_map(|body| body.ops.keys()).for_each(|pc| comers[pc.0 as usize] += 1);
    // Places that several bodies come by are everybody's.
    let shared = |pc: &Pc| comers[pc.0 as usize] > 1;
    let optional = bodies.iter().map(|body| match body {
        Some(body) if body.noted.gained.get() && !body.ops.keys().any(shared) => {
            body.ops.iter().for_each(|(pc, op)| code[pc.0 as usize] = op.clone());
            body.holes.keys().copied().collect()
        }
        _ => Box::default(),
    });
    let optional = optional.collect();
    (code, optional)
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
            fold_op(&mut op, &self.knows(&slots));
            self.reads(&op);
            let (behind, ways) = self.behind(pc, &op, slots);
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
        let read = self.noted.read.take();
        let unread: Vec<Pc> =
            self.ops.iter().filter(|(_, op)| self.is_for_nobody(op, &read)).map(|(pc, _)| *pc).collect();
        for pc in unread {
            self.ops.insert(pc, Op::Jump(Pc(pc.0 + 1)));
        }
        Some(self)
    }

    fn knows<'k>(&'k self, slots: &'k Slots) -> Knowledge<'k> {
        Knowledge { scope: self.scope, holes: &self.holes, slots, noted: &self.noted }
    }

    /// Whether an instruction only sets what nobody asks for.
    fn is_for_nobody(&self, op: &Op, read: &BTreeSet<Slot>) -> bool {
        matches!(op, Op::Let { slot, value: Expr::Constant(_) } if self.is_local(*slot) && !read.contains(slot))
    }

    /// Facts may be seen from elsewhere.
    fn is_local(&self, slot: Slot) -> bool {
        usize::from(slot.0) >= self.program.facts.len()
    }

    /// Notes which slots an instruction asks for beside its expressions.
    fn reads(&self, op: &Op) {
        // Answers are said as they are, whatever is known of them.
        let (slots, holes) = (Slots::new(), BTreeMap::new());
        let known = Knowledge { slots: &slots, holes: &holes, ..self.knows(&slots) };
        let reply = match op {
            Op::Say(reply) | Op::Reply(reply) => Some(*reply),
            Op::Listed { lines, .. } => Some(*lines),
            Op::Prompt(prompt) => Some(prompt.reply),
            _ => None,
        };
        for line in
            reply.and_then(|id| self.program.replies.get(id.0 as usize)).into_iter().flat_map(|reply| &reply.lines)
        {
            let mut line = line.clone();
            let when = line.when.take().map(|when| Piece::When(when, "".into()));
            line.last.extend(when);
            fold_text(&mut line.last, &known);
            fold_text(&mut line.continued, &known);
        }
        let place = match op {
            Op::Add { to, .. } | Op::Remove { from: to, .. } | Op::Prepend { to, .. } => to.slot,
            Op::Receive(receive) => receive.into.slot,
            _ => return,
        };
        self.noted.read.borrow_mut().insert(place);
    }

    /// What is known behind an instruction, and where the body goes on.
    fn behind(&self, pc: Pc, op: &Op, mut slots: Slots) -> (Slots, Vec<Pc>) {
        use Expr::Constant;
        let next = Pc(pc.0 + 1);
        let ways = match op {
            Op::Let { slot, value } => {
                match value {
                    Constant(value) if self.is_local(*slot) => slots.insert(*slot, value.clone()),
                    _ => slots.remove(slot),
                };
                vec![next]
            }
            Op::Unless { condition: Constant(Value::Yes(true)), .. } => vec![next],
            Op::Unless { condition: Constant(Value::Yes(false)), target } => vec![*target],
            Op::Unless { target, .. } => vec![next, *target],
            Op::Jump(target) => vec![*target],
            Op::Add { to, .. } | Op::Remove { from: to, .. } | Op::Prepend { to, .. } => {
                slots.remove(&to.slot);
                vec![next]
            }
            Op::Ask(ask) => {
                ask.outcomes
                    .iter()
                    .flat_map(|branch| &branch.values)
                    .flatten()
                    .for_each(|slot| drop(slots.remove(slot)));
                ask.outcomes.iter().map(|branch| branch.at).collect()
            }
            Op::Receive(receive) => {
                slots.remove(&receive.into.slot);
                receive.failed.values.iter().flatten().for_each(|slot| drop(slots.remove(slot)));
                vec![receive.complete, receive.too_big, receive.failed.at]
            }
            Op::Prompt(prompt) => {
                slots.remove(&prompt.slot);
                vec![next]
            }
            // A loop is run as it is.
            Op::Each(_) | Op::Next { .. } => vec![pc],
            Op::Goto(_) | Op::Stay(_) | Op::Close | Op::Left | Op::StartTls(_) => Vec::new(),
            Op::Say(_)
            | Op::Reply(_)
            | Op::Listed { .. }
            | Op::Payload { .. }
            | Op::Count { .. }
            | Op::Log { .. }
            | Op::Pause(_)
            | Op::Exchange(_) => vec![next],
        };
        (slots, ways)
    }
}
