//! The parts of a protocol file, by words and brackets alone: items, statements, conditions.
//!
//! A new statement of the language needs nothing here.
//!
//! Never: knows what a part means.

/// Words that begin an item, a statement or a line of a table.
const BEGIN: [&str; 62] = [
    "protocol",
    "wire",
    "settings",
    "type",
    "record",
    "sql",
    "state",
    "start",
    "during",
    "anytime",
    "routine",
    "unexpected",
    "limits",
    "promise",
    "reload",
    "on",
    "override",
    "enter",
    "leave",
    "let",
    "require",
    "if",
    "ask",
    "say",
    "reply",
    "silent",
    "receive",
    "add",
    "remove",
    "find",
    "count",
    "log",
    "pause",
    "for",
    "prepend",
    "goto",
    "stay",
    "close",
    "run",
    "else",
    "when",
    "alone",
    "quiet",
    "with",
    "without",
    "and",
    "or",
    "exact",
    "pipeline",
    "patience",
    "listing",
    "cancel",
    "literals",
    "client",
    "offers",
    "move",
    "finish",
    "heavy",
    "light",
    "cancelled",
    "jumped",
    "within",
];

/// What may be left out: from a word that begins something to the next one beside it; the longest first.
pub fn parts(text: &str) -> Vec<(usize, usize)> {
    let words = words(text);
    let mut parts = Vec::new();
    for (place, (start, word, depth)) in words.iter().enumerate() {
        let begins = BEGIN.contains(word) || words.get(place + 1).is_some_and(|next| next.1 == ":");
        if *word == "{" {
            // A block without its braces is tried by leaving out what is before it and the braces: seldom worth it.
            continue;
        }
        if !begins && *word != "[" && !word.starts_with('"') {
            continue;
        }
        // Up to the next beginning beside it, and up to the end of what holds it.
        let mut ends = 0;
        for (end, other, other_depth) in &words[place + 1..] {
            if other_depth < depth || (other_depth == depth && (*other == "}" || *other == ")" || *other == "]")) {
                parts.push((*start, *end));
                break;
            }
            if other_depth == depth && (BEGIN.contains(other) || *other == ",") {
                parts.push((*start, *end));
                ends += 1;
                if ends > 3 {
                    break;
                }
            }
        }
        if word.starts_with('"') {
            parts.push((*start, start + word.len()));
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.1 - part.0));
    parts.dedup();
    parts
}

/// The words of a text, each with its place and how many brackets are open around it.
fn words(text: &str) -> Vec<(usize, &str, usize)> {
    let (mut words, mut depth, mut at) = (Vec::new(), 0_usize, 0);
    let octets = text.as_bytes();
    while at < octets.len() {
        let start = at;
        match octets[at] {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'"' => {
                at += 1;
                while at < octets.len() && octets[at] != b'"' {
                    at += if octets[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(octets.len());
            }
            letter if letter.is_ascii_alphanumeric() || letter == b'_' => {
                while at < octets.len()
                    && (octets[at].is_ascii_alphanumeric() || matches!(octets[at], b'_' | b'.' | b'-'))
                {
                    at += 1;
                }
            }
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
        let word = &text[start..at];
        if matches!(word, "}" | ")" | "]") {
            depth = depth.saturating_sub(1);
        }
        words.push((start, word, depth));
        if matches!(word, "{" | "(" | "[") {
            depth += 1;
        }
    }
    words.push((text.len(), "}", 0));
    words
}
