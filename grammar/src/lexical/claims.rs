//! Which handlers of a state may claim a line, by their literal prefixes.
//!
//! Never: looks at holes; whether they fit is asked after a handler has claimed the line.

use regex_automata::{
    MatchKind,
    dfa::{StartKind, dense},
    nfa::thompson::NFA,
    util::primitives::StateID,
};

use program::{Claims, HandlerId};

use super::{LexicalError, graph::Graph, template::Form};

/// The most octets of the automaton of one state.
const MOST_OCTETS: usize = 1 << 20;

/// The most octets that it may take while it is built.
const MOST_OCTETS_BUILDING: usize = 64 * MOST_OCTETS;

/// The claims of one state's handlers: the longest literal prefix first, in the given order where they are equal.
///
/// A claim takes a line that begins with the prefix and then ends or goes on with a blank; or that goes on in any way,
/// if the prefix ends in a character that is neither letter nor digit, or if a hole follows it without a blank. A
/// template without a literal prefix claims every line.
///
/// # Errors
/// [`LexicalError::TooLarge`] past 1 MiB.
pub fn claims(claims: &[(&Form, HandlerId)]) -> Result<Claims, LexicalError> {
    let mut sorted: Vec<(String, &Form, HandlerId)> =
        claims.iter().map(|&(form, handler)| (form.claim(), form, handler)).collect();
    sorted.sort_by_key(|(claim, ..)| std::cmp::Reverse(claim.len()));
    let nfa = graph(&sorted)?;
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(MOST_OCTETS))
        .determinize_size_limit(Some(MOST_OCTETS_BUILDING));
    let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| LexicalError::TooLarge)?;
    Ok(Claims { dfa, handlers: sorted.into_iter().map(|(.., handler)| handler).collect() })
}

fn graph(claims: &[(String, &Form, HandlerId)]) -> Result<NFA, LexicalError> {
    let mut graph = Graph::new(MOST_OCTETS_BUILDING)?;
    let patterns = claims.iter().map(|(claim, form, _)| pattern(&mut graph, claim, form));
    let starts = patterns.collect::<Result<_, _>>()?;
    graph.build(starts)
}

/// One claim, to the end of the line.
fn pattern(graph: &mut Graph, claim: &str, form: &Form) -> Result<StateID, LexicalError> {
    let end = graph.begin()?;
    let rest = graph.anything(end)?;
    let behind = match form.claims_unbounded() {
        true => rest,
        false => {
            let blank = graph.blanks(rest)?;
            graph.fork(vec![blank, end])?
        }
    };
    let first = graph.literal(claim, form.exact_case, behind)?;
    graph.finish(first)
}
