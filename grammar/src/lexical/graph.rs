//! Graphs of literals and languages, for the automata that the machine runs. They are built from the end of the line to
//! its beginning: each step takes the node that comes next and gives the node in front of it.
//!
//! Never: decides what is built; `onepass` and `claims` do.

use regex_automata::{
    nfa::thompson::{BuildError, Builder, NFA, Transition},
    util::{look::Look, primitives::StateID},
};

use super::{LexicalError, automaton::Automaton, template::pieces};

/// A graph under construction.
pub(super) struct Graph(Builder);

/// Within the use made of it here, a builder fails for its size alone.
impl From<BuildError> for LexicalError {
    fn from(_: BuildError) -> LexicalError {
        LexicalError::TooLarge
    }
}

impl Graph {
    /// An empty graph that may take so many octets.
    pub(super) fn new(most: usize) -> Result<Graph, LexicalError> {
        let mut builder = Builder::new();
        builder.set_utf8(false);
        builder.set_size_limit(Some(most))?;
        Ok(Graph(builder))
    }

    /// Begins a pattern; gives the node at the end of the line, behind which it matches.
    pub(super) fn begin(&mut self) -> Result<StateID, LexicalError> {
        self.0.start_pattern()?;
        let matched = self.0.add_match()?;
        let end = self.0.add_capture_end(matched, 0)?;
        Ok(self.0.add_look(end, Look::End)?)
    }

    /// Ends the pattern whose text begins at a node; gives the node where it starts.
    pub(super) fn finish(&mut self, first: StateID) -> Result<StateID, LexicalError> {
        let start = self.0.add_capture_start(first, 0, None)?;
        self.0.finish_pattern(start)?;
        Ok(start)
    }

    /// The graph of all patterns that start at these nodes.
    pub(super) fn build(mut self, starts: Vec<StateID>) -> Result<NFA, LexicalError> {
        let start = self.0.add_union(starts)?;
        Ok(self.0.build(start, start)?)
    }

    /// A literal, its runs of blanks standing for one blank or more.
    pub(super) fn literal(&mut self, text: &str, exact_case: bool, next: StateID) -> Result<StateID, LexicalError> {
        pieces(text).rev().try_fold(next, |next, piece| match piece {
            None => self.blanks(next),
            Some(text) => text.bytes().rev().try_fold(next, |next, octet| self.letter(octet, exact_case, next)),
        })
    }

    /// Either way.
    pub(super) fn fork(&mut self, ways: Vec<StateID>) -> Result<StateID, LexicalError> {
        Ok(self.0.add_union(ways)?)
    }

    /// Any octets, or none.
    pub(super) fn anything(&mut self, next: StateID) -> Result<StateID, LexicalError> {
        let more = self.0.add_union(Vec::new())?;
        let octet = self.0.add_range(Transition { start: 0, end: u8::MAX, next: more })?;
        self.0.patch(more, octet)?;
        self.0.patch(more, next)?;
        Ok(more)
    }

    /// One blank or more.
    pub(super) fn blanks(&mut self, next: StateID) -> Result<StateID, LexicalError> {
        let more = self.0.add_union(Vec::new())?;
        let blank = self.0.add_range(Transition { start: b' ', end: b' ', next: more })?;
        self.0.patch(more, blank)?;
        self.0.patch(more, next)?;
        Ok(blank)
    }

    /// A text of the automaton's language, captured as the group.
    pub(super) fn capture(
        &mut self,
        automaton: &Automaton,
        group: u32,
        next: StateID,
    ) -> Result<StateID, LexicalError> {
        let end = self.0.add_capture_end(next, group)?;
        let states =
            (0..automaton.states()).map(|_| Ok(self.0.add_empty()?)).collect::<Result<Vec<_>, LexicalError>>()?;
        for (number, &state) in states.iter().enumerate() {
            let runs = automaton.runs(number as u32).into_iter();
            let onward = runs.map(|(start, end, to)| Transition { start, end, next: states[to as usize] });
            let mut node = self.0.add_sparse(onward.collect())?;
            if automaton.accepting[number] {
                node = self.0.add_union(vec![node, end])?;
            }
            self.0.patch(state, node)?;
        }
        Ok(self.0.add_capture_start(states[0], group, None)?)
    }

    fn letter(&mut self, octet: u8, exact_case: bool, next: StateID) -> Result<StateID, LexicalError> {
        let (upper, lower) = (octet.to_ascii_uppercase(), octet.to_ascii_lowercase());
        if exact_case || upper == lower {
            return Ok(self.0.add_range(Transition { start: octet, end: octet, next })?);
        }
        let either = [upper, lower].map(|octet| Transition { start: octet, end: octet, next });
        Ok(self.0.add_sparse(either.into())?)
    }
}
