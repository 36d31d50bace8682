//! What is different between two versions of a protocol, as conversations: the shortest in which a peer can tell.
//!
//! Every answer in a body that the other version has not is come to, in the version that has it; what was said there is
//! said to the other, too, and the answers are compared.
//!
//! Never: shows a difference that was not played in both.

use std::collections::{BTreeMap, BTreeSet};

use program::{Origin, Pc, Program};
use proof::{Goal, lead};
use transcript::play::{Played, Spoken};

use crate::{
    bodies::changed,
    search::{MOST_PLAYS, Search, Stage},
};

/// How many places are come to in each version.
const MOST: usize = 200;

/// A conversation that the two versions do not hold alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the conversation takes as given, in the words of transcripts.
    pub given: Vec<String>,
    /// What both say alike, up to where they part, in the words of transcripts.
    pub before: Vec<String>,
    /// What is said then.
    pub said: Vec<String>,
    /// What the old version answers.
    pub old: Vec<String>,
    /// What the new one does.
    pub new: Vec<String>,
}

/// What was found out of two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The shortest conversations first; each difference once.
    pub differences: Vec<Difference>,
    /// Where an answer stands that the other version has not, and that no conversation was found to come to: file and
    /// line.
    pub missed: Vec<(String, u32)>,
    /// Whether it was enough before all of them were looked for.
    pub unfinished: bool,
}

/// How long is compared.
pub struct Bounds<'b> {
    /// How often is played along one way.
    pub plays: usize,
    /// Whether it is enough; asked before each way.
    pub enough: &'b dyn Fn() -> bool,
}

impl Default for Bounds<'_> {
    fn default() -> Self {
        Bounds { plays: MOST_PLAYS, enough: &|| false }
    }
}

/// One version, and a stage that plays transcripts in it.
pub struct Version<'v, 's> {
    /// The protocol.
    pub program: &'v Program,
    /// Plays.
    pub stage: &'v mut Stage<'s>,
}

/// Compares two versions.
pub fn compare(mut old: Version<'_, '_>, mut new: Version<'_, '_>, bounds: &Bounds<'_>) -> Comparison {
    let texts = |program: &Program| program.sources.iter().map(|source| source.text.clone()).collect::<Vec<_>>();
    if texts(old.program) == texts(new.program) {
        return Comparison::default();
    }
    let mut found = Comparison::default();
    for text in drafts(&mut new, old.program, bounds, &mut found) {
        found.differences.extend(both(&text, &mut old, &mut new));
    }
    for text in drafts(&mut old, new.program, bounds, &mut found) {
        found.differences.extend(both(&text, &mut old, &mut new));
    }
    let all = &mut found.differences;
    all.sort_by_key(|difference| (difference.given.len() + difference.before.len(), difference.said.concat()));
    let mut seen = BTreeSet::new();
    all.retain(|difference| seen.insert((verb(&difference.said), difference.old.clone(), difference.new.clone())));
    found
}

/// What a line begins with: the same answers to the same command are one difference.
fn verb(said: &[String]) -> String {
    let words = said.last().map(String::as_str).unwrap_or_default().split_whitespace();
    words.take(2).collect::<Vec<_>>().join(" ")
}

/// Conversations that come to what the other version has not.
fn drafts(
    version: &mut Version<'_, '_>,
    other: &Program,
    bounds: &Bounds<'_>,
    comparison: &mut Comparison,
) -> Vec<String> {
    if (bounds.enough)() {
        comparison.unfinished = true;
        return Vec::new();
    }
    let program = version.program;
    let mut places: BTreeMap<Origin, Vec<Pc>> = BTreeMap::new();
    for at in changed(program, other) {
        places.entry(program.origins[at.0 as usize]).or_default().push(at);
    }
    let goals: Vec<Goal> = places.values().flatten().map(|at| Goal::Before(*at, None)).collect();
    let mut ways = lead(program, &goals).into_iter();
    let mut texts = Vec::new();
    let mut left = MOST;
    for (origin, at) in places {
        // What stands in several states is come to in the nearest, and where least has to turn out in one way.
        let mut ways: Vec<_> = ways.by_ref().take(at.len()).flatten().collect();
        ways.sort_by_key(|way| (way.steps.len(), way.steps.iter().map(|step| step.choices.len()).sum::<usize>()));
        let stage = &mut *version.stage;
        let mut leading = ways.iter().take(left).take_while(|_| !(bounds.enough)());
        let found = leading.find_map(|way| Search::new(program, way, None, bounds.plays)?.run(None, stage));
        left = left.saturating_sub(1);
        match found {
            Some(script) => texts.push(script.trial()),
            None if (bounds.enough)() => {
                comparison.unfinished = true;
                break;
            }
            None => comparison.missed.extend(place(program, origin)),
        }
    }
    texts
}

fn place(program: &Program, origin: Origin) -> Option<(String, u32)> {
    let source = program.sources.get(usize::from(origin.file))?;
    Some((source.name.to_string(), origin.line))
}

fn both(text: &str, old: &mut Version<'_, '_>, new: &mut Version<'_, '_>) -> Vec<Difference> {
    let (Some(was), Some(is)) = (played(text, old.stage), played(text, new.stage)) else { return Vec::new() };
    let given: Vec<String> = given(text).into_iter().map(str::to_owned).collect();
    let (was, is) = (turns(&was), turns(&is));
    let mut before = Vec::new();
    let mut found = Vec::new();
    for place in 0..was.len().max(is.len()) {
        let silent = Turn::default();
        let (old, new) = (was.get(place).unwrap_or(&silent), is.get(place).unwrap_or(&silent));
        let said = if old.said.is_empty() { &new.said } else { &old.said };
        if old.answer != new.answer {
            let (given, before) = (given.clone(), before.clone());
            found.push(Difference {
                given,
                before,
                said: said.clone(),
                old: shown(&old.answer),
                new: shown(&new.answer),
            });
        }
        // Behind another code the two are in different places, and what follows is no more than that.
        if codes(&old.answer) != codes(&new.answer) {
            break;
        }
        before.extend(said.iter().cloned());
        before.extend(shown(&new.answer));
    }
    found
}

/// Plays a transcript; what one version alone knows of settings and look-ups is not given to the other.
fn played(text: &str, stage: &mut Stage<'_>) -> Option<Played> {
    let mut text = text.to_owned();
    loop {
        if let Some(played) = stage(&text) {
            return Some(played);
        }
        let strange = given(&text).into_iter().find_map(|line| {
            let alone = format!("{}given {{\n{line}\n}}\nS: ...\n", text.split_once("\n\n")?.0.to_owned() + "\n\n");
            stage(&alone).is_none().then(|| line.to_owned())
        })?;
        text = text.replacen(&format!("{strange}\n"), "", 1);
    }
}

fn given(text: &str) -> Vec<&str> {
    let lines = text.lines().skip_while(|line| *line != "given {").skip(1);
    lines.take_while(|line| *line != "}").collect()
}

/// What was said and what was answered to it.
#[derive(Debug, Default)]
struct Turn {
    said: Vec<String>,
    answer: Vec<String>,
}

fn turns(played: &Played) -> Vec<Turn> {
    let mut turns = vec![Turn::default()];
    for spoken in &played.conversation {
        let said = match spoken {
            Spoken::Server(_, line) => {
                let line = String::from_utf8_lossy(line).into_owned();
                turns.last_mut().into_iter().for_each(|turn| turn.answer.push(line.clone()));
                continue;
            }
            Spoken::Client(_, octets) => lines(octets),
            Spoken::Mark(mark) => vec![format!("--- {}", mark.trim_start_matches("---").trim())],
        };
        match turns.last_mut() {
            Some(turn) if turn.answer.is_empty() && !turn.said.is_empty() => turn.said.extend(said),
            _ => turns.push(Turn { said, answer: Vec::new() }),
        }
    }
    turns
}

fn lines(octets: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(octets).lines().map(|line| format!("C: {line}")).collect()
}

fn shown(answer: &[String]) -> Vec<String> {
    answer.iter().map(|line| format!("S: {line}")).collect()
}

/// The code of each line.
fn codes(answer: &[String]) -> Vec<&str> {
    answer.iter().map(|line| line.split([' ', '-']).next().unwrap_or_default()).collect()
}
