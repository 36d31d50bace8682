//! The search for a conversation that goes a way: the draft that came furthest is changed in one thing after the other.
//!
//! Never: plays more often than its bound.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    vec::IntoIter,
};

use program::Program;
use proof::Way;
use transcript::play::{Played, What};

use crate::{
    event::{Event, events},
    script::Script,
    vary::{Change, Draft, Stuff},
};

/// How often one search plays, unless it is told otherwise.
pub(crate) const MOST_PLAYS: usize = 3_000;

/// Plays a transcript in memory; none when it is no transcript of the protocol.
pub type Stage<'s> = dyn FnMut(&str) -> Option<Played> + 's;

/// How close a conversation is to what was sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Close {
    /// It did not come near.
    Far,
    /// It came to the place, and there it went another way.
    Near,
    /// It is what was sought.
    There,
}

/// Tells how close a conversation is to what was sought; none: it is there when all of its way was gone.
pub(crate) type Reached<'r> = Option<&'r dyn Fn(&Played) -> Close>;

/// A conversation along a way, or none where none was found.
pub(crate) fn follow(program: &Program, way: &Way, reached: Reached<'_>, stage: &mut Stage<'_>) -> Option<Script> {
    Search::new(program, way, None, MOST_PLAYS)?.run(reached, stage)
}

/// The search along one way.
pub(crate) struct Search<'a> {
    program: &'a Program,
    events: Vec<(usize, Event)>,
    steps: usize,
    stuff: Stuff<'a>,
    left: usize,
}

/// How far a draft came.
struct Tried {
    /// How many events happened, in order, before one did not.
    score: usize,
    /// The step of the one that did not.
    step: usize,
    script: Script,
    played: Played,
}

/// A draft that was played, and what could be otherwise in it.
struct Node {
    /// How far it came, whether it lacks an answer of the world, how little was changed, how early it was played.
    rank: (usize, bool, Reverse<usize>, Reverse<usize>),
    draft: Draft,
    step: usize,
    changes: IntoIter<Change>,
}

impl Node {
    fn new((score, lacks): (usize, bool), number: usize, draft: Draft, step: usize, changes: Vec<Change>) -> Node {
        let rank = (score, lacks, Reverse(draft.changes), Reverse(number));
        Node { rank, draft, step, changes: changes.into_iter() }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Node) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, other: &Node) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<'a> Search<'a> {
    /// None where something would have to happen that no transcript can make happen. `last` is what is said at the end,
    /// `left` how often may be played.
    pub(crate) fn new(program: &'a Program, way: &'a Way, last: Option<&str>, left: usize) -> Option<Search<'a>> {
        let stuff = Stuff::new(program, way, last)?;
        Some(Search { program, events: events(program, way), steps: way.steps.len(), stuff, left })
    }

    /// Tries until something is what was sought.
    pub(crate) fn run(mut self, reached: Reached<'_>, stage: &mut Stage<'_>) -> Option<Script> {
        let mut seen = BTreeSet::new();
        let first: Change = Box::new(|_| ());
        let mut open = BinaryHeap::from([Node::new((0, false), 0, Draft::default(), 0, vec![first])]);
        let mut number = 0;
        while let Some(mut node) = open.pop() {
            let Some(change) = node.changes.next() else { continue };
            let draft = node.draft.changed(change);
            let step = node.step;
            open.push(node);
            let Some(tried) = self.try_out(&draft, step, &mut seen, stage) else {
                if self.left == 0 {
                    return None;
                }
                continue;
            };
            let event = self.events.get(tried.score).map(|(_, event)| *event);
            let whole = if event.is_none() { Close::There } else { Close::Far };
            let close = reached.map_or(whole, |reached| reached(&tried.played));
            if close == Close::There && is_sound(&tried.played) {
                let mut script = tried.script;
                script.hear(&tried.played.conversation);
                return Some(script);
            }
            let event = event.or(self.events.last().map(|(_, event)| *event))?;
            let unanswered = unanswered(&tried.played);
            let changes = self.stuff.changes(&draft, tried.step, event, &unanswered);
            number += 1;
            // What came near, or lacks no more than an answer of the world, goes before all others.
            let (score, step) = match close {
                Close::There => (self.events.len() + 2, self.steps - 1),
                Close::Near => (self.events.len() + 1, self.steps - 1),
                Close::Far => (tried.score, tried.step),
            };
            open.push(Node::new((score, !unanswered.is_empty()), number, draft, step, changes));
        }
        None
    }

    /// Plays a draft as far as it goes, from that step on.
    fn try_out(
        &mut self,
        draft: &Draft,
        from: usize,
        seen: &mut BTreeSet<String>,
        stage: &mut Stage<'_>,
    ) -> Option<Tried> {
        let mut upto = from;
        loop {
            let script = self.stuff.script(draft, upto);
            let text = script.trial();
            if !seen.insert(format!("{upto} {text}")) {
                return None;
            }
            self.left = self.left.checked_sub(1)?;
            let played = stage(&text)?;
            let score = self.score(&played.executed, upto);
            let next = self.events.get(score).map_or(self.steps, |(step, _)| *step);
            if next <= upto || upto + 1 >= self.steps {
                return Some(Tried { score, step: next.min(upto), script, played });
            }
            upto += 1;
        }
    }

    fn score(&self, executed: &[u64], upto: usize) -> usize {
        let mut needed: BTreeMap<String, u64> = BTreeMap::new();
        for (place, (step, event)) in self.events.iter().enumerate() {
            let times = needed.entry(format!("{event:?}")).or_default();
            *times += 1;
            if *step > upto || event.times(self.program, executed) < *times {
                return place;
            }
        }
        self.events.len()
    }
}

/// Whether nothing failed but a promise.
fn is_sound(played: &Played) -> bool {
    played.failures.iter().all(|failure| matches!(failure.what, What::Promise(_)))
}

fn unanswered(played: &Played) -> Vec<String> {
    let questions = played.failures.iter().filter_map(|failure| match &failure.what {
        What::Unanswered(question) => Some(question.clone()),
        _ => None,
    });
    questions.collect()
}
