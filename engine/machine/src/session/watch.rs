//! Promises, watched while a session runs: for those who test a protocol.
//!
//! Never: changes what a session does, or costs anything where nobody watches.

use std::{collections::BTreeMap, sync::Arc};

use program::{Moment, Program, Target, Unless};

use super::{Session, Turn};

/// What is watched.
pub(super) struct Watch {
    /// By the moment: the promise, and which of its sites.
    sites: BTreeMap<Moment, Vec<(usize, usize)>>,
    /// What was asked since the peer last had its turn, and which outcome came.
    answered: Vec<(Arc<str>, usize)>,
    /// The promises that were broken, in the order in which that happened.
    broken: Vec<usize>,
}

impl Watch {
    fn new(program: &Program) -> Watch {
        let mut sites: BTreeMap<Moment, Vec<(usize, usize)>> = BTreeMap::new();
        for (promise, known) in program.promises.iter().enumerate() {
            for (place, site) in known.sites.iter().enumerate() {
                sites.entry(site.moment).or_default().push((promise, place));
            }
        }
        Watch { sites, answered: Vec::new(), broken: Vec::new() }
    }
}

impl Session {
    /// Begins to watch.
    pub(crate) fn watch_promises(&mut self, program: &Program) {
        self.seen.watch = Some(Box::new(Watch::new(program)));
        self.seen.observed = true;
    }

    /// The promises that were broken so far.
    pub(crate) fn broken_promises(&self) -> &[usize] {
        self.seen.watch.as_ref().map_or(&[], |watch| &watch.broken)
    }

    /// The peer has its turn: what was asked before counts no more.
    pub(super) fn forget_answers(&mut self) {
        if let Some(watch) = &mut self.seen.watch {
            watch.answered.clear();
        }
    }

    /// Something that was asked is answered.
    #[inline]
    pub(super) fn note_answer(&mut self, target: &Target, outcome: usize) {
        if let Some(watch) = &mut self.seen.watch {
            watch.answered.push((target.name().clone(), outcome));
        }
    }

    /// Something happens that promises may speak of.
    #[inline]
    pub(super) fn keep_watch(&mut self, moment: Moment, turn: &Turn<'_>) {
        if self.seen.watch.is_some() {
            self.look_at(moment, turn);
        }
    }

    fn look_at(&mut self, moment: Moment, turn: &Turn<'_>) {
        let Some(mut watch) = self.seen.watch.take() else { return };
        for (promise, place) in watch.sites.get(&moment).into_iter().flatten() {
            let kept = turn.program().promises[*promise].sites[*place].unless.iter().any(|unless| match unless {
                Unless::Holds(condition) => self.scope(turn).holds(condition).unwrap_or(false),
                Unless::Answered { name, outcome } => {
                    watch.answered.iter().any(|(asked, was)| asked == name && was == outcome)
                }
                Unless::Otherwise(beginning) => !beginning.begins(self.line.text()),
            });
            if !kept && !watch.broken.contains(promise) {
                watch.broken.push(*promise);
            }
        }
        self.seen.watch = Some(watch);
    }
}
