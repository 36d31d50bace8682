//! What the grammar has read, as the builders of the tree see it: nodes without the words of the language.
//!
//! Never: panics where a part is missing. That is a [`Fault`], which becomes a finding.

use std::{cell::RefCell, iter::Peekable, sync::Arc};

use diagnostic::{Diagnostic, FileId, Span};
use pest::iterators::{Pair, Pairs};

use super::{scan::Token, syntax::Rule};
use crate::tree::Name;

/// The grammar and its reader disagree: a fault of this program, told as a finding at this place.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Span);

/// What a builder gives.
pub(super) type Built<T> = Result<T, Fault>;

/// What all nodes of one piece share.
pub(super) struct Reader<'a> {
    /// The text of the findings.
    pub(super) file: FileId,
    /// That text as the author wrote it, before anything was mended.
    pub(super) text: &'a str,
    /// Where the piece begins in its file.
    pub(super) base: u32,
    /// Where it ends; closing braces that recovery supplied stand behind it.
    pub(super) limit: u32,
    /// The marks and words of the file.
    pub(super) tokens: &'a [Token],
    /// What the builders find.
    pub(super) findings: RefCell<Vec<Diagnostic>>,
}

/// One rule that matched.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pair: Pair<'a, Rule>,
    reader: &'a Reader<'a>,
}

/// The nodes inside one, in their order.
pub(super) struct Parts<'a> {
    pairs: Peekable<Pairs<'a, Rule>>,
    reader: &'a Reader<'a>,
    whole: Span,
}

impl Reader<'_> {
    /// Keeps a finding of a builder.
    pub(super) fn find(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// What is mended may end within a character of the author; a place never does.
    fn snapped(&self, start: u32, end: u32) -> Span {
        let (start, end) = (self.text.floor_char_boundary(start as usize), self.text.ceil_char_boundary(end as usize));
        Span { file: self.file, start: start as u32, end: end as u32 }
    }

    /// The place of a match, without the blanks and comments that the grammar passes over at its end.
    fn span(&self, start: usize, end: usize, text: &str) -> Span {
        let start = (self.base + start as u32).min(self.limit);
        let end = (self.base + end as u32).min(self.limit);
        let last = self.tokens.partition_point(|token| token.start < end);
        let end = match last.checked_sub(1).map(|index| self.tokens[index]) {
            Some(token) if token.start >= start && token.end <= end => token.end,
            _ => end - (text.len() - text.trim_end().len()) as u32,
        };
        self.snapped(start, end.max(start))
    }
}

impl<'a> Node<'a> {
    pub(super) fn new(pair: Pair<'a, Rule>, reader: &'a Reader<'a>) -> Node<'a> {
        Node { pair, reader }
    }

    pub(super) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(super) fn text(&self) -> &'a str {
        self.pair.as_str()
    }

    pub(super) fn span(&self) -> Span {
        let span = self.pair.as_span();
        self.reader.span(span.start(), span.end(), self.pair.as_str())
    }

    /// The place with the blanks at its end: for pieces of text.
    pub(super) fn whole_span(&self) -> Span {
        let span = self.pair.as_span();
        let (start, end) = (self.reader.base + span.start() as u32, self.reader.base + span.end() as u32);
        self.reader.snapped(start.min(self.reader.limit), end.min(self.reader.limit))
    }

    pub(super) fn reader(&self) -> &'a Reader<'a> {
        self.reader
    }

    /// The nodes inside.
    pub(super) fn parts(&self) -> Parts<'a> {
        Parts { pairs: self.pair.clone().into_inner().peekable(), reader: self.reader, whole: self.span() }
    }

    /// The only node inside.
    pub(super) fn only(&self) -> Built<Node<'a>> {
        self.parts().next().ok_or(Fault(self.span()))
    }

    /// A word with its place.
    pub(super) fn name(&self) -> Name {
        Name { text: Arc::from(self.text()), span: self.span() }
    }

    /// This node is not of a kind that can stand here.
    pub(super) fn fault<T>(&self) -> Built<T> {
        Err(Fault(self.span()))
    }
}

impl<'a> Parts<'a> {
    /// The next node, which is of this rule.
    pub(super) fn one(&mut self, rule: Rule) -> Built<Node<'a>> {
        self.maybe(rule).ok_or(Fault(self.whole))
    }

    /// The next node, whatever it is.
    pub(super) fn any(&mut self) -> Built<Node<'a>> {
        self.next().ok_or(Fault(self.whole))
    }

    /// The next node, if it is of this rule.
    pub(super) fn maybe(&mut self, rule: Rule) -> Option<Node<'a>> {
        if self.peek()? == rule { self.next() } else { None }
    }

    /// The next node, as a word with its place.
    pub(super) fn name(&mut self, rule: Rule) -> Built<Name> {
        Ok(self.one(rule)?.name())
    }

    /// The nodes of this rule that come next.
    pub(super) fn run(&mut self, rule: Rule) -> Vec<Node<'a>> {
        std::iter::from_fn(|| self.maybe(rule)).collect()
    }

    /// The rule of the next node.
    pub(super) fn peek(&mut self) -> Option<Rule> {
        while self.pairs.peek().is_some_and(|pair| is_word_of_the_language(pair.as_rule())) {
            self.pairs.next();
        }
        self.pairs.peek().map(Pair::as_rule)
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.peek()?;
        Some(Node { pair: self.pairs.next()?, reader: self.reader })
    }
}

/// The words of the language stand last in the grammar; they say where a node is, and carry nothing.
fn is_word_of_the_language(rule: Rule) -> bool {
    rule >= Rule::kw_absent || rule == Rule::EOI
}
