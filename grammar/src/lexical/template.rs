//! Templates of lines: literal text, holes, optional parts.
//!
//! A blank is U+0020. One blank, or a run of them, in a literal stands for one or more in the line; a hole behind it
//! begins with the first character that is no blank. Trailing blanks never reach a template.
//!
//! Never: knows names or types of holes; each hole is a language.

use super::{
    LexicalError,
    language::Language,
    onepass,
    regular::{Regular, any_number, choice, exactly, folded, maybe, octet, sequence, some},
};

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands; a run of blanks stands for one or more blanks.
    Literal(String),
    /// A typed hole.
    Hole(Language),
    /// A part that may be missing.
    Optional(Vec<Part>),
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Whether literals are matched to the letter; without it ASCII case does not count.
    pub exact_case: bool,
}

/// How many of the lines that fit a template begin with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// None.
    Never,
    /// Some, or it cannot be told.
    Sometimes,
    /// All.
    Always,
}

impl Form {
    /// The whole lines that fit, trailing blanks taken off.
    ///
    /// # Errors
    /// [`LexicalError::TooLarge`].
    pub fn language(&self) -> Result<Language, LexicalError> {
        let any = || octet(&[(0, u8::MAX)]);
        let not_blank = octet(&[(0, b' ' - 1), (b' ' + 1, u8::MAX)]);
        let trimmed = maybe(sequence([any_number(any()), not_blank])).language()?;
        self.expression(&self.joined()).language()?.and(&trimmed)
    }

    /// About how large its automaton is before anything is built: characters, and states of holes.
    pub(crate) fn size(&self) -> usize {
        size(&self.parts)
    }

    /// The automaton that matches whole lines and captures holes.
    ///
    /// # Errors
    /// [`LexicalError::NotOnePass`] and [`LexicalError::UncertainOption`] where the next octet does not decide how the
    /// line goes on, [`LexicalError::TooManyHoles`], and [`LexicalError::TooLarge`] past 1 MiB.
    pub fn template(&self) -> Result<program::Template, LexicalError> {
        onepass::template(self)
    }

    /// The literal prefix: the text before the first hole or optional part, runs of blanks folded into one, trailing
    /// blanks taken off. The longer it is, the stronger is the template's claim to a line.
    pub fn claim(&self) -> String {
        one_blank(self.prefix().trim_end_matches(' '))
    }

    /// Whether the lines that fit begin with a text; a blank or a run of them in it stands for one or more.
    pub fn begins(&self, text: &str) -> Begins {
        let alike = |a: &str, b: &str| if self.exact_case { a == b } else { a.eq_ignore_ascii_case(b) };
        let (claim, wanted) = (self.claim(), one_blank(text));
        if claim.get(..wanted.len()).is_some_and(|head| alike(head, &wanted)) {
            return Begins::Always;
        }
        if wanted.get(..claim.len()).is_none_or(|head| !alike(head, &claim)) {
            return Begins::Never;
        }
        let beginning = Regular::Sequence(vec![literal(text, self.exact_case), any_number(octet(&[(0, u8::MAX)]))]);
        match (self.language(), beginning.language()) {
            (Ok(lines), Ok(beginning)) if lines.shortest_common(&beginning).is_none() => Begins::Never,
            (Ok(lines), Ok(beginning)) if lines.without(&beginning).is_ok_and(|others| others.is_empty()) => {
                Begins::Always
            }
            // What is too large to be looked at may.
            _ => Begins::Sometimes,
        }
    }

    /// The literal up to its first blank or colon; in upper case unless case counts.
    pub fn verb(&self) -> String {
        let prefix = self.prefix();
        let verb = prefix.split([' ', ':']).next().unwrap_or_default();
        if self.exact_case { verb.to_owned() } else { verb.to_ascii_uppercase() }
    }

    /// Whether a line that begins with the claim is claimed whatever comes next. Otherwise the claim must be followed
    /// by a blank or by the end of the line, so that a verb does not claim a longer word that begins with it.
    pub fn claims_unbounded(&self) -> bool {
        let prefix = self.prefix();
        match prefix.chars().last() {
            None => true,
            Some(' ') => prefix.trim_end_matches(' ').chars().last().is_none_or(|last| !last.is_alphanumeric()),
            Some(last) => !last.is_alphanumeric() || goes_on_at_once(&self.parts[self.leading_literals()..]),
        }
    }

    /// How many holes it has.
    pub(super) fn holes(&self) -> usize {
        fn count(parts: &[Part]) -> usize {
            parts
                .iter()
                .map(|part| match part {
                    Part::Literal(_) => 0,
                    Part::Hole(_) => 1,
                    Part::Optional(parts) => count(parts),
                })
                .sum()
        }
        count(&self.parts)
    }

    /// The parts, with literals that stand side by side made one: a run of blanks may reach over their border.
    pub(super) fn joined(&self) -> Vec<Part> {
        fn join(parts: &[Part]) -> Vec<Part> {
            let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
            for part in parts {
                match (joined.last_mut(), part) {
                    (Some(Part::Literal(before)), Part::Literal(text)) => before.push_str(text),
                    (_, Part::Optional(inside)) => joined.push(Part::Optional(join(inside))),
                    _ => joined.push(part.clone()),
                }
            }
            joined
        }
        join(&self.parts)
    }

    fn leading_literals(&self) -> usize {
        self.parts.iter().take_while(|part| matches!(part, Part::Literal(_))).count()
    }

    /// The text before the first hole or optional part, as it is written.
    fn prefix(&self) -> String {
        let literals = self.parts.iter().map_while(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        literals.collect()
    }

    fn expression(&self, parts: &[Part]) -> Regular {
        let parts = parts.iter().map(|part| match part {
            Part::Literal(text) => literal(text, self.exact_case),
            Part::Hole(language) => Regular::Of(language.clone()),
            Part::Optional(parts) => maybe(self.expression(parts)),
        });
        Regular::Sequence(parts.collect())
    }
}

/// The shortest line that fits both templates, if any does.
///
/// # Errors
/// [`LexicalError::TooLarge`].
pub fn overlap(a: &Form, b: &Form) -> Result<Option<Vec<u8>>, LexicalError> {
    Ok(a.language()?.shortest_common(&b.language()?))
}

/// A text in which one blank stands for each run of them.
fn one_blank(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if character != ' ' || !folded.ends_with(' ') {
            folded.push(character);
        }
    }
    folded
}

fn size(parts: &[Part]) -> usize {
    let part = |part: &Part| match part {
        Part::Literal(text) => 1 + text.len(),
        Part::Hole(language) => 1 + language.states(),
        Part::Optional(parts) => 1 + size(parts),
    };
    parts.iter().map(part).sum()
}

/// Whether what follows a literal may begin with something else than a blank.
fn goes_on_at_once(parts: &[Part]) -> bool {
    match parts.first() {
        None => false,
        Some(Part::Literal(text)) => !text.starts_with(' '),
        Some(Part::Hole(_)) => true,
        Some(Part::Optional(inside)) => goes_on_at_once(inside) || goes_on_at_once(&parts[1..]),
    }
}

/// The pieces of a literal: text without blanks, and `None` for each run of blanks.
pub(super) fn pieces(text: &str) -> impl DoubleEndedIterator<Item = Option<&str>> {
    let mut pieces = Vec::new();
    for piece in text.split(' ') {
        if !piece.is_empty() {
            pieces.push(Some(piece));
        }
        if pieces.last() != Some(&None) {
            pieces.push(None);
        }
    }
    if !text.ends_with(' ') {
        pieces.pop();
    }
    pieces.into_iter()
}

fn literal(text: &str, exact_case: bool) -> Regular {
    let pieces = pieces(text).map(|piece| match piece {
        None => some(exactly(" ")),
        Some(text) if exact_case => exactly(text),
        Some(text) => folded(text),
    });
    Regular::Sequence(pieces.collect())
}

/// What a hole behind a blank may hold: texts that do not begin with a blank, since the blanks before it take all.
/// None when that would change which lines fit.
pub(super) fn behind_blanks(language: &Language) -> Result<Option<Language>, LexicalError> {
    let blanks = || some(exactly(" "));
    let leading = sequence([exactly(" "), any_number(octet(&[(0, u8::MAX)]))]).language()?;
    if language.shortest_common(&leading).is_none() {
        return Ok(Some(language.clone()));
    }
    let stripped = language.without(&leading)?;
    let [before, after] = [language, &stripped].map(|hole| sequence([blanks(), Regular::Of(hole.clone())]).language());
    Ok((before? == after?).then_some(stripped))
}

/// What a hole that is all of an optional part may hold: not the empty text, since then the part is missing.
pub(super) fn not_empty(language: &Language) -> Result<Language, LexicalError> {
    language.without(&choice([exactly("")]).language()?)
}
