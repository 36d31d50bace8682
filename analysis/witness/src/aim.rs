//! Where a finding wants to be shown: the places in the program that it speaks of.
//!
//! Never: decides whether the finding is right.

use diagnostic::Diagnostic;
use program::{Moment, Origin, Pc, Program, Promise};
use proof::{Goal, Verdict, Way, lead, prove};
use transcript::play::{Played, What};

use crate::{
    script::Script,
    search::{Close, Reached, Search, Stage},
};

/// How often is played for one finding.
const MOST_PLAYS: usize = 600;

/// How the end of a conversation is written: the answer that is at fault may be mended in many ways.
const ANY: &[&str] = &["S: ..."];
const SOME: &[&str] = &["S: <*>", "S: ..."];
const ONE: &[&str] = &["S: <*>"];

/// What is to be shown of a finding.
struct Aim {
    /// Any of these will do.
    ways: Vec<Way>,
    /// What is said at the end, where the finding tells.
    line: Option<String>,
    /// The promise that must be broken.
    promise: Option<String>,
    /// The places that it speaks of, where that is how it is come near.
    places: Vec<Pc>,
    end: &'static [&'static str],
}

/// The conversation that shows how a finding comes about in a draft, as a transcript: it fails as long as the finding
/// stands. `origins` are where the finding's span and its others begin, `text` is what stands at the first.
pub fn show(
    program: &Program,
    finding: &Diagnostic,
    (origins, text): (&[Origin], &str),
    stage: &mut Stage<'_>,
) -> Option<String> {
    let aim = aim(program, finding, origins, text)?;
    let breaks = |played: &Played| {
        let is_it = |what: &What| matches!(what, What::Promise(broken) if Some(broken) == aim.promise.as_ref());
        let is_near = aim.places.iter().any(|pc| played.executed.get(pc.0 as usize) > Some(&0));
        match played.failures.iter().any(|failure| is_it(&failure.what)) {
            true => Close::There,
            false if is_near => Close::Near,
            false => Close::Far,
        }
    };
    let reached: Reached<'_> = if aim.promise.is_some() { Some(&breaks) } else { None };
    let mut ways: Vec<&Way> = aim.ways.iter().collect();
    ways.sort_by_key(|way| way.steps.len());
    let script: Option<Script> = ways
        .into_iter()
        .find_map(|way| Search::new(program, way, aim.line.as_deref(), MOST_PLAYS)?.run(reached, stage));
    Some(script?.shown(&finding.message.replace('`', ""), aim.end))
}

fn aim(program: &Program, finding: &Diagnostic, origins: &[Origin], text: &str) -> Option<Aim> {
    let origin = *origins.first()?;
    let named: Vec<&str> = finding.message.split('`').skip(1).step_by(2).collect();
    let here = || at(program, origin);
    let before = |told: Option<bool>| here().into_iter().map(|pc| Goal::Before(pc, told)).collect::<Vec<Goal>>();
    let (mut line, mut promise, mut places) = (None, None, Vec::new());
    let (goals, end): (Vec<Goal>, _) = match finding.rule.code {
        "P01" => {
            let place = program.promises.iter().position(|promise| Some(&&*promise.text) == named.first())?;
            let Some(Verdict::Broken(way)) = prove(program).verdicts.into_iter().nth(place) else { return None };
            let promise = Some(program.promises[place].text.to_string());
            return Some(Aim { ways: vec![way], line, promise, places: Vec::new(), end: ANY });
        }
        "F01" => (before(None), SOME),
        "F02" => (before(Some(false)), SOME),
        "F03" | "F05" => (before(Some(true)), ONE),
        "L01" => {
            let outcome = |pc: Pc| {
                let outcomes = program.code.get(pc.0 as usize)?.outcomes();
                outcomes.iter().position(|name| Some(name) == named.get(1))
            };
            (here().into_iter().filter_map(|pc| Some(Goal::Outcome(pc, outcome(pc)?))).collect(), SOME)
        }
        "D01" => {
            line = finding.help.iter().find_map(|help| help.split('`').nth(1)).map(str::to_owned);
            let both = program.handlers.iter().filter(|handler| origins.contains(&handler.origin));
            (both.map(|handler| Goal::Before(handler.entry, None)).collect(), SOME)
        }
        "G03" => {
            let state = program.states.iter().position(|state| *state.name == *text)?;
            (vec![Goal::In(program::StateId(state as u16))], ANY)
        }
        "T04" => {
            let fact = program.facts.iter().position(|fact| Some(&&*fact.name) == named.first())?;
            let fact = program::FactId(fact as u16);
            (here().into_iter().map(|pc| Goal::Without(pc, fact)).collect(), SOME)
        }
        "T05" => {
            // The draft promises that the value is present there.
            let doubted = |text: &str| text.split('`').nth(1) == named.first().copied();
            let mut promises = program.promises.iter();
            let place = promises.position(|promise| promise.origin == origin && doubted(&promise.text))?;
            let Promise { text, sites, .. } = &program.promises[place];
            promise = Some(text.to_string());
            places = sites.iter().filter_map(|site| before_what(site.moment)).collect();
            ((0..sites.len()).map(|site| Goal::Breaks(place, site)).collect(), SOME)
        }
        "G04" => (before(None), SOME),
        _ => return None,
    };
    let ways = lead(program, &goals).into_iter().flatten().collect();
    Some(Aim { ways, line, promise, places, end })
}

fn before_what(moment: Moment) -> Option<Pc> {
    match moment {
        Moment::Before(pc) => Some(pc),
        Moment::In(_) => None,
    }
}

/// The instructions that were made of what stands there, or of the last thing before it that instructions were made of.
fn at(program: &Program, origin: Origin) -> Vec<Pc> {
    let known = program.origins.iter().filter(|known| known.file == origin.file && **known <= origin);
    let Some(nearest) = known.max() else { return Vec::new() };
    let made = program.origins.iter().enumerate().filter(|(_, known)| *known == nearest);
    made.map(|(pc, _)| Pc(pc as u32)).collect()
}
