//! Promises, proved or broken.
//!
//! Never: calls a promise kept that it could not decide.

use program::{Expr, Op, Program, Unless};

use crate::{
    logic::atoms,
    path::{Ground, Sites, Spot, Watched, lasts, tls_is_on},
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
}

/// Proves the promises of a program, or finds the shortest ways on which they are broken.
pub fn prove(program: &Program) -> Proof {
    // Most promises need no more than their own conditions and the guards to be followed from command to command.
    let mut proof = attempt(program, tracked(program, false));
    if proof.verdicts.iter().any(|verdict| *verdict != Verdict::Kept) {
        let closer = attempt(program, tracked(program, true));
        let verdicts = proof.verdicts.iter_mut().zip(closer.verdicts);
        for (verdict, closer) in verdicts.filter(|(verdict, _)| **verdict != Verdict::Kept) {
            *verdict = closer;
        }
        proof.explored = proof.explored.max(closer.explored);
    }
    proof
}

fn attempt(program: &Program, tracked: Vec<Expr>) -> Proof {
    let ground = Ground { program, sites: sites(program), tracked };
    let reached = reach(&ground, program.promises.len());
    let verdicts = reached.broken.into_iter().map(|broken| match broken {
        None if reached.too_large => Verdict::Undecided(None),
        None => Verdict::Kept,
        Some((way, true)) => Verdict::Undecided(Some(way)),
        Some((way, false)) => Verdict::Broken(way),
    });
    Proof { verdicts: verdicts.collect(), explored: reached.nodes }
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

/// The conditions that are followed from command to command: those of promises and guards, or those of bodies, too.
pub(crate) fn tracked(program: &Program, all: bool) -> Vec<Expr> {
    let tls = tls_is_on();
    let mut found = vec![&tls];
    let promised = program.promises.iter().flat_map(|promise| &promise.sites).flat_map(|site| &site.unless);
    for unless in promised {
        if let Unless::Holds(condition) = unless {
            atoms(condition, &mut found);
        }
    }
    program.handlers.iter().filter_map(|handler| handler.guard.as_ref()).for_each(|guard| atoms(guard, &mut found));
    if all {
        for op in &program.code {
            if let Op::Unless { condition, .. } = op {
                atoms(condition, &mut found);
            }
        }
    }
    let facts = program.facts.len();
    let mut kept: Vec<Expr> = found.into_iter().filter(|atom| lasts(atom, facts)).cloned().collect();
    // Whether a loop has a round.
    let loops = program.code.iter().filter_map(|op| match op {
        Op::Each(each) if all => Some(Expr::Empty(Box::new(each.list.clone()))),
        _ => None,
    });
    for empty in loops.filter(|empty| lasts(empty, facts)) {
        if !kept.contains(&empty) {
            kept.push(empty);
        }
    }
    kept
}
