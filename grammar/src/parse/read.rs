//! One file: mended, cut into pieces, each read on its own.
//!
//! Never: lets a fault in one piece touch another, and never reads without bound.

use std::cell::RefCell;

use diagnostic::{Diagnostic, FileId, Rule as Check, Severity, Span, distance, nearest};

use super::{
    cut::{self, Piece},
    item,
    mend::{self, Mended},
    message::shown,
    node::Reader,
    number::BOUND,
    recover::{Read, Recovery},
    scan::{Kind, MOST_NESTED},
};
use crate::tree::File;

/// The edition of the language that is read.
const EDITION: u32 = 1;

/// How many octets a file may have.
const MOST_OCTETS: usize = 1 << 20;

/// How many findings are kept for one file.
pub(super) const MOST_FINDINGS: usize = 200;

/// What may be read again, beyond the length of the file, to get past faults.
const ALLOWANCE: usize = 512 << 10;

/// Items that are none.
pub(super) static ITEM: Check = Check {
    code: "S04",
    severity: Severity::Error,
    title: "an item that the language does not know",
    page: "A file consists of `protocol`, `import`, `settings`, `wire`, `type`, `record`, `sql`, `offers`, `state`, `during`, \
           `anytime`, `routine`, `unexpected`, `limits`, `promise`, `reload` and `client`; where it takes another protocol over, of \
           `rename`, `remove`, `before` and `override`, too. Handlers stand inside a `state`, a `during` or \
           `anytime`.",
    accepted: "start state a { on \"NOOP\" -> 250 \"OK\" }",
    refused: "stade a { on \"NOOP\" -> 250 \"OK\" }",
};

/// The first line.
pub(super) static HEADER: Check = Check {
    code: "S09",
    severity: Severity::Error,
    title: "a first line that is missing or cannot be followed",
    page: "The first line says what the file is: `protocol NAME \"title\" version N`. The title may be left out, and \
           `edition N` may follow, the edition of the language that the file is written in: there is edition 1, and a \
           file that names none is written in it. There is one such line.",
    accepted: "start state a { on \"NOOP\" -> 250 \"OK\" }",
    refused: "protocol sample version 1\nprotocol sample version 2",
};

/// The tree of a file and what is wrong with its form, in the order of the file. The tree holds whatever could be
/// read: items, handlers, fields and lines that could not are left out, statements are
/// [`Broken`](crate::tree::StatementKind::Broken).
///
/// A file of more than 1 MiB is not read at all; of more than 200 findings the rest is left out.
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    read(file, text, true)
}

/// The tree of a file that another one imports: it has no first line of its own.
pub fn parse_part(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    read(file, text, false)
}

fn read(file: FileId, text: &str, whole: bool) -> (File, Vec<Diagnostic>) {
    let mut tree = File { header: None, items: Vec::new() };
    let mut findings = Vec::new();
    if text.len() > MOST_OCTETS {
        let span = Span { file, start: 0, end: 0 };
        findings.push(
            Diagnostic::new(&BOUND, span, format!("this file has {} octets", text.len()))
                .help(format!("a protocol file has at most {MOST_OCTETS}")),
        );
        return (tree, findings);
    }
    let mended = mend::mend(file, text, &mut findings);
    let mut reading =
        Reading { file, text, mended: &mended, allowance: text.len() + ALLOWANCE, tree: &mut tree, findings };
    for (index, piece) in mended.pieces.iter().enumerate() {
        if reading.findings.len() >= MOST_FINDINGS {
            break;
        }
        reading.piece(piece, index == 0);
    }
    if whole {
        reading.header();
    }
    let mut findings = reading.findings;
    for finding in &mut findings {
        let others = finding.others.iter_mut().map(|(span, _)| span);
        for span in std::iter::once(&mut finding.span).chain(others) {
            // What is mended may end within a character of the author; a place never does.
            span.start = text.floor_char_boundary(span.start as usize) as u32;
            span.end = text.ceil_char_boundary(span.end as usize) as u32;
        }
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
    findings.truncate(MOST_FINDINGS);
    (tree, findings)
}

struct Reading<'a> {
    file: FileId,
    text: &'a str,
    mended: &'a Mended,
    /// How many octets may still be read again.
    allowance: usize,
    tree: &'a mut File,
    findings: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn word(&self, piece: &Piece) -> &str {
        let token = &self.mended.tokens[piece.tokens.start];
        &self.mended.text[token.start as usize..token.end as usize]
    }

    fn piece(&mut self, piece: &Piece, first: bool) {
        if !piece.known {
            self.unknown(piece);
            return;
        }
        if let Some(token) = mend::too_deep(&self.mended.tokens[piece.tokens.clone()]) {
            let span = Span { file: self.file, start: token.start, end: token.end };
            self.findings.push(
                Diagnostic::new(&BOUND, span, format!("more than {MOST_NESTED} brackets stand around this"))
                    .help("give a part of it a name of its own"),
            );
            return;
        }
        if self.word(piece) == "protocol" && !first {
            self.second_header(piece);
            return;
        }
        let (file, mended) = (self.file, self.mended);
        let findings = RefCell::default();
        let reader =
            Reader { file, text: self.text, base: piece.start, limit: piece.end, tokens: &mended.tokens, findings };
        let read = Recovery { mended, piece, reader: &reader }.read(&mut self.allowance);
        self.findings.append(&mut reader.findings.borrow_mut());
        match read {
            Read::Piece(piece) => match *piece {
                item::Piece::Header(header) => {
                    self.edition(header.edition);
                    self.tree.header = Some(header);
                }
                item::Piece::Item(item) => self.tree.items.push(item),
            },
            Read::Nothing => {}
            Read::Over(at) => {
                let behind = mended.tokens.partition_point(|token| token.start < at);
                let (known, unknown) = (piece.tokens.start..behind, behind..piece.tokens.end);
                self.piece(&Piece { end: at, tokens: known, unclosed: Vec::new(), ..piece.clone() }, first);
                self.unknown(&Piece { start: at, tokens: unknown, known: false, ..piece.clone() });
            }
        }
    }

    /// Something that is no item.
    fn unknown(&mut self, piece: &Piece) {
        let token = self.mended.tokens[piece.tokens.start];
        let span = Span { file: self.file, start: token.start, end: token.end };
        if self.mended.is_damaged(token.start) {
            return;
        }
        let word = self.word(piece);
        let finding = match token.kind {
            Kind::Word if ["on", "override", "enter", "leave"].contains(&word) => {
                Diagnostic::new(&ITEM, span, format!("`{word}` stands outside of any state"))
                    .help("put it into a `state`, a `during` or `anytime`; a `}` before it may be one too many")
            }
            Kind::Word => {
                let finding = Diagnostic::new(&ITEM, span, format!("unknown item `{}`", shown(word)));
                let closest = cut::item_words().min_by_key(|known| distance(word, known)).unwrap_or_default();
                match nearest(word, cut::item_words()) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding.help(format!("the nearest known item is `{closest}`")),
                }
            }
            _ => Diagnostic::new(&ITEM, span, format!("`{}` begins no item", shown(word)))
                .help("an item begins with a word: `settings`, `state`, `during` …"),
        };
        self.findings.push(finding);
    }

    /// A file may be written for a language that is not this one.
    fn edition(&mut self, (edition, span): (u32, Span)) {
        if edition != EDITION {
            self.findings.push(
                Diagnostic::new(&HEADER, span, format!("edition {edition} of the language is not known here"))
                    .help(format!("this is edition {EDITION}; a newer program may read it")),
            );
        }
    }

    fn second_header(&mut self, piece: &Piece) {
        let token = self.mended.tokens[piece.tokens.start];
        let span = Span { file: self.file, start: token.start, end: token.end };
        let (message, help) = match &self.tree.header {
            Some(_) => ("a second `protocol` in one file", "a file holds one protocol"),
            None => ("`protocol` is not the first item", "put it at the head of the file"),
        };
        self.findings.push(Diagnostic::new(&HEADER, span, message).help(help));
    }

    /// A file without a first line, unless something at its head was meant to be one.
    fn header(&mut self) {
        let meant = |piece: &Piece| distance(self.word(piece), "protocol") <= 2;
        if self.tree.header.is_some() || self.mended.pieces.iter().any(meant) {
            return;
        }
        let first = self.mended.pieces.first().map(|piece| self.mended.tokens[piece.tokens.start]);
        let (start, end) = first.map_or((0, 0), |token| (token.start, token.end));
        self.findings.push(
            Diagnostic::new(&HEADER, Span { file: self.file, start, end }, "the file does not begin with `protocol`")
                .help("begin it with `protocol NAME \"title\" version 1`"),
        );
    }
}
