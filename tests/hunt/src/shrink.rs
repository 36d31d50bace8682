//! Makes what fails small: items, statements, conditions and lines are left out for as long as it fails in the same way.
//!
//! Works on words and brackets alone, so a new statement of the language needs nothing here.
//!
//! Never: makes another failure out of one.

use std::time::{Duration, Instant};

use server::transcripts::sockets::Stage;

use crate::{
    check,
    compare::replay,
    converse::Script,
    generate::Source,
    hunt::{Found, programs},
    parts::parts,
};

/// The smallest that was found in that time.
pub fn shrink(found: &Found, within: Duration, stage: Option<&Stage>) -> Found {
    let until = Instant::now() + within;
    let mut small = Found {
        seed: found.seed,
        fault: found.fault.clone(),
        source: found.source.clone(),
        script: found.script.clone(),
    };
    let Some(script) = small.script.clone() else { return small };
    if !fails(&small.source, &script, small.fault.kind, stage) {
        return small;
    }
    loop {
        let before = (small.source.text.len(), small.script.as_ref().map(|script| script.events.len()));
        less_said(&mut small, until, stage);
        fewer_lines(&mut small, until, stage);
        less_written(&mut small, until, stage);
        let after = (small.source.text.len(), small.script.as_ref().map(|script| script.events.len()));
        if before == after || Instant::now() > until {
            break;
        }
    }
    if let Some(script) = &small.script {
        let again = faults(&small.source, script, stage).into_iter().find(|fault| fault.kind == small.fault.kind);
        small.fault = again.unwrap_or(small.fault);
    }
    small
}

fn faults(source: &Source, script: &Script, stage: Option<&Stage>) -> Vec<crate::compare::Fault> {
    let Ok(checked) = std::panic::catch_unwind(|| check::source(source)) else { return Vec::new() };
    let Some(programs) = programs(source, &checked) else { return Vec::new() };
    replay(&programs, script, stage)
}

fn fails(source: &Source, script: &Script, kind: &str, stage: Option<&Stage>) -> bool {
    faults(source, script, stage).iter().any(|fault| fault.kind == kind)
}

/// Leaves events out, many at first.
fn less_said(small: &mut Found, until: Instant, stage: Option<&Stage>) {
    let Some(mut script) = small.script.clone() else { return };
    let mut length = script.events.len();
    while length > 0 && Instant::now() < until {
        let mut at = 0;
        while at < script.events.len() && Instant::now() < until {
            let mut shorter = script.clone();
            shorter.events.drain(at..(at + length).min(script.events.len()));
            if fails(&small.source, &shorter, small.fault.kind, stage) {
                script = shorter;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    if !script.settings.is_empty() {
        let shorter = Script { settings: Vec::new(), ..script.clone() };
        if fails(&small.source, &shorter, small.fault.kind, stage) {
            script = shorter;
        }
    }
    small.script = Some(script);
}

/// Leaves lines of the file out, many at first.
fn fewer_lines(small: &mut Found, until: Instant, stage: Option<&Stage>) {
    let Some(script) = small.script.clone() else { return };
    let mut lines: Vec<String> = small.source.text.lines().map(|line| format!("{line}\n")).collect();
    let mut length = lines.len() / 2;
    while length > 0 && Instant::now() < until {
        let mut at = 0;
        while at < lines.len() && Instant::now() < until {
            let mut fewer = lines.clone();
            fewer.drain(at..(at + length).min(lines.len()));
            let source = Source { text: fewer.concat(), ..small.source.clone() };
            if fails(&source, &script, small.fault.kind, stage) {
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
fn less_written(small: &mut Found, until: Instant, stage: Option<&Stage>) {
    if small.source.next.is_some() {
        let alone = Source { next: None, ..small.source.clone() };
        if small.script.as_ref().is_some_and(|script| fails(&alone, script, small.fault.kind, stage)) {
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
            if fails(&shorter, &script, small.fault.kind, stage) {
                small.source = shorter;
                // Longer parts were tried and are needed.
                least = end - start + 1;
                continue 'again;
            }
        }
        return;
    }
}
