//! What all walks of one proof share: the program, what is looked out for, what is kept track of, and how much may still
//! be looked at.
//!
//! Never: walks.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use program::{Capture, Expr, Field, Known as Thing, Moment, Pc, Program, Slot, StateId, Type, Unless, Why};

use crate::{
    live::Live,
    logic::{Known, Theory, atoms},
    meaning::settled,
    way::Step,
};

/// How many steps of reasoning a file may cost, and how many more for each of its instructions. A step is one condition
/// held against another, or one instruction walked.
const STEPS: u64 = 4_000_000;
const STEPS_EACH: u64 = 4_000;
const STEPS_MOST: u64 = 40_000_000;

/// What was asked, and the number of the outcome that came.
pub(crate) type Asked = (Arc<str>, usize);

/// What is looked out for, and where.
pub(crate) type Sites = BTreeMap<Spot, Vec<Watched>>;

/// Somewhere that a walk can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// What promises speak of.
    At(Moment),
    /// This call is answered by its outcome of that number.
    Outcome(Pc, usize),
    /// This condition holds, or does not.
    Side(Pc, bool),
}

/// Something that is looked out for at a spot.
pub(crate) struct Watched {
    /// The number of the promise, or of what is sought.
    pub(crate) number: usize,
    /// What must not hold there.
    pub(crate) unless: Vec<Unless>,
    /// Whether a final answer was given before; either is right without it.
    pub(crate) told: Option<bool>,
}

/// What is known of a session between commands: what holds of the conditions that are kept track of, by their numbers.
pub(crate) type Knowledge = BTreeMap<usize, bool>;

/// A site that is reached while none of its conditions need hold.
pub(crate) struct Broken {
    pub(crate) promise: usize,
    pub(crate) site: Option<Pc>,
    pub(crate) step: Step,
    /// Whether it may hang on values that are not calculated.
    pub(crate) doubtful: bool,
}

/// What all walks share.
pub(crate) struct Ground<'p> {
    pub(crate) program: &'p Program,
    pub(crate) sites: Sites,
    /// The conditions that are kept track of from command to command.
    pub(crate) tracked: Vec<Expr>,
    /// What may matter behind each instruction.
    pub(crate) live: Live,
    /// Instructions that are come to by more than one way.
    pub(crate) joins: BTreeSet<Pc>,
    /// The answers of look-ups that promises speak of.
    pub(crate) answers: Vec<Asked>,
    /// How much may still be looked at.
    work: Cell<u64>,
}

impl<'p> Ground<'p> {
    pub(crate) fn new(program: &'p Program, sites: Sites, tracked: Vec<Expr>) -> Ground<'p> {
        let live = Live::of(program, &sites, &tracked);
        let all = sites.values().flatten().flat_map(|watched| &watched.unless);
        let answers = all.filter_map(|unless| match unless {
            Unless::Answered { name, outcome } => Some((name.clone(), *outcome)),
            Unless::Holds(_) | Unless::Otherwise(_) => None,
        });
        let answers = answers.collect();
        let steps = STEPS.saturating_add(STEPS_EACH.saturating_mul(program.code.len() as u64)).min(STEPS_MOST);
        Ground { program, sites, tracked, live, joins: joins(program), answers, work: Cell::new(steps) }
    }

    /// Whether so much has been looked at that nothing more is.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.work.get() == 0
    }

    /// Takes so much of what may still be looked at.
    pub(crate) fn spend(&self, steps: usize) {
        self.work.set(self.work.get().saturating_sub(steps as u64));
    }

    /// Looks at nothing more.
    pub(crate) fn give_up(&self) {
        self.work.set(0);
    }

    /// Asks with what is sure of settings and of the holes of the present line.
    pub(crate) fn with<T>(&self, captures: &[Capture], ask: impl FnOnce(&Theory<'_>) -> T) -> T {
        let sure = |expr: &Expr| is_sure(self.program, captures, expr);
        ask(&Theory { sure: &sure, work: &self.work })
    }

    /// What is known in a state: what was kept track of, and that the facts that it must have are there.
    pub(crate) fn known(&self, state: StateId, knowledge: &Knowledge) -> Vec<Known> {
        let facts = &self.program.states[usize::from(state.0)].facts;
        let there = facts.iter().filter(|(_, optional)| !optional);
        let there = there.map(|(fact, _)| (Expr::Present(Box::new(Expr::Slot(Slot(fact.0)))), true));
        knowledge.iter().map(|(place, held)| (self.tracked[*place].clone(), *held)).chain(there).collect()
    }

    /// What will be known when facts become what `slot` says.
    pub(crate) fn track(
        &self,
        captures: &[Capture],
        known: &[Known],
        slot: &dyn Fn(Slot) -> Option<Expr>,
    ) -> Knowledge {
        let leaf = |expr: &Expr| of_slot(expr, slot);
        let becomes: Vec<Expr> = self.tracked.iter().map(|atom| atom.with(&leaf)).collect();
        let certain = self.with(captures, |theory| theory.each_certain(known, &becomes));
        certain.into_iter().enumerate().filter_map(|(place, held)| Some((place, held?))).collect()
    }

    /// The promises whose event happens now, while none of their conditions need hold.
    pub(crate) fn judge(
        &self,
        spot: Spot,
        (captures, known, asked, told): (&[Capture], &[Known], &[Asked], bool),
        step: &dyn Fn() -> Step,
        slot: &dyn Fn(Slot) -> Option<Expr>,
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        for watched in self.sites.get(&spot).into_iter().flatten() {
            if watched.told.is_some_and(|wanted| wanted != told) {
                continue;
            }
            let mut against: Vec<Known> = Vec::new();
            let (mut answered, mut begins_so) = (false, false);
            for unless in &watched.unless {
                match unless {
                    Unless::Holds(condition) => {
                        against.push((condition.with(&|expr| of_slot(expr, slot)), false));
                    }
                    Unless::Answered { name, outcome } => {
                        answered |= asked.iter().any(|(asked, was)| asked == name && was == outcome);
                    }
                    // The peer can send a line that does.
                    Unless::Otherwise(_) => begins_so = true,
                }
            }
            let can = || self.with(captures, |theory| theory.possible(known.iter().chain(&against)));
            if !answered && can() {
                // Where the holes of that line must also be such or such, there may be none.
                let of_line = |(condition, _): &Known| condition.has(&mut |part| matches!(part, Expr::Capture(_)));
                let doubtful =
                    hangs_on_values(known, &against) || (begins_so && (known.iter().chain(&against).any(of_line)));
                let site = match spot {
                    Spot::At(Moment::Before(pc)) | Spot::Outcome(pc, _) | Spot::Side(pc, _) => Some(pc),
                    Spot::At(Moment::In(_)) => None,
                };
                broken.push(Broken { promise: watched.number, site, step: step(), doubtful });
            }
        }
        broken
    }

    /// The fields of a record that an expression yields, where that can be told.
    pub(crate) fn shape<'e>(&'e self, expr: &'e Expr) -> Option<&'e Arc<program::Shape>> {
        match (expr, self.type_of(expr)) {
            (Expr::Record(shape, _), _) | (_, Some(Type::Record(shape))) => Some(shape),
            _ => None,
        }
    }

    /// The type of a fact, or of a field of one.
    pub(crate) fn type_of<'e>(&'e self, expr: &'e Expr) -> Option<&'e Type> {
        match expr {
            Expr::Slot(slot) => self.program.facts.get(usize::from(slot.0)).map(|fact| &fact.ty),
            Expr::Field(whole, Field::Index(index)) => {
                self.shape(whole)?.fields.get(usize::from(*index)).map(|(_, ty)| ty)
            }
            _ => None,
        }
    }
}

/// What a slot holds, where an expression is one.
pub(crate) fn of_slot(expr: &Expr, slot: &dyn Fn(Slot) -> Option<Expr>) -> Option<Expr> {
    if let Expr::Slot(place) = expr { slot(*place) } else { None }
}

/// Whether a setting, a hole or an attribute of a request is always there.
fn is_sure(program: &Program, captures: &[Capture], expr: &Expr) -> bool {
    let is_there = |ty: &Type| !matches!(ty, Type::Optional(_));
    match expr {
        Expr::Setting(id) => program.settings.get(usize::from(id.0)).is_some_and(|setting| is_there(&setting.ty)),
        Expr::Capture(hole) => match &program.wire.request {
            Some(_) => *hole == 0,
            None => captures.get(usize::from(*hole)).is_some_and(|capture| is_there(&capture.ty)),
        },
        Expr::Field(whole, Field::Index(index)) => match (&**whole, &program.wire.request) {
            (Expr::Capture(0), Some(request)) => {
                request.shape.fields.get(usize::from(*index)).is_some_and(|(_, ty)| is_there(ty))
            }
            _ => false,
        },
        _ => false,
    }
}

/// Instructions that are come to otherwise than from the one in front of them.
fn joins(program: &Program) -> BTreeSet<Pc> {
    let through = |why: Why| matches!(why, Why::Done | Why::Told | Why::Condition(true) | Why::Element(true));
    let exits = program.code.iter().enumerate().flat_map(|(at, op)| op.exits(Pc(at as u32)));
    exits.filter(|exit| !through(exit.why)).filter_map(|exit| exit.to.here()).collect()
}

/// Whether what is known and what is asked speak of the same thing in ways that are not compared.
fn hangs_on_values(known: &[Known], against: &[Known]) -> bool {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    known.iter().for_each(|(expr, _)| atoms(expr, &mut ours));
    against.iter().for_each(|(expr, _)| atoms(expr, &mut theirs));
    // `x.domain` and `x.local` are different things, and so are they and `x`.
    fn leaves<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
        match expr {
            Expr::Slot(_) | Expr::Capture(_) | Expr::Known(_) | Expr::Field(..) => into.push(expr),
            _ => expr.children().for_each(|part| leaves(part, into)),
        }
    }
    let leaves = |atom: &'_ Expr| -> Vec<Expr> {
        let mut found = Vec::new();
        leaves(atom, &mut found);
        found.into_iter().cloned().collect()
    };
    theirs.iter().filter(|atom| !matches!(atom, Expr::Present(_))).any(|asked| {
        let about = leaves(asked);
        ours.iter()
            .filter(|atom| !matches!(atom, Expr::Present(_)) && atom != &asked && !settled(atom, asked))
            .any(|atom| leaves(atom).iter().any(|leaf| about.contains(leaf)))
    })
}

/// Whether TLS is up.
pub(crate) fn tls_is_on() -> Expr {
    Expr::Present(Box::new(Expr::Known(Thing::Tls)))
}

/// A condition of a session that holds or does not from one command to the next.
pub(crate) fn lasts(atom: &Expr, facts: usize) -> bool {
    !atom.has(&mut |part| match part {
        Expr::Slot(slot) => usize::from(slot.0) >= facts,
        Expr::Capture(_) => true,
        Expr::Known(known) => !matches!(known, Thing::PeerIp | Thing::LocalPort | Thing::Tls),
        _ => false,
    }) && *atom != Expr::yes(true)
        && *atom != Expr::yes(false)
}
