//! Answers: what is constant for a listener is worked out once, the rest is rendered when it is said.
//!
//! Never: frames or sends; knows the form of an answer only as the compiler wrote it down.

use std::sync::Arc;

use program::{Piece, Reply, ReplyLine, Text};

use crate::{
    expression::{Fault, Scope, print_value},
    service::{Test, is_constant},
};

/// An answer as a listener gives it.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The same for every session.
    Constant(Box<str>),
    /// It depends on the session. The bound of each line, if there is one, counts the line end.
    Lines { lines: Box<[AnswerLine]>, most: Option<Bound> },
}

/// How long a line may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// The most octets, the line end included.
    octets: usize,
    /// What ends a line.
    end: &'static str,
}

/// One line of an answer, with its end.
#[derive(Debug)]
pub(crate) struct AnswerLine {
    when: Option<Test>,
    last: Text,
    continued: Text,
}

impl Answer {
    /// Works out what is constant. The scope knows the listener and no session.
    pub(crate) fn new(reply: &Reply, end: &'static str, scope: &Scope<'_>) -> Answer {
        let most = reply.most.map(|octets| Bound { octets, end });
        let mut lines = Vec::new();
        for line in &reply.lines {
            let when = match &line.when {
                Some(condition) if is_constant(condition) => match scope.holds(condition) {
                    Ok(true) => None,
                    Ok(false) => continue,
                    Err(_) => Some(Test::of(condition, true, scope.settings)),
                },
                other => other.as_ref().map(|condition| Test::of(condition, true, scope.settings)),
            };
            let ReplyLine { last, continued, .. } = line;
            lines.push(AnswerLine { when, last: fold(last, end, scope), continued: fold(continued, end, scope) });
        }
        match constant(&lines, most) {
            Some(text) => Answer::Constant(text),
            None => Answer::Lines { lines: lines.into(), most },
        }
    }

    /// The lines of a listing into `out`; there may be none. A dot at the start of one is doubled where it is `dotted`.
    pub(crate) fn list<'a>(&'a self, scope: &Scope<'a>, dotted: bool, out: &mut String) -> Result<(), Fault> {
        let begin = out.len();
        match self {
            Answer::Constant(text) => out.push_str(text),
            Answer::Lines { lines, .. } => {
                for line in lines {
                    if line.when.as_ref().map_or(Ok(true), |when| when.holds_in(scope))? {
                        scope.print(&line.last, out)?;
                    }
                }
            }
        }
        if dotted && (out[begin..].starts_with('.') || out[begin..].contains("\n.")) {
            let stuffed = out[begin..].replace("\n.", "\n..");
            out.truncate(begin);
            if stuffed.starts_with('.') {
                out.push('.');
            }
            out.push_str(&stuffed);
        }
        Ok(())
    }

    /// The whole answer into `out`.
    pub(crate) fn render<'a>(&'a self, scope: &Scope<'a>, out: &mut String) -> Result<(), Fault> {
        let (lines, most) = match self {
            Answer::Constant(text) => {
                out.push_str(text);
                return Ok(());
            }
            Answer::Lines { lines, most } => (lines, *most),
        };
        let mut held: Option<&AnswerLine> = None;
        for line in lines {
            if line.when.as_ref().map_or(Ok(true), |when| when.holds_in(scope))?
                && let Some(before) = held.replace(line)
            {
                let from = out.len();
                scope.print(&before.continued, out)?;
                cut(out, from, most);
            }
        }
        let last = held.ok_or(Fault(&"an answer has no line"))?;
        let from = out.len();
        scope.print(&last.last, out)?;
        cut(out, from, most);
        Ok(())
    }
}

/// Cuts the line that begins there where it is too long: between two characters, and with no blank left at its end. A
/// blank line behind it stays.
#[inline]
fn cut(out: &mut String, from: usize, most: Option<Bound>) {
    if let Some(Bound { octets, end }) = most
        && out.len() - from > octets.saturating_sub(end.len())
    {
        cut_at(out, from, octets, end);
    }
}

#[cold]
fn cut_at(out: &mut String, from: usize, octets: usize, end: &str) {
    let (mut text, mut ends) = (&out[from..], 0);
    while let Some(before) = text.strip_suffix(end) {
        (text, ends) = (before, ends + 1);
    }
    let most = octets.saturating_sub(end.len());
    if text.len() <= most {
        return;
    }
    let whole = (0..=most).rev().find(|length| text.is_char_boundary(*length)).unwrap_or(0);
    let kept = from + text[..whole].trim_end_matches(' ').len();
    out.truncate(kept);
    (0..ends).for_each(|_| out.push_str(end));
}

/// The text of lines that are always there and hold literals alone.
fn constant(lines: &[AnswerLine], most: Option<Bound>) -> Option<Box<str>> {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let pieces = if index + 1 == lines.len() { &line.last } else { &line.continued };
        match (&line.when, &pieces[..]) {
            (None, [Piece::Literal(literal)]) => {
                let from = text.len();
                text.push_str(literal);
                cut(&mut text, from, most);
            }
            _ => return None,
        }
    }
    (!text.is_empty()).then(|| text.into())
}

/// The pieces with the line end, neighbouring constants melted into one literal.
fn fold(pieces: &[Piece], end: &str, scope: &Scope<'_>) -> Text {
    let mut folded = Text::new();
    let mut literal = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => literal.push_str(text),
            Piece::Value(expr) if is_constant(expr) => match scope.evaluate(expr) {
                Ok(value) => print_value(value.kind(), &mut literal),
                Err(_) => keep(piece, &mut literal, &mut folded),
            },
            Piece::When(condition, text) if is_constant(condition) => match scope.holds(condition) {
                Ok(true) => literal.push_str(text),
                Ok(false) => {}
                Err(_) => keep(piece, &mut literal, &mut folded),
            },
            Piece::Value(_) | Piece::When(..) => keep(piece, &mut literal, &mut folded),
        }
    }
    literal.push_str(end);
    folded.push(Piece::Literal(literal.into()));
    folded
}

fn keep(piece: &Piece, literal: &mut String, folded: &mut Text) {
    if !literal.is_empty() {
        folded.push(Piece::Literal(Arc::from(std::mem::take(literal))));
    }
    folded.push(piece.clone());
}
