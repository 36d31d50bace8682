//! A template as a one-pass automaton with a capture for each hole.
//!
//! The automaton of each hole is minimal and deterministic already and is put into the graph as it is. So it does not
//! matter how a type is written; only the seams between a hole and its neighbours must be decided by one octet.
//!
//! Never: searches.

use regex_automata::{MatchKind, dfa::onepass, nfa::thompson::NFA, util::primitives::StateID};

use super::{
    LexicalError,
    graph::Graph,
    template::{Form, Part, behind_blanks, not_empty},
};

/// The most holes of a template: what the automaton has slots for.
const MOST_HOLES: usize = 16;

/// The most parts of a template, those in optional parts included.
const MOST_PARTS: usize = 128;

/// The most octets of the automaton of one template.
const MOST_OCTETS: usize = 1 << 20;

/// The most octets that its table may take while it is built, nodes counted that turn out to be no states.
const MOST_OCTETS_BUILDING: usize = 16 * MOST_OCTETS;

/// The template of a form.
///
/// # Errors
/// See [`Form::template`].
pub(super) fn template(form: &Form) -> Result<program::Template, LexicalError> {
    let holes = form.holes();
    if count(&form.parts) > MOST_PARTS {
        return Err(LexicalError::TooLarge);
    }
    if holes > MOST_HOLES {
        return Err(LexicalError::TooManyHoles { most: MOST_HOLES });
    }
    let form = Form { parts: seamed(&form.joined())?, exact_case: form.exact_case };
    let nfa = graph(&form)?;
    if table_octets(&nfa) > MOST_OCTETS_BUILDING {
        return Err(LexicalError::TooLarge);
    }
    match automaton(nfa) {
        Some(dfa) if dfa.memory_usage() > MOST_OCTETS => Err(LexicalError::TooLarge),
        Some(dfa) => Ok(program::Template { dfa, holes }),
        None => Err(fault(&form)),
    }
}

fn count(parts: &[Part]) -> usize {
    let inside = |part: &Part| if let Part::Optional(parts) = part { count(parts) } else { 0 };
    parts.iter().map(|part| 1 + inside(part)).sum()
}

/// The one-pass automaton; none if the graph is not one-pass, since nothing else can fail within the bounds.
fn automaton(nfa: NFA) -> Option<onepass::DFA> {
    let config = onepass::Config::new().match_kind(MatchKind::All);
    onepass::Builder::new().configure(config).build_from_nfa(nfa).ok()
}

/// The greatest size of its table: a row for each node, a column for each class of octets and one more.
fn table_octets(nfa: &NFA) -> usize {
    let columns = (nfa.byte_classes().alphabet_len() + 1).next_power_of_two();
    nfa.states().len().saturating_mul(columns).saturating_mul(size_of::<u64>())
}

/// The parts, with each hole held to what it takes at its place.
fn seamed(parts: &[Part]) -> Result<Vec<Part>, LexicalError> {
    Seams { hole: 0, behind_blank: false }.parts(parts)
}

/// A walk over the parts from left to right.
struct Seams {
    /// The number of the next hole.
    hole: usize,
    /// Whether a run of blanks may stand right before this place.
    behind_blank: bool,
}

impl Seams {
    fn parts(&mut self, parts: &[Part]) -> Result<Vec<Part>, LexicalError> {
        parts.iter().map(|part| self.part(part)).collect()
    }

    fn part(&mut self, part: &Part) -> Result<Part, LexicalError> {
        match part {
            Part::Literal(text) => {
                self.behind_blank = text.ends_with(' ') || self.behind_blank && text.is_empty();
                Ok(part.clone())
            }
            Part::Hole(language) => {
                let hole = self.hole;
                self.hole += 1;
                let held = match self.behind_blank {
                    true => behind_blanks(language)?.ok_or(LexicalError::NotOnePass { hole })?,
                    false => language.clone(),
                };
                self.behind_blank &= held.accepts(b"");
                Ok(Part::Hole(held))
            }
            Part::Optional(parts) => {
                let without = self.behind_blank;
                let mut inside = self.parts(parts)?;
                self.behind_blank |= without;
                if let [Part::Hole(language)] = inside.as_mut_slice() {
                    *language = not_empty(language)?;
                }
                Ok(Part::Optional(inside))
            }
        }
    }
}

/// Names the hole at fault: the template grows part by part, and the hole before the first part that no longer goes
/// together with what stands before it is the one whose end is uncertain.
fn fault(form: &Form) -> LexicalError {
    let steps = (1..).map(|length| Form { parts: shortened(&form.parts, &mut { length }), ..*form });
    let whole = steps.take_while(|prefix| prefix.parts != form.parts);
    let mut holes = 0;
    for prefix in whole {
        if graph(&prefix).ok().and_then(automaton).is_none() {
            return blame(holes, prefix.holes());
        }
        holes = prefix.holes();
    }
    blame(holes, form.holes())
}

/// The last hole before the fault, or the first one after it.
fn blame(before: usize, after: usize) -> LexicalError {
    match (before, after) {
        (0, 0) => LexicalError::UncertainOption,
        (0, _) => LexicalError::NotOnePass { hole: 0 },
        (before, _) => LexicalError::NotOnePass { hole: before - 1 },
    }
}

/// The first `left` literals and holes, optional parts kept open around them.
fn shortened(parts: &[Part], left: &mut usize) -> Vec<Part> {
    let mut kept = Vec::new();
    for part in parts {
        if *left == 0 {
            break;
        }
        kept.push(match part {
            Part::Optional(inside) => Part::Optional(shortened(inside, left)),
            part => {
                *left -= 1;
                part.clone()
            }
        });
    }
    kept
}

/// The graph of a form, whole lines only.
fn graph(form: &Form) -> Result<NFA, LexicalError> {
    let mut graph = Graph::new(MOST_OCTETS_BUILDING)?;
    let end = graph.begin()?;
    let first = Walk { graph: &mut graph, exact_case: form.exact_case, hole: form.holes() }.parts(&form.parts, end)?;
    let start = graph.finish(first)?;
    graph.build(vec![start])
}

/// A walk over the parts from right to left.
struct Walk<'g> {
    graph: &'g mut Graph,
    exact_case: bool,
    /// The number of the hole behind the present place.
    hole: usize,
}

impl Walk<'_> {
    fn parts(&mut self, parts: &[Part], next: StateID) -> Result<StateID, LexicalError> {
        parts.iter().rev().try_fold(next, |next, part| match part {
            Part::Literal(text) => self.graph.literal(text, self.exact_case, next),
            Part::Hole(language) => {
                let group = self.hole as u32;
                self.hole -= 1;
                self.graph.capture(language.automaton(), group, next)
            }
            Part::Optional(parts) => {
                let inside = self.parts(parts, next)?;
                self.graph.fork(vec![inside, next])
            }
        })
    }
}
