//! The words and marks of a text, in one pass: enough to see where items, braces and texts end, before the grammar
//! reads anything.
//!
//! Never: recurses, and never takes more than a fixed amount per octet.

/// How deep braces, brackets and parentheses may stand in one another.
pub(super) const MOST_NESTED: usize = 64;

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, digits and `_`, beginning with a letter or `_`.
    Word,
    /// Digits, and what runs on from them.
    Number,
    /// A text in quotes, with its quotes.
    Text,
    /// A quote whose text has no end on its line; up to the line's end.
    Unterminated,
    /// `{`
    Open,
    /// `}`
    Close,
    /// Any other character.
    Mark,
    /// A quote that is not straight.
    Quote,
    /// A character that has no place in a file.
    Strange,
}

/// A word or mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its first octet.
    pub(super) start: u32,
    /// Behind its last octet.
    pub(super) end: u32,
    /// How many brackets of any kind stand around it; a bracket counts itself, a text what it holds.
    pub(super) nested: u32,
    /// How many of them are braces.
    pub(super) braces: u32,
    /// Whether nothing stands before it on its line, and how far it is indented.
    pub(super) indent: Option<u32>,
}

/// All words and marks of a text; comments and blanks are passed over.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        open: Vec::new(),
        braces: 0,
        exact: false,
        line_end: 0,
        plain_until: 0,
        tokens: Vec::new(),
    };
    scanner.run();
    scanner.tokens
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The brackets that stand around.
    open: Vec<u8>,
    /// How many of them are braces.
    braces: u32,
    /// Within a lexical type: there a backslash or brace in a text is that character alone.
    exact: bool,
    /// The end of the line that was looked at last: no line is measured twice.
    line_end: usize,
    /// Up to here values in texts are not looked for: on this line that reading has failed.
    plain_until: usize,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut line_start = Some(0);
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    line_start = Some(self.at);
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.at = self.line_end();
                    continue;
                }
                _ => {}
            }
            let indent = line_start.take().map(|start| (self.at - start) as u32);
            self.token(byte, indent);
        }
    }

    fn token(&mut self, byte: u8, indent: Option<u32>) {
        let start = self.at;
        let mut nested = self.open.len() as u32;
        let mut braces = self.braces;
        let kind = match byte {
            b'"' => {
                let (kind, end, reached) = self.string(start);
                self.at = end;
                nested += reached;
                kind
            }
            b'{' | b'(' | b'[' => {
                self.at += 1;
                self.open.push(byte);
                nested += 1;
                self.braces += u32::from(byte == b'{');
                braces = self.braces;
                if byte == b'{' { Kind::Open } else { Kind::Mark }
            }
            b'}' | b')' | b']' => {
                self.at += 1;
                nested = self.close(byte).unwrap_or(nested);
                if byte == b'}' { Kind::Close } else { Kind::Mark }
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' => {
                let rest = &self.bytes[start..];
                self.at += rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                if byte.is_ascii_digit() { Kind::Number } else { Kind::Word }
            }
            _ => {
                let character = self.text[start..].chars().next().unwrap_or(' ');
                self.at += character.len_utf8();
                match character {
                    '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' => Kind::Quote,
                    '\u{feff}' => Kind::Strange,
                    _ if character.is_control() => Kind::Strange,
                    _ => Kind::Mark,
                }
            }
        };
        if kind == Kind::Word && indent.is_some() {
            self.exact = &self.text[start..self.at] == "type";
        }
        self.tokens.push(Token { kind, start: start as u32, end: self.at as u32, nested, braces, indent });
    }

    /// Closes a bracket: a brace closes what was left open in it, the others only their like. Gives how deep the
    /// bracket stood, itself included.
    fn close(&mut self, byte: u8) -> Option<u32> {
        let opener = match byte {
            b'}' => b'{',
            b')' => b'(',
            _ => b'[',
        };
        let found = self.open.iter().rposition(|open| *open == opener || *open == b'{')?;
        if self.open[found] == opener {
            self.open.truncate(found);
            self.braces -= u32::from(byte == b'}');
        }
        Some(found as u32 + 1)
    }

    fn line_end(&mut self) -> usize {
        if self.line_end <= self.at {
            let rest = self.bytes[self.at..].iter();
            self.line_end = rest.take_while(|byte| **byte != b'\n').count() + self.at;
        }
        self.line_end
    }

    /// Where the text that begins at a quote ends, and how deep it nests. With `{values}` in it, which may hold texts
    /// of their own; if that reading finds no end, the first quote ends it.
    fn string(&mut self, start: usize) -> (Kind, usize, u32) {
        let line_end = self.line_end();
        let line = &self.bytes[start..line_end];
        if self.exact {
            return match line[1..].iter().position(|b| *b == b'"') {
                Some(found) => (Kind::Text, start + found + 2, 0),
                None => (Kind::Unterminated, start + line.len(), 0),
            };
        }
        let (length, reached) = if start < self.plain_until { (None, 0) } else { with_values(line) };
        if length.is_none() {
            self.plain_until = line_end;
        }
        match length.or_else(|| without_values(line)) {
            Some(length) => (Kind::Text, start + length, reached),
            None => (Kind::Unterminated, start + line.len(), reached),
        }
    }
}

/// The length of the text at the head of a line, values read as values, and how deep it nests.
fn with_values(line: &[u8]) -> (Option<usize>, u32) {
    // Behind an opening brace stands code, in which a quote begins a text.
    let mut open: Vec<u8> = vec![b'"'];
    let mut deepest = 0;
    let mut at = 1;
    while let Some(&byte) = line.get(at) {
        at += 1;
        let in_text = open.last() == Some(&b'"') || open.last() == Some(&b'[');
        match byte {
            b'\\' if in_text => at += 1,
            b'{' if in_text && line.get(at) == Some(&b'{') => at += 1,
            b'"' if in_text => {
                while open.pop().is_some_and(|opener| opener == b'[') {}
                if open.is_empty() {
                    return (Some(at), deepest);
                }
            }
            b'"' | b'{' => open.push(byte),
            b'[' if in_text => open.push(b'['),
            b'(' | b'[' => open.push(b'('),
            b']' if open.last() == Some(&b'[') => drop(open.pop()),
            b')' | b']' if open.last() == Some(&b'(') => drop(open.pop()),
            b'}' if !in_text => while open.pop().is_some_and(|opener| opener == b'(') {},
            _ => {}
        }
        deepest = deepest.max(open.len() as u32);
    }
    (None, deepest)
}

/// The length of the text at the head of a line up to the first quote that is not escaped.
fn without_values(line: &[u8]) -> Option<usize> {
    let mut at = 1;
    while let Some(&byte) = line.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}
