//! Conversations for what no transcript reached.
//!
//! Never: draws up one that does not reach it.

use program::Program;
use proof::{Goal, lead};
use transcript::{
    coverage::{Place, Spot},
    play::Played,
};

use crate::{
    event::Event,
    search::{Reached, Stage, follow},
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
        let happens = |played: &Played| spots.iter().any(|spot| spot.times(program, &played.executed) > 0);
        let reached: Reached<'_> = if spots.is_empty() { None } else { Some(&happens) };
        let script = leading.into_iter().find_map(|way| follow(program, way, reached, stage));
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
