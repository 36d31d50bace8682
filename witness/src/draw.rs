//! Conversations for what no transcript reached.
//!
//! Never: draws up one that does not reach it.

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
pub fn draw_up(program: &Program, places: &[Place], stage: &mut Stage<'_>) -> Vec<Option<String>> {
    let goals: Vec<(usize, Goal)> = places
        .iter()
        .enumerate()
        .flat_map(|(number, place)| place.spots.iter().map(move |spot| (number, goal(*spot))))
        .collect();
    let wanted: Vec<Goal> = goals.iter().map(|(_, goal)| *goal).collect();
    let ways = lead(program, &wanted);
    let mut found = Vec::new();
    for (number, place) in places.iter().enumerate() {
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
        found.push(script.and_then(|script| {
            let again = stage(&script.elsewhere())?;
            Some(script.kept(&title(program, place), &again.conversation))
        }));
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
