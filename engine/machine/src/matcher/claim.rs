//! Who claims a line, and which verb it begins with.
//!
//! Never: looks at guards or holes.

use std::collections::BTreeSet;

use program::{Claims, HandlerId, Program};
use regex_automata::{
    Anchored, Input,
    dfa::{Automaton, dense},
    util::primitives::StateID,
};

/// The handlers that claim a line, the longest literal prefix first. Linear in the line; allocates nothing.
pub(crate) struct Claimants<'a> {
    claims: &'a Claims,
    end: Option<StateID>,
    next: usize,
}

impl<'a> Claimants<'a> {
    /// Runs the automaton of a state over a line.
    pub(crate) fn new(claims: &'a Claims, line: &[u8]) -> Claimants<'a> {
        Claimants { claims, end: last_state(&claims.dfa, line), next: 0 }
    }
}

impl Iterator for Claimants<'_> {
    type Item = HandlerId;

    fn next(&mut self) -> Option<HandlerId> {
        let end = self.end?;
        if self.next >= self.claims.dfa.match_len(end) {
            return None;
        }
        let pattern = self.claims.dfa.match_pattern(end, self.next);
        self.next += 1;
        self.claims.handlers.get(pattern.as_usize()).copied()
    }
}

/// The state behind the end of the line, when it matches anything.
fn last_state(dfa: &dense::DFA<Vec<u32>>, line: &[u8]) -> Option<StateID> {
    let mut state = dfa.start_state_forward(&Input::new(line).anchored(Anchored::Yes)).ok()?;
    for &octet in line {
        state = dfa.next_state(state, octet);
        if dfa.is_special_state(state) && (dfa.is_dead_state(state) || dfa.is_quit_state(state)) {
            return None;
        }
    }
    end_state(dfa, state)
}

/// The state behind the end of a line that has come to a state, when it matches anything.
fn end_state(dfa: &dense::DFA<Vec<u32>>, state: StateID) -> Option<StateID> {
    let end = dfa.next_eoi_state(state);
    dfa.is_match_state(end).then_some(end)
}

/// Whether that handler is the first that claims a line, whatever stands in it behind the prefix.
pub(crate) fn is_first_behind(claims: &Claims, prefix: &[u8], exact_case: bool, id: HandlerId) -> bool {
    let dfa = &claims.dfa;
    let Ok(start) = dfa.start_state_forward(&Input::new(prefix).anchored(Anchored::Yes)) else { return false };
    let mut open = BTreeSet::from([start]);
    for &octet in prefix {
        let ways = if exact_case { [octet; 2] } else { [octet.to_ascii_lowercase(), octet.to_ascii_uppercase()] };
        open = open.iter().flat_map(|state| ways.map(|octet| dfa.next_state(*state, octet))).collect();
    }
    let mut seen = open.clone();
    while let Some(state) = open.pop_first() {
        let first = Claimants { claims, end: end_state(dfa, state), next: 0 }.next();
        if first != Some(id) {
            return false;
        }
        let next = (0..=u8::MAX).map(|octet| dfa.next_state(state, octet));
        open.extend(next.filter(|next| seen.insert(*next)));
    }
    true
}

/// Whether a line begins with the literal text of a template: a blank of it stands for one or more in the line. A text
/// that is not unbounded is followed by a blank or by nothing.
pub(crate) fn is_claimed(line: &[u8], claim: &str, unbounded: bool, exact_case: bool) -> bool {
    let mut rest = line;
    for (number, word) in claim.split(' ').enumerate() {
        let blanks = rest.iter().take_while(|octet| **octet == b' ').count();
        if number > 0 && blanks == 0 {
            return false;
        }
        let behind = if number > 0 { &rest[blanks..] } else { rest };
        let Some((head, tail)) = behind.split_at_checked(word.len()) else { return false };
        if head != word.as_bytes() && (exact_case || !head.eq_ignore_ascii_case(word.as_bytes())) {
            return false;
        }
        rest = tail;
    }
    unbounded || rest.first().is_none_or(|octet| *octet == b' ')
}

/// The length of the word that a line begins with.
pub(crate) fn word_of(line: &[u8]) -> usize {
    line.iter().position(|octet| matches!(octet, b' ' | b'\t' | b':')).unwrap_or(line.len())
}

/// The verb that a word is: its index in [`Program::verbs`] if the protocol knows it. A protocol whose templates begin
/// with a hole has an empty verb, which any line begins with.
pub(crate) fn verb_of(program: &Program, word: &[u8]) -> Option<u16> {
    find_verb(program, word).or_else(|| find_verb(program, b""))
}

/// Verbs are in the order of their octets: as they are written where case counts, else in upper case.
fn find_verb(program: &Program, word: &[u8]) -> Option<u16> {
    let found = if program.wire.exact_case {
        program.verbs.binary_search_by(|verb| verb.text.as_bytes().cmp(word))
    } else {
        let upper = u8::to_ascii_uppercase;
        program.verbs.binary_search_by(|verb| verb.text.bytes().cmp(word.iter().map(upper)))
    };
    found.ok().and_then(|place| u16::try_from(place).ok())
}
