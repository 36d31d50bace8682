//! What stands where in a file without faults of form: its words and marks, and which of them begin something of their
//! own. The formatter lays a file out by it.
//!
//! Never: reads a file that has a fault of form.

use std::collections::{BTreeMap, BTreeSet};

use pest::{Parser, iterators::Pair};

use super::{
    cut,
    mend::too_deep,
    scan::{self, Kind, Token},
    syntax::{Rule, Syntax},
};

/// A word or mark of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its first octet.
    pub(crate) start: usize,
    /// Behind its last octet.
    pub(crate) end: usize,
    /// How many braces stand around it; a brace counts itself.
    pub(crate) braces: usize,
}

/// Something that stands in braces, or an item of the file.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// Behind its last octet.
    pub(crate) end: usize,
    /// Elements with the same numbers stand in the same braces, or are items of the same kind.
    pub(crate) family: (usize, usize),
    /// Where its columns begin.
    pub(crate) columns: Vec<(Column, usize)>,
}

/// Where things of several lines stand below one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// The `:` before a type.
    Colon,
    /// The facts of a state.
    Facts,
    /// What is said of a state.
    Title,
    /// The number of a limit, or what a line of `wire` says.
    Value,
    /// The `=` before a value.
    Equals,
    /// The condition of a line.
    Condition,
    /// What is done.
    Body,
}

/// What stands where.
#[derive(Debug)]
pub(crate) struct Shape {
    /// All words and marks, in order.
    pub(crate) words: Vec<Word>,
    /// What begins at an octet.
    pub(crate) elements: BTreeMap<usize, Element>,
    /// What begins here is set off from what stands before it on its line.
    pub(crate) apart: BTreeSet<usize>,
    /// Where lexical types stand: there a blank has a meaning.
    pub(crate) lexical: Vec<(usize, usize)>,
}

/// The shape of a text; none where its form has a fault.
pub(crate) fn shape(text: &str) -> Option<Shape> {
    let tokens = scan::scan(text);
    let mut shape = Shape {
        words: tokens.iter().map(Word::from).collect(),
        elements: BTreeMap::new(),
        apart: BTreeSet::new(),
        lexical: Vec::new(),
    };
    for piece in cut::cut(text, &tokens) {
        if !piece.known || too_deep(&tokens[piece.tokens.clone()]).is_some() {
            return None;
        }
        let source = &text[piece.start as usize..piece.end as usize];
        let mut pairs = Syntax::parse(Rule::piece, source).ok()?;
        let looking = Looking { tokens: &tokens, base: piece.start as usize, shape: &mut shape };
        looking.item(pairs.next()?);
    }
    Some(shape)
}

struct Looking<'a> {
    tokens: &'a [Token],
    base: usize,
    shape: &'a mut Shape,
}

impl Looking<'_> {
    fn item(mut self, piece: Pair<'_, Rule>) {
        for item in piece.into_inner().filter(|pair| pair.as_rule() != Rule::EOI) {
            let overridden =
                (item.as_rule() == Rule::override_item).then(|| item.clone().into_inner().last()).flatten();
            let defined = overridden.as_ref().unwrap_or(&item);
            if defined.as_rule() == Rule::type_def
                && !defined.clone().into_inner().any(|pair| pair.as_rule() == Rule::params)
            {
                self.shape.lexical.push(self.place(&item));
            }
            self.element(&item, 0, Rule::piece);
            self.inside(item);
        }
    }

    /// The octets of a match, without the blanks at its end.
    fn place(&self, pair: &Pair<'_, Rule>) -> (usize, usize) {
        let span = pair.as_span();
        let (start, end) = (self.base + span.start(), self.base + span.end());
        let behind = self.tokens.partition_point(|token| (token.start as usize) < end);
        let last = behind.checked_sub(1).map_or(end, |last| self.tokens[last].end as usize);
        (start, if last > start { last.min(end) } else { end })
    }

    /// Everything below a match.
    fn inside(&mut self, pair: Pair<'_, Rule>) {
        let rule = pair.as_rule();
        // Braces in a text are a part of it.
        if matches!(rule, Rule::string | Rule::plain | Rule::template) {
            return;
        }
        let mut brace = None;
        let mut listed = false;
        let mut at = self.place(&pair).0;
        for child in pair.into_inner() {
            let (start, end) = self.place(&child);
            for token in self.between(at, start) {
                match token.kind {
                    Kind::Open => brace = Some(token.start as usize),
                    Kind::Close => brace = None,
                    _ => {}
                }
            }
            if let Some(brace) = brace {
                self.element(&child, brace, rule);
            }
            at = end.max(at);
            if child.as_rule() == Rule::patience && std::mem::replace(&mut listed, true) {
                self.shape.apart.insert(start);
            }
            self.inside(child);
        }
    }

    fn between(&self, start: usize, end: usize) -> &[Token] {
        let first = self.tokens.partition_point(|token| (token.start as usize) < start);
        let behind = self.tokens.partition_point(|token| (token.start as usize) < end);
        &self.tokens[first..behind.max(first)]
    }

    fn element(&mut self, pair: &Pair<'_, Rule>, brace: usize, parent: Rule) {
        let (start, end) = self.place(pair);
        let family = (brace, if parent == Rule::piece { pair.as_rule() as usize } else { 0 });
        if !matches!(parent, Rule::promise | Rule::piece) {
            self.shape.apart.insert(start);
        }
        let columns = self.columns(pair, parent);
        self.shape.elements.insert(start, Element { end, family, columns });
    }

    fn columns(&self, pair: &Pair<'_, Rule>, parent: Rule) -> Vec<(Column, usize)> {
        let (start, end) = self.place(pair);
        let mut columns = Vec::new();
        let mut put = |column, at: usize| columns.push((column, at));
        let child = |rule: Rule| pair.clone().into_inner().find(|child| child.as_rule() == rule);
        if parent == Rule::wire {
            self.between(start + 1, end).first().inspect(|token| put(Column::Value, token.start as usize));
        }
        match pair.as_rule() {
            Rule::field | Rule::param | Rule::attribute => {
                let mut at = start;
                for child in pair.clone().into_inner() {
                    let (from, to) = self.place(&child);
                    for token in self.between(at, from) {
                        match self.mark(token, pair) {
                            ":" => put(Column::Colon, token.start as usize),
                            "=" => put(Column::Equals, token.start as usize),
                            _ => {}
                        }
                    }
                    at = to;
                }
            }
            Rule::type_def | Rule::let_value => {
                let equals = self.between(start, end).iter().find(|token| self.mark(token, pair) == "=");
                equals.inspect(|token| put(Column::Equals, token.start as usize));
            }
            Rule::state => {
                child(Rule::kw_has).inspect(|has| put(Column::Facts, self.place(has).0));
                child(Rule::plain).inspect(|title| put(Column::Title, self.place(title).0));
            }
            Rule::promise => {
                let brace = self.between(start, end).iter().find(|token| token.kind == Kind::Open);
                brace.inspect(|brace| put(Column::Body, brace.start as usize));
            }
            Rule::if_else if pair.clone().into_inner().filter(|child| child.as_rule() == Rule::block).count() == 1 => {
                child(Rule::block).inspect(|block| put(Column::Body, self.place(block).0));
            }
            Rule::answer_line | Rule::send_part => {
                child(Rule::kw_if).inspect(|condition| put(Column::Condition, self.place(condition).0));
            }
            Rule::outcome
            | Rule::situation
            | Rule::limit
            | Rule::handler
            | Rule::arm
            | Rule::otherwise
            | Rule::silence => {
                let number =
                    pair.clone().into_inner().find(|child| matches!(child.as_rule(), Rule::within | Rule::sum));
                number.inspect(|number| put(Column::Value, self.place(number).0));
                let body = pair.clone().into_inner().find(|child| matches!(child.as_rule(), Rule::block | Rule::short));
                body.inspect(|body| put(Column::Body, self.place(body).0));
            }
            _ => {}
        }
        columns
    }

    fn mark<'p>(&self, token: &Token, pair: &Pair<'p, Rule>) -> &'p str {
        let start = token.start as usize - self.base;
        pair.get_input().get(start..start + (token.end - token.start) as usize).unwrap_or_default()
    }
}

impl From<&Token> for Word {
    fn from(token: &Token) -> Word {
        Word { start: token.start as usize, end: token.end as usize, braces: token.braces as usize }
    }
}
