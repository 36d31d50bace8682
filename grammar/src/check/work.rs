//! How much work one check may be, counted in steps and not in time, so that it comes out the same on every machine.
//!
//! Never: says that a file is in order because there was no more time for it.

use std::collections::HashSet;

use diagnostic::{Diagnostic, Span};

use crate::{
    rules,
    tree::{File, Item, SqlGives, TypeBody, WireItem},
};

/// All steps together. A step is about what one instruction or one value of an expression costs.
const MOST_STEPS: u64 = 12_000_000;

/// What may be kept at one time: a unit is about a hundred octets.
const MOST_KEPT: u64 = 4_000_000;

/// The parts of a check that may be too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The automata of types.
    Types,
    /// Templates, and what claims a line in each state.
    Templates,
    /// The bodies of all that runs.
    Bodies,
    /// Commands that begin alike.
    Alike,
    /// Lines that are offered if they are accepted.
    Offers,
}

impl Part {
    /// What was too much, and what to make smaller.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Part::Types => {
                ("its types make more work than is done", "let repetitions be shorter, or let types be fewer")
            }
            Part::Templates => {
                ("its templates make more work than is done", "let commands be fewer, or their holes of simpler types")
            }
            Part::Bodies => (
                "what its commands do, in all states together, makes more work than is done",
                "let commands stand in fewer states, or let long bodies and the routines that they run be shorter",
            ),
            Part::Alike => (
                "so many of its commands begin alike that they cannot all be compared",
                "let their templates begin with different texts, or let guards ask for less",
            ),
            Part::Offers => (
                "it offers more lines than can be held against its commands",
                "let offers be fewer, or without  if accepted",
            ),
        }
    }
}

/// What is left of the work of one check.
pub(crate) struct Work {
    steps: u64,
    kept: u64,
    over: Option<Part>,
}

impl Work {
    /// The work of one check.
    pub(crate) fn new() -> Work {
        Work { steps: MOST_STEPS, kept: 0, over: None }
    }

    /// Counts steps; false when there were too many.
    pub(crate) fn spend(&mut self, part: Part, steps: u64) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        if self.steps == 0 {
            self.over.get_or_insert(part);
        }
        self.over.is_none()
    }

    /// Counts what is made and kept, which is work too; false when it was too much.
    pub(crate) fn keep(&mut self, part: Part, units: u64) -> bool {
        self.kept = self.kept.saturating_add(units);
        if self.kept > MOST_KEPT {
            self.over.get_or_insert(part);
        }
        self.spend(part, units)
    }

    /// How much is kept by now.
    pub(crate) fn kept(&self) -> u64 {
        self.kept
    }

    /// What was kept since then is thrown away.
    pub(crate) fn forget(&mut self, kept: u64) {
        self.kept = self.kept.min(kept);
    }

    /// Whether the check has given up.
    pub(crate) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Where it gave up.
    pub(crate) fn finding(&self, whole: Span) -> Option<Diagnostic> {
        let (what, help) = self.over?.words();
        let message = format!("this file is too much to check: {what}");
        Some(Diagnostic::new(&rules::bounds::TOO_MUCH, whole, message).help(help))
    }
}

/// How many there may be of one thing.
const MOST: [(&str, usize); 11] = [
    ("states", 4096),
    ("types and records", 4096),
    ("settings", 4096),
    ("sql statements", 4096),
    ("routines", 4096),
    ("clients", 1024),
    ("commands", 16_384),
    ("promises", 1024),
    ("offered lines", 4096),
    ("answers in `unexpected` and `limits`", 1024),
    ("groups of commands", 4096),
];

/// How many facts a state may have.
const MOST_FACTS: usize = 64;

/// How many facts there may be in all states together.
const MOST_ALL_FACTS: usize = 4096;

/// How many words a line of `wire` may list.
const MOST_WORDS: usize = 1024;

/// How many fields, keywords or parameters there may be in one place.
const MOST_FIELDS: usize = 256;

/// The first thing that a file holds too many of.
pub(crate) fn too_many(file: &File) -> Option<Diagnostic> {
    let mut counts = [0_usize; MOST.len()];
    let mut facts = HashSet::new();
    for item in &file.items {
        let more: &[(usize, usize)] = match item {
            Item::State(def) => {
                if let Some((name, _)) = def.facts.get(MOST_FACTS) {
                    return Some(tell(name.span, "facts of a state", MOST_FACTS));
                }
                facts.extend(def.facts.iter().map(|(name, _)| &*name.text));
                if facts.len() > MOST_ALL_FACTS {
                    return Some(tell(def.name.span, "facts", MOST_ALL_FACTS));
                }
                &[(0, 1), (6, def.handlers.len())]
            }
            Item::During(_, handlers, _) | Item::Anytime(handlers, _) => &[(6, handlers.len()), (10, 1)],
            Item::Type(def) => {
                if let TypeBody::Params(keywords) = &def.body
                    && let Some((keyword, _)) = keywords.get(MOST_FIELDS)
                {
                    return Some(tell(keyword.span, "keywords of a type", MOST_FIELDS));
                }
                &[(1, 1)]
            }
            Item::Record(def) => {
                if let Some(field) = def.fields.get(MOST_FIELDS) {
                    return Some(tell(field.name.span, "fields of a record", MOST_FIELDS));
                }
                &[(1, 1)]
            }
            Item::Settings(fields, ..) => &[(2, fields.len())],
            Item::Sql(def) => {
                let columns = match &def.gives {
                    SqlGives::Row(fields) | SqlGives::Rows(fields, _) => fields.get(MOST_FIELDS),
                    SqlGives::Nothing => None,
                };
                if let Some(field) = def.parameters.get(MOST_FIELDS).or(columns) {
                    return Some(tell(field.name.span, "parameters or columns of a statement", MOST_FIELDS));
                }
                &[(3, 1)]
            }
            Item::Routine(_) => &[(4, 1)],
            Item::Client(def) => {
                if let Some(field) = def.parameters.get(MOST_FIELDS) {
                    return Some(tell(field.name.span, "parameters of a client", MOST_FIELDS));
                }
                &[(5, 1)]
            }
            Item::Promise(_) => &[(7, 1)],
            Item::Offers(def) => &[(8, def.lines.len())],
            Item::Wire(lines, _) => {
                for line in lines {
                    let (count, span) = match line {
                        WireItem::Verbs(names, span) | WireItem::Answers(names, span) => (names.len(), *span),
                        WireItem::Refusal(names, span) => (names.len(), *span),
                        WireItem::Patience(list, span) => (list.len(), *span),
                        _ => continue,
                    };
                    if count > MOST_WORDS {
                        return Some(tell(span, "words in a line of `wire`", MOST_WORDS));
                    }
                }
                &[]
            }
            Item::Unexpected(rules, _) | Item::Limits(rules, _) => &[(9, rules.len())],
            _ => &[],
        };
        for (place, count) in more {
            counts[*place] += count;
        }
    }
    let whole = file.header.as_ref().map(|header| header.span).unwrap_or_default();
    let found = counts.iter().zip(MOST).find(|(count, (_, most))| *count > most);
    found.map(|(_, (what, most))| tell(whole, what, most))
}

fn tell(span: Span, what: &str, most: usize) -> Diagnostic {
    Diagnostic::new(&rules::bounds::TOO_MUCH, span, format!("there are more than {most} {what}"))
        .help("let there be fewer; a list of this length belongs into a database or into several protocols")
}
