//! Faults that are seen before the grammar reads anything: characters without a place, texts and braces without an
//! end. Each is told, and then mended in a copy of the text, so that the rest can still be read.
//!
//! Never: moves an octet. What is put in takes the place of what was there, so that every place stays true.

use diagnostic::{Diagnostic, FileId, Rule as Check, Severity, Span};

use super::{
    cut::{self, Piece},
    read::MOST_FINDINGS,
    scan::{self, Kind, MOST_NESTED, Token},
};

/// A text that does not end.
pub(super) static UNTERMINATED: Check = Check {
    code: "S02",
    severity: Severity::Error,
    title: "a text without its closing quote",
    page: "A text begins and ends with a quote on the same line. A quote inside it is written `\\\"`. Several lines are \
           several texts.",
    accepted: "start state a { on \"NOOP\" -> 250 \"all is well\" }",
    refused: "start state a { on \"NOOP\" -> 250 \"all is well }",
};

/// Braces that do not pair.
pub(super) static BRACES: Check = Check {
    code: "S03",
    severity: Severity::Error,
    title: "a brace without its partner",
    page: "Every `{` is closed by a `}`. The place that is shown is the brace that has no partner; indentation helps to \
           find it, and means nothing else.",
    accepted: "start state a {\n    on \"NOOP\" { reply 250 \"OK\"  stay }\n}",
    refused: "start state a {\n    on \"NOOP\" { reply 250 \"OK\"  stay\n}",
};

/// Characters that have no place.
pub(super) static CHARACTER: Check = Check {
    code: "S08",
    severity: Severity::Error,
    title: "a character that has no place in a protocol file",
    page: "A protocol file is text in UTF-8. Of the control characters only tab, line feed and carriage return may \
           stand in it; others are written as escapes in a text, `\\0` for instance. Outside of texts and comments the \
           language uses ASCII alone: quotes are straight.",
    accepted: "start state a { on \"NOOP\" -> 250 \"OK\" }",
    refused: "start state a { on \u{201c}NOOP\u{201d} -> 250 \"OK\" }",
};

/// A text in which every brace has its partner and every text its end.
pub(super) struct Mended {
    /// As long as the original.
    pub(super) text: String,
    /// Its words and marks.
    pub(super) tokens: Vec<Token>,
    /// Its items.
    pub(super) pieces: Vec<Piece>,
    damaged: Vec<(u32, u32)>,
}

impl Mended {
    /// Whether a text on the line of this octet has no end: what stands there is not worth a second finding.
    pub(super) fn is_damaged(&self, at: u32) -> bool {
        holds(&self.damaged, at)
    }
}

/// Whether one of these runs holds an octet or ends at it; they are in order.
fn holds(runs: &[(u32, u32)], at: u32) -> bool {
    let next = runs.partition_point(|(start, _)| *start <= at);
    next.checked_sub(1).is_some_and(|before| at <= runs[before].1)
}

/// Finds and mends what is wrong with the characters, texts and braces of a file.
pub(super) fn mend(file: FileId, text: &str, findings: &mut Vec<Diagnostic>) -> Mended {
    let tokens = scan::scan(text);
    let mut mender = Mender { file, text, bytes: text.as_bytes().to_vec(), findings };
    let mut damaged = Vec::new();
    for token in &tokens {
        match token.kind {
            Kind::Strange => mender.strange(token),
            Kind::Unterminated => damaged.push(mender.unterminated(token)),
            _ => {}
        }
    }
    damaged.extend(mender.quotes(&tokens));
    damaged.sort_unstable();
    for piece in cut::cut(text, &tokens) {
        let inside = piece.tokens.clone();
        // A text that ran to the end of its line has swallowed braces, so that nothing can be said about them.
        let silent = tokens[inside].iter().any(|token| holds(&damaged, token.start));
        mender.braces(&tokens, &piece, silent);
    }
    let text = String::from_utf8(mender.bytes).unwrap_or_default();
    let tokens = scan::scan(&text);
    let pieces = cut::cut(&text, &tokens);
    Mended { text, tokens, pieces, damaged }
}

/// Whether brackets are nested too deeply to be read, and where.
pub(super) fn too_deep(tokens: &[Token]) -> Option<&Token> {
    tokens.iter().find(|token| token.nested as usize > MOST_NESTED)
}

struct Mender<'a> {
    file: FileId,
    text: &'a str,
    bytes: Vec<u8>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Mender<'_> {
    fn blank(&mut self, start: u32, end: u32) {
        self.bytes[start as usize..end as usize].fill(b' ');
    }

    /// Keeps a finding, unless there are many already: a text may be nothing but faults.
    fn find(&mut self, finding: Diagnostic) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn span(&self, token: &Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// Control characters, one finding for each run of them.
    fn strange(&mut self, token: &Token) {
        self.blank(token.start, token.end);
        let span = self.span(token);
        let code = self.text[token.start as usize..].chars().next().map_or(0, u32::from);
        if let Some(last) = self.findings.last_mut()
            && std::ptr::eq(last.rule, &raw const CHARACTER)
            && last.span.end == token.start
        {
            last.span.end = token.end;
            return;
        }
        let what = if code == 0xFEFF { "a byte order mark" } else { "a control character" };
        self.find(
            Diagnostic::new(&CHARACTER, span, format!("{what}, U+{code:04X}, has no place here"))
                .help("delete it; in a text, write it as an escape"),
        );
    }

    /// Quotes that are not straight, one finding for each line.
    fn quotes(&mut self, tokens: &[Token]) -> Vec<(u32, u32)> {
        let mut lines: Vec<(u32, u32)> = Vec::new();
        for token in tokens.iter().filter(|token| token.kind == Kind::Quote) {
            if lines.last().is_some_and(|(_, end)| token.start < *end) {
                continue;
            }
            lines.push(self.line(token));
            let found = &self.text[token.start as usize..token.end as usize];
            let finding = Diagnostic::new(&CHARACTER, self.span(token), format!("`{found}` is not a straight quote"))
                .help("texts stand in straight quotes: `\"`");
            self.find(finding);
        }
        lines
    }

    /// A text without an end becomes an empty one. Gives its line.
    fn unterminated(&mut self, token: &Token) -> (u32, u32) {
        self.blank(token.start, token.end);
        // The empty text reaches over the whole of the first character, so that its end is a place in the original.
        if let Some(first) = self.text[token.start as usize + 1..token.end as usize].chars().next() {
            self.bytes[token.start as usize] = b'"';
            self.bytes[token.start as usize + first.len_utf8()] = b'"';
        }
        let span = Span { end: token.start + 1, ..self.span(token) };
        self.find(
            Diagnostic::new(&UNTERMINATED, span, "a text without its closing quote")
                .label("it begins here and does not end on this line")
                .help("close it with `\"`; a quote inside a text is written `\\\"`"),
        );
        self.line(token)
    }

    /// The line of a token.
    fn line(&self, token: &Token) -> (u32, u32) {
        let start = self.text[..token.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[token.end as usize..].find('\n').map_or(self.text.len(), |at| token.end as usize + at);
        (start as u32, end as u32)
    }

    /// Braces without a partner. A missing one is put where the indentation says that it belongs; those that belong at
    /// the very end of an item are supplied when it is read.
    fn braces(&mut self, tokens: &[Token], piece: &Piece, silent: bool) {
        for index in &piece.stray {
            let token = &tokens[*index];
            self.blank(token.start, token.end);
            if !silent && piece.known {
                let finding = Diagnostic::new(&BRACES, self.span(token), "this `}` closes nothing")
                    .help("delete it, or add the `{` that it belongs to");
                self.find(finding);
            }
        }
        let mut missing = piece.unclosed.len();
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut indent = 0;
        for index in piece.tokens.clone() {
            let token = &tokens[index];
            if let Some(own) = token.indent {
                indent = own;
                // What closes a brace may stand as far out as what opened it, anything else only further in.
                let closes = token.kind == Kind::Close;
                let mut room = own;
                while missing > 0
                    && let Some((opener, _)) =
                        open.pop_if(|(_, outer)| if closes { own < *outer } else { own <= *outer })
                {
                    missing -= 1;
                    self.unclosed(&tokens[opener], Some(token), silent);
                    // Only the blanks before the first word of a line are surely not part of a comment.
                    if room > 0 {
                        self.bytes[(token.start - own + room - 1) as usize] = b'}';
                        room -= 1;
                    }
                }
            }
            match token.kind {
                Kind::Open => open.push((index, indent)),
                Kind::Close => drop(open.pop()),
                _ => {}
            }
        }
        for (opener, _) in open.iter().rev().take(missing) {
            self.unclosed(&tokens[*opener], None, silent);
        }
    }

    fn unclosed(&mut self, opener: &Token, next: Option<&Token>, silent: bool) {
        if silent {
            return;
        }
        let mut finding = Diagnostic::new(&BRACES, self.span(opener), "this `{` is never closed")
            .help("add the `}` that belongs to it");
        if let Some(next) = next {
            finding = finding.other(self.span(next), "this is indented as if it were closed before");
        }
        self.find(finding);
    }
}
