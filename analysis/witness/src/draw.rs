//! Conversations for what no transcript reached.
//!
//! Never: draws up one that does not reach it, or that does not pass when it is played.

use program::Program;
use proof::{Goal, lead};
use transcript::{
    coverage::{Kind, Place, Spot},
    play::Played,
};

use crate::{
    event::Event,
    search::{Close, Reached, Stage, follow},
};

/// For each place a transcript that reaches it, with the answers that the program gives, or none where none was found.
/// `again` plays one in another way than `stage`: what is another answer then is left open, and both must pass. When time
/// is `over` the rest of the places have no entry.
pub fn draw_up(
    program: &Program,
    places: &[Place],
    stage: &mut Stage<'_>,
    again: &mut Stage<'_>,
    over: &dyn Fn() -> bool,
) -> Vec<Option<String>> {
    let stage: &mut Stage<'_> = &mut |text: &str| if over() { None } else { stage(text) };
    let goals: Vec<(usize, Goal)> = places
        .iter()
        .enumerate()
        .flat_map(|(number, place)| place.spots.iter().map(move |spot| (number, goal(*spot))))
        .collect();
    let wanted: Vec<Goal> = goals.iter().map(|(_, goal)| *goal).collect();
    let ways = lead(program, &wanted);
    let mut found = Vec::new();
    for (number, place) in places.iter().enumerate() {
        if over() {
            return found;
        }
        let mut leading: Vec<_> =
            goals.iter().zip(&ways).filter(|((of, _), _)| *of == number).filter_map(|(_, way)| way.as_ref()).collect();
        leading.sort_by_key(|way| way.steps.len());
        let spots: Vec<Event> = place.spots.iter().filter_map(|spot| event(*spot)).collect();
        let happens = |played: &Played| {
            let there = spots.iter().any(|spot| spot.times(program, &played.executed) > 0);
            if there { Close::There } else { Close::Far }
        };
        let comes_near = |played: &Played| {
            let near = spots.iter().any(|spot| spot.place().is_some_and(|pc| played.executed.get(pc) > Some(&0)));
            happens(played).max(if near { Close::Near } else { Close::Far })
        };
        let mut along = |reached: Reached<'_>| leading.iter().find_map(|way| follow(program, way, reached, stage));
        let script = match place.kind {
            Kind::State => along(None),
            // First along the way; then by whatever comes near.
            _ => along(Some(&happens)).or_else(|| along(Some(&comes_near))),
        };
        let text = script.and_then(|script| {
            let elsewhere = script.elsewhere();
            let others = [stage(&elsewhere)?.conversation, again(&elsewhere)?.conversation];
            let text = script.kept(&title(program, place), &others);
            let passes = |played: Option<Played>| played.is_some_and(|played| played.failures.is_empty());
            (passes(stage(&text)) && passes(again(&text))).then_some(text)
        });
        if text.is_none() && over() {
            return found;
        }
        found.push(text);
    }
    found
}

fn goal(spot: Spot) -> Goal {
    match spot {
        Spot::In(state) => Goal::In(state),
        Spot::Ran(pc) => Goal::Before(pc, None),
        Spot::Outcome(pc, outcome) => Goal::Outcome(pc, outcome),
        Spot::Side(pc, held) => Goal::Side(pc, held),
    }
}

/// How a spot shows in what was executed; a state is entered by many instructions.
fn event(spot: Spot) -> Option<Event> {
    match spot {
        Spot::In(_) => None,
        Spot::Ran(pc) => Some(Event::Ran(pc)),
        Spot::Outcome(pc, outcome) => Some(Event::Outcome(pc, outcome)),
        Spot::Side(pc, held) => Some(Event::Side(pc, held)),
    }
}

fn title(program: &Program, place: &Place) -> String {
    format!("{} line {}: {}", program.name, place.line, place.what.trim_end_matches(':'))
}
