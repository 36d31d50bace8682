//! One conversation, the ways of playing it, and what is wrong with what they did.
//!
//! Never: prefers one way to another.

use std::panic::{AssertUnwindSafe, catch_unwind};

use program::Op;
use server::transcripts::sockets::Stage;

use crate::{
    chance::Chance,
    converse::{Event, SECRET, Script, line},
    drive::{
        Turn,
        memory::{Drive, Programs, Way, bind},
        sockets,
    },
};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What kind: `panic`, `broken`, `answers`, `promise`, `secret`, `wait`, `rest`, `whole`, `pieces`, `naive`, `sockets`.
    pub kind: &'static str,
    /// How it came about.
    pub what: String,
}

impl Fault {
    /// A fault.
    pub fn new(kind: &'static str, what: impl Into<String>) -> Fault {
        Fault { kind, what: what.into() }
    }

    /// The same for faults that are likely one: figures and names of the file left out.
    pub fn likeness(&self) -> String {
        match self.kind {
            "promise" => self.kind.into(),
            "naive" | "whole" | "pieces" | "sockets" => format!("{} {}", self.kind, outline(&self.what)),
            kind => format!("{kind} {}", without_names(&self.what)),
        }
    }
}

/// A message without figures and quoted names.
fn without_names(what: &str) -> String {
    let quoted = what.split('`').step_by(2).collect::<Vec<_>>().concat();
    quoted.chars().filter(|letter| !letter.is_ascii_digit()).take(40).collect()
}

/// What was done, in short, where two ways differ: its kinds, and the codes of answers.
fn outline(what: &str) -> String {
    const WORDS: [&str; 11] =
        ["sent", "keeps", "Asked", "Logged", "Cancelled", "Secure", "Closed", "state", "wakes", "turn it is", "Kept"];
    let mut found: Vec<(usize, &str)> = WORDS.iter().flat_map(|word| what.match_indices(word)).collect();
    found.sort_unstable();
    let mut outline = String::new();
    for (at, word) in found.into_iter().take(8) {
        outline.push_str(word);
        let code: String = what[at + word.len()..].chars().skip(2).take(3).filter(char::is_ascii_digit).collect();
        outline.push_str(&code);
        outline.push(' ');
    }
    outline
}

/// A conversation that is made up while the watched machine takes part in it, and what was wrong.
pub fn converse(programs: &Programs, seed: u64, stage: Option<&Stage>) -> Option<(Script, Vec<Fault>, bool)> {
    let mut chance = Chance::of(seed, "conversation");
    let mut script = Script { tls: chance.one_in(4), settings: Vec::new(), world: seed, events: Vec::new() };
    if chance.one_in(2) {
        script.settings = settings(&mut chance, programs);
    }
    let mut drive = Drive::new(programs, &script, Way::Watched)?;
    let mut turns = Vec::new();
    let played = catch_unwind(AssertUnwindSafe(|| {
        turns.push(drive.open());
        for _ in 0..6 + chance.below(22) {
            if drive.machine().closed() {
                break;
            }
            let event = event(&mut chance, &drive, programs);
            script.events.push(event.clone());
            turns.push(drive.happen(&event));
        }
    }));
    let mut faults = match played {
        Ok(()) => wrong(&drive),
        Err(panic) => vec![Fault::new("panic", said(panic))],
    };
    if faults.is_empty() {
        faults = other_ways(programs, &script, &turns);
    }
    let mut wired = false;
    if let Some(stage) = stage.filter(|_| faults.is_empty()) {
        let (difference, played) = over_sockets(stage, programs, &script, &drive, &turns);
        (faults, wired) = (difference, played);
    }
    Some((script, faults, wired))
}

fn over_sockets(
    stage: &Stage,
    programs: &Programs,
    script: &Script,
    drive: &Drive,
    turns: &[Turn],
) -> (Vec<Fault>, bool) {
    let (Some(transcript), Some(service)) = (sockets::transcript(drive, script), bind(&programs.first, script)) else {
        return (Vec::new(), false);
    };
    let differs = || sockets::differs(stage, &service, &transcript, script, turns);
    match catch_unwind(AssertUnwindSafe(differs)) {
        Ok(difference) => (difference.map(|what| Fault::new("sockets", what)).into_iter().collect(), true),
        Err(panic) => (vec![Fault::new("panic", said(panic))], true),
    }
}

/// Plays a conversation that was made up before.
pub fn replay(programs: &Programs, script: &Script, stage: Option<&Stage>) -> Vec<Fault> {
    let mut turns = Vec::new();
    let played = catch_unwind(AssertUnwindSafe(|| {
        let mut drive = Drive::new(programs, script, Way::Watched)?;
        turns.push(drive.open());
        for event in &script.events {
            if drive.machine().closed() {
                break;
            }
            turns.push(drive.happen(event));
        }
        Some((wrong(&drive), drive))
    }));
    match played {
        Ok(Some((faults, drive))) if faults.is_empty() => {
            let faults = other_ways(programs, script, &turns);
            match stage.filter(|_| faults.is_empty()) {
                Some(stage) => over_sockets(stage, programs, script, &drive, &turns).0,
                None => faults,
            }
        }
        Ok(played) => played.map(|played| played.0).unwrap_or_default(),
        Err(panic) => vec![Fault::new("panic", said(panic))],
    }
}

/// What is done and said in each turn, for a person.
pub fn shown(programs: &Programs, script: &Script, way: Way) -> String {
    let mut text = String::new();
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let Some(mut drive) = Drive::new(programs, script, way) else { return };
        text.push_str(&format!("{:?}\n", drive.open()));
        for event in script.events.iter() {
            if drive.machine().closed() {
                break;
            }
            text.push_str(&format!("{event:?}\n"));
            text.push_str(&format!("    {:?}\n", drive.happen(event)));
        }
    }));
    text
}

fn wrong(drive: &Drive) -> Vec<Fault> {
    drive.wrong().into_iter().map(|(kind, what)| Fault { kind, what }).collect()
}

/// The same conversation in the other ways must come to the same.
fn other_ways(programs: &Programs, script: &Script, turns: &[Turn]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for way in [Way::Whole, Way::Pieces] {
        if way == Way::Pieces && !may_be_cut(programs, script) {
            continue;
        }
        let kind = if way == Way::Whole { "whole" } else { "pieces" };
        let played = catch_unwind(AssertUnwindSafe(|| {
            let mut drive = Drive::new(programs, script, way)?;
            let mut difference = differs(0, &turns[0], &drive.open());
            for (place, (event, turn)) in script.events.iter().zip(&turns[1..]).enumerate() {
                if difference.is_some() || drive.machine().closed() {
                    break;
                }
                difference = differs(place + 1, turn, &drive.happen(event));
            }
            difference
        }));
        match played {
            Ok(difference) => faults.extend(difference.map(|what| Fault::new(kind, what))),
            Err(panic) => faults.push(Fault::new("panic", said(panic))),
        }
    }
    faults
}

fn differs(place: usize, was: &Turn, is: &Turn) -> Option<String> {
    (was != is).then(|| format!("turn {place}: {was:?}\n  against {is:?}"))
}

/// Whether cutting segments must not matter: nothing has to stand alone, nothing is thrown away behind a command, nothing is
/// counted once for all that came at once.
fn may_be_cut(programs: &Programs, script: &Script) -> bool {
    let several = |event: &Event| match event {
        Event::Octets(octets) => octets.iter().filter(|octet| **octet == b'\n').count() > 1,
        _ => false,
    };
    let program = &programs.first;
    let has = |what: fn(&Op) -> bool| program.code.iter().any(what);
    let by_flight = has(|op| matches!(op, Op::Count { per_flight: true, .. }));
    let delicate =
        by_flight || has(|op| matches!(op, Op::StartTls(_))) || program.handlers.iter().any(|handler| handler.alone);
    // A command ends in the midst of a line where it counts octets; one whose counted octets are over goes on there.
    let inside = by_flight && !program.framed.is_empty();
    programs.next.is_none()
        && program.limits.early.is_none()
        && !inside
        && !(delicate && script.events.iter().any(several))
}

/// What a panic said.
pub fn said(panic: Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// What happens next.
fn event(chance: &mut Chance, drive: &Drive, programs: &Programs) -> Event {
    let end = drive.program().wire.line_end.octets();
    let with_end = |text: &[u8]| Event::Octets([text, end].concat());
    if programs.next.is_some() && chance.one_in(8) {
        return Event::Reload;
    }
    match chance.below(60) {
        0 => return Event::Wait(std::time::Duration::from_secs(61)),
        1 => return Event::Wait(std::time::Duration::from_secs(*chance.pick(&[1, 3, 59, 121, 3700]))),
        2 if chance.one_in(3) => return Event::Eof,
        3 if chance.one_in(3) => return Event::Gone,
        4 if chance.one_in(4) => return Event::Shutdown,
        5 | 6 => return Event::Wait(std::time::Duration::from_secs(2)),
        _ => {}
    }
    if drive.prompting() {
        if chance.one_in(8) {
            return Event::Wait(std::time::Duration::from_secs(61));
        }
        let secret = format!("{SECRET}{}", chance.below(9));
        let long = [b"y".as_slice(); 1100].concat();
        let words: [&[u8]; 7] = [b"a", b"*", b"", b"b c", b"5", b"99", &long];
        return if drive.wants_secret() && !chance.one_in(4) {
            with_end(secret.as_bytes())
        } else {
            with_end(chance.pick::<&[u8]>(&words))
        };
    }
    if drive.wants_secret() {
        let secret = format!("{SECRET}{}", chance.below(9));
        return with_end(secret.as_bytes());
    }
    if drive.receiving() {
        let lines: [&[u8]; 6] = [b".", b".", b"a line", b"..", b"", b"QUIT"];
        return with_end(chance.pick::<&[u8]>(&lines));
    }
    let is_first = std::sync::Arc::ptr_eq(drive.program(), &programs.first);
    let program = if is_first { &programs.written } else { drive.program() };
    let mut octets = line(chance, program, drive.machine().state()).octets;
    if chance.one_in(10) {
        octets.extend(line(chance, program, drive.machine().state()).octets);
    }
    Event::Octets(octets)
}

/// Settings other than the file's own.
fn settings(chance: &mut Chance, programs: &Programs) -> Vec<(String, machine::Given)> {
    let mut given = Vec::new();
    for setting in &programs.first.settings {
        if !chance.one_in(3) {
            continue;
        }
        let texts: &[&str] = match &setting.ty {
            program::Type::YesNo => &["yes", "no"],
            program::Type::Number { .. } => &["1", "2", "9", "0"],
            program::Type::Text => &["a", "hello you"],
            program::Type::Optional(inner) if **inner == program::Type::Text => &["a", "b"],
            program::Type::Duration => &["0 seconds", "1 second", "5 seconds"],
            _ => continue,
        };
        given.push((setting.name.to_string(), machine::Given::Text((*chance.pick(texts)).into())));
    }
    given
}
