//! Defects that were put into the shipped protocols on purpose: each is found, and shown by a conversation that fails as
//! long as it is there and passes when it is mended.
//!
//! Never: accepts a finding that shows nothing.

mod flow;
mod missing;
mod promises;
mod states;

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use program::Program;
use server::{counterexamples, findings::Findings, protocols::Protocols};
use transcript::play::What;

/// A defect: what stands in the protocol, and what takes its place.
struct Seed {
    /// The code of its finding.
    code: &'static str,
    /// Words in its message.
    about: &'static str,
    /// The protocol.
    protocol: &'static str,
    /// What is replaced by what, once each.
    edits: &'static [(&'static str, &'static str)],
}

/// A defect whose code tells it.
const fn seed(code: &'static str, protocol: &'static str, edits: &'static [(&'static str, &'static str)]) -> Seed {
    Seed { code, about: "", protocol, edits }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocols"))
}

fn text(protocol: &str) -> String {
    fs::read_to_string(folder().join(format!("{protocol}.proto.dsl"))).unwrap()
}

fn compiled(protocol: &str, text: &str) -> (Option<Arc<Program>>, Findings) {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let shown = folder().join(format!("{protocol}.proto.dsl"));
    protocols.add(protocol, &shown.to_string_lossy(), text, &mut findings);
    (protocols.named(protocol).flatten().cloned(), findings)
}

/// Looks at one defect; what is wrong with how it is found.
fn look(seed: &Seed, mended: &Arc<Program>) -> Result<(), String> {
    let mut broken = text(seed.protocol);
    for (old, new) in seed.edits {
        if !broken.contains(old) {
            return Err(format!("`{old}` does not stand in {}", seed.protocol));
        }
        broken = broken.replacen(old, new, 1);
    }
    let (program, findings) = compiled(seed.protocol, &broken);
    if program.is_some() {
        return Err("it compiles".into());
    }
    let fits = |finding: &&diagnostic::Diagnostic| {
        finding.rule.code == seed.code && finding.message.contains(seed.about) && !finding.conversation.is_empty()
    };
    let Some(finding) = findings.list.iter().find(fits) else {
        let all: Vec<String> = findings
            .list
            .iter()
            .map(|finding| {
                let shown = if finding.conversation.is_empty() { "" } else { " (shown)" };
                format!("{} {}{shown}", finding.rule.code, finding.message)
            })
            .collect();
        return Err(format!("it is not found and shown: {all:?}"));
    };
    let talk = finding.conversation.join("\n") + "\n";
    if seed.code == "P01" {
        // What stands before the end is the same: it is the promise that breaks.
        let draft = draft(seed.protocol, &broken).ok_or("there is no draft")?;
        let played = counterexamples::stage(draft)(&talk).ok_or("the conversation is none of the draft")?;
        let is_broken = played.failures.iter().any(|failure| matches!(&failure.what, What::Promise(_)));
        if !is_broken {
            return Err(format!("the conversation passes with the defect:\n{talk}"));
        }
    }
    let played = counterexamples::stage(mended.clone())(&talk).ok_or(format!("it is no transcript:\n{talk}"))?;
    match played.failures.first() {
        None => Ok(()),
        Some(failure) => Err(format!("it fails when it is mended, {:?}:\n{talk}", failure.what)),
    }
}

fn draft(protocol: &str, text: &str) -> Option<Arc<Program>> {
    let mut sources = diagnostic::Sources::default();
    let file = sources.add(format!("{protocol}.proto.dsl"), text);
    grammar::compile_in(&mut sources, file, &Beside, actions::signatures()).draft.map(Arc::new)
}

struct Beside;

impl grammar::Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        Ok(fs::read_to_string(folder().join(name)).ok().map(|text| (name.to_owned(), text)))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Looks at all of them, two at a time.
fn check(seeds: &[Seed]) {
    let mut names: Vec<&str> = seeds.iter().map(|seed| seed.protocol).collect();
    names.sort_unstable();
    names.dedup();
    let mended: Vec<(&str, Arc<Program>)> = names
        .into_iter()
        .map(|name| {
            let (program, findings) = compiled(name, &text(name));
            assert!(findings.list.is_empty(), "a false alarm: {:?}", findings.list);
            (name, program.unwrap())
        })
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (_, program) = mended.iter().find(|(name, _)| *name == seed.protocol).unwrap();
                    if let Err(why) = look(seed, program) {
                        let seed = format!("{} {} {:?}", seed.code, seed.protocol, seed.edits);
                        wrong.lock().unwrap().push(format!("{seed}\n   {why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seeds.len(), wrong.join("\n"));
}
