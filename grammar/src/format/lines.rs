//! The lines of a file: where they end, how far they are indented, and where blanks stand in them.
//!
//! Never: sets anything below anything else.

use std::collections::HashMap;

use super::words::{self, Gap};
use crate::parse::{Column, Element, Shape, Word};

/// How far each brace indents, and a line that goes on where the one before it ended.
const STEP: usize = 4;

/// One line of the layout.
#[derive(Default)]
pub(super) struct Line<'a> {
    /// Whether an empty line stands before it.
    pub(super) apart: bool,
    indent: usize,
    /// Each with the blanks before it.
    pub(super) words: Vec<(usize, &'a str)>,
    /// A comment at its end, with the blanks before it.
    pub(super) comment: Option<(usize, &'a str)>,
    /// What it shares columns with, if it holds one thing and all of it.
    pub(super) family: Option<(usize, usize)>,
    /// Its columns, as indices of words.
    pub(super) columns: Vec<(Column, usize)>,
}

impl Line<'_> {
    /// How long it is up to a word, in characters, without the blanks before that word.
    pub(super) fn length(&self, word: usize) -> usize {
        let words = self.words[..word].iter().map(|(blanks, word)| blanks + word.chars().count());
        self.indent + words.sum::<usize>()
    }

    /// The line as it stands in the file.
    pub(super) fn print(&self) -> String {
        let mut line = String::from(if self.apart { "\n" } else { "" });
        line.extend(std::iter::repeat_n(' ', self.indent));
        for (blanks, word) in self.words.iter().chain(&self.comment) {
            line.extend(std::iter::repeat_n(' ', *blanks));
            line.push_str(word);
        }
        line.push('\n');
        line
    }
}

/// The lines of a text, nothing in them set below anything else.
pub(super) fn lines<'a>(text: &'a str, shape: &'a Shape) -> Vec<Line<'a>> {
    let mut layout = Layout { text, shape, partners: partners(text, &shape.words), lines: Vec::new(), table: None };
    let mut at = 0;
    for index in 0..shape.words.len() {
        let word = shape.words[index];
        let gap = words::gap(&text[at..word.start]);
        layout.comments(&gap, Some(index));
        layout.word(index, &gap);
        at = word.end;
    }
    layout.comments(&words::gap(&text[at..]), None);
    layout.lines
}

struct Layout<'a> {
    text: &'a str,
    shape: &'a Shape,
    /// The other brace of each that stands on another line than its partner.
    partners: HashMap<usize, usize>,
    lines: Vec<Line<'a>>,
    /// What the last line holds, if it is that alone.
    table: Option<&'a Element>,
}

/// Braces whose partners stand on other lines, as indices of words.
fn partners(text: &str, words: &[Word]) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut partners = HashMap::new();
    for (index, word) in words.iter().enumerate() {
        match &text[word.start..word.end] {
            "{" => open.push(index),
            "}" => {
                let Some(first) = open.pop() else { continue };
                if text[words[first].end..word.start].contains('\n') {
                    partners.insert(first, index);
                    partners.insert(index, first);
                }
            }
            _ => {}
        }
    }
    partners
}

impl<'a> Layout<'a> {
    fn spelled(&self, index: usize) -> &'a str {
        let word = self.shape.words[index];
        &self.text[word.start..word.end]
    }

    /// The comments before a word, or at the end.
    fn comments(&mut self, gap: &Gap<'a>, before: Option<usize>) {
        for (breaks, comment) in &gap.comments {
            if *breaks == 0 && self.lines.last().is_some_and(|line| line.comment.is_none()) {
                if let Some(line) = self.lines.last_mut() {
                    line.comment = Some((2, comment));
                }
                continue;
            }
            let indent = before.map_or(0, |index| match self.spelled(index) {
                "}" => self.shape.words[index].braces * STEP,
                _ => self.indent(index),
            });
            let apart = *breaks > 1 && !self.behind_an_opening();
            self.lines.push(Line { apart, indent, comment: Some((0, comment)), ..Line::default() });
        }
    }

    /// Whether the last line opens a brace, or there is none.
    fn behind_an_opening(&self) -> bool {
        self.lines.last().is_none_or(|line| line.words.last().is_some_and(|(_, word)| *word == "{"))
    }

    fn word(&mut self, index: usize, gap: &Gap<'a>) {
        let spelled = self.spelled(index);
        let word = self.shape.words[index];
        let element = self.shape.elements.get(&word.start);
        let breaks = self.breaks(index, gap, element);
        let blanks = if breaks { 0 } else { self.blanks(index, gap.nothing) };
        if breaks {
            let closes = spelled == "}" && self.partners.contains_key(&index);
            let apart = gap.breaks > 1 && !closes && !self.behind_an_opening();
            let mut line = Line { apart, indent: self.indent(index), ..Line::default() };
            self.table = element.filter(|element| self.is_alone(index, element));
            line.family = self.table.map(|element| element.family);
            self.lines.push(line);
        }
        let Some(line) = self.lines.last_mut() else { return };
        let columns = self.table.into_iter().flat_map(|element| &element.columns);
        line.columns.extend(columns.filter(|(_, at)| *at == word.start).map(|(column, _)| (*column, line.words.len())));
        line.words.push((blanks, spelled));
    }

    /// Whether a line ends before this word.
    fn breaks(&self, index: usize, gap: &Gap<'a>, element: Option<&Element>) -> bool {
        let Some(last) = index.checked_sub(1) else { return true };
        let item = element.is_some() && self.shape.words[index].braces == 0;
        gap.breaks > 0 || !gap.comments.is_empty() || item
            // A brace that is closed on another line ends its own, and the other begins one.
            || (self.spelled(last) == "{" && self.partners.contains_key(&last))
            || (self.spelled(index) == "}" && self.partners.contains_key(&index))
    }

    fn indent(&self, index: usize) -> usize {
        let word = self.shape.words[index];
        match self.spelled(index) {
            "{" | "}" => (word.braces - 1) * STEP,
            ")" | "]" => word.braces * STEP,
            "else" if index > 0 && self.spelled(index - 1) == "}" => word.braces * STEP,
            _ if self.shape.elements.contains_key(&word.start) => word.braces * STEP,
            _ => (word.braces + 1) * STEP,
        }
    }

    /// Whether an element begins a line, ends on it, and nothing but a comma follows it there.
    fn is_alone(&self, index: usize, element: &Element) -> bool {
        let start = self.shape.words[index].start;
        if self.text[start..element.end].contains('\n') {
            return false;
        }
        let behind = self.shape.words.partition_point(|word| word.start < element.end);
        let next = match self.shape.words.get(behind) {
            Some(word) if self.text[word.start..word.end] == *"," => self.shape.words.get(behind + 1),
            next => next,
        };
        next.is_none_or(|next| {
            let between = &self.text[element.end..next.start];
            between.contains('\n')
                || self.shape.words[index].braces == 0
                || (self.text[next.start..next.end] == *"}" && self.partners.contains_key(&behind))
        })
    }

    /// How many blanks stand between a word and the one before it on its line.
    fn blanks(&self, index: usize, touch: bool) -> usize {
        let Some(last) = index.checked_sub(1) else { return 0 };
        let (left, right) = (self.spelled(last), self.spelled(index));
        let start = self.shape.words[index].start;
        let as_it_is = usize::from(!touch);
        if self.shape.lexical.iter().any(|(from, to)| *from < start && start < *to) {
            return if [left, right].iter().any(|word| matches!(*word, "=" | "/")) { 1 } else { as_it_is };
        }
        if touch && is_sign(&self.text[self.shape.words[last].start..self.shape.words[index].end]) {
            return 0;
        }
        match (left, right) {
            (_, "," | ")" | "]" | ":") | ("(" | "[", _) => 0,
            ("," | ":", _) => 1,
            ("{", _) | (_, "{" | "}") => 1,
            _ if self.shape.apart.contains(&start) => 2,
            ("}" | "=" | ">" | "<" | "|", _) | (_, "=" | ">" | "<" | "|" | "!") => 1,
            _ => as_it_is,
        }
    }
}

/// Whether this is a sign of two marks.
fn is_sign(text: &str) -> bool {
    matches!(text, "->" | "==" | "!=" | "<=" | ">=")
}
