//! What is different for a peer between two versions of a protocol, in a few calm lines.
//!
//! Compared are the states, and for each command of a state the codes that it may be answered with, in the clear and
//! under TLS. Conditions that hang on nothing but TLS are decided; all others may turn out either way.
//!
//! Never: runs a body. What hangs on look-ups, facts and settings is the sum of its possibilities.

use std::collections::BTreeSet;

use crate::{Entry, Expr, Known, Pc, Program, ReplyId, Said, Saying, State, To, Why};

/// The most lines that are given; behind them stands how many more there are.
const LINES: usize = 40;

/// What is different, one line each; nothing when a peer cannot tell the two apart by the codes of their answers.
pub fn difference(old: &Program, new: &Program) -> Vec<String> {
    let mut lines = Vec::new();
    for state in &new.states {
        match old.states.iter().find(|other| other.name == state.name) {
            Some(other) => commands((old, other), (new, state), &mut lines),
            None => lines.push(format!("state \"{}\" is new", state.name)),
        }
    }
    let gone = old.states.iter().filter(|state| new.states.iter().all(|other| other.name != state.name));
    lines.extend(gone.map(|state| format!("state \"{}\" is gone", state.name)));
    for (what, was, is) in unexpected(old, new) {
        let (was, is) = (codes(old, was, None), codes(new, is, None));
        if was != is {
            lines.push(format!("{what}: {} → {}", shown(&was), shown(&is)));
        }
    }
    foreign(old, new, &mut lines);
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("and {more} more"));
    }
    lines
}

type Codes = BTreeSet<String>;

/// The answers that belong to no command.
fn unexpected(old: &Program, new: &Program) -> [(&'static str, Pc, Pc); 6] {
    let (was, is) = (&old.unexpected, &new.unexpected);
    [
        ("a command out of order", was.out_of_order, is.out_of_order),
        ("bad arguments", was.bad_arguments, is.bad_arguments),
        ("an unknown command", was.unknown_command, is.unknown_command),
        ("a line that is too long", old.limits.line, new.limits.line),
        ("silence", old.limits.idle.code, new.limits.idle.code),
        ("the server ends", old.limits.shutdown, new.limits.shutdown),
    ]
}

fn foreign(old: &Program, new: &Program, lines: &mut Vec<String>) {
    let of = |program: &Program| {
        let foreign = program.unexpected.foreign.as_ref();
        let verbs: BTreeSet<String> = foreign.iter().flat_map(|it| it.verbs.iter().map(ToString::to_string)).collect();
        (verbs, foreign.map(|it| codes(program, it.code, None)).unwrap_or_default())
    };
    let ((verbs, was), (new_verbs, is)) = (of(old), of(new));
    let shown = |codes: &Codes| if codes.is_empty() { "no answer of its own".into() } else { shown(codes) };
    if was != is {
        lines.push(format!("a line of another protocol: {} → {}", shown(&was), shown(&is)));
    }
    let listed = |verbs: Vec<&String>| verbs.into_iter().cloned().collect::<Vec<_>>().join(" ");
    let (more, less) = (listed(new_verbs.difference(&verbs).collect()), listed(verbs.difference(&new_verbs).collect()));
    lines.extend((!more.is_empty()).then(|| format!("lines that begin with {more} end the session")));
    lines.extend((!less.is_empty()).then(|| format!("lines that begin with {less} no longer end the session")));
}

fn commands((old, was): (&Program, &State), (new, is): (&Program, &State), lines: &mut Vec<String>) {
    let name = &is.name;
    let (before, now) = (entry(old, was), entry(new, is));
    if before != now {
        lines.push(format!("entering \"{name}\": {} → {}", shown(&before), shown(&now)));
    }
    let mut usages: Vec<&str> = Vec::new();
    for (program, state) in [(old, was), (new, is)] {
        for id in &state.handlers {
            let usage = &*program.handlers[id.0 as usize].usage;
            if !usages.contains(&usage) {
                usages.push(usage);
            }
        }
    }
    for usage in usages {
        let at = |secure| (answers(old, was, usage, secure), answers(new, is, usage, secure));
        let (clear, secure) = (at(false), at(true));
        let mut tell = |how: &str, (was, is): &(Codes, Codes)| {
            if was != is {
                lines.push(format!("in \"{name}\", `{usage}`{how}: {} → {}", shown(was), shown(is)));
            }
        };
        if clear == secure {
            tell("", &clear);
        } else {
            tell(" without TLS", &clear);
            tell(" under TLS", &secure);
        }
    }
}

fn entry(program: &Program, state: &State) -> Codes {
    state.enter.map(|enter| codes(program, enter, None)).unwrap_or_default()
}

/// What the lines of one form may be answered with in a state; where nobody takes them, what stands for that.
fn answers(program: &Program, state: &State, usage: &str, secure: bool) -> Codes {
    let handlers = state.handlers.iter().map(|id| &program.handlers[id.0 as usize]).filter(|it| *it.usage == *usage);
    let mut found = Codes::new();
    let mut taken = false;
    for handler in handlers {
        match handler.guard.as_ref().map_or(Some(true), |guard| decided(guard, secure)) {
            Some(false) => continue,
            certain => {
                taken |= certain == Some(true);
                found.extend(codes(program, handler.entry, Some(secure)));
            }
        }
    }
    if !taken && found.is_empty() {
        let verb = usage.split([' ', ':', '{', '[']).next().unwrap_or_default();
        let known = program.verbs.iter().any(|known| known.text.eq_ignore_ascii_case(verb));
        let unexpected = &program.unexpected;
        found = codes(program, if known { unexpected.out_of_order } else { unexpected.unknown_command }, Some(secure));
    }
    found
}

/// The codes of the final answers on all paths from an instruction on.
fn codes(program: &Program, from: Pc, secure: Option<bool>) -> Codes {
    let mut found = Codes::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let Some(op) = program.code.get(at.0 as usize).filter(|_| seen.insert(at)) else { continue };
        if let Some(Said { reply, how: Saying::Answer }) = op.said() {
            found.insert(code(program, reply));
            // What follows may enter a state that says no more; the answer is given.
            continue;
        }
        let holds = op.condition().zip(secure).and_then(|(condition, secure)| decided(condition, secure));
        for exit in op.exits(at) {
            let other = matches!(exit.why, Why::Condition(held) if holds.is_some_and(|holds| held != holds));
            open.extend(match exit.to {
                To::Here(at) if !other => Some(at),
                // Silence and a line that is too long are compared by themselves.
                To::Body(entry) if !matches!(entry, Entry::Idle | Entry::Line) => program.entry(entry),
                To::State(state) => program.entry(Entry::Enter(state)),
                _ => None,
            });
        }
    }
    found
}

fn code(program: &Program, id: ReplyId) -> String {
    let reply = program.replies.get(id.0 as usize);
    reply.and_then(|reply| reply.status.as_deref()).unwrap_or("an answer").to_string()
}

/// Whether a condition holds, if TLS alone decides it.
fn decided(condition: &Expr, secure: bool) -> Option<bool> {
    let tls = |expr: &Expr| matches!(expr, Expr::Known(Known::Tls | Known::TlsVersion | Known::TlsCipher));
    let known = |atom: &Expr| matches!(atom, Expr::Present(inner) if tls(inner)).then_some(secure);
    condition.assuming(&known).decided()
}

fn shown(codes: &Codes) -> String {
    if codes.is_empty() { "no answer".into() } else { codes.iter().cloned().collect::<Vec<_>>().join(" or ") }
}
