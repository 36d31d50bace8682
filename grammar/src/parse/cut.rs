//! Cuts a file into its items, so that a fault in one cannot hide a fault in another.
//!
//! Never: reads an item; what begins one is all it knows.

use std::ops::Range;

use super::scan::{Kind, Token};

/// A run of octets that holds one item.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Its first octet.
    pub(super) start: u32,
    /// Behind its last octet: where the next piece begins, or the end of the file.
    pub(super) end: u32,
    /// Its words and marks, as indices.
    pub(super) tokens: Range<usize>,
    /// Whether it begins like an item.
    pub(super) known: bool,
    /// The braces that have no end in it, outermost first, as indices of tokens.
    pub(super) unclosed: Vec<usize>,
    /// The closing braces that close nothing, as indices of tokens.
    pub(super) stray: Vec<usize>,
}

/// What stands behind a word that begins an item.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Word,
    Brace,
    Text,
    TextOrWord,
}

/// The words that begin an item, and what stands behind each.
const ITEMS: [(&str, Next); 23] = [
    ("protocol", Next::Word),
    ("import", Next::Text),
    ("rename", Next::Text),
    ("remove", Next::TextOrWord),
    ("before", Next::Word),
    ("override", Next::Word),
    ("settings", Next::Brace),
    ("wire", Next::Brace),
    ("type", Next::Word),
    ("record", Next::Word),
    ("sql", Next::Word),
    ("offers", Next::Word),
    ("start", Next::Word),
    ("state", Next::Word),
    ("during", Next::Word),
    ("anytime", Next::Brace),
    ("routine", Next::Word),
    ("unexpected", Next::Brace),
    ("limits", Next::Brace),
    ("promise", Next::Text),
    ("reload", Next::Brace),
    ("client", Next::Word),
    ("public", Next::Word),
];

/// The items of a file, in their order. What stands before the first item, or behind a complete one, is a piece too.
pub(super) fn cut(text: &str, tokens: &[Token]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // Whether the item so far ended with the brace that closes it.
    let mut complete = true;
    let mut indent = 0;
    for (index, token) in tokens.iter().enumerate() {
        let begins = begins(text, tokens, index, open.is_empty());
        let starts_piece = if open.is_empty() {
            // Behind something unknown, a word in the same column begins something else.
            let aside = pieces.last().is_some_and(|last| !last.known) && token.indent == Some(indent);
            begins || ((complete || aside) && token.kind == Kind::Word) || pieces.is_empty()
        } else {
            // A brace is missing: an item never stands inside another.
            begins && token.indent.is_some_and(|own| own <= indent)
        };
        if starts_piece {
            if let Some(last) = pieces.last_mut() {
                last.end = token.start;
                last.tokens.end = index;
                last.unclosed = std::mem::take(&mut open);
            }
            indent = token.indent.unwrap_or(indent);
            let (start, end, tokens) = (token.start, text.len() as u32, index..tokens.len());
            pieces.push(Piece { start, end, tokens, known: begins, unclosed: Vec::new(), stray: Vec::new() });
            complete = false;
        }
        match token.kind {
            Kind::Open => open.push(index),
            Kind::Close => {
                if open.pop().is_none()
                    && let Some(last) = pieces.last_mut()
                {
                    last.stray.push(index);
                }
                complete = open.is_empty() && ends_with_a_brace(text, tokens, pieces.last());
            }
            _ => {}
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.unclosed = open;
    }
    pieces
}

/// The words that begin an item.
pub(super) fn item_words() -> impl Iterator<Item = &'static str> {
    ITEMS.iter().map(|(word, _)| *word)
}

/// Whether an item begins at this token. A word at the head of its line outside all braces is taken for one even when
/// what follows is wrong.
fn begins(text: &str, tokens: &[Token], index: usize, outside: bool) -> bool {
    let word = |index: usize| tokens.get(index).map_or("", |token| &text[token.start as usize..token.end as usize]);
    let token = &tokens[index];
    let Some((_, next)) = ITEMS.iter().find(|(item, _)| *item == word(index)) else { return false };
    if word(index) == "state" && index > 0 && word(index - 1) == "start" {
        return false;
    }
    if word(index) == "client" && index > 0 && word(index - 1) == "public" {
        return false;
    }
    // What is overridden or removed is named by the word for its kind; `override on` stands inside a state.
    if index > 0 && matches!(word(index - 1), "override" | "remove") {
        return false;
    }
    if word(index) == "override" && word(index + 1) == "on" {
        return false;
    }
    if word(index) == "start" && word(index + 1) != "state" && !outside {
        return false;
    }
    // These are good names for facts, too: only at the head of a line do they begin an item.
    if matches!(word(index), "client" | "public") && token.indent.is_none() {
        return false;
    }
    // `remove x from list` is a statement.
    if word(index) == "remove" && !outside && (word(index + 2) == "from" || word(index + 2) == ".") {
        return false;
    }
    let follows = tokens.get(index + 1).map(|token| token.kind);
    token.kind == Kind::Word
        && ((outside && token.indent == Some(0))
            || match next {
                Next::Word => follows == Some(Kind::Word),
                Next::Brace => follows == Some(Kind::Open),
                Next::Text => follows == Some(Kind::Text),
                Next::TextOrWord => matches!(follows, Some(Kind::Text | Kind::Word)),
            })
}

/// Whether an item of this kind is over when its brace is closed: all but a statement of SQL and a lexical type.
fn ends_with_a_brace(text: &str, tokens: &[Token], piece: Option<&Piece>) -> bool {
    let Some(piece) = piece else { return true };
    let first = piece.tokens.start;
    let word = |index: usize| tokens.get(index).map_or("", |token| &text[token.start as usize..token.end as usize]);
    let word = if word(first) == "override" { word(first + 1) } else { word(first) };
    !matches!(word, "sql" | "type")
}
