//! Reads one item in spite of its faults: what cannot be read is replaced by a mark that the grammar knows, first as
//! little of it as possible, and the item is read again.
//!
//! Never: reads more than its allowance, however the text is broken.

use std::ops::Range;

use diagnostic::Diagnostic;
use pest::{Parser, error::InputLocation};

use super::{
    cause,
    cut::Piece,
    item,
    mend::Mended,
    message,
    node::{Fault, Node, Reader},
    scan::{Kind, Token},
    syntax::{Rule, Syntax},
};
use crate::tree::STATEMENT_WORDS;

/// How many faults of one item are told.
const MOST_FAULTS: usize = 20;

/// What a line of `wire` begins with.
const WIRE: [&str; 15] = [
    "lines", "reply", "say", "prompt", "listing", "request", "refusal", "answers", "verbs", "patience", "pipeline",
    "exact", "cancel", "command", "literals",
];
/// What begins a line of `reload`.
const RELOAD: [&str; 2] = ["finish", "move"];
/// What a member of a state begins with.
const MEMBERS: [&str; 4] = ["on", "override", "enter", "leave"];

/// What came of an item.
pub(super) enum Read {
    /// It could be read, if not all of it.
    Piece(Box<item::Piece>),
    /// Nothing of it could be read.
    Nothing,
    /// It is over before its text is: something unknown begins at this place.
    Over(u32),
}

/// One item, with what has been mended in it so far.
pub(super) struct Recovery<'a> {
    /// The file.
    pub(super) mended: &'a Mended,
    /// The item.
    pub(super) piece: &'a Piece,
    /// What the builders share.
    pub(super) reader: &'a Reader<'a>,
}

impl Recovery<'_> {
    /// Reads the item. Each reading costs its octets of the allowance.
    pub(super) fn read(&self, allowance: &mut usize) -> Read {
        let piece = self.piece;
        let mut source = self.mended.text[piece.start as usize..piece.end as usize].to_owned();
        if !piece.unclosed.is_empty() {
            source.push('\n');
            source.extend(piece.unclosed.iter().map(|_| '}'));
        }
        let mut at = match self.attempt(&source) {
            Ok(read) => return read,
            Err(at) => at,
        };
        if let Some(over) = self.over(&source, at) {
            return Read::Over(over);
        }
        for _ in 0..MOST_FAULTS {
            let fault = message::fault(self.mended, self.reader, &source);
            let misnamed = std::ptr::eq(fault.rule, &raw const cause::RESERVED);
            if !self.is_damaged(at) {
                self.tell(fault);
            }
            let mut further = None;
            for range in self.candidates(at, misnamed) {
                if *allowance < source.len() {
                    return Read::Nothing;
                }
                *allowance -= source.len();
                let candidate = masked(&source, range.start - piece.start..range.end - piece.start);
                match self.attempt(&candidate) {
                    Ok(read) => return read,
                    Err(next) if next > range.end => {
                        further = Some((candidate, next));
                        break;
                    }
                    Err(_) => {}
                }
            }
            let Some((candidate, next)) = further else { return Read::Nothing };
            (source, at) = (candidate, next);
        }
        Read::Nothing
    }

    /// Reads once: the item, or where the grammar could not go on.
    fn attempt(&self, source: &str) -> Result<Read, u32> {
        match Syntax::parse(Rule::piece, source) {
            Ok(mut pairs) => {
                let Some(pair) = pairs.next() else { return Ok(Read::Nothing) };
                // What the builders find belongs to a reading that counts; readings that fail never build.
                match Node::new(pair, self.reader).only().and_then(|node| item::piece(&node)) {
                    Ok(piece) => Ok(Read::Piece(Box::new(piece))),
                    Err(Fault(span)) => {
                        self.reader.find(message::disagreement(span));
                        Ok(Read::Nothing)
                    }
                }
            }
            Err(error) => Err(self.piece.start + place(&error.location)),
        }
    }

    /// Whether the item is complete where it could not be read on, and a new line begins there.
    fn over(&self, source: &str, at: u32) -> Option<u32> {
        let token = self.mended.tokens.get(self.token_at(at))?;
        let first = token.start > self.piece.start && token.start == at && token.indent.is_some();
        if !first || token.braces > 0 || token.kind != Kind::Word {
            return None;
        }
        let head = &source[..(at - self.piece.start) as usize];
        Syntax::parse(Rule::piece, head).is_ok().then_some(at)
    }

    /// Keeps a finding; one at a place that has one already is a consequence of that.
    fn tell(&self, finding: Diagnostic) {
        let told = self.reader.findings.borrow().iter().any(|other| other.span.start == finding.span.start);
        if !told {
            self.reader.find(finding);
        }
    }

    fn is_damaged(&self, at: u32) -> bool {
        self.mended.is_damaged(at) || (at >= self.piece.end && !self.piece.unclosed.is_empty())
    }

    /// The token that holds an octet, or the next one.
    fn token_at(&self, at: u32) -> usize {
        let tokens = &self.mended.tokens;
        tokens.partition_point(|token| token.end <= at).clamp(self.piece.tokens.start, self.piece.tokens.end)
    }

    /// What may be replaced to get past a fault, the least first: a statement or line, then what stands around it.
    /// A word of the language that was taken for a name begins no statement.
    fn candidates(&self, at: u32, misnamed: bool) -> Vec<Range<u32>> {
        let tokens = &self.mended.tokens;
        let fault = self.token_at(at);
        let mut openers: Vec<usize> = Vec::new();
        for (index, token) in tokens.iter().enumerate().take(fault).skip(self.piece.tokens.start) {
            match token.kind {
                Kind::Open => openers.push(index),
                Kind::Close => drop(openers.pop()),
                _ => {}
            }
        }
        let mut ranges = Vec::new();
        // The token, or the block with the token in it, that the fault is in.
        let (mut first, mut behind) = (fault, fault + 1);
        while let Some(opener) = openers.pop() {
            let level = Level::new(self, opener, &openers);
            let close = level.close(behind.min(self.piece.tokens.end));
            let starters: Vec<usize> = (opener + 1..close).filter(|index| level.begins(*index)).collect();
            let before = starters.iter().copied().rfind(|index| *index < first);
            let before = before.or((opener + 1 < first).then_some(opener + 1));
            let next = starters.iter().copied().find(|index| *index >= behind).unwrap_or(close);
            let innermost = first == fault && behind == fault + 1;
            if innermost {
                if let Some(before) = before
                    && (starters.contains(&fault) && !misnamed || fault == close)
                {
                    ranges.push(self.range(before, fault));
                }
                ranges.push(self.range(fault, next));
            }
            ranges.push(self.range(before.unwrap_or(first), next));
            (first, behind) = (opener, (close + 1).min(self.piece.tokens.end));
        }
        ranges.retain(|range| range.start < range.end);
        ranges
    }

    /// From the first octet of a token to the first octet of another.
    fn range(&self, from: usize, to: usize) -> Range<u32> {
        let start = |index: usize| {
            let inside = index < self.piece.tokens.end;
            self.mended.tokens.get(index).filter(|_| inside).map_or(self.piece.end, |token| token.start)
        };
        start(from)..start(to)
    }

    fn word(&self, index: usize) -> &str {
        let token = self.mended.tokens.get(index).filter(|_| self.piece.tokens.contains(&index));
        token.map_or("", |token| &self.mended.text[token.start as usize..token.end as usize])
    }
}

/// Where an error stands in its text.
pub(super) fn place(location: &InputLocation) -> u32 {
    match location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => *at as u32,
    }
}

/// The text with a run of octets replaced by the mark for what is broken.
fn masked(source: &str, range: Range<u32>) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let run = &mut bytes[range.start as usize..range.end as usize];
    run.fill(b' ');
    if let Some(first) = run.first_mut() {
        *first = 1;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// What stands between two braces.
enum Inside {
    Words(&'static [&'static str]),
    Fields,
    Outcomes,
    Texts,
}

/// One pair of braces around a fault.
struct Level<'a> {
    recovery: &'a Recovery<'a>,
    opener: usize,
    inside: Inside,
}

impl<'a> Level<'a> {
    fn new(recovery: &'a Recovery<'a>, opener: usize, outer: &[usize]) -> Level<'a> {
        let first = recovery.piece.tokens.start;
        let head = if recovery.word(first) == "override" { first + 1 } else { first };
        let inside = match (recovery.word(head), outer.len()) {
            ("wire", 0) => Inside::Words(&WIRE),
            ("state" | "start" | "during" | "anytime", 0) => Inside::Words(&MEMBERS),
            ("reload", 0) => Inside::Words(&RELOAD),
            ("settings" | "record" | "sql", 0) => Inside::Fields,
            ("offers" | "type", _) => Inside::Texts,
            ("unexpected" | "limits", 0) => Inside::Outcomes,
            _ if recovery.ends_an_answer(opener - 1) => Inside::Texts,
            _ => {
                let owner = (head..opener).rev().find(|index| {
                    recovery.mended.tokens[*index].braces + 1 == recovery.mended.tokens[opener].braces
                        && STATEMENT_WORDS.contains(&recovery.word(*index))
                });
                match owner.map(|index| recovery.word(index)) {
                    Some("ask" | "receive" | "await") => Inside::Outcomes,
                    _ => Inside::Words(&STATEMENT_WORDS),
                }
            }
        };
        Level { recovery, opener, inside }
    }

    /// The brace that closes this level, looked for from a token on.
    fn close(&self, from: usize) -> usize {
        let tokens = &self.recovery.mended.tokens;
        let depth = tokens[self.opener].braces;
        let end = self.recovery.piece.tokens.end;
        (from.saturating_sub(1).max(self.opener + 1)..end)
            .find(|index| tokens[*index].kind == Kind::Close && tokens[*index].braces <= depth)
            .unwrap_or(end)
    }

    /// Whether something begins at this token that the grammar could read if it read nothing before it.
    fn begins(&self, index: usize) -> bool {
        let tokens = &self.recovery.mended.tokens;
        let token: &Token = &tokens[index];
        let word = |index: usize| self.recovery.word(index);
        // A parenthesis that is missing must not hide the statements below it.
        let own_line = token.indent.is_some() && token.braces == tokens[self.opener].braces;
        if token.nested != tokens[self.opener].nested && !own_line {
            return false;
        }
        match &self.inside {
            Inside::Words(words) => {
                words.contains(&word(index))
                    && !matches!(
                        (word(index - 1), word(index)),
                        ("else", "if" | "silent") | ("dotted", "lines") | ("then", "goto") | ("override", "on")
                    )
                    && (!matches!(word(index), "for" | "answer") || word(index + 1) == "each")
                    && (word(index) != "start" || word(index + 1) == "tls")
            }
            Inside::Fields => {
                let value_alone = word(index + 1) == "=" && token.indent.is_some();
                token.kind == Kind::Word && (word(index + 1) == ":" || value_alone)
            }
            Inside::Outcomes => {
                token.kind == Kind::Word && (token.indent.is_some() || tokens[index - 1].kind == Kind::Close)
            }
            Inside::Texts => token.kind == Kind::Text,
        }
    }
}

impl Recovery<'_> {
    /// Whether a brace behind this token holds the lines of an answer.
    fn ends_an_answer(&self, index: usize) -> bool {
        let word = self.word(index);
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        word == "params" || word == "reply" || word == "say" || (!word.is_empty() && word.bytes().all(capital))
    }
}
