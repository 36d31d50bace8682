//! The automata that lines are matched with.
//!
//! Never: searches. `grammar` builds these, `machine` runs them.

use std::fmt;

use regex_automata::dfa::{dense, onepass};

use crate::HandlerId;

/// Which handlers of one state may claim a line, by their literal prefixes.
///
/// The automaton matches whole lines, anchored, with `MatchKind::All`: in the state after the end of input, the
/// matching patterns are the claims. Pattern *n* belongs to `handlers[n]`; a longer literal prefix comes first.
#[derive(Clone)]
pub struct Claims {
    /// The automaton.
    pub dfa: dense::DFA<Vec<u32>>,
    /// The handler of each pattern.
    pub handlers: Vec<HandlerId>,
}

/// One template as a one-pass automaton over the whole line, trailing blanks taken off.
///
/// Its explicit capture group *n* + 1 is hole *n*. An optional hole that is not there has no span.
#[derive(Clone)]
pub struct Template {
    /// The automaton.
    pub dfa: onepass::DFA,
    /// How many holes it has.
    pub holes: usize,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims({} handlers, {} octets)", self.handlers.len(), self.dfa.memory_usage())
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({} holes, {} octets)", self.holes, self.dfa.memory_usage())
    }
}
