//! One line, two answers: handlers of one state that claim the same line.
//!
//! Never: compares handlers whose literal prefixes differ; the longer one wins.

use std::collections::{BTreeMap, HashMap};

use diagnostic::{Diagnostic, Span};
use program::Expr;

use crate::{
    check::{
        findings::Findings,
        guards, lexemes,
        work::{Part, Work},
    },
    lexical::{Form, Language, LexicalError},
    rules,
};

/// A line that two languages have.
fn common(
    a: &Result<Language, LexicalError>,
    b: &Result<Language, LexicalError>,
    work: &mut Work,
) -> Result<Option<Vec<u8>>, LexicalError> {
    let (a, b) = (a.as_ref().map_err(Clone::clone)?, b.as_ref().map_err(Clone::clone)?);
    let mut pairs = 0;
    let line = a.common(b, &mut pairs);
    work.spend(Part::Alike, 4 * pairs as u64);
    line
}

/// A handler as it stands in one state.
pub(crate) struct Contender<'a> {
    /// Its template.
    pub(crate) form: &'a Form,
    /// Its literal prefix.
    pub(crate) claim: String,
    /// Its guard.
    pub(crate) guard: Option<&'a Expr>,
    /// Its head.
    pub(crate) span: Span,
    /// Whether it takes requests.
    pub(crate) request: bool,
}

/// Tells of each pair that some line fits both, in a session where both guards hold.
pub(crate) fn check(
    state: &str,
    contenders: &[Contender<'_>],
    sure: &guards::Sure<'_>,
    findings: &mut Findings,
    work: &mut Work,
) {
    let claim = |contender: &Contender<'_>| match contender.form.exact_case {
        true => contender.claim.clone(),
        false => contender.claim.to_ascii_uppercase(),
    };
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, contender) in contenders.iter().enumerate() {
        alike.entry(claim(contender)).or_default().push(n);
    }
    let mut groups: Vec<Vec<usize>> = alike.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    for group in groups {
        compare(state, contenders, (&group, sure), findings, work);
    }
}

/// Compares the commands of one claim with each other.
fn compare(
    state: &str,
    contenders: &[Contender<'_>],
    (group, sure): (&[usize], &guards::Sure<'_>),
    findings: &mut Findings,
    work: &mut Work,
) {
    let mut languages: HashMap<usize, Result<Language, LexicalError>> = HashMap::new();
    for (place, n) in group.iter().enumerate() {
        for m in &group[place + 1..] {
            let (first, second) = (&contenders[*n], &contenders[*m]);
            if !work.spend(Part::Alike, 4 + guards::cost(first.guard, second.guard)) {
                return;
            }
            if !guards::compatible(first.guard, second.guard, sure) {
                continue;
            }
            for n in [n, m] {
                languages.entry(*n).or_insert_with(|| {
                    let language = contenders[*n].form.language();
                    work.spend(Part::Alike, language.as_ref().map_or(100_000, |language| 8 * language.states() as u64));
                    language
                });
            }
            let line = match common(&languages[n], &languages[m], work) {
                Ok(Some(line)) => line,
                Ok(None) => continue,
                Err(error) => {
                    findings.add(lexemes::finding(&error, second.span));
                    continue;
                }
            };
            if second.request {
                findings.add(
                    Diagnostic::new(
                        &rules::commands::TWO_ANSWERS,
                        second.span,
                        format!("in state `{state}` one request has two answers"),
                    )
                    .label("both guards can hold")
                    .other(first.span, "and this takes it, too")
                    .help("make the guards disjoint, or write `override` before the one in the narrower place"),
                );
                continue;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            // They are read from the top of the file, whichever of them is met first.
            let is_above = first.span.start <= second.span.start;
            let (label, other) = if is_above { ("and this", "it fits this") } else { ("it fits this", "and this") };
            findings.add(
                Diagnostic::new(
                    &rules::commands::TWO_ANSWERS,
                    second.span,
                    format!("in state `{state}` one line has two answers"),
                )
                .label(label)
                .other(first.span, other)
                .help(format!("the shortest such line is `{line}`"))
                .help("make the guards disjoint, or write `override` before the one in the narrower place"),
            );
        }
    }
}
