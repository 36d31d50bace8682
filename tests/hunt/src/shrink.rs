//! Makes what fails small: items, statements, conditions and lines are left out for as long as it fails in the same way.
//!
//! Works on words and brackets alone, so a new statement of the language needs nothing here.
//!
//! Never: makes another failure out of one.

use std::time::{Duration, Instant};

use crate::{
    check,
    compare::replay,
    converse::Script,
    generate::Source,
    hunt::{Found, programs},
};

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

/// The smallest that was found in that time.
pub fn shrink(found: &Found, within: Duration) -> Found {
    let until = Instant::now() + within;
    let mut small = Found {
        seed: found.seed,
        fault: found.fault.clone(),
        source: found.source.clone(),
        script: found.script.clone(),
    };
    let Some(script) = small.script.clone() else { return small };
    if !fails(&small.source, &script, small.fault.kind) {
        return small;
    }
    loop {
        let before = (small.source.text.len(), small.script.as_ref().map(|script| script.events.len()));
        less_said(&mut small, until);
        fewer_lines(&mut small, until);
        less_written(&mut small, until);
        let after = (small.source.text.len(), small.script.as_ref().map(|script| script.events.len()));
        if before == after || Instant::now() > until {
            break;
        }
    }
    if let Some(script) = &small.script {
        let again = faults(&small.source, script).into_iter().find(|fault| fault.kind == small.fault.kind);
        small.fault = again.unwrap_or(small.fault);
    }
    small
}

fn faults(source: &Source, script: &Script) -> Vec<crate::compare::Fault> {
    let Ok(checked) = std::panic::catch_unwind(|| check::source(source)) else { return Vec::new() };
    let Some(programs) = programs(source, &checked) else { return Vec::new() };
    replay(&programs, &checked.undecided(), script)
}

fn fails(source: &Source, script: &Script, kind: &str) -> bool {
    faults(source, script).iter().any(|fault| fault.kind == kind)
}

/// Leaves events out, many at first.
fn less_said(small: &mut Found, until: Instant) {
    let Some(mut script) = small.script.clone() else { return };
    let mut length = script.events.len();
    while length > 0 && Instant::now() < until {
        let mut at = 0;
        while at < script.events.len() && Instant::now() < until {
            let mut shorter = script.clone();
            shorter.events.drain(at..(at + length).min(script.events.len()));
            if fails(&small.source, &shorter, small.fault.kind) {
                script = shorter;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    if !script.settings.is_empty() {
        let shorter = Script { settings: Vec::new(), ..script.clone() };
        if fails(&small.source, &shorter, small.fault.kind) {
            script = shorter;
        }
    }
    small.script = Some(script);
}

/// Leaves lines of the file out, many at first.
fn fewer_lines(small: &mut Found, until: Instant) {
    let Some(script) = small.script.clone() else { return };
    let mut lines: Vec<String> = small.source.text.lines().map(|line| format!("{line}\n")).collect();
    let mut length = lines.len() / 2;
    while length > 0 && Instant::now() < until {
        let mut at = 0;
        while at < lines.len() && Instant::now() < until {
            let mut fewer = lines.clone();
            fewer.drain(at..(at + length).min(lines.len()));
            let source = Source { text: fewer.concat(), ..small.source.clone() };
            if fails(&source, &script, small.fault.kind) {
                lines = fewer;
                small.source = source;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
}

/// Leaves parts of the file out, long ones first.
fn less_written(small: &mut Found, until: Instant) {
    if small.source.next.is_some() {
        let alone = Source { next: None, ..small.source.clone() };
        if small.script.as_ref().is_some_and(|script| fails(&alone, script, small.fault.kind)) {
            small.source = alone;
        }
    }
    let Some(script) = small.script.clone() else { return };
    let mut least = usize::MAX;
    'again: while Instant::now() < until {
        let mut parts = parts(&small.source.text);
        parts.retain(|part| part.1 - part.0 < least || least == usize::MAX);
        for (start, end) in parts {
            if Instant::now() > until {
                return;
            }
            let mut text = small.source.text.clone();
            text.replace_range(start..end, " ");
            let shorter = Source { text, ..small.source.clone() };
            if fails(&shorter, &script, small.fault.kind) {
                small.source = shorter;
                // Longer parts were tried and are needed.
                least = end - start + 1;
                continue 'again;
            }
        }
        return;
    }
}

/// What may be left out: from a word that begins something to the next one beside it; the longest first.
fn parts(text: &str) -> Vec<(usize, usize)> {
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
