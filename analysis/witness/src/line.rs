//! Lines that fit a template, likely ones first.
//!
//! Never: looks at what a line means; whether it is taken shows when it is played.

use std::collections::BTreeSet;

use program::{Handler, Payload, Program, TemplatePart};

use crate::{
    request,
    sample::{samples, words},
};

/// The most lines of one template that are tried.
const MOST: usize = 80;

/// A hole that is left out, or filled.
type Filling<'a> = dyn Fn(u8) -> Option<String> + 'a;

/// What is asked for an optional part without holes: whether it is there.
const NO_HOLE: u8 = u8::MAX;

/// A line, and what fills its holes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) holes: Vec<Option<String>>,
}

/// Lines for a handler.
pub(crate) fn lines(program: &Program, handler: &Handler) -> Vec<Line> {
    if handler.parts.contains(&TemplatePart::Request) {
        let plain = |text: String| Line { text, holes: Vec::new() };
        return request::requests(program, handler.guard.as_ref()).into_iter().map(plain).collect();
    }
    let words = words(program);
    let samples: Vec<Vec<String>> =
        handler.captures.iter().map(|capture| samples(program, &capture.ty, &words)).collect();
    let optional = optional(&handler.parts, false);
    let any =
        |hole: u8| if hole == NO_HOLE { Some(String::new()) } else { samples[usize::from(hole)].first().cloned() };
    // Blanks that may be there are rarely what it hangs on: they are tried last.
    let blank: Vec<u8> = optional
        .iter()
        .copied()
        .filter(|hole| samples[usize::from(*hole)].iter().all(|sample| sample.trim().is_empty()))
        .collect();
    let first = |hole: u8| if blank.contains(&hole) { None } else { any(hole) };
    let sparse = |hole: u8| if optional.contains(&hole) || hole == NO_HOLE { None } else { first(hole) };
    let holes = handler.captures.len() as u8;
    let (tag, counted) = (tag(program), counted(handler));
    let line = |fill: &Filling<'_>| Line {
        text: format!("{tag}{}{counted}", text(&handler.parts, fill)),
        holes: (0..holes).map(fill).collect(),
    };
    let mut found = vec![line(&sparse), line(&first)];
    for hole in optional.iter().filter(|hole| !blank.contains(hole)) {
        found.push(line(&|other| if other == *hole { first(other) } else { sparse(other) }));
    }
    // One hole at a time, first with nothing optional beside it, then with all of it; no hole before the others.
    let most = samples.iter().map(Vec::len).max().unwrap_or(0);
    for (place, hole) in (1..most).flat_map(|place| (0..holes).map(move |hole| (place, hole))) {
        let Some(sample) = samples[usize::from(hole)].get(place) else { continue };
        found.push(line(&|other| if other == hole { Some(sample.clone()) } else { sparse(other) }));
        found.push(line(&|other| if other == hole { Some(sample.clone()) } else { first(other) }));
    }
    for hole in &blank {
        found.push(line(&|other| if other == *hole { any(other) } else { sparse(other) }));
    }
    let mut seen = BTreeSet::new();
    found.retain(|line| seen.insert(line.clone()));
    found.truncate(MOST);
    found
}

/// Texts of a lexeme, for a prompt.
pub(crate) fn answers(program: &Program, lexeme: program::LexemeId) -> Vec<String> {
    let Some(lexeme) = program.lexemes.get(usize::from(lexeme.0)) else { return Vec::new() };
    let mut found = samples(program, &lexeme.ty, &words(program));
    found.push(lexeme.sample.to_string());
    found
}

/// A line whose verb is known, and whose arguments fit nothing.
pub(crate) fn misfits(program: &Program, handler: &Handler) -> Vec<String> {
    let literal = match handler.parts.first() {
        Some(TemplatePart::Literal(text)) => text.to_string(),
        Some(TemplatePart::Request) => return request::misfits(program),
        _ => return Vec::new(),
    };
    let bare = format!("{}{}", tag(program), literal.trim_end());
    vec![bare.clone(), format!("{bare} <"), format!("{bare} \u{1}"), format!("{bare}<<<")]
}

/// The word that stands before every command, and a blank.
pub(crate) fn tag(program: &Program) -> String {
    let lexeme = program.wire.tag.as_ref().and_then(|tag| program.lexemes.get(usize::from(tag.lexeme.0)));
    lexeme.map_or_else(String::new, |lexeme| format!("{} ", lexeme.sample))
}

/// What announces a payload that counts itself.
fn counted(handler: &Handler) -> &'static str {
    match &handler.payload {
        Some(Payload { count: None, .. }) => " {5+}",
        _ => "",
    }
}

fn text(parts: &[TemplatePart], fill: &Filling<'_>) -> String {
    let mut line = String::new();
    for part in parts {
        match part {
            TemplatePart::Literal(literal) => line.push_str(literal),
            TemplatePart::Request => {}
            TemplatePart::Hole(hole) => line.push_str(&fill(*hole).unwrap_or_default()),
            TemplatePart::Optional(inner) => {
                let holes = holes(inner);
                let wanted = holes.iter().any(|hole| fill(*hole).is_some());
                if wanted || (holes.is_empty() && fill(NO_HOLE).is_some()) {
                    line.push_str(&text(inner, fill));
                }
            }
        }
    }
    line
}

fn holes(parts: &[TemplatePart]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| match part {
            TemplatePart::Literal(_) | TemplatePart::Request => Vec::new(),
            TemplatePart::Hole(hole) => vec![*hole],
            TemplatePart::Optional(inner) => holes(inner),
        })
        .collect()
}

/// The holes that may be left out.
fn optional(parts: &[TemplatePart], within: bool) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| match part {
            TemplatePart::Hole(hole) if within => vec![*hole],
            TemplatePart::Optional(inner) => optional(inner, true),
            _ => Vec::new(),
        })
        .collect()
}
