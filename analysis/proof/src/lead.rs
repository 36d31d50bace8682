//! The shortest ways to places in a protocol.
//!
//! Never: says that there is no way where it stopped looking.

use program::{Expr, FactId, Moment, Pc, Program, Slot, StateId, Unless};

use crate::{
    ground::{Ground, Sites, Spot, Watched},
    promise::{Close, tracked},
    reach::reach,
    way::Way,
};

/// Somewhere to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Before this instruction; when the second is given, with a final answer given before, or with none.
    Before(Pc, Option<bool>),
    /// Before this instruction, while the fact is absent.
    Without(Pc, FactId),
    /// Into this state.
    In(StateId),
    /// To this outcome of a call or of reading a payload, by its number.
    Outcome(Pc, usize),
    /// To this side of a condition.
    Side(Pc, bool),
    /// To where the promise of the first number is broken, at its site of the second.
    Breaks(usize, usize),
}

/// The shortest way to each goal, where one was found. What is found impossible is left out; what hangs on values may
/// still be.
pub fn lead(program: &Program, goals: &[Goal]) -> Vec<Option<Way>> {
    let mut sites = Sites::new();
    for (number, goal) in goals.iter().enumerate() {
        let (spot, unless, told) = match *goal {
            Goal::Before(pc, told) => (Spot::At(Moment::Before(pc)), Vec::new(), told),
            Goal::Without(pc, fact) => {
                let there = Expr::Present(Box::new(Expr::Slot(Slot(fact.0))));
                (Spot::At(Moment::Before(pc)), vec![Unless::Holds(there)], None)
            }
            Goal::In(state) => (Spot::At(Moment::In(state)), Vec::new(), None),
            Goal::Outcome(pc, outcome) => (Spot::Outcome(pc, outcome), Vec::new(), None),
            Goal::Side(pc, held) => (Spot::Side(pc, held), Vec::new(), None),
            Goal::Breaks(promise, site) => {
                let site = program.promises.get(promise).and_then(|promise| promise.sites.get(site));
                let Some(site) = site else { continue };
                (Spot::At(site.moment), site.unless.clone(), None)
            }
        };
        sites.entry(spot).or_default().push(Watched { number, unless, told });
    }
    let ground = Ground::new(program, sites, tracked(program, Close::Bodies));
    let reached = reach(&ground, goals.len());
    reached.broken.into_iter().map(|found| found.map(|(way, _)| way)).collect()
}
