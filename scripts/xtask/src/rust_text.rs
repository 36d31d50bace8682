//! Rust source cut into code, comments and string literals, and into product and test lines.
//!
//! A scanner, not a parser: it knows where literals and comments end, and which item an attribute belongs to.
//!
//! Never: resolves a name or a macro.

/// What an octet of the source belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Code.
    Code,
    /// A comment, its marks included.
    Comment,
    /// A string or character literal, its quotes included.
    Literal,
}

/// One source text with the kind of each octet.
pub(crate) struct RustText<'a> {
    text: &'a str,
    kinds: Vec<Kind>,
}

/// A run of octets of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: &'a str,
    /// Its first octet.
    pub(crate) start: usize,
}

impl<'a> RustText<'a> {
    /// Scans a source text.
    pub(crate) fn new(text: &'a str) -> RustText<'a> {
        RustText { text, kinds: scan(text.as_bytes()) }
    }

    /// The runs, in order; they cover the text.
    pub(crate) fn runs(&self) -> Vec<Run<'a>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for end in 1..=self.kinds.len() {
            if end == self.kinds.len() || self.kinds[end] != self.kinds[start] {
                runs.push(Run { kind: self.kinds[start], text: &self.text[start..end], start });
                start = end;
            }
        }
        runs
    }

    /// The number of the line that holds an octet, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at].iter().filter(|octet| **octet == b'\n').count() + 1
    }

    /// The text with comments and literals blanked; line ends stay.
    pub(crate) fn code(&self) -> String {
        let blanked = self.text.bytes().zip(&self.kinds).map(|(octet, kind)| match kind {
            Kind::Code => octet,
            _ if octet == b'\n' => b'\n',
            _ => b' ',
        });
        String::from_utf8_lossy(&blanked.collect::<Vec<u8>>()).into_owned()
    }

    /// The octets of items that only tests see: each `(start, end)`, end excluded.
    pub(crate) fn test_items(&self) -> Vec<(usize, usize)> {
        let code = self.code();
        let mut items: Vec<(usize, usize)> = Vec::new();
        for (start, _) in code.match_indices("#[") {
            let attribute: String =
                code[start..].chars().take_while(|c| *c != ']').filter(|c| !c.is_whitespace()).collect();
            let is_test = attribute.starts_with("#[cfg(test")
                || attribute.starts_with("#[cfg(all(test")
                || attribute == "#[test"
                || attribute.ends_with("::test");
            if is_test && items.last().is_none_or(|(_, end)| *end <= start) {
                items.push((start, item_end(code.as_bytes(), start)));
            }
        }
        items
    }
}

/// Behind the item that an attribute stands on: behind its body, or behind its semicolon.
fn item_end(code: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut i = start;
    while i < code.len() {
        match code[i] {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return i + 1,
            b'{' if depth == 0 => return block_end(code, i),
            _ => {}
        }
        i += 1;
    }
    code.len()
}

fn block_end(code: &[u8], open: usize) -> usize {
    let mut depth = 0usize;
    for (i, octet) in code.iter().enumerate().skip(open) {
        match octet {
            b'{' => depth += 1,
            b'}' if depth == 1 => return i + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

fn scan(text: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; text.len()];
    let mut i = 0;
    while i < text.len() {
        let (kind, end) = token(text, i);
        kinds[i..end].fill(kind);
        i = end;
    }
    kinds
}

/// The kind of what begins here, and where it ends.
fn token(text: &[u8], i: usize) -> (Kind, usize) {
    let rest = &text[i..];
    let word_before = i > 0 && (text[i - 1].is_ascii_alphanumeric() || text[i - 1] == b'_');
    if rest.starts_with(b"//") {
        let length = rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
        (Kind::Comment, i + length)
    } else if rest.starts_with(b"/*") {
        (Kind::Comment, comment_end(text, i))
    } else if rest[0] == b'"' {
        (Kind::Literal, string_end(text, i))
    } else if let Some(end) = (!word_before).then(|| raw_string_end(text, i)).flatten() {
        (Kind::Literal, end)
    } else if rest[0] == b'\'' {
        character_end(text, i).map_or((Kind::Code, i + 1), |end| (Kind::Literal, end))
    } else {
        (Kind::Code, i + 1)
    }
}

fn comment_end(text: &[u8], start: usize) -> usize {
    let (mut depth, mut i) = (0usize, start);
    while i < text.len() {
        if text[i..].starts_with(b"/*") {
            depth += 1;
            i += 2;
        } else if text[i..].starts_with(b"*/") {
            depth -= 1;
            i += 2;
            if depth == 0 {
                return i;
            }
        } else {
            i += 1;
        }
    }
    text.len()
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut i = start + 1;
    while i < text.len() {
        match text[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, `br"…"`, `cr#"…"#`; nothing when no raw string begins here.
fn raw_string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut i = start;
    if matches!(text.get(i), Some(b'b' | b'c')) {
        i += 1;
    }
    if text.get(i) != Some(&b'r') {
        return None;
    }
    let marks = text[i + 1..].iter().take_while(|octet| **octet == b'#').count();
    if text.get(i + 1 + marks) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', marks)).collect();
    let body = i + 2 + marks;
    let length = text[body..].windows(close.len()).position(|window| window == close);
    Some(length.map_or(text.len(), |length| body + length + close.len()))
}

/// A character literal; nothing for a lifetime.
fn character_end(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start + 1) == Some(&b'\\') {
        let close = text[start + 3..].iter().take(12).position(|octet| *octet == b'\'')?;
        return Some(start + 3 + close + 1);
    }
    // One character is at most four octets; a lifetime has no quote behind it.
    let first = std::str::from_utf8(&text[start + 1..text.len().min(start + 5)]);
    let length = match first {
        Ok(found) => found.chars().next()?.len_utf8(),
        Err(error) if error.valid_up_to() > 0 => 1.max(text[start + 1].leading_ones() as usize),
        Err(_) => text[start + 1].leading_ones() as usize,
    };
    (text.get(start + 1 + length) == Some(&b'\'')).then_some(start + 2 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, text: &str) -> Vec<String> {
        let scanned = RustText::new(text);
        scanned.runs().into_iter().filter(|run| run.kind == kind).map(|run| run.text.to_string()).collect()
    }

    #[test]
    fn comments_nest_and_end_with_their_line() {
        assert_eq!(of(Kind::Comment, "a // b\nc /* d /* e */ f */ g"), ["// b", "/* d /* e */ f */"]);
    }

    #[test]
    fn strings_of_every_kind_are_literals() {
        let text = r##"a "x\"// y" b r#"q "w" e"# c br"z" 'd' '\'' '\u{41}' b"k""##;
        assert_eq!(
            of(Kind::Literal, text),
            [r#""x\"// y""#, r##"r#"q "w" e"#"##, r#"br"z""#, "'d'", r"'\''", r"'\u{41}'", r#""k""#]
        );
    }

    #[test]
    fn a_lifetime_is_code() {
        assert!(of(Kind::Literal, "fn f<'a>(x: &'a str) -> &'static str { x }").is_empty());
    }

    #[test]
    fn a_test_item_ends_with_its_block_or_its_semicolon() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { \"}\"; } }\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}";
        let items: Vec<&str> =
            RustText::new(text).test_items().into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(items, ["#[cfg(test)]\nmod tests { fn b() { \"}\"; } }", "#[cfg(test)]\nuse x;"]);
    }
}
