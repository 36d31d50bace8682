//! The language of a lexical type, and what can be asked of it.
//!
//! Never: knows which types there are; the table is in `builtin`.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, LazyLock},
};

use super::{
    automaton::{Automaton, DEAD},
    error::LexicalError,
    minimal::minimal,
};

/// The language of a type: a minimal deterministic automaton over octets. Equal languages are equal values.
#[derive(Clone, PartialEq, Eq)]
pub struct Language(Arc<Automaton>);

/// How many pairs of states are looked at for a text that two languages have.
const MOST_PAIRS: usize = 100_000;

impl Language {
    /// Takes an automaton that is already minimal and canonical.
    pub(super) fn from_minimal(automaton: Automaton) -> Language {
        Language(Arc::new(automaton))
    }

    pub(super) fn automaton(&self) -> &Automaton {
        &self.0
    }

    /// Whether it has the text.
    pub fn accepts(&self, text: &[u8]) -> bool {
        let end = text.iter().fold(0, |state, &octet| self.0.step(state, octet));
        self.0.accepts_in(end)
    }

    /// Whether it has no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.states() == 1 && !self.0.accepting[0] // minimal: every state can still accept, but for this one
    }

    /// Its shortest text: of letters and digits where it can be, else of other characters that can be read.
    pub fn shortest(&self) -> Option<Vec<u8>> {
        self.shortest_common(self)
    }

    /// The shortest text that both have, with the same preference.
    pub fn shortest_common(&self, other: &Language) -> Option<Vec<u8>> {
        self.search(other, usize::MAX, &mut 0).unwrap_or_default()
    }

    /// The same with a bound, and how many pairs of states were looked at.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub(crate) fn common(&self, other: &Language, pairs: &mut usize) -> Result<Option<Vec<u8>>, LexicalError> {
        self.search(other, MOST_PAIRS, pairs)
    }

    fn search(&self, other: &Language, most: usize, pairs: &mut usize) -> Result<Option<Vec<u8>>, LexicalError> {
        let (a, b) = (&self.0, &other.0);
        let mut open = VecDeque::from([(0, 0)]);
        let mut origins = HashMap::from([((0, 0), None)]);
        while let Some(pair) = open.pop_front() {
            if a.accepts_in(pair.0) && b.accepts_in(pair.1) {
                return Ok(Some(trace(&origins, pair)));
            }
            *pairs += 1;
            if *pairs > most {
                return Err(LexicalError::TooLarge);
            }
            for &octet in PREFERRED.iter() {
                let next = (a.step(pair.0, octet), b.step(pair.1, octet));
                if next.0 != DEAD && next.1 != DEAD && !origins.contains_key(&next) {
                    origins.insert(next, Some((pair, octet)));
                    open.push_back(next);
                }
            }
        }
        Ok(None)
    }

    /// The size of its automaton.
    pub fn states(&self) -> usize {
        self.0.states()
    }

    /// The texts that both have.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub(super) fn and(&self, other: &Language) -> Result<Language, LexicalError> {
        Ok(Language::from_minimal(minimal(&self.0.product(&other.0, |a, b| a && b)?)))
    }

    /// The texts that the other does not have.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub(super) fn without(&self, other: &Language) -> Result<Language, LexicalError> {
        Ok(Language::from_minimal(minimal(&self.0.product(&other.0, |a, b| a && !b)?)))
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortest = self.shortest().map(|text| String::from_utf8_lossy(&text).into_owned());
        write!(f, "Language({} states, shortest {shortest:?})", self.states())
    }
}

/// Where a pair of states was reached from, and by which octet.
type Origins = HashMap<(u32, u32), Option<((u32, u32), u8)>>;

/// The text that led to a pair of states.
fn trace(origins: &Origins, mut pair: (u32, u32)) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(&Some((from, octet))) = origins.get(&pair) {
        text.push(octet);
        pair = from;
    }
    text.reverse();
    text
}

/// All octets, those first that read best.
static PREFERRED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let rank = |octet: u8| match octet {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        b'!'..=b'~' => 3,
        b' ' => 4,
        _ => 5,
    };
    let mut octets: Vec<u8> = (0..=u8::MAX).collect();
    octets.sort_by_key(|&octet| (rank(octet), octet));
    octets
});
