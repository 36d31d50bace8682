//! One file: cut into pieces, each read on its own.
//!
//! Never: lets a fault in one piece touch another.

use std::cell::RefCell;

use diagnostic::{Diagnostic, FileId, Rule as Check, Severity, Span};
use pest::{Parser, error::InputLocation};

use super::{
    cut::{self, Piece},
    item,
    node::{Fault, Node, Reader},
    scan::{self, Token},
    syntax::{Rule, Syntax},
};
use crate::tree::File;

/// The tree of a file and what is wrong with its form, in the order of the file. The tree holds whatever could be read.
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let tokens = scan::scan(text);
    let mut tree = File { header: None, items: Vec::new() };
    let mut findings = Vec::new();
    for piece in cut::cut(text, &tokens) {
        read(file, text, &tokens, &piece, &mut tree, &mut findings);
    }
    (tree, findings)
}

/// Text that does not follow the grammar.
static FORM: Check = Check {
    code: "S01",
    severity: Severity::Error,
    title: "a word or sign that does not belong there",
    page: "Every item, statement and line begins with a word of its own; what may follow is said in the message. \
           Line breaks never carry meaning.",
    accepted: "anytime { on \"NOOP\" { reply 250 \"OK\" stay } }",
    refused: "anytime { on \"NOOP\" { reply 250 \"OK\" goot ready } }",
};

fn read(file: FileId, text: &str, tokens: &[Token], piece: &Piece, tree: &mut File, findings: &mut Vec<Diagnostic>) {
    let source = &text[piece.start as usize..piece.end as usize];
    let reader = Reader { file, base: piece.start, limit: piece.end, tokens, findings: RefCell::default() };
    match Syntax::parse(Rule::piece, source) {
        Ok(mut pairs) => {
            let Some(pair) = pairs.next() else { return };
            match Node::new(pair, &reader).only().and_then(|node| item::piece(&node)) {
                Ok(item::Piece::Header(header)) => tree.header = Some(header),
                Ok(item::Piece::Item(item)) => tree.items.push(item),
                Err(Fault(span)) => findings.push(Diagnostic::new(&FORM, span, "this could not be read")),
            }
            findings.append(&mut reader.findings.borrow_mut());
        }
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => piece.start + at as u32,
            };
            let span = Span { file, start: at, end: at };
            findings.push(Diagnostic::new(&FORM, span, format!("{}", error.variant.message())));
        }
    }
}
