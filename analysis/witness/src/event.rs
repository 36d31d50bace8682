//! What must happen on a way, as it shows in the count of executed instructions.
//!
//! Never: guesses; an instruction that was not executed did not happen.

use program::{Entry, Pc, Program, Why};
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
    let first = program.entry(step.event.entry(step.state)).map(Event::Ran);
    let choices = step.choices.iter().filter_map(|choice| {
        Some(match choice {
            Choice::Condition(pc, _, held) => Event::Side(*pc, *held),
            Choice::Outcome { pc, outcome, .. } => Event::Outcome(*pc, *outcome),
            Choice::Received(pc, end) => Event::Outcome(*pc, *end),
            Choice::Told(pc) => Event::Ran(Pc(pc.0 + 1)),
            Choice::Cancelled(_) => Event::Ran(program.entry(Entry::Cancelled)?),
            Choice::BadAnswer(_) => Event::Ran(program.entry(Entry::BadAnswer)?),
            Choice::Counted(counter) => Event::Ran(program.entry(Entry::Counter(*counter))?),
            Choice::Full(_) => Event::Ran(program.limits.full),
            // The state that is left may be another by then.
            Choice::Secured(_) | Choice::Cut(_, proof::Event::Left) => return None,
            Choice::Cut(_, event) => Event::Ran(program.entry(event.entry(step.state))?),
        })
    });
    first.into_iter().chain(choices)
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
            Event::Outcome(pc, outcome) => {
                let exits = program.code.get(pc.0 as usize).map(|op| op.exits(pc)).unwrap_or_default();
                let exit = exits.into_iter().find(|exit| exit.why == Why::Outcome(outcome));
                exit.and_then(|exit| exit.to.here()).map_or(0, at)
            }
        }
    }
}
