//! Every state that a session can come to, with what is known of it there, the nearest first.
//!
//! Never: looks at one that is no more than a case of one that it has seen.

use std::collections::{BTreeMap, VecDeque};

use program::{Comparison, Expr, HandlerId, Pc, StateId, Value};

use crate::{
    ground::{Broken, Ground, Knowledge},
    path::{End, Walked, begin, walk},
    way::{Choice, Event, Step, Way},
};

/// How many are looked at.
const MOST: usize = 20_000;

/// Where a session can be between commands.
struct Node {
    state: StateId,
    knowledge: Knowledge,
    /// How it came here: from which node, and by what.
    from: Option<usize>,
    step: Step,
    tls_first: bool,
}

/// What was found.
pub(crate) struct Reached {
    /// How many nodes there are.
    pub(crate) nodes: usize,
    /// For each promise that may be broken the shortest way; doubtful ones only where there is no other.
    pub(crate) broken: Vec<Option<(Way, bool)>>,
    /// Whether something was left out.
    pub(crate) too_large: bool,
    /// Where a session can be between commands, with what is known of it there.
    pub(crate) states: Vec<(StateId, Knowledge)>,
}

/// Walks from the beginning of a session, in the clear and with TLS before the first octet, and looks out for so many
/// things.
pub(crate) fn reach(ground: &Ground<'_>, number: usize) -> Reached {
    let broken = vec![None; number];
    let mut search = Search {
        ground,
        nodes: Vec::new(),
        next: VecDeque::new(),
        by_state: BTreeMap::new(),
        reached: Reached { nodes: 0, broken, too_large: false, states: Vec::new() },
    };
    for tls_first in [false, true] {
        for walked in begin(ground, tls_first) {
            search.take(None, tls_first, walked);
        }
    }
    while let Some(place) = search.next.pop_front() {
        if search.nodes.len() > MOST || ground.is_exhausted() {
            search.reached.too_large = true;
            break;
        }
        search.expand(place);
    }
    search.reached.too_large |= ground.is_exhausted();
    search.reached.nodes = search.nodes.len();
    search.reached.states = search.nodes.into_iter().map(|node| (node.state, node.knowledge)).collect();
    search.reached
}

struct Search<'g, 'p> {
    ground: &'g Ground<'p>,
    nodes: Vec<Node>,
    /// The nodes of each state.
    by_state: BTreeMap<StateId, Vec<usize>>,
    next: VecDeque<usize>,
    reached: Reached,
}

impl Search<'_, '_> {
    fn expand(&mut self, place: usize) {
        let state = self.nodes[place].state;
        for (event, guard, entry) in self.happenings(state) {
            let (knowledge, tls_first) = (self.nodes[place].knowledge.clone(), self.nodes[place].tls_first);
            let walked = walk(self.ground, state, &knowledge, event, guard.as_ref(), entry);
            self.take(Some(place), tls_first, walked);
        }
    }

    /// All that can happen in a state.
    fn happenings(&self, state: StateId) -> Vec<(Event, Option<Expr>, Pc)> {
        let program = self.ground.program;
        let mut all = Vec::new();
        for id in &program.states[usize::from(state.0)].handlers {
            let HandlerId(place) = *id;
            let handler = &program.handlers[place as usize];
            all.push((Event::Line(*id), handler.guard.clone(), handler.entry));
            let jumped = program.unexpected.jumped_queue.filter(|_| handler.alone);
            all.extend(jumped.map(|code| (Event::JumpedQueue(*id), handler.guard.clone(), code)));
            if let Some(payload) = &handler.payload {
                all.push((Event::TooBig(*id), handler.guard.clone(), payload.too_big));
                all.push((Event::NotKept(*id), handler.guard.clone(), payload.failed));
            }
        }
        let outside = [
            Event::Left,
            Event::OutOfOrder,
            Event::BadArguments,
            Event::UnknownCommand,
            Event::Foreign,
            Event::TooLong,
            Event::Idle,
            Event::Over,
            Event::Shutdown,
            Event::Broken,
        ];
        let entry = |event: Event| program.entry(event.entry(state));
        all.extend(outside.into_iter().filter_map(|event| Some((event, None, entry(event)?))));
        all
    }

    fn take(&mut self, from: Option<usize>, tls_first: bool, walked: Walked) {
        self.reached.too_large |= walked.too_many;
        for broken in walked.broken {
            self.broken(from, tls_first, broken);
        }
        let mut ends = walked.ends;
        ends.sort_by_key(|end| self.weight(&end.step));
        for End { state, knowledge, step } in ends {
            let known = self.by_state.entry(state).or_default();
            self.ground.spend(known.len());
            let seen = known.iter().any(|place| {
                self.nodes[*place].knowledge.iter().all(|(place, held)| knowledge.get(place) == Some(held))
            });
            if !seen {
                known.push(self.nodes.len());
                self.next.push_back(self.nodes.len());
                self.nodes.push(Node { state, knowledge, from, step, tls_first });
            }
        }
    }

    fn broken(&mut self, from: Option<usize>, tls_first: bool, broken: Broken) {
        let known = &self.reached.broken[broken.promise];
        let way = Way { tls_first, steps: self.steps(from, broken.step), site: broken.site };
        let length = |way: &Way| (way.steps.len(), way.steps.iter().map(|step| self.weight(step)).sum::<usize>());
        let better = |(known, doubtful): &(Way, bool)| (broken.doubtful, length(&way)) < (*doubtful, length(known));
        if known.as_ref().is_none_or(better) {
            self.reached.broken[broken.promise] = Some((way, broken.doubtful));
        }
    }

    fn steps(&self, from: Option<usize>, last: Step) -> Vec<Step> {
        let mut steps = vec![last];
        let mut at = from;
        while let Some(place) = at {
            steps.push(self.nodes[place].step.clone());
            at = self.nodes[place].from;
        }
        steps.reverse();
        steps
    }

    /// How much is decided in a step; what has to be said or set for it counts more.
    fn weight(&self, step: &Step) -> usize {
        let decided = step.choices.iter().map(|choice| match choice {
            Choice::Condition(_, condition, held) => 1 + usize::from(self.ground.is_unusual(condition, *held)),
            _ => 1,
        });
        decided.sum()
    }
}

impl Ground<'_> {
    /// Whether a condition comes out so only when something is said that can be left out, or set against its default.
    pub(crate) fn is_unusual(&self, condition: &Expr, held: bool) -> bool {
        match condition {
            Expr::Not(inner) => self.is_unusual(inner, !held),
            Expr::All(list) if held => list.iter().any(|part| self.is_unusual(part, true)),
            Expr::Any(list) if held => list.iter().all(|part| self.is_unusual(part, true)),
            Expr::Present(inner) => held && !matches!(**inner, Expr::Slot(_) | Expr::Known(_)),
            Expr::Compare { comparison: Comparison::Equal, right, .. } => held && is_word(right),
            Expr::Compare { comparison: Comparison::Unequal, right, .. } => !held && is_word(right),
            Expr::Setting(setting) => {
                let default = self.program.settings.get(usize::from(setting.0));
                let default = default.and_then(|setting| setting.default.as_ref());
                matches!(default, Some(Expr::Constant(Value::Yes(usual))) if *usual != held)
            }
            _ => false,
        }
    }
}

/// Whether it is a certain word, of all that there are.
fn is_word(expr: &Expr) -> bool {
    matches!(expr, Expr::Constant(Value::Text(_)))
}
