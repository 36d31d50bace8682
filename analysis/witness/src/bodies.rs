//! Which bodies of a program have no equal in another: by what they say and do, not by where they stand.
//!
//! Never: calls two bodies equal that differ in anything that a peer could see.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use program::{Entry, Exit, Pc, Program, Saying, To, Why};

/// Instructions that answer, or end without an answer, in bodies that the other program has not.
pub(crate) fn changed(program: &Program, other: &Program) -> Vec<Pc> {
    let known: BTreeSet<String> = bodies(other).into_iter().map(|(text, _)| text).collect();
    let mut found = BTreeSet::new();
    for (text, entries) in bodies(program) {
        if !known.contains(&text) {
            found.extend(entries.into_iter().flat_map(|entry| reached(program, entry)));
        }
    }
    let speaks = |pc: &Pc| {
        let Some(op) = program.code.get(pc.0 as usize) else { return false };
        let is_last = |exit: &Exit| exit.why == Why::End && exit.to == To::Close;
        op.said().is_some_and(|said| said.how != Saying::Listing) || op.exits(*pc).iter().any(is_last)
    };
    found.into_iter().filter(speaks).collect()
}

/// Every body as a text that says all of it, and where it begins.
fn bodies(program: &Program) -> Vec<(String, Vec<Pc>)> {
    let mut all = Vec::new();
    for state in &program.states {
        all.extend(state.enter.map(|enter| (format!("enter {}", state.name), vec![enter])));
    }
    for handler in &program.handlers {
        let state = program.states.get(usize::from(handler.state.0)).map_or("", |state| &state.name);
        let mut entries = vec![handler.entry];
        entries.extend(handler.payload.iter().flat_map(|payload| [payload.too_big, payload.failed]));
        let head = format!(
            "{state} {} {:?} {:?} {} {:?}",
            handler.usage,
            handler.guard,
            handler.captures,
            handler.alone,
            handler.payload.as_ref().map(|payload| (&payload.count, &payload.most))
        );
        all.push((head, entries));
    }
    let limits = &program.limits;
    all.extend(program.outside().map(|(entry, at)| {
        let words = program.words(entry);
        let head = match entry {
            Entry::Foreign => {
                format!("{words} {:?}", program.unexpected.foreign.as_ref().map(|foreign| &foreign.verbs))
            }
            Entry::Idle => format!("{words} {:?}", limits.idle.after),
            Entry::Session => format!("{words} {:?}", limits.session.after),
            Entry::Early => format!("{words} {:?}", limits.early.as_ref().map(|early| &early.after)),
            Entry::Counter(id) => format!("{words} {:?}", program.counters[usize::from(id.0)].most),
            _ => words,
        };
        (head, vec![at])
    }));
    all.into_iter()
        .map(|(head, entries)| {
            let mut text = named(program, &head, &BTreeMap::new());
            entries.iter().for_each(|entry| text.push_str(&body(program, *entry)));
            (text, entries)
        })
        .collect()
}

/// All that can be reached from an instruction without leaving for another state, in order.
fn reached(program: &Program, entry: Pc) -> Vec<Pc> {
    let (mut order, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![entry]);
    while let Some(at) = open.pop() {
        let Some(op) = program.code.get(at.0 as usize).filter(|_| seen.insert(at)) else { continue };
        order.push(at);
        let onward: Vec<Pc> = op.onward(at).collect();
        open.extend(onward.into_iter().rev());
    }
    order
}

fn body(program: &Program, entry: Pc) -> String {
    let order = reached(program, entry);
    let places: BTreeMap<u32, usize> = order.iter().enumerate().map(|(place, pc)| (pc.0, place)).collect();
    let mut text = String::new();
    for op in order.iter().filter_map(|pc| program.code.get(pc.0 as usize)) {
        // Writing into a string never fails.
        let _ = write!(text, "\n{}", named(program, &format!("{op:?}"), &places));
        for exit in op.exits(Pc(0)) {
            if let Why::Counted(counter) = exit.why {
                let most = program.counters.get(usize::from(counter.0)).map(|counter| &counter.most);
                let _ = write!(text, " {most:?}");
            }
        }
    }
    text
}

/// A text in which numbers of things have become what the things are, and places in the file are gone.
fn named(program: &Program, text: &str, places: &BTreeMap<u32, usize>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| character.is_ascii_uppercase()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        if word == "Origin" {
            rest = rest.split_once('}').map_or("", |(_, behind)| behind);
            continue;
        }
        let number = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        match number.and_then(|(number, behind)| Some((number.parse::<u32>().ok()?, behind))) {
            Some((number, behind)) => {
                let what = thing(program, word, number, places);
                out.push_str(&what.unwrap_or_else(|| format!("{word}({number})")));
                rest = behind;
            }
            None => out.push_str(word),
        }
    }
    out + rest
}

fn thing(program: &Program, kind: &str, number: u32, places: &BTreeMap<u32, usize>) -> Option<String> {
    let at = number as usize;
    match kind {
        "Pc" => places.get(&number).map(|place| format!("→{place}")),
        "StateId" => program.states.get(at).map(|state| format!("state {}", state.name)),
        "FactId" => program.facts.get(at).map(|fact| format!("fact {}", fact.name)),
        "CounterId" => program.counters.get(at).map(|counter| format!("counter {}", counter.name)),
        "SettingId" => {
            let setting = program.settings.get(at)?;
            let default = setting.default.as_ref().map(|default| format!("{default:?}"));
            Some(format!("setting {} {}", setting.name, default.unwrap_or_default()))
        }
        // Facts come first; what follows them is numbered anew in each body, behind as many facts as there are.
        "Slot" => Some(match program.facts.get(at) {
            Some(fact) => format!("fact {}", fact.name),
            None => format!("local {}", at - program.facts.len()),
        }),
        "ReplyId" => program.replies.get(at).map(|reply| named(program, &format!("{reply:?}"), places)),
        "LexemeId" => program.lexemes.get(at).map(|lexeme| format!("{lexeme:?}")),
        "ParamsId" => program.params.get(at).map(|params| format!("{params:?}")),
        _ => None,
    }
}
