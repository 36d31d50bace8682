//! How many final answers a path has given, and what is known to hold on it.
//!
//! Never: looks at values.

use std::collections::BTreeSet;

use diagnostic::Span;

use crate::compile::known::Knowledge;

/// The possible numbers of final answers at one point: none, one, more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answers(u8);

impl Answers {
    /// No answer yet.
    pub(crate) const NONE: Answers = Answers(1);
    /// Exactly one.
    pub(crate) const ONE: Answers = Answers(2);
    /// No path comes here.
    pub(crate) const NOWHERE: Answers = Answers(0);
    const MORE: u8 = 4;

    /// Either of them.
    pub(crate) fn or(self, other: Answers) -> Answers {
        Answers(self.0 | other.0)
    }

    /// One after the other.
    pub(crate) fn then(self, other: Answers) -> Answers {
        let mut sum = 0;
        for a in 0..3_u32 {
            for b in 0..3_u32 {
                if self.0 >> a & 1 == 1 && other.0 >> b & 1 == 1 {
                    sum |= 1 << (a + b).min(2);
                }
            }
        }
        Answers(sum)
    }

    /// Whether a path may come here without an answer.
    pub(crate) fn may_lack(self) -> bool {
        self.0 & Answers::NONE.0 != 0
    }

    /// Whether a path may come here with an answer.
    pub(crate) fn may_have(self) -> bool {
        self.0 & !Answers::NONE.0 != 0
    }

    /// One at most, where more were told.
    pub(crate) fn held_at_one(self) -> Answers {
        if self.may_double() { Answers(self.0 & !Answers::MORE | Answers::ONE.0) } else { self }
    }

    /// Whether a path may come here with two answers.
    pub(crate) fn may_double(self) -> bool {
        self.0 & Answers::MORE != 0
    }
}

/// What is known at one point of a body.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// The final answers given so far.
    pub(crate) answers: Answers,
    /// Where the latest of them stands.
    pub(crate) answered: Option<Span>,
    /// What is known to hold.
    pub(crate) known: Knowledge,
    /// Whether a client has connected.
    pub(crate) connected: bool,
    /// Offered lines that wait for the ending to know their target.
    pub(crate) offers: Vec<usize>,
}

impl Path {
    /// The beginning of a body.
    pub(crate) fn new() -> Path {
        Path {
            answers: Answers::NONE,
            answered: None,
            known: Knowledge::default(),
            connected: false,
            offers: Vec::new(),
        }
    }

    /// Where two ways meet again.
    pub(crate) fn join(a: Option<Path>, b: Option<Path>) -> Option<Path> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Path {
                answers: a.answers.or(b.answers),
                answered: a.answered.or(b.answered),
                known: a.known.shared(&b.known),
                connected: a.connected && b.connected,
                offers: a.offers.iter().chain(&b.offers).copied().collect::<BTreeSet<_>>().into_iter().collect(),
            }),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;

    #[test]
    fn answers_add_up() {
        assert_eq!(Answers::NONE.then(Answers::ONE), Answers::ONE);
        assert!(Answers::ONE.then(Answers::ONE).may_double());
        assert!(Answers::NONE.or(Answers::ONE).then(Answers::ONE).may_double());
        assert!(Answers::NONE.or(Answers::ONE).may_lack());
    }
}
