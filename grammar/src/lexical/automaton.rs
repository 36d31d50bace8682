//! A deterministic automaton over octets, partial: a step that leads nowhere leads to [`DEAD`].
//!
//! Never: is compared. Two automata of one language may differ until they are made minimal.

use std::collections::HashMap;

use super::error::LexicalError;

/// No state: from here nothing is accepted.
pub(super) const DEAD: u32 = u32::MAX;

/// More states than this are refused.
pub(super) const MOST_STATES: usize = 20_000;

/// More entries than this in the table of steps are refused.
pub(super) const MOST_STEPS: usize = 2_000_000;

/// States are numbered from 0, where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Automaton {
    /// The class of each octet. Octets of one class lead to the same state everywhere.
    pub(super) classes: Box<[u8; 256]>,
    /// How many classes there are.
    pub(super) width: usize,
    /// Where class *c* leads from state *s*: at `s * width + c`.
    pub(super) steps: Vec<u32>,
    /// Whether a text may end in each state.
    pub(super) accepting: Vec<bool>,
}

impl Automaton {
    /// The one that accepts nothing.
    pub(super) fn nothing() -> Automaton {
        Automaton { classes: Box::new([0; 256]), width: 1, steps: vec![DEAD], accepting: vec![false] }
    }

    /// How many states it has.
    pub(super) fn states(&self) -> usize {
        self.accepting.len()
    }

    /// Where an octet leads.
    pub(super) fn step(&self, state: u32, octet: u8) -> u32 {
        match state {
            DEAD => DEAD,
            _ => self.steps[state as usize * self.width + usize::from(self.classes[usize::from(octet)])],
        }
    }

    /// Whether a text may end here.
    pub(super) fn accepts_in(&self, state: u32) -> bool {
        state != DEAD && self.accepting[state as usize]
    }

    /// The runs of octets that lead somewhere from a state, in order, neighbours with one target joined.
    pub(super) fn runs(&self, state: u32) -> Vec<(u8, u8, u32)> {
        let mut runs: Vec<(u8, u8, u32)> = Vec::new();
        for octet in 0..=u8::MAX {
            let target = self.step(state, octet);
            if target == DEAD {
                continue;
            }
            match runs.last_mut() {
                Some((_, last, same)) if *same == target && *last + 1 == octet => *last = octet,
                _ => runs.push((octet, octet, target)),
            }
        }
        runs
    }

    /// Runs both side by side; `keep` says which texts stay, from whether each side accepts.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub(super) fn product(&self, other: &Automaton, keep: fn(bool, bool) -> bool) -> Result<Automaton, LexicalError> {
        let (classes, samples) = joint_classes(self, other);
        let mut numbers = HashMap::from([((0, 0), 0_u32)]);
        let mut pairs = vec![(0_u32, 0_u32)];
        let mut product =
            Automaton { classes: Box::new(classes), width: samples.len(), steps: Vec::new(), accepting: Vec::new() };
        while let Some(&(a, b)) = pairs.get(product.accepting.len()) {
            product.accepting.push(keep(self.accepts_in(a), other.accepts_in(b)));
            for &octet in &samples {
                let pair = (self.step(a, octet), other.step(b, octet));
                let target = match pair {
                    (DEAD, DEAD) => DEAD,
                    _ => *numbers.entry(pair).or_insert_with(|| {
                        pairs.push(pair);
                        pairs.len() as u32 - 1
                    }),
                };
                product.steps.push(target);
            }
            if pairs.len() > MOST_STATES || product.steps.len() > MOST_STEPS {
                return Err(LexicalError::TooLarge);
            }
        }
        Ok(product)
    }
}

/// Classes fine enough for both, and the least octet of each.
fn joint_classes(a: &Automaton, b: &Automaton) -> ([u8; 256], Vec<u8>) {
    let mut numbers = HashMap::new();
    let mut samples = Vec::new();
    let mut classes = [0; 256];
    for octet in 0..=u8::MAX {
        let key = (a.classes[usize::from(octet)], b.classes[usize::from(octet)]);
        classes[usize::from(octet)] = *numbers.entry(key).or_insert_with(|| {
            samples.push(octet);
            (samples.len() - 1) as u8
        });
    }
    (classes, samples)
}
