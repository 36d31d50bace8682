//! The parts of a line: literal text, wildcards, captures, computed octets.
//!
//! Never: matches.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use diagnostic::{Diagnostic, Rule, Severity, Span};

use crate::{
    parse::token::quoted,
    pattern::{Kind, Part, Pattern},
    script::Said,
};

/// A `<…>` that is not written well.
pub(crate) static PART: Rule = Rule {
    code: "C11",
    severity: Severity::Error,
    title: "a `<…>` part is malformed",
    page: "In a line, `<*>` is anything, `<?name: word>` binds (also `number` and `text`), `<?name>` is what was bound, and \
           `<=base64 \"…\">` is computed. A literal `<*`, `<?` or `<=` is written `<<*`, `<<?`, `<<=`. A client's line holds no \
           wildcard, and two wildcards that take anything need something between them.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*> <?id: word>\n",
    refused: "transcript \"a\" for smtp\nS: 220 <?id: wrd>\n",
};

/// A name that nothing binds.
pub(crate) static UNBOUND: Rule = Rule {
    code: "C05",
    severity: Severity::Error,
    title: "a name is used that no earlier line binds",
    page: "`<?id>` stands for what an earlier `S:` line bound with `<?id: word>`. A name may be used from the next line on.",
    accepted: "transcript \"a\" for smtp\nS: 220 <?host: word> <*>\nS: 250 <?host>\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\nC: HELO <?host>\n",
};

/// Reads the parts of an expected line and adds the names that it binds.
pub(crate) fn pattern(text: &str, place: Span, bound: &mut Vec<String>, found: &mut Vec<Diagnostic>) -> Pattern {
    let mut pattern = Pattern { parts: parts(text, place, bound, found) };
    for pair in pattern.parts.windows(2) {
        if let [Part::Any | Part::Bind(_, Kind::Text), Part::Any | Part::Bind(_, Kind::Text)] = pair {
            found.push(
                Diagnostic::new(&PART, place, "two wildcards touch, so nothing says where the first ends")
                    .help("put text between them, or keep one"),
            );
            break;
        }
    }
    for part in &pattern.parts {
        if let Part::Bind(name, _) = part
            && !bound.contains(name)
        {
            bound.push(name.clone());
        }
    }
    pattern.parts.retain(|part| *part != Part::Literal(Vec::new()));
    pattern
}

/// Reads the parts of what a client says.
pub(crate) fn said(text: &str, place: Span, bound: &[String], found: &mut Vec<Diagnostic>) -> Vec<Said> {
    let said = |part: Part| match part {
        Part::Literal(octets) | Part::Computed { octets, .. } => Ok(Said::Octets(octets)),
        Part::Bound(name) => Ok(Said::Bound(name)),
        Part::Any | Part::Bind(..) => Err(part.written()),
    };
    let mut all = Vec::new();
    for part in parts(text, place, bound, found) {
        match said(part) {
            Ok(part) => all.push(part),
            Err(written) => found.push(
                Diagnostic::new(&PART, place, format!("a client cannot say `{written}`"))
                    .help("write what it says; wildcards and captures are for `S:` lines"),
            ),
        }
    }
    all
}

/// Checks that a name is bound.
pub(crate) fn bound(name: &str, span: Span, bound: &[String], found: &mut Vec<Diagnostic>) {
    if !bound.iter().any(|known| known == name) {
        found.push(
            Diagnostic::new(&UNBOUND, span, format!("`<?{name}>` is bound by no earlier line"))
                .help(format!("bind it in an `S:` line with `<?{name}: word>`")),
        );
    }
}

fn parts(text: &str, place: Span, names: &[String], found: &mut Vec<Diagnostic>) -> Vec<Part> {
    let span =
        |from: usize, to: usize| Span { start: place.start + from as u32, end: place.start + to as u32, ..place };
    let mut parts = Vec::new();
    let mut literal = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("<<*") || rest.starts_with("<<?") || rest.starts_with("<<=") {
            literal.extend_from_slice(&rest.as_bytes()[1..3]);
            at += 3;
            continue;
        }
        if letter.is_control() && letter != '\t' {
            found.push(
                Diagnostic::new(&PART, span(at, at + letter.len_utf8()), "a control character cannot stand in a line")
                    .help("send such octets with `C| \"…\"`; no server line holds one"),
            );
        }
        let special = rest.starts_with("<*") || rest.starts_with("<?") || rest.starts_with("<=");
        if !special {
            literal.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            at += letter.len_utf8();
            continue;
        }
        let (part, length) = special_part(rest, span(at, text.len()), names, found);
        if let Some(part) = part {
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
        }
        at += length;
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    parts
}

/// Reads one `<…>` at the start of `text`, and how much of it that is.
fn special_part(text: &str, place: Span, names: &[String], found: &mut Vec<Diagnostic>) -> (Option<Part>, usize) {
    if text.starts_with("<*>") {
        return (Some(Part::Any), 3);
    }
    if let Some(rest) = text.strip_prefix("<=base64 ")
        && rest.starts_with('"')
    {
        let inner = Span { start: place.start + 9, ..place };
        let (octets, length) = quoted(rest, inner, found);
        if rest[length..].starts_with('>') {
            let source = text[..9 + length + 1].to_owned();
            return (Some(Part::Computed { octets: STANDARD.encode(octets).into_bytes(), source }), 10 + length);
        }
    }
    let end = text.find('>').map_or(text.len(), |end| end + 1);
    let place = Span { end: place.start + end as u32, ..place };
    let malformed = |found: &mut Vec<Diagnostic>, message: String, help: &str| {
        found.push(Diagnostic::new(&PART, place, message).help(help));
        (None, end)
    };
    let Some(inside) = text[..end].strip_prefix("<?").and_then(|text| text.strip_suffix('>')) else {
        let help = "the parts are `<*>`, `<?name: word>`, `<?name>` and `<=base64 \"…\">`; a literal `<*` is `<<*`";
        return malformed(found, format!("`{}` is no part of a line", &text[..end]), help);
    };
    let (name, kind) = inside.split_once(':').map_or((inside, None), |(name, kind)| (name, Some(kind.trim())));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return malformed(found, format!("`{name}` is no name"), "a name is letters, digits, `_` and `-`");
    }
    match kind {
        None => {
            bound(name, place, names, found);
            (Some(Part::Bound(name.into())), end)
        }
        Some(kind) => match Kind::NAMES.iter().find(|(word, _)| *word == kind) {
            Some((_, kind)) => (Some(Part::Bind(name.into(), *kind)), end),
            None => malformed(found, format!("`{kind}` cannot be bound"), "write `word`, `number` or `text`"),
        },
    }
}
