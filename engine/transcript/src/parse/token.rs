//! The tokens of `given` and `then`, and the octets between quotes.
//!
//! Never: knows a fact.

use diagnostic::{Diagnostic, Rule, Severity, Span};

/// Octets that are not written well.
pub(crate) static OCTETS: Rule = Rule {
    code: "C06",
    severity: Severity::Error,
    title: "octets are not quoted well",
    page: "Octets stand between double quotes. The escapes are `\\r`, `\\n`, `\\t`, `\\0`, `\\xHH`, `\\\\` and `\\\"`; every \
           other character stands for its UTF-8 octets. `* N` behind a quoted piece repeats it, up to 64 MiB in all.",
    accepted: "transcript \"a\" for smtp\nC| \"NOOP\\r\\n\"\n",
    refused: "transcript \"a\" for smtp\nC| \"NOOP\\q\"\n",
};

/// The most octets that one run of pieces may make.
const MOST: usize = 64 << 20;

/// What stands in a line of `given` or `then`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of characters without blanks, quotes and brackets.
    Word(String),
    /// What stood between quotes, escapes undone.
    Quoted(Vec<u8>),
    /// One of `{ } [ ] ( ) ,`.
    Bracket(char),
}

/// A token and its place.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Cuts a line, which begins where `start` does, into tokens, to its end or to a remark.
pub(crate) fn tokens(line: &str, start: Span, found: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = line[at..].chars().next() {
        let place =
            |from: usize, to: usize| Span { start: start.start + from as u32, end: start.start + to as u32, ..start };
        match first {
            '#' => break,
            '"' => {
                let (octets, length) = quoted(&line[at..], place(at, at), found);
                tokens.push(Token { kind: Kind::Quoted(octets), span: place(at, at + length) });
                at += length;
            }
            '{' | '}' | '[' | ']' | '(' | ')' | ',' => {
                tokens.push(Token { kind: Kind::Bracket(first), span: place(at, at + 1) });
                at += 1;
            }
            _ if first.is_whitespace() => at += first.len_utf8(),
            _ => {
                let stop = |c: char| c.is_whitespace() || "\"{}[](),".contains(c);
                let length = line[at..].find(stop).unwrap_or(line.len() - at);
                tokens.push(Token { kind: Kind::Word(line[at..at + length].into()), span: place(at, at + length) });
                at += length;
            }
        }
    }
    tokens
}

/// Reads a quoted run at the start of `text`: its octets, and how much of the text it is. A fault is reported, and the
/// rest still read. `place` is where the text begins.
pub(crate) fn quoted(text: &str, place: Span, found: &mut Vec<Diagnostic>) -> (Vec<u8>, usize) {
    let at = |from: usize, to: usize| Span { start: place.start + from as u32, end: place.start + to as u32, ..place };
    let mut octets = Vec::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return (octets, index + 1),
            '\\' => {
                let Some((_, escape)) = letters.next() else { break };
                let octet = match escape {
                    'r' => Some(b'\r'),
                    'n' => Some(b'\n'),
                    't' => Some(b'\t'),
                    '0' => Some(0),
                    '\\' => Some(b'\\'),
                    '"' => Some(b'"'),
                    'x' => {
                        let octet = hex(text.get(index + 2..index + 4));
                        if octet.is_some() {
                            letters.nth(1);
                        }
                        octet
                    }
                    _ => None,
                };
                if let Some(octet) = octet {
                    octets.push(octet);
                } else {
                    let end = index + 1 + escape.len_utf8();
                    found.push(
                        Diagnostic::new(&OCTETS, at(index, end), format!("`\\{escape}` is no escape"))
                            .help(r#"the escapes are \r \n \t \0 \xHH \\ and \""#),
                    );
                }
            }
            _ => octets.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    found.push(Diagnostic::new(&OCTETS, at(0, text.len()), "the quote is not closed").help("end it with `\"`"));
    (octets, text.len())
}

fn hex(digits: Option<&str>) -> Option<u8> {
    digits
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
}

/// Joins a run of quoted pieces, each perhaps repeated by `* N`; takes all tokens.
pub(crate) fn pieces(tokens: &[Token], place: Span, found: &mut Vec<Diagnostic>) -> Vec<u8> {
    let mut octets: Vec<u8> = Vec::new();
    let mut rest = tokens.iter().peekable();
    if tokens.is_empty() {
        found.push(Diagnostic::new(&OCTETS, place, "no octets stand here").help("write them as `\"text\\r\\n\"`"));
    }
    while let Some(token) = rest.next() {
        let Kind::Quoted(piece) = &token.kind else {
            found.push(
                Diagnostic::new(&OCTETS, token.span, "this is not between quotes")
                    .help("write pieces as `\"text\"` or `\"text\" * 3`"),
            );
            return octets;
        };
        let mut times = 1;
        if rest.next_if(|next| next.kind == Kind::Word("*".into())).is_some() {
            let number = rest.next().map(|next| (&next.kind, next.span));
            match number {
                Some((Kind::Word(digits), _)) if digits.parse::<usize>().is_ok() => {
                    times = digits.parse().unwrap_or(1);
                }
                other => {
                    let span = other.map_or(token.span, |(_, span)| span);
                    found.push(Diagnostic::new(&OCTETS, span, "`*` wants a number").help("write `\"x\" * 2000`"));
                    return octets;
                }
            }
        }
        if piece.len().saturating_mul(times).saturating_add(octets.len()) > MOST {
            found.push(Diagnostic::new(&OCTETS, token.span, "these are more than 64 MiB").help("repeat it less often"));
            return octets;
        }
        (0..times).for_each(|_| octets.extend_from_slice(piece));
    }
    octets
}
