//! Promises, proved or broken.
//!
//! Never: calls a promise kept that it could not decide.

use program::{Cover, Covers, Expr, Moment, Op, Program, StateId, Unless};

use crate::{
    ground::{Ground, Knowledge, Sites, Spot, Watched, lasts, tls_is_on},
    logic::atoms,
    reach::reach,
    way::Way,
};

/// What was found out of one promise.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is kept, whatever happens.
    Kept,
    /// There is a way on which it is broken.
    Broken(Way),
    /// There is a way on which it may be broken; whether it is hangs on values.
    Undecided(Option<Way>),
}

/// What was found out.
#[derive(Debug)]
pub struct Proof {
    /// One for each promise, in order.
    pub verdicts: Vec<Verdict>,
    /// How many states of a session were looked at: state, TLS, and what is known of facts, settings and the peer.
    pub explored: usize,
    /// The sessions between two commands that it speaks of.
    pub covers: Covers,
}

/// How much is followed from command to command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Close {
    /// The conditions of promises.
    Promises,
    /// Those of guards, too.
    Guards,
    /// Those of bodies, too.
    Bodies,
}

/// Proves the promises of a program, or finds the shortest ways on which they are broken.
pub fn prove(program: &Program) -> Proof {
    // Most promises need no more than their own conditions and the guards to be followed from command to command.
    let mut proof = attempt(program, Close::Guards);
    if proof.verdicts.iter().any(|verdict| *verdict != Verdict::Kept) {
        proof.learn(attempt(program, Close::Bodies), true);
    }
    // Where that is too much, less may do.
    if proof.verdicts.contains(&Verdict::Undecided(None)) {
        proof.learn(attempt(program, Close::Promises), false);
    }
    if proof.verdicts.contains(&Verdict::Undecided(None)) {
        proof.covers = Covers::Nothing;
    }
    if let Covers::These(covers) = &mut proof.covers {
        covers.extend(entering(program, &proof.verdicts));
    }
    proof
}

impl Proof {
    /// Takes what another attempt found out of the promises that are not known to be kept. Where it did not look more
    /// closely, it may take for broken what is not.
    fn learn(&mut self, other: Proof, closer: bool) {
        let mut won = false;
        for (verdict, other) in self.verdicts.iter_mut().zip(other.verdicts) {
            if *verdict != Verdict::Kept && (closer || other == Verdict::Kept) {
                won |= other == Verdict::Kept;
                *verdict = other;
            }
        }
        self.explored = self.explored.max(other.explored);
        if let (true, Covers::These(more)) = (won, other.covers) {
            match &mut self.covers {
                Covers::These(covers) => covers.extend(more),
                covers => *covers = Covers::These(more),
            }
        }
    }
}

fn attempt(program: &Program, close: Close) -> Proof {
    let ground = Ground::new(program, sites(program), tracked(program, close));
    let reached = reach(&ground, program.promises.len());
    let verdicts: Vec<Verdict> = reached
        .broken
        .into_iter()
        .map(|broken| match broken {
            None if reached.too_large => Verdict::Undecided(None),
            None => Verdict::Kept,
            Some((way, true)) => Verdict::Undecided(Some(way)),
            Some((way, false)) => Verdict::Broken(way),
        })
        .collect();
    let covers = match verdicts.contains(&Verdict::Kept) {
        true => Covers::These(covers(&ground, &reached.states)),
        false => Covers::All,
    };
    Proof { verdicts, explored: reached.nodes, covers }
}

/// What was known of each state where sessions of an earlier version may go on.
fn covers(ground: &Ground<'_>, reached: &[(StateId, Knowledge)]) -> Vec<Cover> {
    let program = ground.program;
    let moves = moves(program);
    let cover = |state| {
        let known = reached.iter().filter(|(there, _)| *there == state);
        Cover { state, known: known.map(|(_, knowledge)| ground.known(state, knowledge)).collect() }
    };
    moves.map(cover).collect()
}

/// A session that goes on in a state comes to it: what was promised of that must hold.
fn entering(program: &Program, verdicts: &[Verdict]) -> Vec<Cover> {
    let mut covers = Vec::new();
    for (promise, _) in program.promises.iter().zip(verdicts).filter(|(_, verdict)| **verdict == Verdict::Kept) {
        for site in &promise.sites {
            let Some(state) = moves(program).find(|state| site.moment == Moment::In(*state)) else { continue };
            let holds = site.unless.iter().filter_map(|unless| match unless {
                Unless::Holds(condition) => Some(vec![(condition.clone(), true)]),
                Unless::Answered { .. } | Unless::Otherwise(_) => None,
            });
            covers.push(Cover { state, known: holds.collect() });
        }
    }
    covers
}

fn moves(program: &Program) -> impl Iterator<Item = StateId> {
    let places = program.states.iter().enumerate();
    places.filter(|(_, state)| program.reload.moves.contains(&state.name)).map(|(place, _)| StateId(place as u16))
}

fn sites(program: &Program) -> Sites {
    let mut sites = Sites::new();
    for (number, promise) in program.promises.iter().enumerate() {
        for site in &promise.sites {
            let watched = Watched { number, unless: site.unless.clone(), told: None };
            sites.entry(Spot::At(site.moment)).or_default().push(watched);
        }
    }
    sites
}

/// The conditions that are followed from command to command.
pub(crate) fn tracked(program: &Program, close: Close) -> Vec<Expr> {
    let all = close == Close::Bodies;
    let tls = tls_is_on();
    let mut found = vec![&tls];
    let promised = program.promises.iter().flat_map(|promise| &promise.sites).flat_map(|site| &site.unless);
    for unless in promised {
        if let Unless::Holds(condition) = unless {
            atoms(condition, &mut found);
        }
    }
    if close >= Close::Guards {
        program.handlers.iter().filter_map(|handler| handler.guard.as_ref()).for_each(|guard| atoms(guard, &mut found));
    }
    if all {
        program.code.iter().filter_map(Op::condition).for_each(|condition| atoms(condition, &mut found));
    }
    let facts = program.facts.len();
    let mut kept: Vec<Expr> = found.into_iter().filter(|atom| lasts(atom, facts)).cloned().collect();
    // Whether a loop has a round.
    let lists = program.code.iter().filter_map(Op::each).map(|each| &each.list);
    let loops = lists.filter(|_| all).map(|list| Expr::Empty(Box::new(list.clone())));
    for empty in loops.filter(|empty| lasts(empty, facts)) {
        if !kept.contains(&empty) {
            kept.push(empty);
        }
    }
    kept
}
