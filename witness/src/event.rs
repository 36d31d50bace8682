//! What must happen on a way, as it shows in the count of executed instructions.
//!
//! Never: guesses; an instruction that was not executed did not happen.

use program::{Op, Pc, Program};
use proof::{Choice, Step, Way};

/// One thing that must happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// This instruction is executed.
    Ran(Pc),
    /// A condition holds, or does not.
    Side(Pc, bool),
    /// A call, or the reading of a payload, comes out so.
    Outcome(Pc, usize),
}

/// All that must happen on a way, with the step that each belongs to, in order.
pub(crate) fn events(program: &Program, way: &Way) -> Vec<(usize, Event)> {
    way.steps
        .iter()
        .enumerate()
        .flat_map(|(step, what)| of_step(program, what).map(move |event| (step, event)))
        .collect()
}

fn of_step<'p>(program: &'p Program, step: &'p Step) -> impl Iterator<Item = Event> + 'p {
    let first = begins(program, step).map(Event::Ran);
    let choices = step.choices.iter().filter_map(|choice| {
        Some(match choice {
            Choice::Condition(pc, _, held) => Event::Side(*pc, *held),
            Choice::Outcome { pc, outcome, .. } => Event::Outcome(*pc, *outcome),
            Choice::Received(pc, end) => Event::Outcome(*pc, *end),
            Choice::Told(pc) => Event::Ran(Pc(pc.0 + 1)),
            Choice::Cancelled(_) => Event::Ran(program.unexpected.cancelled?),
            Choice::BadAnswer(_) => Event::Ran(program.unexpected.bad_answer?),
            Choice::Counted(counter) => Event::Ran(program.counters.get(usize::from(counter.0))?.code),
            Choice::Full(_) => Event::Ran(program.limits.full),
            Choice::Cut(_, proof::Event::TooLong) => Event::Ran(program.limits.line),
            Choice::Cut(_, proof::Event::Idle) => Event::Ran(program.limits.idle.code),
            Choice::Cut(_, proof::Event::Broken) => Event::Ran(program.limits.broken),
            Choice::Secured(_) | Choice::Cut(..) => return None,
        })
    });
    first.into_iter().chain(choices)
}

/// The first instruction of what a step runs.
fn begins(program: &Program, step: &Step) -> Option<Pc> {
    let handler = |id: program::HandlerId| program.handlers.get(id.0 as usize);
    let (unexpected, limits) = (&program.unexpected, &program.limits);
    Some(match step.event {
        proof::Event::Start => return program.states.get(usize::from(step.state.0))?.enter,
        proof::Event::Line(id) => handler(id)?.entry,
        proof::Event::TooBig(id) => handler(id)?.payload.as_ref()?.too_big,
        proof::Event::NotKept(id) => handler(id)?.payload.as_ref()?.failed,
        proof::Event::OutOfOrder => unexpected.out_of_order,
        proof::Event::BadArguments => unexpected.bad_arguments,
        proof::Event::UnknownCommand => unexpected.unknown_command,
        proof::Event::Foreign => unexpected.foreign.as_ref()?.code,
        proof::Event::JumpedQueue(_) => unexpected.jumped_queue?,
        proof::Event::TooLong => limits.line,
        proof::Event::Idle => limits.idle.code,
        proof::Event::Over => limits.session.code,
        proof::Event::Shutdown => limits.shutdown,
        proof::Event::Full => limits.full,
        proof::Event::Broken => limits.broken,
        proof::Event::Early => limits.early.as_ref()?.code,
        proof::Event::Left => program.states.get(usize::from(step.state.0))?.leave?,
    })
}

impl Event {
    /// The instruction that goes one way or another.
    pub(crate) fn place(self) -> Option<usize> {
        match self {
            Event::Ran(_) => None,
            Event::Side(pc, _) | Event::Outcome(pc, _) => Some(pc.0 as usize),
        }
    }

    /// How often it happened.
    pub(crate) fn times(self, program: &Program, executed: &[u64]) -> u64 {
        let at = |pc: Pc| executed.get(pc.0 as usize).copied().unwrap_or(0);
        match self {
            Event::Ran(pc) => at(pc),
            // Only the condition leads to the instruction behind it.
            Event::Side(pc, true) => at(Pc(pc.0 + 1)),
            Event::Side(pc, false) => at(pc).saturating_sub(at(Pc(pc.0 + 1))),
            Event::Outcome(pc, outcome) => match program.code.get(pc.0 as usize) {
                Some(Op::Ask(ask)) => ask.outcomes.get(outcome).map_or(0, |branch| at(branch.at)),
                Some(Op::Receive(receive)) => {
                    at([receive.complete, receive.too_big, receive.failed.at].get(outcome).copied().unwrap_or(pc))
                }
                _ => 0,
            },
        }
    }
}
