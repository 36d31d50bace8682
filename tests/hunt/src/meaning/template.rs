//! Lines against templates: a plain backtracking matcher.
//!
//! Never: knows a state or a guard.

use grammar::tree::{Abnf, HandlerDef, Name, PatternPart, TypeRef};

use super::{
    Protocol,
    types::{Sign, Type, no_params},
    value::Value,
};

/// A part of a template, its types resolved.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Literal text.
    Literal(String),
    /// A hole.
    Hole(Hole),
    /// What may be left out.
    Optional(Vec<Part>),
}

/// A hole of a template.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    /// Its name; empty for octets that no body can name.
    pub(super) name: String,
    /// Its type.
    pub(super) ty: Type,
    /// The most octets of it.
    pub(super) most: Option<usize>,
}

/// A template.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
    /// Whether the case of literal text counts.
    exact: bool,
    /// As it is shown to clients.
    pub(super) usage: String,
}

/// What a hole has caught.
struct Catch {
    name: String,
    value: Value,
    /// Whether nothing is in its place.
    empty: bool,
}

/// The name of a hole that no body can name.
pub(super) const COUNTED: &str = "";

impl Protocol {
    /// The template of a command, with the literal that it may be followed by.
    pub(super) fn template(&self, def: &HandlerDef) -> Template {
        let mut parts = self.parts(&def.pattern.parts);
        let mut usage = usage(&def.pattern.parts, &parts);
        if def.payload.as_ref().is_some_and(|payload| payload.count.is_none()) {
            if !ends_in_blank(&parts) {
                parts.push(Part::Literal(" ".into()));
            }
            parts.push(Part::Hole(Hole { name: COUNTED.into(), ty: Type::Literal, most: None }));
            usage.push_str(" <literal>");
        }
        Template { parts, exact: self.exact_case(), usage }
    }

    fn parts(&self, parts: &[PatternPart]) -> Vec<Part> {
        let part = |part: &PatternPart| match part {
            PatternPart::Literal(text, _) => Part::Literal(text.to_string()),
            PatternPart::Optional(inner, _) => Part::Optional(self.parts(inner)),
            PatternPart::Hole { name, ty, .. } => Part::Hole(self.hole(name, ty.as_ref())),
            PatternPart::Request(_) => Part::Literal(String::new()),
        };
        parts.iter().map(part).collect()
    }

    fn hole(&self, name: &Name, ty: Option<&TypeRef>) -> Hole {
        let most = ty.and_then(Protocol::most);
        Hole { name: name.text.to_string(), ty: ty.map_or(Type::Text, |ty| self.ty(ty)), most }
    }

    /// The values of all holes, if the line fits the template.
    pub(super) fn fit(&self, template: &Template, line: &[Sign]) -> Option<Vec<(String, Value)>> {
        let mut found = Vec::new();
        let rest: Vec<&Part> = template.parts.iter().collect();
        if !self.fits(template, &rest, line, 0, false, &mut found) {
            return None;
        }
        let all = holes(&template.parts);
        Some(
            all.into_iter()
                .map(|hole| {
                    let value = found.iter().find(|catch| catch.name == hole.name).map(|catch| catch.value.clone());
                    (
                        hole.name.clone(),
                        value.unwrap_or_else(|| match hole.ty.inner() {
                            Type::Params(keywords) => Value::Record(no_params(keywords)),
                            _ => Value::Absent,
                        }),
                    )
                })
                .collect(),
        )
    }

    /// Whether the rest of a line fits the rest of a template. Behind a blank no hole begins with another one.
    fn fits(
        &self,
        template: &Template,
        parts: &[&Part],
        line: &[Sign],
        at: usize,
        behind_blank: bool,
        found: &mut Vec<Catch>,
    ) -> bool {
        let Some((first, rest)) = parts.split_first() else { return at == line.len() };
        match first {
            Part::Literal(text) if text.is_empty() => self.fits(template, rest, line, at, behind_blank, found),
            Part::Literal(text) => {
                let ends = literal_ends(text, template.exact, line, at, behind_blank);
                ends.into_iter().any(|end| self.fits(template, rest, line, end, text.ends_with(' '), found))
            }
            Part::Hole(hole) => {
                let least = if rest.is_empty() { line.len() } else { at };
                (least..=line.len()).rev().any(|end| {
                    let part = &line[at..end];
                    if behind_blank && part.first() == Some(&Sign::Octet(b' ')) {
                        return false;
                    }
                    let Some(value) = self.read(&hole.ty, part).filter(|value| within(hole, part, value)) else {
                        return false;
                    };
                    let known = found.len();
                    found.push(Catch { name: hole.name.clone(), value, empty: part.is_empty() });
                    let fits = self.fits(template, rest, line, end, behind_blank && part.is_empty(), found);
                    if !fits {
                        found.truncate(known);
                    }
                    fits
                })
            }
            Part::Optional(inside) => {
                let known = found.len();
                let with: Vec<&Part> = inside.iter().chain(rest.iter().copied()).collect();
                if self.fits(template, &with, line, at, behind_blank, found) && !is_empty(inside, &found[known..]) {
                    return true;
                }
                found.truncate(known);
                self.fits(template, rest, line, at, behind_blank, found)
            }
        }
    }
}

impl Template {
    /// The literal text that it begins with, one blank for several, without blanks at its end.
    pub(super) fn claim(&self) -> String {
        let prefix = self.prefix();
        prefix.trim_end_matches(' ').split(' ').enumerate().fold(String::new(), |mut claim, (place, word)| {
            if place > 0 && !claim.ends_with(' ') {
                claim.push(' ');
            }
            claim.push_str(word);
            claim
        })
    }

    /// The word that it begins with.
    pub(super) fn verb(&self) -> String {
        let prefix = self.prefix();
        let verb = prefix.split([' ', ':']).next().unwrap_or_default();
        if self.exact { verb.to_owned() } else { verb.to_ascii_uppercase() }
    }

    /// Whether the line begins as the template does, up to the end of a word where it ends in one.
    pub(super) fn claims(&self, line: &[Sign]) -> bool {
        let claim = self.claim();
        let prefix = self.prefix();
        let word_ends = |text: &str| text.chars().last().is_some_and(char::is_alphanumeric);
        let goes_on = match prefix.chars().last() {
            None => true,
            Some(' ') => !word_ends(&claim),
            Some(_) => !word_ends(&prefix) || goes_on_at_once(&self.parts[self.leading()..]),
        };
        let ends = literal_ends(&claim, self.exact, line, 0, false);
        ends.into_iter().any(|end| goes_on || matches!(line.get(end), None | Some(Sign::Octet(b' '))))
    }

    /// All its holes, in order.
    pub(super) fn holes(&self) -> Vec<&Hole> {
        holes(&self.parts)
    }

    fn leading(&self) -> usize {
        self.parts.iter().take_while(|part| matches!(part, Part::Literal(_))).count()
    }

    fn prefix(&self) -> String {
        let literal = |part: &Part| if let Part::Literal(text) = part { Some(text.clone()) } else { None };
        self.parts.iter().map_while(literal).collect()
    }
}

/// Where literal text may end that begins there: one blank is one or more, the most first.
fn literal_ends(text: &str, exact: bool, line: &[Sign], at: usize, behind_blank: bool) -> Vec<usize> {
    let mut places = vec![at];
    let mut before = if behind_blank { Some(b' ') } else { None };
    for octet in text.bytes() {
        let is = |place: usize, wanted: u8| match line.get(place) {
            Some(Sign::Octet(octet)) if exact => *octet == wanted,
            Some(Sign::Octet(octet)) => octet.eq_ignore_ascii_case(&wanted),
            _ => false,
        };
        // Blanks that follow one another are one.
        if octet == b' ' && before == Some(b' ') {
            continue;
        }
        before = Some(octet);
        places = places
            .into_iter()
            .flat_map(|place| {
                let most = if octet == b' ' {
                    (place..).take_while(|at| is(*at, b' ')).count()
                } else {
                    usize::from(is(place, octet))
                };
                (1..=most).rev().map(move |count| place + count)
            })
            .collect();
        places.dedup();
    }
    places
}

fn within(hole: &Hole, part: &[Sign], value: &Value) -> bool {
    let written = matches!(hole.ty.inner(), Type::Quoted | Type::Literal | Type::String | Type::Astring);
    let length = match value {
        Value::Text(text) if written => text.len(),
        Value::Secret(octets) if written => octets.len(),
        _ => part.len(),
    };
    hole.most.is_none_or(|most| length <= most)
}

/// Whether an optional part that is but one hole has caught nothing: then it is not there.
fn is_empty(inside: &[Part], found: &[Catch]) -> bool {
    matches!((inside, found.first()), ([Part::Hole(_)], Some(Catch { empty: true, .. })))
}

fn holes(parts: &[Part]) -> Vec<&Hole> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Hole(hole) => all.push(hole),
            Part::Optional(inside) => all.extend(holes(inside)),
        }
    }
    all
}

fn ends_in_blank(parts: &[Part]) -> bool {
    match parts.last() {
        Some(Part::Literal(text)) => text.ends_with(' '),
        Some(Part::Optional(inside)) => ends_in_blank(inside),
        _ => false,
    }
}

fn goes_on_at_once(parts: &[Part]) -> bool {
    match parts.first() {
        None => false,
        Some(Part::Literal(text)) => !text.starts_with(' '),
        Some(Part::Hole(_)) => true,
        Some(Part::Optional(inside)) => goes_on_at_once(inside) || goes_on_at_once(&parts[1..]),
    }
}

/// A template as it is shown to clients.
fn usage(written: &[PatternPart], parts: &[Part]) -> String {
    let shown = |(written, part): (&PatternPart, &Part)| match (written, part) {
        (PatternPart::Literal(text, _), _) => text.to_string(),
        (PatternPart::Hole { name, .. }, _) => format!("<{}>", name.text),
        // Blanks that may be there are not shown.
        (PatternPart::Optional(..), Part::Optional(inside)) if inside.iter().all(is_blank) => String::new(),
        (PatternPart::Optional(written, _), Part::Optional(inside)) => format!("[{}]", usage(written, inside)),
        (PatternPart::Optional(..), _) => String::new(),
        (PatternPart::Request(_), _) => "request".to_owned(),
    };
    written.iter().zip(parts).map(shown).collect()
}

fn is_blank(part: &Part) -> bool {
    match part {
        Part::Literal(text) => text.trim().is_empty(),
        Part::Hole(hole) => matches!(&hole.ty, Type::Abnf(abnf) if blank_alone(abnf)),
        Part::Optional(inside) => inside.iter().all(is_blank),
    }
}

/// Whether a form has no text in it but blanks.
fn blank_alone(abnf: &Abnf) -> bool {
    match abnf {
        Abnf::Alternation(all) | Abnf::Concatenation(all) => all.iter().all(blank_alone),
        Abnf::Repetition(_, _, inner) => blank_alone(inner),
        Abnf::Text { text, .. } => text.trim().is_empty(),
        _ => false,
    }
}
