//! The plan of a file: its wire, its states and what they know. Two versions of one protocol share a plan.
//!
//! Never: writes text.

use super::scope::{Kind, Var};
use crate::chance::Chance;

/// What bodies may rely on.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) wire: Wire,
    pub(super) states: Vec<State>,
    pub(super) routines: Vec<(String, Vec<Var>)>,
    /// How many words a bag may hold, and how many octets.
    pub(super) words_most: usize,
    pub(super) body_most: usize,
    /// Whether sessions may go on with the next version, and where.
    pub(super) moves: Option<usize>,
    /// Statements that are nearly always refused, for once.
    pub(super) daring: bool,
    /// Whether bodies wait for look-ups.
    pub(super) waits: bool,
    /// Whether they may ask a client.
    pub(super) clients: bool,
    /// Whether words of other protocols end a session.
    pub(super) foreign: bool,
}

/// How lines and answers look.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) crlf: bool,
    pub(super) most: usize,
    pub(super) exact: bool,
    pub(super) pipeline: bool,
    pub(super) tag: bool,
    /// Answers are words, not codes.
    pub(super) words: bool,
    pub(super) literals: bool,
    pub(super) listing: bool,
    pub(super) patience: bool,
    /// The most octets of a line of an answer.
    pub(super) reply_most: Option<usize>,
}

/// One state.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) facts: Vec<Var>,
    /// Whether it has an `enter`, and whether that answers.
    pub(super) enter: Option<bool>,
    pub(super) leave: bool,
}

impl Plan {
    /// The plan of a seed.
    pub(super) fn new(seed: u64) -> Plan {
        let mut chance = Chance::of(seed, "plan");
        let wire = Wire {
            crlf: !chance.one_in(6),
            most: *chance.pick(&[60, 200, 1000]),
            exact: chance.one_in(4),
            pipeline: !chance.one_in(3),
            tag: chance.one_in(12),
            words: chance.one_in(8),
            literals: chance.one_in(10),
            listing: chance.one_in(3),
            patience: chance.one_in(4),
            reply_most: bound_of(&mut Chance::of(seed, "answers")),
        };
        let states = states(&mut chance);
        let routines = (0..chance.below(3)).map(|number| (format!("part{number}"), needs(&mut chance))).collect();
        let moves = if chance.one_in(5) { Some(1 + chance.below(states.len() - 1)) } else { None };
        Plan {
            wire,
            states,
            routines,
            words_most: 1 + chance.below(4),
            body_most: 6 + chance.below(8),
            moves,
            daring: chance.one_in(6),
            waits: !chance.one_in(3),
            clients: true,
            foreign: Chance::of(seed, "foreign").one_in(3),
        }
    }
}

fn bound_of(chance: &mut Chance) -> Option<usize> {
    chance.one_in(4).then(|| *chance.pick(&[64, 70, 512]))
}

/// All facts that states pick from.
pub(super) fn facts() -> Vec<Var> {
    vec![
        Var::new("coat", Kind::Word),
        Var::new("age", Kind::Number),
        Var::new("gate_no", Kind::Gate),
        Var::new("ready", Kind::YesNo),
        Var::new("since", Kind::Time),
        Var::new("who", Kind::Path),
        Var::new("home", Kind::Domain),
        Var::new("goods", Kind::Bag),
        Var::new("spare", Kind::Bag),
        Var::new("key", Kind::Secret),
        Var::new("motto", Kind::Text),
    ]
}

fn states(chance: &mut Chance) -> Vec<State> {
    let count = 2 + chance.below(3);
    let numbers = chance.one_in(3);
    let mut states = Vec::new();
    for number in 0..count {
        let mut known = Vec::new();
        if number > 0 {
            let share = *chance.pick(&[15, 25, 40]);
            for fact in facts() {
                if matches!(fact.kind, Kind::Number | Kind::Gate) && !numbers {
                    continue;
                }
                if chance.percent(share) {
                    known.push(fact.perhaps(chance.one_in(2)));
                }
            }
        }
        let enter = chance.one_in(4).then(|| number > 0 && chance.one_in(2));
        let leave = chance.one_in(5);
        states.push(State { name: format!("s{number}"), facts: known, enter, leave });
    }
    states
}

fn needs(chance: &mut Chance) -> Vec<Var> {
    facts().into_iter().filter(|_| chance.one_in(6)).map(|fact| fact.perhaps(false)).collect()
}
